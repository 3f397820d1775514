"""Readings and alarms reach a real InfluxDB, a real VictoriaMetrics, and what answers as InfluxDB 2
does: each once, whatever is killed."""

import http.client
import json
import random
import threading
import time
import unittest

from influx import InfluxOne, InfluxTwo, Victoria, login
from plain import PUSHED
from sosie import ROOT, Sosie, eventually

BEGIN_MS = (int(time.time()) - 7200) * 1000

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
    return [{"entity": entity, "attribute": "value", "value": n + 0.5, "time": BEGIN_MS + n * 1000}
            for n in range(first, last)]


class InfluxTest(unittest.TestCase):
    def sosie(self, sink, env=None, more="", learn=None):
        toml = PUSHED if learn is None else PUSHED.replace('period = "1h"', f'period = "{learn}"')
        return Sosie.of_text(f'{toml}\n[[sink]]\nkind = "influxdb"\n{sink}\n{more}', env=env)

    def post(self, sosie, sent):
        status, answer = sosie.post("/api/readings", sent)
        self.assertEqual(status, 200, answer)

    def sink(self, sosie):
        return sosie.json("/api/system")["sinks"][0]

    def waits(self, sosie):
        return eventually(lambda: s if (s := self.sink(sosie))["state"] == "waiting" else None,
                          f"the page says that it waits; {self.sink(sosie)}", 30)

    def is_out(self, sosie):
        eventually(lambda: (s := self.sink(sosie))["lag"] == 0 and s["state"] == "running",
                   f"all is out; {self.sink(sosie)}", 60)


