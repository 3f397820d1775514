"""docs/security.md: every test that it names is there; and what no other test shows, shown here on the real
program and a real Mosquitto.

    python3 -m unittest discover -s tests/deploy -p 'test_security.py'      SOSIE: which program
"""

import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/e2e"))
from city_broker import CityBroker  # noqa: E402
from plain import PUSHED  # noqa: E402
from sosie import BINARY, Sosie, eventually, free_port, run  # noqa: E402

PAGE = ROOT / "docs/security.md"
KINDS = ("http", "metrics", "ngsi", "alerts")


def is_open(host, port):
    with socket.socket() as probe:
        probe.settimeout(2)
        return probe.connect_ex((host, port)) == 0


def certificate(folder):
    """Of deploy/docker/secrets.sh, for localhost: (certificate, key)."""
    subprocess.run([ROOT / "deploy/docker/secrets.sh", folder], check=True, capture_output=True)
    return folder / "sosie_certificate", folder / "sosie_key"


class Documented(unittest.TestCase):
    def rows(self):
        """(piece, shown) of each row of the page's tables."""
        for line in PAGE.read_text(encoding="utf-8").splitlines():
            cells = [cell.strip() for cell in line.strip("|").split(" | ")]
            if line.startswith("| ") and len(cells) == 4 and cells[0] != "piece":
                yield cells[0], cells[3]

    def test_every_test_that_the_page_names_is_there(self):
        named = 0
        for piece, shown in self.rows():
            file = None
            for word in re.findall(r"`([^`]+)`", shown):
                with self.subTest(piece=piece, word=word):
                    if (ROOT / word).is_file():
                        file = (ROOT / word).read_text(encoding="utf-8")
                    else:
                        self.assertIsNotNone(file, "the test's file comes first")
                        self.assertTrue(f"def {word}(" in file or f'TEST_CASE("{word}' in file)
                        named += 1
        self.assertGreater(named, 40)

    def test_no_piece_is_without_one(self):
        pieces = list(self.rows())
        self.assertGreater(len(pieces), 15)
        for piece, shown in pieces:
            self.assertTrue("`test" in shown or "_test.cc" in shown or "never" in shown, piece)

    def test_every_published_port_is_in_it(self):
        page = PAGE.read_text(encoding="utf-8")
        published = set()
        for file in (ROOT / "deploy/docker").glob("*.yml"):
            for one in yaml.safe_load(file.read_text(encoding="utf-8"))["services"].values():
                published |= {port.split(":")[1] for port in one.get("ports", [])}
                for name, value in one.get("environment", {}).items():
                    self.assertFalse("ANONYMOUS" in name and str(value) == "true", name)
        self.assertEqual(published, {"8443", "3000", "8883", "8444", "1880"})
        for port in published:
            self.assertIn(port, page)


class Beyond(unittest.TestCase):
    """What can be reached from outside."""

    def test_it_does_not_start_open(self):
        folder = Path(tempfile.mkdtemp(prefix="sosie-open-"))
        self.addCleanup(shutil.rmtree, folder)
        public, key = certificate(folder / "secrets")
        tls = f'certificate = "{public}"\nkey = "{key}"\n'
        token = 'token_env = "SOSIE_TOKEN"\n'
        env = {**os.environ, "SOSIE_TOKEN": "not-to-be-said"}
        for kind in KINDS:
            for address in ("0.0.0.0", "::", "192.0.2.7"):
                for has, lacks in (("", "TLS (certificate, key) and credentials"), (tls, "credentials"),
                                   (token, "TLS (certificate, key)")):
                    port = free_port()
                    file = folder / "scenario.toml"
                    file.write_text(f'name = "open"\n[alerts]\n[[listener]]\nkind = "{kind}"\n'
                                    f'address = "{address}"\nport = {port}\n{has}')
                    done = run("run", file, "--data", folder / "var", check=False, env=env)
                    with self.subTest(kind=kind, address=address, lacks=lacks):
                        self.assertNotEqual(done.returncode, 0)
                        self.assertIn(f"lacks {lacks}", done.stderr)
                        self.assertNotIn("not-to-be-said", done.stderr + done.stdout)

    def test_nor_do_the_broker_and_the_alerts_receiver_alone(self):
        for args in (("broker", "--address", "0.0.0.0", "--port", free_port()),
                     ("alerts", "--listen", f"0.0.0.0:{free_port()}")):
            with tempfile.TemporaryDirectory() as folder:
                done = run(*args, "--data", folder, check=False)
                self.assertNotEqual(done.returncode, 0)
                self.assertIn("lacks TLS", done.stderr)

    def test_what_is_not_encrypted_is_on_loopback_alone(self):
        """Of all of 127/8 a server on 127.0.0.1 has this one address, one on 0.0.0.0 has every."""
        toml = PUSHED + "[alerts]\n" + "".join(
            f'[[listener]]\nkind = "{kind}"\nport = {free_port()}\n' for kind in KINDS)
        with Sosie.of_text(toml) as sosie, CityBroker() as broker:
            ports = [int(port) for port in re.findall(r"http://127\.0\.0\.1:(\d+)", sosie.said())]
            self.assertGreaterEqual(len(set(ports)), len(KINDS))
            for port in (*ports, broker.port, broker.web_port):
                self.assertTrue(is_open("127.0.0.1", port), port)
                self.assertFalse(is_open("127.0.0.2", port), (port, broker.port, broker.web_port, ports))


