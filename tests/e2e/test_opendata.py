"""An open data portal's records become readings, and `sosie fetch` its exports files: from a server that
answers as the API's reference says, in good days and bad ones. (No network: see portal.py.)"""

import json
import tempfile
import time
import unittest
from datetime import UTC, datetime, timedelta
from pathlib import Path

from portal import Portal
from sosie import Sosie, eventually, run

SCENARIO = """
name = "opened"
asset = "city"
[intake]
unknown = "declare"
[[rule]]
name = "no2"
kind = "limit"
series = "*.no2"
high = 200
[[source]]
kind = "opendata"
portal = "{url}"
dataset = "qualite-de-l-air"
device = "code"
prefix = "air-"
values = {{no2 = "no2", pm10 = "pm10"}}
may_lack = true
position = "geo_point_2d"
time = "date_maj"
interval = "1s"
timeout = "2s"
{more}
"""
NOW = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=2)


def record(station, minute, no2, pm10=None):
    return {"code": station, "date_maj": (NOW + timedelta(minutes=minute)).isoformat(), "no2": no2,
            "pm10": pm10, "geo_point_2d": {"lon": 1.4442, "lat": 43.6047}}


def square(name, west, south):
    ring = [[west, south], [west + 0.1, south], [west + 0.1, south + 0.1], [west, south + 0.1],
            [west, south]]
    return {"nom": name, "geo_shape": {"type": "Feature", "properties": {}, "geometry": {
        "type": "Polygon", "coordinates": [ring]}}}


class OpenData(unittest.TestCase):
    def sosie(self, portal, more=""):
        return Sosie.of_text(SCENARIO.format(url=portal.url, more=more))

    def count(self, sosie, attribute):
        return sosie.query(f"select count(*) from readings where series like 'air-%.{attribute}'")[0][0]

    def source(self, sosie):
        return sosie.json("/api/system")["sources"][0]

    def has(self, sosie, attribute, number):
        eventually(lambda: self.count(sosie, attribute) == number,
                   f"{number} of {attribute}; {self.source(sosie)}", 60)

    def test_all_pages_come_in_and_what_changes_later(self):
        with Portal() as portal:
            portal.datasets["qualite-de-l-air"] = records = [record(f"S{i}", 0, i + 0.5) for i in range(250)]
            with self.sosie(portal) as sosie:
                self.has(sosie, "no2", 250)
                self.has(sosie, "latitude", 250)
                self.assertEqual(self.count(sosie, "pm10"), 0)
                records[7] = record("S7", 15, 300, 12)
                self.has(sosie, "no2", 251)
                self.has(sosie, "pm10", 1)
                alarms = eventually(lambda: sosie.json("/api/alarms")["alarms"], "its rule rings", 20)
                self.assertIn("air-S7", alarms[0]["message"]["en"])
                devices = sosie.json("/api/devices?limit=1")
                self.assertEqual(devices["placed"], 250)

    def test_more_than_pages_reach_comes_by_the_export(self):
        with Portal() as portal:
            portal.datasets["qualite-de-l-air"] = [record(f"S{i}", 0, i) for i in range(10_500)]
            with self.sosie(portal, "select = \"code,no2,date_maj\"") as sosie:
                self.has(sosie, "no2", 10_500)
                self.assertTrue(any("/exports/json" in path for path in portal.asked))

    def test_only_what_is_new_is_asked_for_also_after_a_restart(self):
        with Portal() as portal:
            portal.datasets["qualite-de-l-air"] = records = [record("S", i - 10_200, i) for i in range(10_150)]
            with self.sosie(portal, 'updated = "date_maj"') as sosie:
                # The minutes of a week: by pages alone, since each question begins at the newest known.
                self.has(sosie, "no2", 10_150)
                self.assertFalse(any("/exports/" in path for path in portal.asked))
                sosie.stop()
                del portal.asked[:]
                records.append(record("S", -40, 5))
                sosie.start()
                self.has(sosie, "no2", 10_151)
                self.assertIn("where=date_maj%20%3E%3D%20date%27", portal.asked[0])
                self.assertIn("offset=0", portal.asked[0])

    def test_a_portal_in_trouble_is_told_of_and_asked_again(self):
        for trouble, said in ((500, "cannot answer (500)"), ("cut", "are cut"), ("slow", "no answer in time"),
                              (429, "limit of questions is reached (429): Too many requests"),
                              (403, "does not let us in (403)")):
            with self.subTest(trouble), Portal() as portal:
                portal.datasets["qualite-de-l-air"] = [record("S", 0, 1)]
                portal.trouble = [trouble, trouble]
                began = time.monotonic()
                with self.sosie(portal) as sosie:
                    self.has(sosie, "no2", 1)
                    took = time.monotonic() - began
                    log = sosie.said()
                    self.assertEqual(log.count(said), 1, log)
                    eventually(lambda: "answers again" in sosie.said(), "it says that all is well", 20)
                    self.assertGreaterEqual(took, 3)  # after 1 and 2 s
                    source = self.source(sosie)
                    self.assertEqual((source["troubles"], source["error"]), (2, ""))
                    self.assertIn('sosie_source_trouble_total{source="opendata",kind="opendata"} 2\n',
                                  sosie.get("/metrics")[1])

    def test_the_copy_stands_in_while_the_portal_is_away(self):
        with tempfile.TemporaryDirectory() as folder:
            with Portal() as portal:
                portal.datasets["qualite-de-l-air"] = [record(f"S{i}", 0, i) for i in range(130)]
                with self.sosie(portal, f'cache = "{folder}"') as sosie:
                    self.has(sosie, "no2", 130)
            with self.sosie(portal, f'cache = "{folder}"') as sosie:  # another, and no portal
                self.has(sosie, "no2", 130)
                self.assertIn("a copy stands in", self.source(sosie)["error"])

    def test_bad_records_are_in_quarantine_once(self):
        with Portal() as portal:
            portal.datasets["qualite-de-l-air"] = [record("S", 0, 1), record("T", 0, "much"), {"no2": 7}]
            with self.sosie(portal) as sosie:
                self.has(sosie, "no2", 1)
                time.sleep(3)
                quarantine = sosie.json("/api/quarantine")
                self.assertEqual(quarantine["total"], 2, quarantine)
                self.assertEqual({row["where"] for row in quarantine["rows"]}, {"qualite-de-l-air"})


