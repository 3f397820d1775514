"""Readings and alarms reach a real MongoDB, with authentication: each once, whatever is killed."""

import http.client
import json
import random
import shutil
import threading
import time
import unittest
from datetime import UTC, datetime

from mongo import PASSWORD, USER, Mongo
from plain import PUSHED
from sosie import ROOT, Sosie, eventually, run

BEGIN_MS = 1795168800000

SINK = """
[[sink]]
kind = "mongodb"
uri = "{uri}"
password_env = "SOSIE_TEST_MONGO_PASSWORD"
database = "plant"
timeout = "2s"

[[sink.collection]]
name = "readings"
series = ["K*"]
indexes = ["sensor_id,-timestamp"]
expire_field = "at"
expire_after = "3650d"
[sink.collection.document]
sensor_id = "${{entity}}"
value_kwh = "${{value}}"
timestamp = "${{time_s}}"
at = "${{time}}"
is_anomaly = "${{anomaly}}"
label = "${{entity}}: ${{value}}"

[[sink.collection]]
name = "series"
series = ["T*"]
time_series = true
meta_field = "entity"

[[sink.collection]]
name = "alarms"
holds = "alarms"
"""

LIMIT = """
[[detector]]
kind = "limits"
range = false
[[detector.rule]]
on = ["K1"]
high = 100
priority = "high"
on_delay = "0s"
"""


def rows(entity, first, last):
    return [{"entity": entity, "attribute": "value", "value": n, "time": BEGIN_MS + n * 1000}
            for n in range(first, last)]


class MongoTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.mongo = cls.enterClassContext(Mongo())

    def setUp(self):
        self.mongo.client.drop_database("plant")

    def sosie(self, user=USER, password=PASSWORD, more="", learn=None):
        toml = PUSHED if learn is None else PUSHED.replace('period = "1h"', f'period = "{learn}"')
        return Sosie.of_text(toml + SINK.format(uri=self.mongo.uri(user)) + more,
                             env={"SOSIE_TEST_MONGO_PASSWORD": password})

    def post(self, sosie, sent):
        status, answer = sosie.post("/api/readings", sent)
        self.assertEqual(status, 200, answer)

    def sink(self, sosie):
        return sosie.json("/api/system")["sinks"][0]

    def test_documents_have_the_form_and_come_once(self):
        with self.sosie() as sosie:
            self.post(sosie, rows("K1", 0, 100) + rows("T1", 0, 30) + rows("Other", 0, 5))
            documents = self.mongo.wait_for("readings", 100)
            one = next(d for d in documents if d["value_kwh"] == 7)
            self.assertEqual(list(one), ["_id", "sensor_id", "value_kwh", "timestamp", "at",
                                         "is_anomaly", "label"])
            self.assertEqual(one["sensor_id"], "K1")
            self.assertIsInstance(one["timestamp"], float)
            self.assertEqual(one["timestamp"], BEGIN_MS / 1000 + 7)
            self.assertEqual(one["at"], datetime.fromtimestamp(BEGIN_MS // 1000 + 7, UTC)
                             .replace(tzinfo=None))
            self.assertIs(one["is_anomaly"], False)
            self.assertEqual(one["label"], "K1: 7")
            self.assertEqual(one["_id"].generation_time.timestamp(), BEGIN_MS / 1000 + 7)
            self.assertEqual(len(self.mongo.wait_for("series", 30)), 30)
            indexes = self.mongo.client["plant"]["readings"].index_information()
            self.assertIn("sensor_id_1_timestamp_-1", indexes)
            # The same again, and one that says something else.
            self.post(sosie, rows("K1", 0, 100))
            self.post(sosie, [{"entity": "K1", "attribute": "value", "value": 777,
                               "time": BEGIN_MS + 7000}])
            eventually(lambda: self.mongo.client["plant"]["readings"].find_one(
                {"value_kwh": 777}), "the corrected value replaces the first")
            eventually(lambda: self.sink(sosie)["lag"] == 0, "nothing is left")
            sosie.stop()
            sosie.start()
            self.post(sosie, rows("K1", 100, 150))
            self.mongo.wait_for("readings", 150)
            self.assertEqual(self.sink(sosie)["state"], "running")
            self.assertEqual(len(self.mongo.documents("readings")), 150)
            metrics = sosie.get("/metrics")[1]
            self.assertIn('sosie_sink_up{sink="mongodb",kind="mongodb"} 1', metrics)
            # What this server has not is said once, when the collection is made.
            said = (sosie.folder / "sosie.log").read_text(encoding="utf-8")
            self.assertEqual(said.count("series is a plain collection"), 1)

    def test_the_energy_scenario_keeps_the_form_that_its_users_have(self):
        text = (ROOT / "scenarios/energy/energy.toml").read_text(encoding="utf-8")
        uri = "mongodb://admin@localhost:27018/?authSource=admin"
        self.assertIn(uri, text)
        self.mongo.client.drop_database("energy_db")
        with Sosie.of_text(text.replace(uri, self.mongo.uri()),
                           env={"SOSIE_MONGODB_PASSWORD": PASSWORD}):
            documents = self.mongo.wait_for("energy_consumption", 100, "energy_db")
        for one in documents:
            self.assertEqual(list(one), ["_id", "sensor_id", "location", "value_kwh", "timestamp",
                                         "is_anomaly"])
            self.assertIsInstance(one["timestamp"], float)
            if one["value_kwh"] > 12:
                self.assertIs(one["is_anomaly"], True)
        self.assertEqual(documents[0]["sensor_id"], "Sensor-LARI-01")

    def test_a_server_that_is_down_costs_nothing(self):
        self.mongo.stop()
        try:
            with self.sosie() as sosie:
                self.post(sosie, rows("K1", 0, 50))
                waiting = eventually(
                    lambda: self.sink(sosie) if self.sink(sosie)["state"] == "waiting" else None,
                    "the page says that it waits")
                self.assertIn("no server answers at 127.0.0.1", waiting["error"])
                self.assertEqual(waiting["lag"], 50)
                time.sleep(3)
                self.assertEqual(sosie.said().count("no server answers"), 1)
                sosie.stop()
                self.mongo.start()
                sosie.start()  # in another life
                self.mongo.wait_for("readings", 50)
                self.mongo.stop()  # in the middle
                self.post(sosie, rows("K1", 50, 5000))
                eventually(lambda: self.sink(sosie)["state"] == "waiting", "it says that it waits")
                self.mongo.start()
                self.mongo.wait_for("readings", 5000)
                eventually(lambda: self.sink(sosie)["lag"] == 0, "all is caught up")
                self.assertEqual(len(self.mongo.documents("readings")), 5000)
                self.assertIn("works again", sosie.said())
        finally:
            self.mongo.start()

    def test_tls_with_our_own_authority_and_not_without(self):
        toml = PUSHED + SINK.format(uri=self.mongo.tls_uri())
        trusted = toml.replace("database =", f'ca_file = "{self.mongo.authority}"\ndatabase =')
        env = {"SOSIE_TEST_MONGO_PASSWORD": PASSWORD}
        with Sosie.of_text(trusted, env=env) as sosie:
            self.post(sosie, rows("K1", 0, 10))
            self.assertEqual(len(self.mongo.wait_for("readings", 10)), 10)
        with Sosie.of_text(toml, env=env) as sosie:  # by whom it is signed nobody here knows
            self.post(sosie, rows("K1", 10, 20))
            eventually(lambda: self.sink(sosie)["state"] == "waiting", "it is not let in")
            self.assertRegex(self.sink(sosie)["error"], "(?i)tls|certificate")
        self.assertEqual(len(self.mongo.documents("readings")), 10)

    def test_a_wrong_password_is_said_clearly(self):
        with self.sosie(password="wr0ng") as sosie:
            self.post(sosie, rows("K1", 0, 5))
            waiting = eventually(
                lambda: self.sink(sosie) if self.sink(sosie)["state"] == "waiting" else None,
                "the page says that it waits")
            self.assertIn("does not let user 'sosie' in", waiting["error"])
            self.assertIn("wrong name or password", waiting["error"])
            self.assertNotIn("wr0ng", sosie.said() + json.dumps(waiting))

    def test_a_password_in_the_scenario_is_refused(self):
        sosie = self.sosie()
        text = sosie.scenario.read_text().replace("sosie@", "sosie:s3cret@")
        sosie.scenario.write_text(text)
        done = run("check", sosie.scenario, check=False,
                   env={**sosie.env, "SOSIE_TEST_MONGO_PASSWORD": "x"})
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("'uri' holds a password", done.stdout + done.stderr)
        self.assertNotIn("s3cret@", done.stdout + done.stderr)
        shutil.rmtree(sosie.folder)

    def test_alarms_are_documents_too(self):
        with self.sosie(more=LIMIT, learn="10s") as sosie:
            self.post(sosie, rows("K1", 0, 60))
            self.post(sosie, [{"entity": "K1", "attribute": "value", "value": 500,
                               "time": BEGIN_MS + n * 1000} for n in range(60, 120)])
            step = self.mongo.wait_for("alarms", 1)[0]
            self.assertEqual(step["what"], "raised")
            self.assertEqual(step["entity"], "K1")
            self.assertIsNone(step["cleared"])
            self.assertIs(step["active"], True)
            eventually(lambda: self.mongo.client["plant"]["readings"].count_documents(
                {"is_anomaly": True}) >= 1, "readings beyond the limit are marked")
            marked = self.mongo.client["plant"]["readings"].find({"is_anomaly": True})
            self.assertEqual({d["value_kwh"] for d in marked}, {500})

    def test_a_document_too_large_goes_to_quarantine(self):
        big = "x" * 17_000_000
        more = f"""
[[sink.collection]]
name = "large"
series = ["K_large"]
[sink.collection.document]
v = "${{value}}"
padding = "{big}"
"""
        with self.sosie(more=more) as sosie:
            self.post(sosie, rows("K_large", 0, 1) + rows("K1", 0, 10))
            self.mongo.wait_for("readings", 11)
            refused = eventually(lambda: sosie.json("/api/quarantine")["rows"],
                                 "it is in quarantine")
            self.assertEqual(refused[0]["where"], "large")
            self.assertIn("larger than 16 MB", refused[0]["reason"])
            self.assertEqual(self.sink(sosie)["refused"], 1)
            self.assertEqual(self.sink(sosie)["state"], "running")

    def test_left_out_where_its_variable_is_not_set(self):
        with self.sosie(more="""
[[sink]]
kind = "mongodb"
name = "other"
needs_env = "SOSIE_TEST_IS_NOT_SET"
uri = "mongodb://ann@example.invalid/"
password_env = "SOSIE_TEST_IS_NOT_SET"
""") as sosie:
            self.post(sosie, rows("K1", 0, 5))
            self.mongo.wait_for("readings", 5)
            other = sosie.json("/api/system")["sinks"][1]
            self.assertEqual((other["name"], other["state"]), ("other", "off"))
            self.assertIn("other: left out: SOSIE_TEST_IS_NOT_SET is not set", sosie.said())

    def send_until_killed(self, sosie, acknowledged, start):
        connection = http.client.HTTPConnection("127.0.0.1", sosie.port, timeout=30)
        number = start
        try:
            while True:
                connection.request("POST", "/api/readings",
                                   json.dumps(rows("K1", number, number + 20)))
                answer = connection.getresponse()
                answer.read()
                if answer.status == 200:
                    acknowledged.update(range(number, number + 20))
                    number += 20
                time.sleep(0.01)  # as devices would: what it takes to catch up has an end
        except (OSError, http.client.HTTPException):
            pass

    def test_kill_9_loses_nothing_and_doubles_nothing(self):
        random.seed(4)
        acknowledged = set()
        sosie = self.sosie()
        for life in range(6):
            sosie.start()
            sender = threading.Thread(target=self.send_until_killed,
                                      args=(sosie, acknowledged, len(acknowledged)))
            sender.start()
            time.sleep(random.uniform(0.5, 2.5))
            if life == 2:
                self.mongo.stop()
                time.sleep(0.5)
            sosie.kill()
            sender.join()
            if life == 2:
                self.mongo.start()
        with sosie:
            stored = sosie.query("select count(*) from readings where series='K1'")[0][0]
            eventually(lambda: self.sink(sosie)["lag"] == 0, "all is caught up")
            values = [d["value_kwh"] for d in self.mongo.documents("readings")]
        self.assertGreater(len(acknowledged), 100)
        self.assertEqual(acknowledged - {int(v) for v in values}, set())
        self.assertEqual(len(values), len(set(values)))
        self.assertEqual(len(values), int(stored))


if __name__ == "__main__":
    unittest.main()
