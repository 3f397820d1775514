"""The alert receiver: takes what people send, keeps it, shows it, and passes it on."""

import json
import shutil
import socket
import subprocess
import tempfile
import unittest
import urllib.request
from pathlib import Path

from alerts import Alerts, MailServer
from broker import Broker, Receiver
from sosie import Sosie, eventually, free_port, run

WARM = {"message": "Too warm", "entity": "Room1", "value": 31.5, "severity": "high"}

EMAIL = """
[[alerts.notifier]]
kind = "email"
host = "127.0.0.1"
port = {port}
ca_file = "{ca}"
user = "sosie"
password_env = "SOSIE_TEST_MAIL"
from = "Sosie <sosie@example.org>"
to = ["ana@example.org", "nobody@example.org"]
language = "fr"
"""
WEBHOOK = """
[[alerts.notifier]]
kind = "webhook"
name = "{name}"
url = "http://127.0.0.1:{port}/hook?key=s3cret"
"""


class Receiving(unittest.TestCase):
    def test_an_ngsi_subscription_notifies_it_and_a_kill_loses_nothing(self):
        alerts = Alerts()
        try:
            with Broker() as broker:
                alerts.start()
                broker.send("POST", "/v2/entities", {
                    "id": "Room1", "type": "Room", "temperature": {"value": 25, "type": "Number"}})
                status, answer, _ = broker.send("POST", "/v2/subscriptions", {
                    "subject": {"entities": [{"id": "Room1"}],
                                "condition": {"attrs": ["temperature"],
                                              "expression": {"q": "temperature>30"}}},
                    "notification": {"http": {"url": alerts.url("/v2/op/notify")},
                                     "attrs": ["temperature"]}})
                self.assertEqual(status, 201, answer)
                for value in (29, 31, 31.5, 28, 32):
                    broker.send("PATCH", "/v2/entities/Room1/attrs",
                                {"temperature": {"value": value, "type": "Number"}})
                eventually(lambda: alerts.alerts and alerts.alerts[0]["count"] == 3,
                           "three notifications are one alert")
            alerts.kill()
            alerts.start()
            alert, = alerts.alerts
            self.assertEqual(alert["entity"], "Room1")
            self.assertEqual(alert["values"], [{"name": "temperature", "value": "32"}])
            self.assertEqual(alert["source"], "ngsi")
            self.assertEqual(alert["count"], 3)
            self.assertEqual(json.loads(alerts.json(f"/api/alerts/{alert['id']}")["raw"])["id"],
                             "Room1")
            self.assertEqual([line["step"] for line in alerts.lines],
                             ["raised", "repeated", "repeated"])
        finally:
            alerts.kill()

    def test_what_is_answered_is_on_disk(self):
        alerts = Alerts().start()
        try:
            for number in range(20):
                status, answer = alerts.post(f"/any/path/{number}", {"message": f"alert {number}"})
                self.assertEqual((status, answer["taken"]), (200, 1))
            alerts.kill()
            alerts.start()
            self.assertEqual({a["message"]["en"] for a in alerts.alerts},
                             {f"alert {number}" for number in range(20)})
        finally:
            alerts.kill()

    def test_bad_bodies_are_refused_with_a_reason_and_counted(self):
        with Alerts() as alerts:
            for body in ("", "{", "hello", "7", "[]", '{"a": "\ud800"}'.encode("utf-8", "surrogatepass"),
                         "[" * 10_000):
                status, answer = alerts.post("/alert", body)
                self.assertEqual(status, 400, body)
                self.assertTrue(answer["description"])
            self.assertEqual(alerts.post("/alert", '{"a": "' + "x" * (2 << 20) + '"}')[0], 413)
            self.assertEqual(alerts.call("PUT", "/alert", "{}")[0], 405)
            told = alerts.json("/api/alerts")
            self.assertEqual((told["refused"], told["total"]), (7, 0))
            self.assertIn("sosie_alerts_refused_total 7", alerts.get("/metrics")[1])
            rows = eventually(lambda: alerts.json("/api/quarantine")["rows"], "they are in quarantine")
            self.assertEqual(rows[0]["source"], "alerts")

    def test_pages_of_elsewhere_may_not_send(self):
        with Alerts() as alerts:
            status, _ = alerts.post("/alert", WARM, {"Origin": "https://evil.example"})
            self.assertEqual(status, 403)
            status, _ = alerts.post("/alert", WARM, {"Host": "evil.example"})
            self.assertEqual(status, 421)
            status, page = alerts.get("/")
            self.assertEqual(status, 200)
            self.assertIn("app.js", page)

    def test_any_scenario_can_receive(self):
        scenario = 'name = "plant"\n[alerts]\n[[listener]]\nport = 0\n'
        with Sosie.of_text(scenario) as sosie:
            self.assertEqual(sosie.post("/alerts/in", WARM)[0], 200)
            self.assertTrue(sosie.json("/api/plant")["receives_alerts"])
            self.assertEqual(sosie.json("/api/alerts")["alerts"][0]["priority"], "high")
        with Sosie.of_text('name = "plant"\n[[listener]]\nport = 0\n') as sosie:
            self.assertEqual(sosie.post("/alerts/in", WARM)[0], 405)
            self.assertEqual(sosie.get("/api/alerts")[0], 404)


