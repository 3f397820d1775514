"""Node-RED with deploy/node-red/settings.js, real and headless, beside a Mosquitto set up as the city's:
nobody without a password, TLS, and the flow reads the broker as the user `flows`.

    python3 -m unittest discover -s tests/deploy -p 'test_node_red_rights.py'

Needs mosquitto and tests/servers.sh install node-red.
"""

import base64
import json
import os
import ssl
import subprocess
import sys
import tempfile
import unittest
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/e2e"), str(ROOT / "tests/deploy")]
from city_broker import CityBroker  # noqa: E402
from piece import Piece  # noqa: E402
from sosie import eventually, free_port  # noqa: E402
from test_node_red import Chat  # noqa: E402

DEPLOY = ROOT / "deploy/node-red"
ALARM = {"what": "raised", "alarm": 7, "priority": "high", "state": "unacknowledged", "condition": "limit",
         "entity": "noise-0001", "attribute": "laeq", "time": "2026-11-29T20:00:00.000Z",
         "message": {"en": "noise-0001 is loud", "fr": "noise-0001 est bruyant"}}


def node_red_program():
    subprocess.run([ROOT / "tests/servers.sh", "install", "node-red"], check=True, capture_output=True)
    script = (ROOT / "tests/servers.sh").read_text(encoding="utf-8")
    version = script.split("NODERED_VERSION=", 1)[1].split("\n", 1)[0]
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    return cache / f"sosie/node-red-{version}/node_modules/node-red/red.js"


class Guarded(Piece):
    """A Node-RED with the settings of deploy/; use it in a `with`."""

    def __init__(self, broker, chat):
        self.folder = Path(tempfile.mkdtemp(prefix="sosie-node-red-"))
        self.secrets, self.data = self.folder / "secrets", self.folder / "data"
        self.data.mkdir()
        subprocess.run([ROOT / "deploy/docker/secrets.sh", self.secrets], check=True, capture_output=True)
        (self.secrets / "mqtt_flows").write_text(broker.passwords["flows"])
        self.port = free_port()
        self.env = {
            "PATH": os.environ["PATH"], "NODE_RED_PORT": str(self.port), "NODE_RED_DIR": str(self.data),
            "NODE_RED_ADMIN_PASSWORD_FILE": str(self.secrets / "node_red_admin"),
            "NODE_RED_PAGES_PASSWORD_FILE": str(self.secrets / "node_red_pages"),
            "NODE_RED_KEY_FILE": str(self.secrets / "node_red_key"),
            "NODE_RED_CERTIFICATE": str(self.secrets / "sosie_certificate"),
            "NODE_RED_PRIVATE": str(self.secrets / "sosie_key"),
            "MQTT_HOST": "127.0.0.1", "MQTT_PORT": str(broker.port), "MQTT_USER": "flows",
            "MQTT_PASSWORD_FILE": str(self.secrets / "mqtt_flows"), "CHAT_URL": chat.url,
            "SOSIE_ALARMS_TOPIC": "sosie/toulouse/alarm/+/+",
            "SOSIE_URL": f"http://127.0.0.1:{free_port()}"}

    def password(self, name):
        return (self.secrets / name).read_text().strip()

    def launch(self, **env):
        return subprocess.Popen(["node", node_red_program(), "--userDir", self.data, "--settings",
                                 DEPLOY / "settings.js"], env={**self.env, **env}, stdout=self.log,
                                stderr=self.log)

    def __enter__(self):
        self.log = open(self.folder / "log", "w", encoding="utf-8")
        self.process = self.launch()
        eventually(lambda: "Started flows" in self.said(), "the flow runs", 60)
        return self

    def said(self):
        return (self.folder / "log").read_text(encoding="utf-8")

    def call(self, path, login=None, body=None, token=None):
        """Status and text. login: (name, password), as a browser gives it."""
        request = urllib.request.Request(f"https://localhost:{self.port}{path}",
                                         None if body is None else json.dumps(body).encode(),
                                         {} if body is None else {"Content-Type": "application/json"})
        if login:
            word = base64.b64encode(":".join(login).encode()).decode()
            request.add_header("Authorization", f"Basic {word}")
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        trust = ssl.create_default_context(cafile=self.secrets / "sosie_certificate")
        try:
            with urllib.request.urlopen(request, timeout=20, context=trust) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def sign_in(self, password):
        return self.call("/auth/token", body={"client_id": "node-red-editor", "grant_type": "password",
                                              "scope": "*", "username": "admin", "password": password})