class One(InfluxTest):
    """The real InfluxDB 1.6."""

    def test_points_have_the_form_and_come_once(self):
        with InfluxOne() as influx:
            toml = f'url = "{influx.url}"\ndatabase = "city"'
            with self.sosie(toml) as sosie:
                self.post(sosie, rows("K1", 0, 1500) + rows("T,1", 0, 30))
                self.is_out(sosie)
                self.assertEqual(influx.count("city"), 1530)
                found = influx.ask('SELECT * FROM readings GROUP BY *', "city")
                self.assertEqual({tags["entity"] for _, tags, _ in found}, {"K1", "T,1"})
                self.assertEqual(found[0][2][7], {"time": (BEGIN_MS + 7000) * 1000, "value": 7.5})
                # The same again, and one that says something else.
                self.post(sosie, rows("K1", 0, 100))
                self.post(sosie, [{"entity": "K1", "attribute": "value", "value": 777,
                                   "time": BEGIN_MS + 7000}])
                self.is_out(sosie)
                self.assertEqual(influx.count("city"), 1530)
                self.assertEqual(influx.ask('SELECT COUNT(value) FROM readings WHERE value = 777',
                                            "city")[0][2][0]["count"], 1)
                sosie.stop()
                sosie.start()
                self.post(sosie, rows("K1", 1500, 1600))
                self.is_out(sosie)
                self.assertEqual(influx.count("city"), 1630)
                self.assertIn('sosie_sink_up{sink="influxdb",kind="influxdb"} 1',
                              sosie.get("/metrics")[1])
                self.assertEqual(sosie.said().count("made the database 'city'"), 1)

    def test_alarms_are_points_too_and_what_is_derived(self):
        with InfluxOne() as influx:
            toml = f'url = "{influx.url}"\ndatabase = "city"\nearly = true'
            with self.sosie(toml, more=LIMIT, learn="10s") as sosie:
                self.post(sosie, rows("K1", 0, 60))
                self.post(sosie, [{"entity": "K1", "attribute": "value", "value": 500,
                                   "time": BEGIN_MS + n * 1000} for n in range(60, 120)])
                found = eventually(lambda: influx.ask("SELECT * FROM alarms GROUP BY *", "city"),
                                   "the alarm is there", 30)
                _, tags, points = found[0]
                self.assertEqual((tags["what"], tags["entity"], tags["priority"]),
                                 ("raised", "K1", "high"))
                self.assertIs(points[0]["active"], True)
                self.assertIn("K1", points[0]["message"])

    def test_a_server_that_is_down_costs_nothing(self):
        influx = InfluxOne()
        toml = f'url = "{influx.url}"\ndatabase = "city"\ntimeout = "2s"'
        try:
            with self.sosie(toml) as sosie:
                self.post(sosie, rows("K1", 0, 50))
                self.assertEqual(self.waits(sosie)["lag"], 50)
                time.sleep(3)
                self.assertEqual(sosie.said().count("trying again until it works"), 1)
                sosie.stop()
                influx.start()
                sosie.start()  # in another life
                eventually(lambda: influx.count("city") == 50, "they are there", 30)
                influx.kill()  # in the middle
                self.post(sosie, rows("K1", 50, 5000))
                self.waits(sosie)
                influx.start()
                self.is_out(sosie)
                self.assertEqual(influx.count("city"), 5000)
                self.assertIn("works again", sosie.said())
        finally:
            influx.control("clean")

    def test_a_wrong_password_is_said_clearly_and_the_right_one_writes(self):
        with InfluxOne(INFLUX_AUTH="true") as influx, login(influx) as (name, password):
            toml = (f'url = "{influx.url}"\ndatabase = "city"\nuser = "{name}"\n'
                    'password_env = "SOSIE_TEST_INFLUX"')
            with self.sosie(toml, {"SOSIE_TEST_INFLUX": "wr0ng"}) as sosie:
                self.post(sosie, rows("K1", 0, 5))
                self.assertIn("does not let the user 'sosie' in: wrong name, password",
                              self.waits(sosie)["error"])
                time.sleep(3)
                self.assertEqual(sosie.said().count("does not let the user"), 1)
                self.assertNotIn("wr0ng", sosie.said() + json.dumps(self.sink(sosie)))
                sosie.stop()
                sosie.env["SOSIE_TEST_INFLUX"] = password
                sosie.start()
                self.is_out(sosie)
            self.assertEqual(influx.count("city", user=(name, password)), 5)

    def test_https_with_our_own_authority_and_not_without(self):
        with InfluxOne(INFLUX_HTTPS="true") as influx:
            toml = f'url = "{influx.url}"\ndatabase = "city"'
            with self.sosie(f'{toml}\nca_file = "{influx.authority}"') as sosie:
                self.post(sosie, rows("K1", 0, 10))
                self.is_out(sosie)
            with self.sosie(toml) as sosie:  # by whom it is signed nobody here knows
                self.post(sosie, rows("K1", 10, 20))
                self.assertRegex(self.waits(sosie)["error"], "(?i)tls|certificate")
            self.assertEqual(influx.count("city"), 10)

    def test_what_its_retention_refuses_is_in_quarantine_and_the_rest_is_written(self):
        with InfluxOne() as influx:
            influx.ask('CREATE DATABASE "short" WITH DURATION 3h')
            with self.sosie(f'url = "{influx.url}"\ndatabase = "short"') as sosie:
                old = [{"entity": "K1", "attribute": "value", "value": n,
                        "time": BEGIN_MS - 86_400_000 + n * 1000} for n in range(3)]
                self.post(sosie, rows("K1", 0, 400) + old + rows("K2", 0, 400))
                eventually(lambda: self.sink(sosie)["refused"] == 3, self.sink(sosie), 30)
                self.is_out(sosie)
                self.assertEqual(influx.count("short"), 800)
                refused = eventually(lambda: (r := sosie.json("/api/quarantine")["rows"])[2:] and r,
                                     "they are in quarantine", 20)
                self.assertEqual({one["where"] for one in refused}, {"the database 'short'"})
                self.assertIn("points beyond retention policy", refused[0]["reason"])
                self.assertEqual(sorted(one["sample"].split("value=")[1][0] for one in refused),
                                 ["0", "1", "2"])
                self.assertEqual(sosie.said().count("refuses what it is given"), 1)

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
        with InfluxOne() as influx:
            sosie = self.sosie(f'url = "{influx.url}"\ndatabase = "city"')
            for life in range(4):
                sosie.start()
                sender = threading.Thread(target=self.send_until_killed,
                                          args=(sosie, acknowledged, len(acknowledged)))
                sender.start()
                time.sleep(random.uniform(0.5, 2))
                if life == 2:
                    influx.kill()
                    time.sleep(0.5)
                sosie.kill()
                sender.join()
                if life == 2:
                    influx.start()
            with sosie:
                stored = sosie.query("select count(*) from readings where series='K1'")[0][0]
                self.is_out(sosie)
                found = influx.ask("SELECT value FROM readings", "city")[0][2]
        self.assertGreater(len(acknowledged), 100)
        self.assertEqual(acknowledged - {int(point["value"]) for point in found}, set())
        self.assertEqual(len(found), stored)

    def test_the_golden_lines_read_back_as_they_are_meant(self):
        """What the writer's unit test compares with is what the real server understands."""
        text = (ROOT / "src/wire/line/written.golden").read_text(encoding="utf-8")
        with InfluxOne() as influx:
            influx.ask('CREATE DATABASE "t"')
            # 1.6 knows no unsigned numbers; Sosie's sink writes none.
            self.assertEqual(influx.call("/write?db=t", text.replace("u=5u,", "").encode()), "")
            found = {(name, *tags.items()): rows for name, tags, rows in
                     influx.ask("SELECT * FROM /.*/ GROUP BY *", "t")}
            series = influx.ask("SHOW SERIES", "t")
            self.assertEqual(len(series[0][2]), text.count("b=true"))
            self.assertIn(('say "x"', ('say "x"', 'say "x"')), found)
            self.assertIn(("a,b", ("a,b", "a,b")), found)
            two_lines = found["two lines", ("two lines", "two lines")][0]
            self.assertIn("two\nlines", two_lines.values())
            ends = found["ends//", ("ends//", "ends//")][0]
            self.assertIn("ends\\\\", ends.values())