class PassingOn(unittest.TestCase):
    def test_by_mail_and_webhook_once_each_in_order(self):
        with tempfile.TemporaryDirectory() as folder, Receiver() as hook:
            mail_port = free_port()
            with MailServer(Path(folder), mail_port, "sosie", "geheim") as mail:
                toml = (EMAIL.format(port=mail_port, ca=mail.cert) +
                        WEBHOOK.format(name="desk", port=hook.port))
                with Alerts(toml, env={"SOSIE_TEST_MAIL": "geheim"}) as alerts:
                    for _ in range(3):
                        self.assertEqual(alerts.post("/alert", WARM)[0], 200)
                    envelope, message = mail.next()
                    self.assertTrue(envelope["tls"])
                    self.assertEqual(envelope["user"], "sosie")
                    self.assertEqual(envelope["from"], "sosie@example.org")
                    self.assertEqual(envelope["to"], ["ana@example.org"])
                    self.assertEqual(message["Subject"],
                                     "[Sosie] Alarme haute : Too warm (Room1, 31.5)")
                    self.assertIn("Installation: Room1", message.get_content())
                    self.assertEqual(hook.next()["alarm"]["message"]["en"],
                                     "Too warm (Room1, 31.5)")
                    alerts.post("/alert", {**WARM, "severity": "critical"})
                    _, second = mail.next()
                    self.assertIn("désormais critique", second["Subject"])
                    self.assertEqual(second["In-Reply-To"], message["Message-ID"])
                    self.assertEqual(hook.next()["what"], "changed")
                    eventually(lambda: all(p["told_ms"] for p in alerts.alerts[0]["passed_on"]),
                               "it says to whom it was passed on")
                    self.assertEqual(alerts.alerts[0]["count"], 4)
                    self.assertTrue(mail.came.empty() and hook.came.empty())
                    self.assertNotIn("geheim", alerts.said())

    def test_one_that_is_down_delays_nothing_and_is_caught_up(self):
        port = free_port()
        with Receiver() as well, socket.socket() as silent:
            silent.bind(("127.0.0.1", 0))
            silent.listen(1)  # takes the connection, and says nothing
            toml = (WEBHOOK.format(name="down", port=port) + WEBHOOK.format(name="up", port=well.port) +
                    WEBHOOK.format(name="silent", port=silent.getsockname()[1]))
            alerts = Alerts(toml)
            try:
                alerts.start()
                for number in range(3):
                    self.assertEqual(alerts.post("/alert", {"message": f"alert {number}"})[0], 200)
                    self.assertEqual(well.next(5)["alarm"]["message"]["en"], f"alert {number}")
                eventually(lambda: any(n["name"] == "down" and n["waiting"] == 3 and n["error"]
                                       for n in alerts.json("/api/alerts")["notifiers"]),
                           "it is told that one is down")
                self.assertNotIn("s3cret", alerts.said() + json.dumps(alerts.json("/api/alerts")))
                alerts.kill()
                alerts.start()
                with Receiver(port) as again:
                    got = [again.next(60)["alarm"]["message"]["en"] for _ in range(3)]
                    self.assertEqual(got, ["alert 0", "alert 1", "alert 2"])
                    eventually(lambda: alerts.json("/api/alerts")["notifiers"][0]["waiting"] == 0,
                               "nothing waits any more")
                    self.assertTrue(again.came.empty())
            finally:
                alerts.kill()


