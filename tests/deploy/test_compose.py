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
# A pause, and what ends or only sends: no health to ask for.
BEGUN = {"net", "topics", "devices", "influxdb-users"}


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

    def test_the_city_is_whole(self):
        city = self.files["toulouse"]["services"]
        for service in ("mosquitto", "devices", "sosie", "influxdb", "influxdb-users", "node-red", "map",
                        "prometheus", "alertmanager", "grafana"):
            self.assertIn(service, city)

    def test_a_secret_is_only_where_it_is_needed(self):
        """Each of the city's passwords: who has the file."""
        has = {}
        for service, one in self.files["toulouse"]["services"].items():
            for secret in one.get("secrets", []):
                has.setdefault(secret["source"], set()).add(service)
        self.assertEqual({secret: who for secret, who in has.items() if "certificate" not in secret}, {
            "sosie_token": {"sosie"}, "sosie_key": {"sosie", "node-red", "map"},
            "mqtt_passwords": {"mosquitto"}, "mqtt_key": {"mosquitto"}, "mqtt_city": {"devices"},
            "mqtt_sosie": {"sosie"}, "mqtt_map": {"mosquitto", "map"}, "mqtt_flows": {"node-red"},
            "influxdb_admin": {"influxdb-users"}, "influxdb_sosie": {"influxdb-users", "sosie"},
            "influxdb_grafana": {"influxdb-users", "grafana"}, "node_red_admin": {"node-red"},
            "node_red_pages": {"node-red"}, "node_red_key": {"node-red"}, "chat_url": {"node-red"},
            "grafana_password": {"grafana"}})

    def test_what_is_ours_has_no_rights(self):
        for _, service, one in self.each():
            if one["image"].startswith("sosie") or service == "influxdb-users":
                self.assertTrue(one["read_only"])
                self.assertEqual(one["cap_drop"], ["ALL"])
                self.assertEqual(one["security_opt"], ["no-new-privileges:true"])
            self.assertFalse(one.get("privileged", False))
            self.assertNotIn("docker.sock", str(one.get("volumes", "")))

    def test_our_images_are_for_users_without_rights(self):
        users = re.findall(r"^USER (\S+)$", (FOLDER / "Dockerfile").read_text(encoding="utf-8"), re.M)
        self.assertEqual(users, ["101:101", "10001:10001"])  # a number: Kubernetes sees it is not root

    def test_data_are_in_volumes_that_are_declared(self):
        for _, service, one in self.each():
            if service in ("influxdb", "mongodb", "kafka", "mosquitto", "node-red", "grafana"):
                self.assertTrue([v for v in one["volumes"] if not str(v).startswith("/")], service)

    def test_every_file_that_is_mounted_is_there(self):
        for _, _, one in self.each():
            for volume in one.get("volumes", []):
                source = str(volume).split(":", 1)[0]
                if source.startswith("/"):
                    self.assertTrue(Path(source).exists(), source)


if __name__ == "__main__":
    unittest.main()
