"""The city's broker as deploy/mosquitto sets it up, on ports of its own. Needs mosquitto."""

import base64
import os
import re
import shutil
import socket
import struct
import subprocess
import tempfile
from pathlib import Path

from sosie import ROOT, eventually, free_port

DEPLOY = ROOT / "deploy/mosquitto"
USERS = ("city", "sosie", "map", "flows")


class CityBroker:
    """Use it in a `with`. Its data outlive `stop`, as a volume does."""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="sosie-city-broker-"))
        self.port, self.web_port, self.tls_port = free_port(), free_port(), free_port()
        for part in ("data", "config"):
            (self.folder / part).mkdir()
        shutil.copy(DEPLOY / "acl", self.folder / "config")
        secrets = self.folder / "secrets"
        subprocess.run([DEPLOY / "users.sh", secrets], check=True, stdout=subprocess.DEVNULL)
        self.certificate = secrets / "certificate"
        self.passwords = {user: (secrets / f"mqtt_{user}").read_text().strip() for user in USERS}
        text = (DEPLOY / "mosquitto.conf").read_text(encoding="utf-8")
        for was, now in (("listener 1883 127.0.0.1", f"listener {self.port} 127.0.0.1"),
                         ("listener 9001 127.0.0.1", f"listener {self.web_port} 127.0.0.1"),
                         ("listener 8883", f"listener {self.tls_port} 127.0.0.1"),
                         ("/mosquitto/", f"{self.folder}/")):
            assert was in text, was
            text = text.replace(was, now)
        # A root that drops to another user could not read what is the test's alone.
        (self.folder / "mosquitto.conf").write_text(f"user root\n{text}", encoding="utf-8")
        self.process = None

    def url(self, user):
        return f"mqtt://{user}@127.0.0.1:{self.port}"

    def tls_url(self, user):
        return f"mqtts://{user}@localhost:{self.tls_port}"

    def environment(self, user, **more):
        """For a program that comes as this user."""
        return {**os.environ, "SOSIE_MQTT_USER": user, "SOSIE_MQTT_PASSWORD": self.passwords[user],
                **more}

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self):
        binary = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
        self.log = open(self.folder / "log", "a", encoding="utf-8")
        self.process = subprocess.Popen([binary, "-c", self.folder / "mosquitto.conf"],
                                        stdout=self.log, stderr=self.log)
        eventually(self.is_up, f"the broker is up: {(self.folder / 'log').read_text()}", 20)
        return self

    def is_up(self):
        return self.say("city", "toulouse/up", "1").returncode == 0

    def stop(self):
        """In order: it saves what it has."""
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait()
        self.log.close()

    def of(self, user):
        return ["-u", user, "-P", self.passwords[user]] if user else []

    def say(self, user, topic, payload, *args):
        return subprocess.run(
            ["mosquitto_pub", "-V", "mqttv5", "-p", str(self.port), "-q", "1", "-t", topic, "-m",
             payload, *self.of(user), *args], capture_output=True, text=True, check=False)

    def hear(self, user, topic, seconds=2, *args):
        """What is retained, or comes in so many seconds: (topic, payload)."""
        done = subprocess.run(
            ["mosquitto_sub", "-V", "mqttv5", "-p", str(self.port), "-q", "1", "-t", topic, "-F",
             "%t\t%p", "-W", str(seconds), *self.of(user), *args], capture_output=True, text=True,
            check=False)
        return [tuple(line.split("\t", 1)) for line in done.stdout.splitlines() if "\t" in line]

    def hello_by_websocket(self, user):
        """The broker's answer to CONNECT over a websocket: its CONNACK's bytes (RFC 6455, MQTT 6)."""
        with socket.create_connection(("127.0.0.1", self.web_port), timeout=10) as wire:
            key = base64.b64encode(os.urandom(16)).decode()
            wire.sendall((f"GET /mqtt HTTP/1.1\r\nHost: localhost:{self.web_port}\r\n"
                          "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                          f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
                          "Sec-WebSocket-Protocol: mqtt\r\n\r\n").encode())
            head = b""
            while b"\r\n\r\n" not in head:
                head += wire.recv(4096)
            if not re.match(rb"HTTP/1.1 101 ", head):
                return head
            wire.sendall(frame(connect(user, self.passwords.get(user, "wrong"))))
            answer = head.split(b"\r\n\r\n", 1)[1]
            while len(answer) < 2 + 4:
                part = wire.recv(4096)
                if not part:
                    break
                answer += part
            return answer[2:6]


def text(value):
    return struct.pack("!H", len(value)) + value.encode()


def connect(user, password):
    """MQTT 3.1.1, 3.1: a clean session with user and password."""
    body = text("MQTT") + bytes([4, 0xC2, 0, 60]) + text("page") + text(user) + text(password)
    return bytes([0x10, len(body)]) + body


def frame(payload):
    """A whole binary message, masked as a client's must be."""
    mask = os.urandom(4)
    assert len(payload) < 126
    return bytes([0x82, 0x80 | len(payload)]) + mask + bytes(
        byte ^ mask[i % 4] for i, byte in enumerate(payload))