@unittest.skipUnless(shutil.which("prometheus-alertmanager"), "needs prometheus-alertmanager")
class RealAlertmanager(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.port = free_port()
        config = Path(self.folder.name) / "am.yml"
        config.write_text("route: {receiver: nobody}\nreceivers: [{name: nobody}]\n")
        with open(Path(self.folder.name) / "log", "w", encoding="utf-8") as log:
            self.server = subprocess.Popen(
                ["prometheus-alertmanager", f"--config.file={config}",
                 f"--storage.path={self.folder.name}", "--cluster.listen-address=",
                 f"--web.listen-address=127.0.0.1:{self.port}"], stdout=log, stderr=log)
        self.addCleanup(self.folder.cleanup)
        self.addCleanup(self.server.wait)
        self.addCleanup(self.server.kill)

    def raised(self):
        try:
            url = f"http://127.0.0.1:{self.port}/api/v2/alerts?active=true"
            with urllib.request.urlopen(url, timeout=5) as answer:
                return {alert["labels"]["condition"]: alert for alert in json.load(answer)}
        except OSError:
            return {}

    def test_alarms_are_raised_and_resolved_there(self):
        def alarm(active):
            return {"what": "raised" if active else "cleared", "at_ms": 1, "alarm": {
                "condition": "limit/S/high", "asset": "plant", "name": "S", "priority": "high",
                "active": active, "message": {"en": "Too high", "fr": "Trop haut"}}}

        toml = ("[[alerts.notifier]]\nkind = 'alertmanager'\n"
                f"url = 'http://127.0.0.1:{self.port}'\n")
        condition = "received/sosie/plant/limit/S/high"
        with Alerts(toml) as alerts:
            alerts.post("/alert", alarm(True))
            there = eventually(lambda: self.raised().get(condition), "it is raised there", 60)
            self.assertEqual(there["labels"]["severity"], "critical")
            self.assertEqual(there["annotations"]["description"], "Too high (S)")
            alerts.post("/alert", alarm(False))
            eventually(lambda: condition not in self.raised(), "it is resolved there", 60)
            self.assertTrue(alerts.alerts[0]["over"])


class CommandLine(unittest.TestCase):
    def test_calls_that_are_wrong(self):
        for arguments, says in ((["--listen", "nonsense"], "ADDRESS:PORT"),
                                (["--listen", "0.0.0.0:5050"], "can be reached from outside"),
                                (["--config", "/no/such/file.toml"], "file.toml"),
                                (["--config", "scenarios/broker/broker.toml"], "[alerts]"),
                                (["--color", "pink"], "pink")):
            with tempfile.TemporaryDirectory() as folder:
                done = run("alerts", *arguments, "--data", folder, check=False)
                self.assertEqual(done.returncode, 2, arguments)
                self.assertIn(says, done.stderr + done.stdout)

    def test_a_port_that_is_taken(self):
        with socket.socket() as taken, tempfile.TemporaryDirectory() as folder:
            taken.bind(("127.0.0.1", 0))
            taken.listen(1)
            done = run("alerts", "--listen", f"127.0.0.1:{taken.getsockname()[1]}", "--data", folder,
                       check=False)
            self.assertEqual(done.returncode, 1)
            self.assertIn("taken", done.stderr)

    def test_its_scenario_is_right(self):
        self.assertEqual(run("check", "scenarios/alerts/alerts.toml").returncode, 0)


if __name__ == "__main__":
    unittest.main()
