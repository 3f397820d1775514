"""deploy/influxdb on a real InfluxDB: nobody without a name, who may what, the script twice; and the city's
scenario fills it as the user who may only write.

    python3 -m unittest discover -s tests/deploy -p 'test_influxdb.py'      SOSIE: which program
"""

import sys
import unittest
import urllib.parse
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import test_city_dashboard as city  # noqa: E402
from history import ROOT, History, eventually  # noqa: E402
from sosie import Sosie  # noqa: E402

READING = "readings,entity=noise-0001 laeq=61.5 1700000000000000000"


class Reader:
    """Asks as Grafana's data source does."""

    def __init__(self, influx):
        self.influx = influx

    def ask(self, query, database):
        return self.influx.ask(query, database, self.influx.of("grafana"))


class Rights(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.influx = History().__enter__()
        cls.addClassCleanup(cls.influx.__exit__)

    def may_write(self, user, database="city"):
        return self.influx.status(f"/write?db={database}", user, READING) == 204

    def refusal(self, query, user, database="city"):
        """What InfluxDB says instead of an answer."""
        text = urllib.parse.urlencode({"q": query, "db": database}).encode()
        return self.influx.call("/query", text, user)

    def test_nobody_comes_in_without_a_name(self):
        for user in (None, ("sosie", "wrong"), ("nobody", "x")):
            self.assertEqual(self.influx.status("/query?q=SHOW%20DATABASES", user), 401, user)
            self.assertEqual(self.influx.status("/write?db=city", user, READING), 401, user)
        self.assertEqual(self.influx.status("/debug/pprof/"), 404)

    def test_sosie_only_writes_and_grafana_only_reads(self):
        sosie, grafana = self.influx.of("sosie"), self.influx.of("grafana")
        self.assertTrue(self.may_write(sosie))
        self.assertFalse(self.may_write(grafana))
        self.assertEqual(self.influx.count("city", "laeq", user=grafana), 1)
        self.assertIn("not authorized", self.refusal("SELECT * FROM readings", sosie))
        self.assertFalse(self.may_write(sosie, "_internal"))
        for user in (sosie, grafana):
            for query in ('CREATE USER "x" WITH PASSWORD \'x\'', "DROP DATABASE city", "SHOW USERS"):
                self.assertIn("not authorized", self.refusal(query, user), (user[0], query))
        self.assertIn("not authorized", self.refusal("DROP SERIES FROM readings", grafana))

    def test_the_script_again_changes_nothing_but_a_password_that_is_new(self):
        before = self.influx.ask("SHOW USERS", user=self.influx.of("admin"))
        self.influx.make_users()
        self.assertEqual(self.influx.ask("SHOW USERS", user=self.influx.of("admin")), before)
        old = self.influx.of("sosie")
        (self.influx.secrets / "influxdb_sosie").write_text("another1\n")
        self.influx.make_users()
        self.assertTrue(self.may_write(("sosie", "another1")))
        self.assertFalse(self.may_write(old))

    def test_the_script_with_a_wrong_password_says_so_and_not_which(self):
        file = self.influx.secrets / "influxdb_admin"
        right = file.read_text()
        self.addCleanup(file.write_text, right)
        for wrong, why in (("wrongwrong", "authorization failed"), ("it's", "no password")):
            file.write_text(wrong)
            done = self.influx.make_users(check=False)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn(why, done.stderr)
            self.assertNotIn(wrong, done.stderr + done.stdout)

    def test_passwords_are_not_in_its_log(self):
        log = (self.influx.folder / "log").read_text()
        for user in ("admin", "sosie", "grafana"):
            self.assertNotIn(self.influx.password(user), log)


class City(unittest.TestCase):
    def test_the_scenario_fills_it_as_a_user_who_only_writes(self):
        scenario = ROOT / "scenarios/toulouse/toulouse.toml"
        with History() as influx:
            text = scenario.read_text(encoding="utf-8")
            self.assertIn('url = "http://127.0.0.1:8086"', text)
            text = text.replace("http://127.0.0.1:8086", influx.url).replace(
                '"data/', f'"{scenario.parent}/data/').replace("port = 8091", "port = 0")
            with Sosie.of_text(text, env={"SOSIE_INFLUXDB_PASSWORD": influx.password("sosie")}) as sosie:
                reader = influx.of("grafana")
                eventually(lambda: influx.count("city", "laeq", user=reader), "noise is in InfluxDB", 60)
                eventually(lambda: influx.count("city", "laeq_5m_mean", user=reader),
                           "and what a district's meters are together", 60)
                eventually(lambda: influx.count("city", "alarm", "alarms", user=reader), "and alarms", 60)
                self.check_dashboard(Reader(influx))
                sink = next(one for one in sosie.json("/api/system")["sinks"] if one["kind"] == "influxdb")
                self.assertNotIn("error", {k for k, v in sink.items() if v}, sink)

    def check_dashboard(self, reader):
        """Grafana's user gets what the city's dashboard asks for."""
        dashboard = city.CityDashboard()
        variables = dashboard.variables(reader)
        for panel in city.DASHBOARD["panels"]:
            for target in panel["targets"]:
                if panel["datasource"]["type"] == "influxdb":
                    with self.subTest(panel["title"]):
                        dashboard.check(reader, target, variables)


if __name__ == "__main__":
    unittest.main()