class Other(InfluxTest):
    def test_victoria_metrics_by_both_roads(self):
        with Victoria() as server:
            for name, address in (("one", 'database = "x"'), ("two", 'bucket = "x"')):
                toml = (f'url = "{server.url}"\n{address}\n[sink.readings]\n'
                        f'measurement = "{name}"')
                with self.sosie(toml) as sosie:
                    self.post(sosie, rows("K1", 0, 1500) + rows("K2", 0, 10))
                    self.is_out(sosie)
                    found = server.samples(f"{name}_value")
                    counts = {dict(labels)["entity"]: len(values)
                              for labels, values in found.items()}
                    self.assertEqual(counts, {"K1": 1500, "K2": 10})
                    values = next(v for labels, v in found.items()
                                  if dict(labels)["entity"] == "K1")
                    self.assertEqual(values[BEGIN_MS + 7000], 7.5)
                    if name == "one":
                        server.stop()  # killed, it loses seconds that it had taken
                        self.post(sosie, rows("K1", 1500, 3000))
                        self.waits(sosie)
                        server.start()
                        self.is_out(sosie)
                        found = server.samples("one_value")
                        self.assertEqual(sum(len(v) for v in found.values()), 3010)

    def test_two_as_it_is_documented(self):
        """No registry has an InfluxDB 2: this is a server of our own that follows its manual."""
        with InfluxTwo() as two:
            toml = (f'url = "{two.url}"\nbucket = "city"\norganization = "toulouse"\n'
                    'token_env = "SOSIE_TEST_INFLUX"')
            two.oldest_us = BEGIN_MS * 1000
            with self.sosie(toml, {"SOSIE_TEST_INFLUX": "wr0ng"}) as sosie:
                self.post(sosie, rows("K1", 0, 500))
                self.assertIn("does not let the token in: wrong name, password or token (401): "
                              "unauthorized access", self.waits(sosie)["error"])
                self.assertNotIn("wr0ng", sosie.said())
                sosie.stop()
                sosie.env["SOSIE_TEST_INFLUX"] = two.token
                sosie.start()
                self.is_out(sosie)
                self.assertEqual(len(two.points), 500)
                two.busy = [(429, 4)]
                asked = len(two.requests)
                self.post(sosie, rows("K1", 500, 510))
                self.assertIn("asks us to wait for 4 s (429)", self.waits(sosie)["error"])
                self.is_out(sosie)
                times = [at for at, _ in two.requests[asked:]]
                self.assertGreaterEqual(times[1] - times[0], 4)
                self.post(sosie, rows("K1", -2, 0) + rows("K1", 510, 520))  # two are too old
                eventually(lambda: self.sink(sosie)["refused"] == 2, "two are refused", 30)
                self.is_out(sosie)
                self.assertEqual(len(two.points), 520)
                refused = eventually(lambda: sosie.json("/api/quarantine")["rows"], "told why", 20)
                self.assertIn("points beyond retention policy", refused[0]["reason"])
                two.bucket = "other"
                self.post(sosie, rows("K1", 520, 530))
                self.assertIn("the bucket 'city' of 'toulouse' is not there (404): "
                              'bucket "city" not found', self.waits(sosie)["error"])
                two.bucket = "city"
                self.is_out(sosie)
                self.assertEqual(len(two.points), 530)


if __name__ == "__main__":
    unittest.main()
