"""The static map's server as its container has it (deploy/nginx/serve-map), a real nginx by a user without
rights, in front of a Mosquitto set up as the city's: TLS alone, the page's files alone, and the broker by
websocket as the user `map`, who only reads.

    python3 -m unittest discover -s tests/deploy -p 'test_nginx.py'

Needs nginx and mosquitto (apt), and the packages of ui/ (npm ci).
"""

import base64
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/e2e"))
from city_broker import CityBroker, connect, frame, text  # noqa: E402
from piece import Piece  # noqa: E402
from sosie import eventually, free_port  # noqa: E402

DEPLOY = ROOT / "deploy/nginx"


def nobody():
    """What the container's user may: nothing of ours."""
    if os.getuid() == 0:
        os.setgid(65534)
        os.setgroups([])
        os.setuid(65534)


def publish(topic, payload):
    """MQTT 3.1.1, 3.3, at QoS 1, retained."""
    body = text(topic) + b"\0\1" + payload
    return bytes([0x33, len(body)]) + body


def subscribe(topic):
    body = b"\0\1" + text(topic) + b"\0"
    return bytes([0x82, len(body)]) + body


class MapServer(Piece):
    """Use it in a `with`."""

    def __init__(self, broker):
        self.folder = Path(tempfile.mkdtemp(prefix="sosie-map-"))
        self.folder.chmod(0o755)
        self.port = free_port()
        secrets, site = self.folder / "secrets", self.folder / "site"
        subprocess.run([ROOT / "deploy/docker/secrets.sh", secrets], check=True, capture_output=True)
        (secrets / "mqtt_map").write_text(broker.passwords["map"])
        secrets.chmod(0o755)  # as mounted in a container: the files, not the folder
        self.certificate = secrets / "sosie_certificate"
        subprocess.run(["npm", "run", "--silent", "site", "--prefix", ROOT / "ui", "--", "--outDir", site],
                       check=True, capture_output=True)
        shutil.copy(DEPLOY / "config.json", site)
        shutil.copy(ROOT / "scenarios/toulouse/data/districts.geojson", site)
        for file in ("serve-map", "sosie-map.conf"):
            shutil.copy(DEPLOY / file, self.folder)
        (self.folder / "own").mkdir()
        if os.getuid() == 0:
            os.chown(self.folder / "own", 65534, 65534)
        self.env = {
            "PATH": f"{os.environ['PATH']}:/usr/sbin", "SOSIE_MAP_SITE": str(site),
            "SOSIE_MAP_CONF": str(self.folder / "sosie-map.conf"),
            "SOSIE_MAP_FOLDER": str(self.folder / "own/map"), "SOSIE_MAP_LISTEN": f"127.0.0.1:{self.port}",
            "SOSIE_MAP_CERTIFICATE": str(self.certificate), "SOSIE_MAP_KEY": str(secrets / "sosie_key"),
            "SOSIE_MAP_PASSWORD_FILE": str(secrets / "mqtt_map"),
            "SOSIE_MAP_BROKER": f"127.0.0.1:{broker.web_port}"}

    def call(self, *args, **env):
        return subprocess.run([self.folder / "serve-map", *args], env={**self.env, **env}, text=True,
                              capture_output=True, check=False, preexec_fn=nobody, cwd="/")

    def __enter__(self):
        self.log = open(self.folder / "log", "w", encoding="utf-8")
        self.process = subprocess.Popen([self.folder / "serve-map"], env=self.env, stdout=self.log,
                                        stderr=subprocess.STDOUT, preexec_fn=nobody, cwd="/")
        eventually(lambda: self.curl("/")[0] == 200, "the page is served", 20)
        return self

    def curl(self, path, *args):
        """Status, head, body."""
        done = subprocess.run(["curl", "-s", "-i", "--path-as-is", "--cacert", self.certificate, *args,
                               f"https://localhost:{self.port}{path}"], capture_output=True, text=True,
                              check=False)
        head, _, body = done.stdout.partition("\n\n") if "\r\n\r\n" not in done.stdout else \
            done.stdout.partition("\r\n\r\n")
        found = re.match(r"HTTP/\S+ (\d+)", head)
        return int(found.group(1)) if found else 0, head, body

    def broker_by_websocket(self, user, password, *packets):
        """What the broker answers to CONNECT, then to each of these, through nginx with TLS."""
        trust = ssl.create_default_context(cafile=self.certificate)
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as plain, \
                trust.wrap_socket(plain, server_hostname="localhost") as wire:
            key = base64.b64encode(os.urandom(16)).decode()
            wire.sendall((f"GET /mqtt HTTP/1.1\r\nHost: localhost:{self.port}\r\nUpgrade: websocket\r\n"
                          f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"
                          "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n").encode())
            came = b""
            while b"\r\n\r\n" not in came:
                came += wire.recv(4096)
            self.upgrade, came = came.split(b"\r\n\r\n", 1)
            wire.settimeout(2)
            for packet in (connect(user, password), *packets):
                wire.sendall(frame(packet))
                try:
                    came += wire.recv(65536)
                except TimeoutError:
                    pass
            return came