class Fetch(unittest.TestCase):
    def setUp(self):
        self.portal = self.enterContext(Portal())
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.file = self.folder / "districts.geojson"
        self.portal.datasets["communes"] = [square("Centre", 1.4, 43.6), square("Nord", 1.4, 43.7)]

    def fetch(self, *more, check=True, dataset="communes", env=None):
        return run("fetch", self.portal.url, dataset, "--to", self.file, *more, check=check,
                   **({"env": env} if env else {}))

    def test_districts_become_a_file(self):
        done = self.fetch()
        self.assertRegex(done.stdout, r"districts.geojson: 2 features, \d+ bytes\n")
        got = json.loads(self.file.read_text())
        self.assertEqual([f["properties"]["nom"] for f in got["features"]], ["Centre", "Nord"])
        self.assertEqual(got["features"][0]["geometry"]["type"], "Polygon")
        self.fetch("--where", "nom = 'Nord'", "--format", "json", "--select", "nom")
        self.assertEqual(json.loads(self.file.read_text()), [{"nom": "Nord"}])
        self.fetch("--format", "csv", "--select", "nom")
        self.assertEqual(self.file.read_text().split(), ["nom", "Centre", "Nord"])

    def test_trouble_is_lived_through_and_never_harms_the_file(self):
        self.fetch()
        before = self.file.read_bytes()
        self.portal.trouble = [500, "cut", "interrupted"]
        self.portal.datasets["communes"].append(square("Sud", 1.4, 43.5))
        done = self.fetch()
        self.assertIn("3 features", done.stdout)
        self.assertEqual(done.stderr.count("; again in"), 3, done.stderr)
        self.assertGreater(len(self.file.read_bytes()), len(before))
        before = self.file.read_bytes()
        self.portal.trouble = ["cut", "cut"]
        done = self.fetch("--attempts", "2", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("are cut", done.stderr)
        self.portal.trouble = ["interrupted"]
        done = self.fetch("--format", "csv", "--attempts", "1", check=False)
        self.assertIn("the portal interrupted it", done.stderr)
        self.assertEqual(self.file.read_bytes(), before)
        self.assertEqual([p.name for p in self.folder.iterdir()], ["districts.geojson"])

    def test_a_copy_is_asked_about_and_stands_in(self):
        cache = self.folder / "cache"
        self.fetch("--cache", cache)
        self.assertIn("unchanged at the portal", self.fetch("--cache", cache).stdout)
        asked = len(self.portal.asked)
        self.assertIn("the copy of", self.fetch("--cache", cache, "--max-age", "1h").stdout)
        self.assertEqual(len(self.portal.asked), asked)
        self.file.unlink()
        self.portal.trouble = [503]
        done = self.fetch("--cache", cache, "--attempts", "1")
        self.assertIn("for the portal cannot answer (503)", done.stdout)
        self.assertEqual(len(json.loads(self.file.read_text())["features"]), 2)

    def test_what_is_wrong_with_the_question_is_said_at_once(self):
        for more, said in (((), "no such dataset (404)"), (("--where", "nom !! 3"), "ODSQL query is malformed")):
            done = self.fetch(*more, check=False, dataset="communes" if more else "nowhere")
            self.assertEqual(done.returncode, 2)
            self.assertIn(said, done.stderr)
        self.assertEqual(len(self.portal.asked), 2)
        self.assertFalse(self.file.exists())
        done = self.fetch(check=False, dataset="a/b")
        self.assertEqual(done.returncode, 2)

    def test_a_key_goes_in_a_header_and_nowhere_else(self):
        self.portal.key = "s3cret"
        done = self.fetch("--attempts", "1", check=False)
        self.assertIn("does not let us in (401): a key is needed", done.stderr)
        done = self.fetch("--key-env", "PORTAL_KEY", env={"PORTAL_KEY": "s3cret"})
        self.assertNotIn("s3cret", done.stdout + done.stderr + "".join(self.portal.asked))


if __name__ == "__main__":
    unittest.main()
