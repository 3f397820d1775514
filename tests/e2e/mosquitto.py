"""A real Mosquitto for the tests beside this file, and a listener. Needs mosquitto and its clients."""

import contextlib
import json
import shutil
import subprocess
import tempfile
import threading
from pathlib import Path

from sosie import eventually, free_port


class Mosquitto:
    """A broker on loopback; use it in a `with`. What it holds outlives `kill`, with `keeps`."""

    def __init__(self, keeps=False):
        self.folder = Path(tempfile.mkdtemp(prefix="sosie-mosquitto-"))
        self.port = free_port()
        self.url = f"mqtt://127.0.0.1:{self.port}"
        self.process = None
        (self.folder / "mosquitto.conf").write_text(
            f"listener {self.port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\n"
            f"user root\npersistence {str(keeps).lower()}\npersistence_location {self.folder}/\n"
            "autosave_interval 1\nautosave_on_changes true\n", encoding="utf-8")

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.kill()
        shutil.rmtree(self.folder)

    def start(self):
        binary = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
        self.process = subprocess.Popen([binary, "-c", self.folder / "mosquitto.conf"],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        eventually(lambda: self.publish("up", ["1"]), "the broker is up", 20)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def publish(self, topic, payloads):
        """One after the other, at QoS 1; whether the broker has them all."""
        lines = "".join(f"{payload}\n" for payload in payloads)
        done = subprocess.run(["mosquitto_pub", "-p", str(self.port), "-q", "1", "-t", topic, "-l"],
                              input=lines, text=True, stderr=subprocess.DEVNULL, check=False)
        return done.returncode == 0


class Listener:
    """Hears topics at QoS 1 in a session of its own, also what comes while the broker is restarted:
    mosquitto_sub connects again by itself. `messages`: (topic, payload), in their order."""

    def __init__(self, broker, *topics):
        self.messages = []
        self.process = subprocess.Popen(
            ["mosquitto_sub", "-p", str(broker.port), "-q", "1", "-c", "-i", f"l{free_port()}", "-F",
             "%t\t%p", *(word for topic in topics for word in ("-t", topic)), "-t", "ready"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, errors="replace")
        self.is_ready = threading.Event()
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()
        eventually(lambda: broker.publish("ready", ["1"]) and self.is_ready.wait(0.1),
                   "the listener is there", 20)

    def read(self):
        for line in self.process.stdout:
            topic, _, payload = line.rstrip("\n").partition("\t")
            if topic == "ready":
                self.is_ready.set()
            else:
                self.messages.append((topic, payload))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.reader.join()
        self.process.stdout.close()

    def bodies(self, begin=""):
        """The JSON of what came to topics that begin so."""
        with contextlib.suppress(RuntimeError):
            return [json.loads(payload) for topic, payload in list(self.messages)
                    if topic.startswith(begin)]
