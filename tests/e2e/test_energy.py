"""The energy scenario: a laboratory's meter, and a threshold that people move."""

import json
import re
import tempfile
import unittest
from pathlib import Path

from sosie import ROOT, Sosie, eventually, run

SCENARIO = ROOT / "scenarios/energy/energy.toml"
METER = "Sensor-LARI-01.energy"
HIGH = f"/api/limits/{METER}/high"


def quick(**changes):
    """The scenario with a short and ordinary past, so that a test need not wait for a week."""
    text = re.sub(r"(?s)\[\[source\.fault\]\].*?\n\n", "", SCENARIO.read_text(encoding="utf-8"))
    for key, value in {"history": '"10m"', "commissioning": '"1h"', "fault_rate": "0",
                       **changes}.items():
        text = re.sub(rf"(?m)^{key} = [^#\n]*", f"{key} = {value}", text)
    return text.replace('period = "7d"', 'period = "1h"').replace("port = 8091", "port = 0")


def simulated(scenario):
    done = run("simulate", scenario, "--to", "stdout", "--speed", "max", "--duration", "20m",
               "--start", "2026-05-05", "--fault-rate", "0")
    return [json.loads(line)["value"] for line in done.stdout.splitlines()]


def high(sosie):
    limits = sosie.json("/api/limits")["limits"]
    return next((one["value"], one["scenario"]) for one in limits if one["name"] == "high")


def put(sosie, body, path=HIGH):
    status, _, text = sosie.call("PUT", path, body)
    return status, json.loads(text)


class Energy(unittest.TestCase):
    def test_the_scenario_is_right(self):
        run("check", SCENARIO)

    def test_a_newcomer_sees_an_abnormal_reading_at_once(self):
        text = SCENARIO.read_text(encoding="utf-8").replace("port = 8091", "port = 0")
        with Sosie.of_text(text, "--watch") as sosie:
            eventually(lambda: "machine_left_on" in sosie.said(), "the hint is this plant's")
            self.assertNotIn("AIT-", sosie.said())
            eventually(lambda: "▲ above 12" in sosie.said(), "the terminal tells it apart", 30)
            self.assertNotIn("\x1b", sosie.said(), "no colour where there is no terminal")
            alarms = sosie.json("/api/alarms")["alarms"]
            self.assertTrue(any(a["active"] and a["name"] == METER for a in alarms), alarms)
            labels = sosie.query("select scenario from labels")
            self.assertIn(["machine_left_on"], labels)

    def test_the_threshold_is_moved_while_it_runs(self):
        with Sosie.of_text(quick(), "--watch", "--speed", "5") as sosie:
            self.assertEqual(high(sosie), (12, 12))
            status, moved = put(sosie, {"value": 0.5, "who": "Ana", "comment": "a test"})
            self.assertEqual((status, moved["value"], moved["scenario"]), (200, 0.5, 12), moved)
            alarm = eventually(lambda: self.active(sosie), "everything is above 0.5", 60)
            self.assertIn("0.5", json.dumps(alarm))
            eventually(lambda: "▲ above 0.5" in sosie.said(), "the terminal says so", 20)
            eventually(lambda: "■ medium, raised" in sosie.said(), "and that an alarm is", 20)
            self.assertEqual(put(sosie, {"value": 3})[0], 400)
            self.assertEqual(put(sosie, {"value": 3, "who": "Ana"}, f"/api/limits/{METER}/low")[0],
                             404)

            sosie.kill()  # what was answered 200 is there
            sosie.start()
            self.assertEqual(high(sosie), (0.5, 12))
            self.assertTrue(eventually(lambda: self.active(sosie), "it still stands", 60))
            status, moved = put(sosie, {"value": 40, "who": "Luc"})
            self.assertEqual(status, 200, moved)
            eventually(lambda: not self.active(sosie), "nothing is above 40", 60)
            self.assertEqual(put(sosie, {"value": None, "who": "Luc"})[1]["value"], 12)
            log = sosie.json("/api/limits")["log"]
            self.assertEqual([(c["who"], c["from"], c["to"], c["reset"]) for c in log],
                             [("Luc", 40, 12, True), ("Luc", 0.5, 40, False),
                              ("Ana", 12, 0.5, False)])
            self.assertEqual(log[2]["comment"], "a test")
            self.assertIn("limits: Sensor-LARI-01.energy high: 40 -> 12, by Luc", sosie.said())

    def test_the_threshold_is_given_at_the_start(self):
        with Sosie.of_text(quick(), "--limit", "high=0.5") as sosie:
            self.assertEqual(high(sosie), (0.5, 12))
            eventually(lambda: self.active(sosie), "everything is above 0.5", 60)
            sosie.kill()
            sosie.args = ("--limit", f"{METER}:high=13")
            sosie.start()
            self.assertEqual(high(sosie), (13, 12))
            log = sosie.json("/api/limits")["log"]
            self.assertEqual([(c["who"], c["to"]) for c in log],
                             [("command line", 13), ("command line", 0.5)])

    def test_a_wish_that_cannot_be_is_refused(self):
        for wish, words in (("high", "expected NAME=NUMBER"), ("low=3", "has no limit 'low'"),
                            ("Sensor-X:high=3", f"it has {METER}:high")):
            with self.subTest(wish):
                sosie = Sosie.of_text(quick(), "--limit", wish)
                sosie.start(wait=False)
                self.assertEqual(sosie.process.wait(60), 2)
                self.assertIn(words, sosie.said())
                sosie.stop()

    def active(self, sosie):
        return [a for a in sosie.json("/api/alarms")["alarms"] if a["active"] and
                a["condition"].startswith("limit/")]

    def test_uniform_by_one_key(self):
        laboratory = simulated(SCENARIO)
        self.assertEqual(len(laboratory), 600)
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "uniform.toml"
            file.write_text(quick(profile='"uniform"'), encoding="utf-8")
            uniform = simulated(file)
        self.assertLess(max(laboratory) - min(laboratory), 5)
        self.assertGreater(max(uniform), 14)
        self.assertLess(min(uniform), 6)


class Recording(unittest.TestCase):
    def test_what_its_own_flag_missed(self):
        with tempfile.TemporaryDirectory() as folder:
            done = run("replay", ROOT / "scenarios/lari_energy/lari_energy.toml", "--fresh",
                       "--data", folder)
        self.assertIn("set in 3 of 37 rows; 6 are beyond a limit, of which it missed 3; 0 it set",
                      done.stdout)
        self.assertEqual(done.stdout.count("beyond high, not flagged"), 3)
        self.assertIn("18.58 kWh", done.stdout)


if __name__ == "__main__":
    unittest.main()