class Doors(unittest.TestCase):
    """A Sosie with a listener of each kind, with TLS and a token."""

    @classmethod
    def setUpClass(cls):
        cls.folder = Path(tempfile.mkdtemp(prefix="sosie-doors-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.certificate, key = certificate(cls.folder / "secrets")
        cls.ports = {kind: free_port() for kind in KINDS}
        toml = PUSHED + '[alerts]\n[[listener]]\nport = 8090\n' + "".join(
            f'[[listener]]\nkind = "{kind}"\nport = {port}\ncertificate = "{cls.certificate}"\n'
            f'key = "{key}"\ntoken_env = "SOSIE_TOKEN"\n' for kind, port in cls.ports.items())
        cls.sosie = Sosie.of_text(toml, env={"SOSIE_TOKEN": "the-right-token"}).__enter__()
        cls.addClassCleanup(cls.sosie.__exit__)
        rows = [{"entity": "Treasure", "attribute": "depth", "value": 7}]
        assert cls.sosie.post("/api/readings", rows)[0] == 200

    def curl(self, kind, path, *args):
        """Status, head without date and connection (closed, where a body was not read), body."""
        done = subprocess.run(["curl", "-s", "-i", "--max-time", "10", "--cacert", self.certificate, *args,
                               f"https://localhost:{self.ports[kind]}{path}"], capture_output=True,
                              text=True, check=False)
        head, _, body = done.stdout.partition("\n\n")
        status = re.match(r"HTTP/\S+ (\d+)", head)
        return (int(status.group(1)) if status else 0,
                "\n".join(line for line in head.splitlines() if not line.lower().startswith(("date:", "connection:"))), body)

    def test_a_wrong_token_is_401_everywhere_and_says_nothing_of_what_is_there(self):
        wrong = ([], ["-H", "Authorization: Bearer the-right-toke"],
                 ["-H", "Authorization: Bearer wr0ng"], ["-u", "the-right-token:"], ["-u", "admin:admin"],
                 ["-H", "X-Auth-Token: the-right-token"], ["-H", "Authorization: Bearer "],
                 ["-b", "sosie_session=99999999999.00"], ["-b", "sosie_session=the-right-token"])
        paths = ("/", "/health", "/metrics", "/api/plant", "/api/series/Treasure.depth", "/api/live?series=all",
                 "/api/system", "/v2/entities", "/v2/entities/Treasure", "/version", "/nothing/such",
                 "/api/plant?token=the-right-token", "/../etc/passwd")
        bodies = ([], ["-d", "{}", "-H", "Content-Type: application/json"], ["-X", "DELETE"], ["-X", "PUT"])
        for kind in KINDS:
            answers = set()
            for login in wrong:
                for path in paths:
                    answers.add(self.curl(kind, path, *login))
            for body in bodies:
                for path in ("/api/readings", "/write", "/alerts/in", "/v2/op/update", "/nothing"):
                    answers.add(self.curl(kind, path, *wrong[2], *body))
            with self.subTest(kind=kind):
                self.assertEqual(len(answers), 1, answers)  # one and the same
                status, head, text = answers.pop()
                self.assertEqual(status, 401)
                for word in ("Treasure", "the-right", "wr0ng", "0.1.0", "pushed"):
                    self.assertNotIn(word, head + text)

    def test_the_right_one_opens(self):
        right = ["-H", "Authorization: Bearer the-right-token"]
        for kind, path in (("http", "/api/plant"), ("metrics", "/metrics"), ("ngsi", "/v2/entities"),
                           ("alerts", "/api/alerts")):
            self.assertEqual(self.curl(kind, path, *right)[0], 200, kind)
        self.assertEqual(self.curl("metrics", "/api/plant", *right)[0], 404)

    def test_the_way_in_says_nothing_either(self):
        for body in ('{"token": "wr0ng"}', '{"token": ""}', "{}", "[", '{"token": 7}'):
            status, _, text = self.curl("http", "/api/session", "-H", "Content-Type: application/json",
                                        "-d", body)
            self.assertIn(status, (400, 401), body)
            self.assertNotIn("wr0ng", text)
            self.assertNotIn("the-right", text)

    def test_nothing_but_tls(self):
        for kind, port in self.ports.items():
            with socket.create_connection(("127.0.0.1", port), timeout=10) as wire:
                wire.sendall(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n"
                             b"Authorization: Bearer the-right-token\r\n\r\n")
                try:
                    self.assertNotIn(b"200", wire.recv(4096), kind)
                except OSError:
                    pass
            old = ["--tls-max", "1.1", "--ciphers", "DEFAULT@SECLEVEL=0"]
            self.assertEqual(self.curl(kind, "/metrics", *old)[0], 0, kind)


class Broker(unittest.TestCase):
    """[[broker.token]] of the running program."""

    def test_a_token_for_reading_cannot_write_and_another_tenants_sees_nothing(self):
        toml = PUSHED + ('[broker]\nmultiservice = true\n[[broker.token]]\ntoken_env = "T_ALL"\n'
                         '[[broker.token]]\ntoken_env = "T_READ"\ntenant = "farm"\naccess = "read"\n'
                         '[[broker.token]]\ntoken_env = "T_OTHER"\ntenant = "other"\n')
        tokens = {"T_ALL": "token-all", "T_READ": "token-read", "T_OTHER": "token-other"}
        farm = {"Fiware-Service": "farm", "Content-Type": "application/json"}
        entity = {"id": "Barn", "type": "Barn", "t": {"type": "Number", "value": 20}}
        with Sosie.of_text(toml, env=tokens) as sosie:
            def ask(token, method, path, body=None):
                more = {"X-Auth-Token": token} if token else {}
                headers = {k: v for k, v in farm.items() if body is not None or k != "Content-Type"}
                return sosie.call(method, path, body, {**headers, **more})

            self.assertEqual(ask("token-all", "POST", "/v2/entities", entity)[0], 201)
            self.assertEqual(ask("token-read", "GET", "/v2/entities/Barn")[0], 200)
            changes = (("POST", "/v2/entities", {**entity, "id": "New"}), ("DELETE", "/v2/entities/Barn", None),
                       ("PUT", "/v2/entities/Barn/attrs/t", {"value": 99}),
                       ("PATCH", "/v2/entities/Barn/attrs", {"t": {"value": 99}}),
                       ("POST", "/v2/op/update", {"actionType": "append", "entities": [entity]}),
                       ("POST", "/v2/subscriptions", {"subject": {"entities": [{"id": "Barn"}]},
                        "notification": {"http": {"url": "http://127.0.0.1:9/"}}}),
                       ("POST", "/v2/registrations", {}))
            for token, status in (("token-read", 403), ("token-other", 403), ("wrong", 401), (None, 401)):
                for method, path, body in changes:
                    got, _, text = ask(token, method, path, body)
                    self.assertEqual(got, status, (token, method, path))
                    self.assertNotIn("Number", text)
                if token != "token-read":
                    self.assertEqual(ask(token, "GET", "/v2/entities")[0], status, token)
            found = json.loads(ask("token-all", "GET", "/v2/entities")[2])
            self.assertEqual([(one["id"], one["t"]["value"]) for one in found], [("Barn", 20)])

    def test_no_page_of_elsewhere_can_write_without_asking_first(self):
        """What a browser sends without a preflight: POST with one of three types."""
        with Sosie.of_text(PUSHED) as sosie:
            body = json.dumps({"id": "Forged", "type": "T"})
            for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""):
                status, _, _ = sosie.call("POST", "/v2/entities", body,
                                          {"Content-Type": kind, "Origin": "http://evil.example"})
                self.assertEqual(status, 415, kind)
            self.assertEqual(sosie.json("/v2/entities"), [])
            status, headers, _ = sosie.call("OPTIONS", "/v2/entities", None, {
                "Origin": "http://evil.example", "Access-Control-Request-Method": "DELETE"})
            self.assertIsNone(headers["Access-Control-Allow-Origin"], status)


class Mqtt(unittest.TestCase):
    """The one port of the city's broker that is published: 8883, TLS."""

    def test_through_tls_nobody_without_a_name_and_the_map_does_not_write(self):
        with CityBroker() as broker:
            tls = ["-p", str(broker.tls_port), "-h", "localhost", "--cafile", str(broker.certificate)]
            for login in ([], ["-u", "map", "-P", "wrong"], ["-u", "map"], ["-u", "nobody", "-P", "x"]):
                done = subprocess.run(["mosquitto_pub", *tls, *login, "-t", "toulouse/a/noise/x", "-m", "1"],
                                      capture_output=True, text=True, check=False)
                self.assertNotEqual(done.returncode, 0, login)
            broker.say("map", "toulouse/a/noise/forged", "1", "-r", *tls)
            broker.say("map", "sosie/forged", "1", "-r", *tls)
            broker.say("city", "toulouse/a/noise/true", "1", "-r", *tls)
            kept = broker.hear("map", "toulouse/#", 1) + broker.hear("map", "sosie/#", 1)
            self.assertIn(("toulouse/a/noise/true", "1"), kept)
            self.assertEqual([topic for topic, _ in kept if "forged" in topic], [])

    def test_a_plain_client_at_the_port_with_tls_gets_no_answer(self):
        with CityBroker() as broker:
            done = subprocess.run(["mosquitto_pub", "-p", str(broker.tls_port), *broker.of("city"), "-t",
                                   "toulouse/a/noise/x", "-m", "1"], capture_output=True, check=False)
            self.assertNotEqual(done.returncode, 0)
            old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
            old.set_ciphers("DEFAULT@SECLEVEL=0")
            old.maximum_version = old.minimum_version = ssl.TLSVersion.TLSv1_1
            with socket.create_connection(("127.0.0.1", broker.tls_port), timeout=10) as wire, \
                    self.assertRaises(OSError):
                old.wrap_socket(wire, server_hostname="localhost")


# Everything that takes a secret, and nobody there who answers.
WITH_SECRETS = PUSHED + """
[alerts]
[[broker.token]]
token_env = "S_BROKER"
[rules]
[[rule]]
name = "high"
kind = "limit"
series = "K1"
high = 10
priority = "critical"
[[source]]
kind = "mqtt"
url = "mqtt://ana@127.0.0.1:{port}"
password_env = "S_MQTT_IN"
[[source.map]]
pattern = "x/{{entity}}"
attribute = "value"
[[source]]
kind = "kafka"
brokers = ["localhost:{port}"]
topics = ["fleet"]
user = "ana"
password_env = "S_KAFKA_IN"
[[source]]
kind = "ngsi"
broker = "ngsi+http://127.0.0.1:{port}/?type=Room"
token_env = "S_NGSI_IN"
interval = "1s"
[[source]]
kind = "opendata"
portal = "http://127.0.0.1:{port}"
dataset = "x"
key_env = "S_PORTAL"
device = "id"
value = "v"
attribute = "value"
[[sink]]
kind = "mqtt"
url = "mqtt://ana@127.0.0.1:{port}"
password_env = "S_MQTT_OUT"
readings = "x/${{entity}}"
[[sink]]
kind = "kafka"
brokers = ["localhost:{port}"]
readings = "x"
user = "ana"
password_env = "S_KAFKA_OUT"
[[sink]]
kind = "mongodb"
uri_env = "S_MONGODB"
database = "x"
timeout = "1s"
[[sink]]
kind = "influxdb"
url = "http://127.0.0.1:{port}"
database = "x"
user = "ana"
password_env = "S_INFLUXDB_1"
[[sink]]
kind = "influxdb"
name = "two"
url = "http://127.0.0.1:{port}"
bucket = "x"
token_env = "S_INFLUXDB_2"
[[notifier]]
kind = "webhook"
url_env = "S_WEBHOOK_URL"
[[notifier]]
kind = "webhook"
name = "other"
url = "http://127.0.0.1:{port}/"
token_env = "S_WEBHOOK"
[[notifier]]
kind = "slack"
url_env = "S_SLACK"
[[notifier]]
kind = "teams"
url_env = "S_TEAMS"
[[notifier]]
kind = "alertmanager"
url = "http://127.0.0.1:{port}"
token_env = "S_ALERTMANAGER"
[[notifier]]
kind = "email"
host = "127.0.0.1"
port = {port}
security = "tls"
from = "a@example.org"
to = ["b@example.org"]
user = "ana"
password_env = "S_MAIL"
[[listener]]
port = 8090
[[listener]]
kind = "alerts"
port = 0
user = "ana"
password_env = "S_LISTENER"
[[listener]]
kind = "metrics"
port = 0
token_env = "S_METRICS"
"""


class Silence(unittest.TestCase):
    def test_secrets_are_neither_in_the_log_nor_in_what_it_shows(self):
        port = free_port()  # nobody is there
        env = {name: f"hush-{name.lower()}" for name in re.findall(r'_env = "(S_\w+)"', WITH_SECRETS)}
        env["S_MONGODB"] = f"mongodb://ana:hush-mongo@127.0.0.1:{port}/?authSource=admin"
        for name in ("S_SLACK", "S_TEAMS"):
            env[name] = f"http://127.0.0.1:{port}/hush-{name.lower()}"
        env["S_WEBHOOK_URL"] = f"http://ana:hush-url@127.0.0.1:{port}/"
        toml = WITH_SECRETS.format(port=port)
        with Sosie.of_text(toml, env=env) as sosie:
            checked = run("check", sosie.scenario, env=sosie.env, check=False)
            subscription = {"subject": {"entities": [{"idPattern": ".*"}]}, "notification": {"mqtt": {
                "url": f"mqtt://127.0.0.1:{port}", "topic": "x", "user": "ana", "passwd": "hush-subscription"}}}
            status, _, text = sosie.call("POST", "/v2/subscriptions", subscription,
                                         {"X-Auth-Token": env["S_BROKER"], "Content-Type": "application/json"})
            self.assertEqual(status, 201, text)
            begin = int(time.time() * 1000) - 20_000
            for i in range(20):
                row = {"entity": "K1", "attribute": "value", "value": 500, "time": begin + 1000 * i}
                self.assertEqual(sosie.post("/api/readings", [row])[0], 200)
            self.assertEqual(sosie.post("/api/readings", "hush not JSON")[0], 400)

            def silent():
                system = sosie.json("/api/system")
                parts = [one for kind in ("sources", "sinks", "notifiers") for one in system[kind]
                         if one["name"] != "http"]
                return [one["name"] for one in parts if not one["error"]], len(parts)
            eventually(lambda: silent() == ([], 15), "all have tried, and say what was wrong", 60)
            said = {"log": (sosie.folder / "sosie.log").read_text(), "check": checked.stdout + checked.stderr,
                    "command line": Path(f"/proc/{sosie.process.pid}/cmdline").read_text()}
            for path in ("/api/system", "/metrics", "/api/plant", "/api/quarantine", "/api/alarms", "/health",
                         "/api/findings", "/api/alerts", "/api/sources", "/api/nothing"):
                said[path] = sosie.call("GET", path)[2]
            for path in ("/v2/subscriptions", "/v2/entities", "/statistics", "/v2/nothing"):
                said[path] = sosie.call("GET", path, headers={"X-Auth-Token": env["S_BROKER"]})[2]
                said[f"{path}, refused"] = sosie.call("GET", path, headers={"X-Auth-Token": "hush-wrong"})[2]
            for where, text in said.items():
                with self.subTest(where):
                    self.assertEqual(re.findall(r".{60}hush-[\w-]*", text.replace("\n", " ")), [])
                    self.assertNotIn("hush-", text)
            for name in ("ngsi", "slack", "teams", "webhook", "email"):
                self.assertIn(f" {name}", said["log"])

    def test_a_password_in_a_scenario_or_on_a_command_line_is_refused_and_not_repeated(self):
        wrong = ('[[source]]\nkind = "mqtt"\nurl = "mqtt://a:hush@127.0.0.1:1"\n[[source.map]]\n'
                 'pattern = "x/{entity}"\nattribute = "v"\n',
                 '[[sink]]\nkind = "mqtt"\nurl = "mqtt://a:hush@127.0.0.1:1"\nreadings = "x/${entity}"\n',
                 '[[sink]]\nkind = "influxdb"\nurl = "http://a:hush@127.0.0.1:1"\ndatabase = "x"\n',
                 '[[sink]]\nkind = "mongodb"\nuri = "mongodb://a:hush@127.0.0.1:1"\ndatabase = "x"\n',
                 '[[sink]]\nkind = "influxdb"\nurl = "http://127.0.0.1:1"\nbucket = "x"\ntoken = "hush"\n',
                 '[[source]]\nkind = "kafka"\nbrokers = ["h:1"]\ntopics = ["x"]\n[source.options]\n'
                 '"sasl.password" = "hush"\n',
                 '[[notifier]]\nkind = "slack"\nurl = "https://hooks.example/hush"\n',
                 '[[listener]]\ntoken = "hush"\n', '[[listener]]\nuser = "a"\npassword = "hush"\n',
                 '[[broker.token]]\ntoken = "hush"\n')
        with tempfile.TemporaryDirectory() as folder:
            for text in wrong:
                file = Path(folder) / "scenario.toml"
                file.write_text(PUSHED + text)
                done = run("check", file, check=False)
                with self.subTest(text):
                    self.assertNotEqual(done.returncode, 0)
                    self.assertNotIn("hush", done.stdout + done.stderr)
        done = run("simulate", "scenarios/toulouse/toulouse.toml", "--to", "mqtt://city:hush@127.0.0.1:1",
                   check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertNotIn("hush", done.stdout + done.stderr)


class Files(unittest.TestCase):
    """Whatever the umask, others of this machine read none of it."""

    @staticmethod
    def others_may(file):
        return file.stat().st_mode & 0o077

    def test_what_is_stored_is_for_its_owner_alone(self):
        with Sosie.of_text(PUSHED, preexec_fn=lambda: os.umask(0)) as sosie:
            rows = [{"entity": "K1", "attribute": "value", "value": 1}]
            self.assertEqual(sosie.post("/api/readings", rows)[0], 200)
            run("backup", sosie.folder / "copy.db", "--scenario", sosie.scenario, "--data",
                sosie.folder / "var", preexec_fn=lambda: os.umask(0))
            files = [*sosie.folder.glob("var/**/sosie.db*"), *sosie.folder.glob("var/*"),
                     sosie.folder / "copy.db"]
            self.assertGreaterEqual(len(files), 5, files)
            for file in files:
                self.assertEqual(self.others_may(file), 0, file)

    def test_made_secrets_are_behind_a_closed_door(self):
        with tempfile.TemporaryDirectory() as folder:
            for script, name in (("docker/secrets.sh", "docker"), ("mosquitto/users.sh", "mosquitto")):
                made = Path(folder) / name
                subprocess.run([ROOT / "deploy" / script, made], check=True, capture_output=True,
                               preexec_fn=lambda: os.umask(0))
                self.assertEqual(self.others_may(made), 0, script)
                for file in made.iterdir():  # containers read them as users of their own; nobody writes
                    self.assertEqual(file.stat().st_mode & 0o022, 0, file)
        ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").split()
        outside = (ROOT / "deploy/docker/Dockerfile.dockerignore").read_text(encoding="utf-8").split()
        for where in ("deploy/docker/secrets", "deploy/mosquitto/secrets"):
            self.assertIn(f"/{where}/", ignored)
            self.assertIn(where, outside)


class Service(unittest.TestCase):
    def test_the_service_of_a_machine_has_no_rights(self):
        unit = (ROOT / "deploy/systemd/sosie.service").read_text(encoding="utf-8").splitlines()
        for line in ("DynamicUser=yes", "ProtectSystem=strict", "ProtectHome=yes", "NoNewPrivileges=yes",
                     "CapabilityBoundingSet=", "PrivateDevices=yes"):
            self.assertIn(line, unit)

    def test_it_runs_with_no_rights_at_all(self):
        """As in its container: another user, nothing but its own folder to write to."""
        if os.getuid() != 0:
            self.skipTest("only root becomes another user")

        def nobody():
            os.setgid(65534)
            os.setgroups([])
            os.setuid(65534)
        folder = Path(tempfile.mkdtemp(prefix="sosie-nobody-"))
        self.addCleanup(shutil.rmtree, folder)
        (folder / "scenario.toml").write_text(PUSHED)
        program = folder / "sosie"
        shutil.copy(BINARY, program)
        folder.chmod(0o755)
        (folder / "data").mkdir()
        os.chown(folder / "data", 65534, 65534)
        port = free_port()
        process = subprocess.Popen([program, "run", folder / "scenario.toml", "--data", folder / "data",
                                    "--port", str(port)], preexec_fn=nobody, cwd="/",
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            eventually(lambda: is_open("127.0.0.1", port), "it serves", 30)
            self.assertIn("Uid:\t65534", Path(f"/proc/{process.pid}/status").read_text())
        finally:
            process.terminate()
            self.assertEqual(process.wait(30), 0)


if __name__ == "__main__":
    unittest.main()