class Map(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.broker = CityBroker().start()
        cls.addClassCleanup(cls.broker.__exit__)
        cls.server = MapServer(cls.broker).__enter__()
        cls.addClassCleanup(cls.server.__exit__)

    def test_the_configuration_is_right_and_it_is_not_root(self):
        done = self.server.call("-t", SOSIE_MAP_FOLDER=str(self.server.folder / "own/tried"))
        self.assertEqual(done.returncode, 0, done.stderr)
        status = Path(f"/proc/{self.server.process.pid}/status").read_text()
        self.assertNotIn("Uid:\t0", status)

    def test_the_page_is_there_with_the_maps_password_and_its_policy(self):
        status, head, body = self.server.curl("/")
        self.assertEqual(status, 200)
        self.assertIn("default-src 'self'", head)
        self.assertRegex(head, r"Server: nginx\s")  # no version
        config = json.loads(self.server.curl("/config.json")[2])
        self.assertEqual((config["user"], config["password"]), ("map", self.broker.passwords["map"]))
        self.assertEqual(self.server.curl("/" + re.search(r'src="\.?/?([^"]+\.js)"', body).group(1))[0], 200)
        self.assertIn("features", json.loads(self.server.curl("/districts.geojson")[2]))

    def test_nothing_else_is(self):
        for path in ("/../site.conf", "/%2e%2e/site.conf", "/..%2fnginx.conf", "/nginx.conf", "/.git/config"):
            self.assertIn(self.server.curl(path)[0], (400, 404), path)
        for method in ("POST", "PUT", "DELETE"):
            self.assertIn(self.server.curl("/config.json", "-X", method)[0], (403, 405), method)

    def test_tls_alone(self):
        plain = subprocess.run(["curl", "-s", "-w", "%{http_code}", "-o", "/dev/null",
                                f"http://127.0.0.1:{self.server.port}/"], capture_output=True, text=True,
                               check=False)
        self.assertEqual(plain.stdout, "400")
        self.assertEqual(self.server.curl("/", "--tls-max", "1.1", "--ciphers", "DEFAULT@SECLEVEL=0")[0], 0)

    def test_the_broker_through_it_lets_the_map_read_and_not_write(self):
        self.broker.say("city", "toulouse/x/noise/seen", "value-of-it", "-r")
        password = self.broker.passwords["map"]
        came = self.server.broker_by_websocket(
            "map", password, subscribe("toulouse/#"), publish("toulouse/x/noise/forged", b"forged"),
            publish("sosie/forged", b"forged"))
        self.assertIn(b" 101 ", self.server.upgrade)
        self.assertIn(bytes([0x20, 2, 0, 0]), came)
        self.assertIn(b"value-of-it", came)
        kept = [topic for where in ("toulouse/#", "sosie/#") for topic, _ in self.broker.hear("map", where, 1)]
        self.assertIn("toulouse/x/noise/seen", kept)
        self.assertEqual([topic for topic in kept if "forged" in topic], [])
        for user, word in (("map", "wrong"), ("nobody", password), ("", "")):
            refused = self.server.broker_by_websocket(user, word, subscribe("toulouse/#"))
            self.assertNotIn(bytes([0x20, 2, 0, 0]), refused, user)
            self.assertNotIn(b"value-of-it", refused, user)

    def test_without_certificate_or_password_it_does_not_start(self):
        other = {"SOSIE_MAP_FOLDER": str(self.server.folder / "own/other")}
        for wrong in ({"SOSIE_MAP_CERTIFICATE": "/none"}, {"SOSIE_MAP_PASSWORD_FILE": "/none"},
                      {"SOSIE_MAP_PASSWORD_FILE": "/dev/null"}, {"SOSIE_MAP_CONF": "/dev/null"}):
            self.assertNotEqual(self.server.call("-t", **other, **wrong).returncode, 0, wrong)


if __name__ == "__main__":
    unittest.main()
