"""What the image is made of, without a container: its entry point, its health check, its secrets and
the listener that is added to each scenario, on the real program.

    python3 -m unittest discover -s tests/deploy -p 'test_container.py'      SOSIE: which program
"""

import os
import re
import shutil
import ssl
import subprocess
import sys
import tempfile
import unittest
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/e2e"))
from sosie import BINARY, Sosie, eventually, free_port  # noqa: E402

DOCKER = ROOT / "deploy/docker"
BROKER_AWAY = """
name = "away"
[intake]
unknown = "declare"
[[source]]
kind = "kafka"
brokers = ["127.0.0.1:{port}"]
topics = ["fleet"]
"""


class Container(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = Path(tempfile.mkdtemp(prefix="sosie-container-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.secrets = cls.folder / "secrets"
        subprocess.run([DOCKER / "secrets.sh", cls.secrets], check=True, capture_output=True)
        shutil.copytree(ROOT / "scenarios", cls.folder / "scenarios")
        subprocess.run([DOCKER / "serve-scenarios", cls.folder / "scenarios", BINARY], check=True,
                       capture_output=True)
        cls.port, cls.outside = free_port(), free_port()
        cls.program = cls.start()
        cls.addClassCleanup(cls.stop)
        eventually(lambda: cls.healthy(cls.port), "a container that is well", 60)

    @classmethod
    def start(cls):
        """The energy scenario as the image runs it; only its addresses are those of a test."""
        served = cls.folder / "scenarios/energy/energy.served.toml"
        text = served.read_text()
        for of_image, of_test in (("/run/secrets", str(cls.secrets)), ("0.0.0.0", "127.0.0.1"),
                                  ("port = 8443", f"port = {cls.outside}"),
                                  ("port = 8091", "port = 0"), ("port = 8090", f"port = {cls.port}")):
            assert of_image in text, f"{of_image} is not in the served scenario"
            text = text.replace(of_image, of_test)
        served.write_text(text)
        return subprocess.Popen(
            [DOCKER / "sosie-container", "run", served], stdout=subprocess.DEVNULL,
            env={"PATH": os.environ["PATH"], "SOSIE_PROGRAM": str(BINARY),
                 "SOSIE_DATA": str(cls.folder / "data"),
                 "SOSIE_TOKEN_FILE": str(cls.secrets / "sosie_token")})

    @classmethod
    def stop(cls):
        cls.program.terminate()
        cls.program.wait(30)

    @staticmethod
    def healthy(port, how="--well"):
        done = subprocess.run([DOCKER / "sosie-health", how, str(port)], capture_output=True, check=False)
        return done.returncode == 0

    def ask(self, path, token=None):
        trusted = ssl.create_default_context(cafile=self.secrets / "sosie_certificate")
        request = urllib.request.Request(f"https://localhost:{self.outside}{path}")
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        try:
            with urllib.request.urlopen(request, context=trusted, timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, ""

    def test_the_health_check_tells_a_program_from_none(self):
        self.assertTrue(self.healthy(self.port))
        self.assertTrue(self.healthy(self.port, "--alive"))
        self.assertFalse(self.healthy(free_port()))
        self.assertFalse(self.healthy(free_port(), "--alive"))

    def test_without_its_broker_it_is_alive_but_not_well(self):
        with Sosie.of_text(BROKER_AWAY.format(port=free_port())) as sosie:
            eventually(lambda: not self.healthy(sosie.port), "a source that is away is noticed", 60)
            self.assertTrue(self.healthy(sosie.port, "--alive"))

    def test_beyond_the_container_only_who_has_the_token_gets_in(self):
        token = (self.secrets / "sosie_token").read_text().strip()
        status, metrics = self.ask("/metrics", token)
        self.assertEqual(status, 200)
        self.assertIn('sosie_build_info{version="', metrics)
        for path in ("/metrics", "/api/plant", "/v2/entities"):
            self.assertEqual(self.ask(path)[0], 401, path)
            self.assertEqual(self.ask(path, "wrong")[0], 401, path)

    def test_secrets_are_made_once_and_for_their_owner(self):
        before = {file.name: file.read_bytes() for file in self.secrets.iterdir() if file.is_file()}
        subprocess.run([DOCKER / "secrets.sh", self.secrets], check=True, capture_output=True)
        self.assertEqual(before, {file.name: file.read_bytes()
                                  for file in self.secrets.iterdir() if file.is_file()})
        self.assertEqual(self.secrets.stat().st_mode & 0o777, 0o700)

    def test_every_secret_that_a_compose_file_names_is_made(self):
        subprocess.run([DOCKER.parent / "mosquitto/users.sh", self.secrets / "mosquitto"], check=True,
                       capture_output=True)
        named = set()
        for file in DOCKER.glob("*.yml"):
            named |= set(re.findall(r"file: secrets/([\w/]+)", file.read_text()))
        made = {str(path.relative_to(self.secrets)) for path in self.secrets.rglob("*")}
        self.assertEqual(named - made, set())

    def test_scenarios_of_the_clouds_are_right(self):
        env = {**os.environ, "SOSIE_KAFKA_PASSWORD": "x", "SOSIE_MONGODB_PASSWORD": "x"}
        files = sorted((ROOT / "deploy/cloud").glob("*/scenario.toml"))
        self.assertEqual(len(files), 2)
        done = subprocess.run([BINARY, "check", *files], env=env, capture_output=True, text=True,
                              check=False)
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_a_secret_that_is_not_there_ends_the_start(self):
        done = subprocess.run([DOCKER / "sosie-container", "--version"], check=False, text=True,
                              capture_output=True, env={"PATH": os.environ["PATH"],
                                                        "SOSIE_PROGRAM": str(BINARY),
                                                        "SOSIE_TOKEN_FILE": "/none"})
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("/none", done.stderr)


if __name__ == "__main__":
    unittest.main()