class Rights(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.chat = Chat()
        cls.broker = CityBroker().start()
        cls.addClassCleanup(cls.broker.__exit__)
        cls.red = Guarded(cls.broker, cls.chat).__enter__()
        cls.addClassCleanup(cls.red.__exit__)

    def test_the_editor_asks_for_a_password(self):
        for path in ("/flows", "/settings", "/nodes", "/credentials/mqtt-broker/broker", "/diagnostics"):
            self.assertEqual(self.red.call(path)[0], 401, path)
        self.assertEqual(self.red.call("/flows", body=[])[0], 401)
        self.assertEqual(self.red.sign_in("wrong")[0], 403)
        status, answer = self.red.sign_in(self.red.password("node_red_admin"))
        self.assertEqual(status, 200, answer)
        token = json.loads(answer)["access_token"]
        self.assertEqual(self.red.call("/flows", token=token)[0], 200)
        status, answer = self.red.call("/credentials/mqtt-broker/broker", token=token)
        self.assertNotIn(self.broker.passwords["flows"], answer)

    def test_the_flows_pages_ask_for_another(self):
        pages = ("city", self.red.password("node_red_pages"))
        for login in (None, ("city", "wrong"), ("admin", self.red.password("node_red_admin"))):
            self.assertEqual(self.red.call("/sosie/limit", login)[0], 401, login)
            self.assertEqual(self.red.call("/sosie/alarm", login, ALARM)[0], 401, login)
        self.assertEqual(self.red.call("/sosie/limit", pages)[0], 502)  # in, and there is no Sosie
        self.assertEqual(self.red.call("/flows", pages)[0], 401)

    def test_it_speaks_tls_alone(self):
        with self.assertRaises(OSError):
            urllib.request.urlopen(f"http://127.0.0.1:{self.red.port}/sosie/limit", timeout=10)

    def test_the_flow_reads_the_broker_with_its_password(self):
        eventually(lambda: "Connected to broker" in self.red.said(), "it is connected", 20)
        topic = "sosie/toulouse/alarm/noise-0001/laeq"
        self.assertEqual(self.broker.say("sosie", topic, json.dumps(ALARM)).returncode, 0)
        eventually(lambda: any("noise-0001" in text for text in self.chat.texts), "the chat was told", 30)

    def test_secrets_are_neither_in_its_log_nor_in_what_it_keeps(self):
        kept = self.red.said() + "".join(file.read_text(errors="replace")
                                         for file in self.red.data.rglob("*") if file.is_file())
        for name in ("node_red_admin", "node_red_pages", "node_red_key", "mqtt_flows"):
            self.assertNotIn(self.red.password(name), kept, name)
        for file in self.red.data.glob("flows*.json"):
            self.assertEqual(file.stat().st_mode & 0o077, 0, file)

    def test_it_does_not_start_open(self):
        for missing, why in ((("NODE_RED_ADMIN_PASSWORD_FILE",), "NODE_RED_ADMIN_PASSWORD is not set"),
                             (("NODE_RED_PAGES_PASSWORD_FILE",), "NODE_RED_PAGES_PASSWORD is not set"),
                             (("NODE_RED_CERTIFICATE", "NODE_RED_PRIVATE"), "0.0.0.0 is not loopback")):
            env = {k: v for k, v in self.red.env.items() if k not in missing}
            done = subprocess.run(["node", node_red_program(), "--userDir", self.red.data, "--settings",
                                   DEPLOY / "settings.js"], env={**env, "NODE_RED_HOST": "0.0.0.0"},
                                  capture_output=True, text=True, timeout=60, check=False)
            self.assertNotEqual(done.returncode, 0, missing)
            self.assertIn(why, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
