"""The compose files: docker-compose reads them, and what it makes of them keeps the rules of deploy/:
pinned images, health checks, no secret in clear, nothing published beyond loopback.

    build/venv-deploy/bin/python -m unittest discover -s tests/deploy -p 'test_compose.py'
"""

import re
import subprocess
import unittest
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "deploy/docker"
FILES = sorted(file for file in FOLDER.glob("*.yml") if file.name != "services.yml")
BEGUN = {"net", "topics", "devices"}  # a pause, and what ends or only sends: no health to ask for


def config(file):
    """What docker-compose reads; needs no daemon."""
    done = subprocess.run(["docker-compose", "-f", file, "config"], capture_output=True, text=True,
                          check=False)
    if done.returncode != 0:
        raise AssertionError(f"{file}: {done.stderr}")
    return yaml.safe_load(done.stdout)


class Compose(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.files = {file.stem: config(file) for file in FILES}

    def each(self):
        for name, compose in self.files.items():
            for service, one in compose["services"].items():
                with self.subTest(file=name, service=service):
                    yield name, service, one

    def test_there_is_one_for_each_scenario_and_it_runs_that(self):
        for name, compose in self.files.items():
            self.assertTrue((ROOT / f"scenarios/{name}/{name}.toml").exists(), name)
            command = compose["services"]["sosie"]["command"]
            self.assertIn(f"/usr/share/sosie/scenarios/{name}/{name}.served.toml", command)

    def test_every_image_has_a_version(self):
        for _, _, one in self.each():
            self.assertRegex(one["image"], r":v?\d+\.\d+")

    def test_every_service_can_be_asked_how_it_is(self):
        for _, service, one in self.each():
            is_ours = one["image"].startswith("sosie:")  # its check is the image's
            self.assertTrue("healthcheck" in one or is_ours or service in BEGUN)

    def test_no_secret_is_in_clear(self):
        for _, _, one in self.each():
            for variable in one.get("environment", {}):
                if re.search("PASSWORD|TOKEN|SECRET|KEY", variable):
                    self.assertTrue(variable.endswith("_FILE"), variable)

    def test_secrets_are_those_that_are_made(self):
        for name, compose in self.files.items():
            for service in compose["services"].values():
                for secret in service.get("secrets", []):
                    self.assertIn(secret["source"], compose["secrets"], name)

    def test_only_loopback_is_published(self):
        published = 0
        for _, service, one in self.each():
            for port in one.get("ports", []):
                published += 1
                self.assertTrue(str(port).startswith("127.0.0.1:"), port)
            if service != "net":
                self.assertEqual(one["network_mode"], "service:net")
        self.assertGreater(published, 0)

    def test_every_file_that_is_mounted_is_there(self):
        for _, _, one in self.each():
            for volume in one.get("volumes", []):
                source = str(volume).split(":", 1)[0]
                if source.startswith("/"):
                    self.assertTrue(Path(source).exists(), source)


if __name__ == "__main__":
    unittest.main()
