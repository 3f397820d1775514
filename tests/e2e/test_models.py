"""Models: learned from anybody's table in one command, with what they cannot see; learned anew beside
the one that judges, tried, promoted, gone back to; killed in between."""

import json
import math
import random
import tempfile
import unittest
from datetime import datetime, timedelta
from pathlib import Path

from sosie import Sosie, eventually, run

T0 = 1_795_168_800_000  # 2026-11-20
MINUTE = 60_000

LIVE = """
name = "live"
asset = "live"
recorded = true  # its times are long past
[frame]
period = "1m"
[learn]
period = "24h"
warm_up = "30m"
[intake]
unknown = "declare"
commit_every = "100ms"
[detection]
trial = "6h"
[[detector]]
kind = "rate"
[[detector]]
kind = "stuck"
[[detector]]
kind = "residual"
"""

SIMULATED = """
name = "simulated"
asset = "room"
[frame]
period = "1m"
[learn]
period = "6h"
warm_up = "10m"
[[source]]
kind = "simulator"
seed = 3
speed = 3600
history = "0s"
[source.plant]
kind = "room"
[detection]
retrain = "8h"
trial = "2h"
[[detector]]
kind = "rate"
[[detector]]
kind = "residual"
"""


def rows(minutes, shift=0.0, seed=5):
    """Two sensors that go together, and one of its own, which may be elsewhere: (time, a, b, c) of
    each minute."""
    for i in minutes:
        chance = random.Random(seed * 1_000_003 + i)
        walk = 3 * math.sin(i / 37) + 2 * math.sin(i / 11)
        yield (T0 + i * MINUTE, 20 + walk + chance.gauss(0, 0.2),
               50 - 2 * walk + chance.gauss(0, 0.4), chance.gauss(0, 1) + shift)


def readings(minutes, **more):
    return [{"entity": name, "attribute": "value", "value": value, "time": row[0]}
            for row in rows(minutes, **more) for name, value in zip("abc", row[1:])]


def table(count, change=lambda i, cells: cells, header="Time,a,b,c"):
    start = datetime(2026, 3, 1)
    lines = [header]
    for i, row in enumerate(rows(range(count))):
        cells = change(i, [f"{value:.4f}" for value in row[1:]])
        if cells is not None:
            lines.append(",".join([str(start + timedelta(minutes=i)), *cells]))
    return "\n".join(lines) + "\n"


class Train(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def train(self, text, *more, check=True):
        file = self.folder / "mine.csv"
        file.write_text(text, encoding="utf-8")
        done = run("train", "--input", file, "--data", self.folder / "var", "--json", *more,
                   check=check)
        return json.loads(done.stdout) if done.returncode == 0 else done

    def test_one_command_learns_a_table_and_the_next_one_runs_it(self):
        report = self.train(table(4000))
        self.assertEqual(report["version"], 1)
        sensors = {sensor["name"]: sensor for sensor in report["sensors"]}
        self.assertEqual(set(sensors), {"a", "b", "c"})
        self.assertGreater(sensors["a"]["told_by_others"], 0.8)
        self.assertLess(sensors["c"]["told_by_others"], 0.1)
        seen = sensors["a"]["cannot_see"]
        self.assertGreater(seen["least_offset"], 0)
        self.assertLess(seen["least_offset"], seen["largest_offset_tried"])
        self.assertTrue(any("nothing to be held against" in note and "c" in note
                            for note in report["notes"]), report["notes"])
        scenario = Path(report["scenario"])
        self.assertIn("docs/connect-your-data.md", scenario.read_text(encoding="utf-8"))
        with Sosie(scenario, folder=self.folder) as sosie:
            model = eventually(lambda: sosie.json("/api/ai")["model"], "the model is in use")
            self.assertEqual(model["version"], 1)
            eventually(lambda: sosie.json("/api/ai")["predictions"] > 3900, "all is judged")

    def test_what_was_learned_judges_from_the_first_start(self):
        def dead(i, cells):
            return ["", *cells[1:]] if 2000 <= i < 2400 else cells
        scenario = Path(self.train(table(4000))["scenario"])
        (self.folder / "live.csv").write_text(table(4000, dead), encoding="utf-8")
        text = scenario.read_text(encoding="utf-8")
        self.assertIn("mine.csv\"", text)
        scenario.write_text(text.replace("mine.csv\"", "live.csv\""), encoding="utf-8")
        with Sosie(scenario, folder=self.folder) as sosie:
            eventually(lambda: sosie.json("/api/ai")["predictions"] > 3900, "all is judged")
            told = eventually(lambda: [
                evidence for finding in sosie.json("/api/findings?limit=50")["findings"]
                for evidence in finding["evidence"] if evidence["detector"] == "missing"],
                "the silence of a sensor is told")
            self.assertEqual({evidence["series"] for evidence in told}, {0})  # a

    def test_a_later_model_is_a_shadow_unless_people_say_so(self):
        first = self.train(table(1500))
        self.assertEqual((first["version"], first["state"]), (1, "active"))
        again = ["train", "--input", self.folder / "mine.csv", "--data", self.folder / "var"]
        text = run(*again).stdout
        self.assertIn("It is a shadow beside model 1, which judges", text)
        self.assertIn("--activate 2", text)
        self.assertIn("least offset", text)

        def states():
            listed = run("models", first["scenario"], "--data", self.folder / "var", "--json")
            return {v["number"]: v["state"] for v in json.loads(listed.stdout)["versions"]}
        self.assertEqual(states(), {1: "active", 2: "shadow"})
        self.assertEqual(json.loads(run(*again, "--activate", "--json").stdout)["state"], "active")
        self.assertEqual(states(), {1: "retired", 2: "shadow", 3: "active"})
        both = run(*again, "--activate", "--shadow", check=False)
        self.assertEqual(both.returncode, 2)

    def test_labels_in_words_are_not_ingested(self):
        text = table(1500, lambda i, c: [*c, "Attack" if 700 <= i < 720 else "Normal"],
                     header="Time,a,b,c,state")
        report = self.train(text, "--label", "state")
        self.assertTrue(any("'state' labels by words" in n for n in report["notes"]),
                        report["notes"])
        self.assertNotIn('column = "state"', Path(report["scenario"]).read_text(encoding="utf-8"))
        with Sosie(report["scenario"], folder=self.folder) as sosie:
            eventually(lambda: sosie.json("/api/ai")["predictions"] > 1400, "all is judged")
            self.assertIn("sosie_readings_refused_total 0", sosie.get("/metrics")[1])

    def test_tables_that_are_not_as_they_should_be(self):
        def cell(column, value):
            def change(i, cells):
                cells[column] = value(i, cells)
                return cells
            return change
        cases = [
            ("a fault", cell(0, lambda i, c: "45" if 900 <= i < 1000 else c[0]),
             lambda r: "a" in {s["sensor"] for s in r["suspected_faults"]}),
            ("a fault of hours, of which edges are found",
             cell(0, lambda i, c: str(float(c[0]) + (15 if 600 <= i < 850 else 0))),
             lambda r: {s["sensor"] for s in r["suspected_faults"]} == {"a"}
             and r["suspected_faults"][0]["from"] <= "2026-03-01T10:00"
             and r["suspected_faults"][0]["to"] >= "2026-03-01T14:09"
             and any("much looks faulty and is not learned" in n and ": a (" in n
                     for n in r["notes"])
             and r["sensors"][0]["told_by_others"] > 0.8),
            ("a fault, and a gap that is none",
             lambda i, c: None if 1000 <= i < 1400 else [c[0] if not 600 <= i < 700 else "45", *c[1:]],
             lambda r: [s["sensor"] for s in r["suspected_faults"]] == ["a"]
             and not any("that much is life" in n for n in r["notes"])),
            ("a way of life of one sensor, which looks like a fault and is learned",
             cell(0, lambda i, c: str(float(c[0]) + (15 if i % 800 < 200 else 0))),
             lambda r: any("taken for a way of life" in n and ": a (" in n for n in r["notes"])
             and "a" not in {s["sensor"] for s in r["suspected_faults"]}),
            ("constant", cell(2, lambda i, c: "7"),
             lambda r: any("never change" in n and "c" in n for n in r["notes"])),
            ("identical", cell(2, lambda i, c: c[0]),
             lambda r: any("the same as another" in n and "c (as a)" in n for n in r["notes"])),
            ("mostly missing", cell(2, lambda i, c: c[2] if i % 10 == 0 else ""),
             lambda r: any("mostly missing" in n and "c (10 %)" in n for n in r["notes"])),
            ("units changed", cell(2, lambda i, c: str(float(c[2]) * (1 if i < 1000 else 0.001) +
                                                       (10 if i < 1000 else 0.01))),
             lambda r: any("jump for good" in n and "c (from about 10" in n for n in r["notes"])),
            ("units of a sensor that wanders changed",
             cell(0, lambda i, c: str(float(c[0]) * (1 if i < 1000 else 1000))),
             lambda r: any("jump for good" in n and "a factor of 1000" in n for n in r["notes"])
             and r["sensors"][0]["spread"] > 500),
            ("a level that moved", cell(0, lambda i, c: str(float(c[0]) + (0 if i < 1000 else 40))),
             lambda r: any("level changed for good" in n and "a (from about 2" in n
                           for n in r["notes"])
             and not any("jump for good" in n for n in r["notes"])),
            ("joins later", cell(2, lambda i, c: c[2] if i > 1000 else "NA"),
             lambda r: any("join later" in n for n in r["notes"])),
            ("gaps", lambda i, c: None if 500 <= i < 800 else c,
             lambda r: r["gaps"] == 1 and any("gaps" in n for n in r["notes"])),
            ("another rate", lambda i, c: c if i < 1000 or i % 5 == 0 else None,
             lambda r: any("sampling rate changed" in n for n in r["notes"])),
        ]
        for name, change, holds in cases:
            with self.subTest(name):
                report = self.train(table(2000, change))
                self.assertTrue(holds(report), json.dumps(report, indent=1)[:3000])

    def test_repeated_rows_are_said_as_what_they_are(self):
        head, *lines = table(600).splitlines()
        twice = [line for i, line in enumerate(lines) for _ in range(2 if i % 6 == 0 else 1)]
        notes = self.train("\n".join([head, *twice]) + "\n")["notes"]
        self.assertIn("100 rows with the time of the row before (repeated) are left out", notes)
        self.assertFalse(any("detector 1/limits" in note for note in notes), notes)

    def test_too_little_to_learn_from(self):
        one = self.train(table(1), check=False)
        self.assertEqual(one.returncode, 2)
        self.assertIn("no two rows", one.stderr)
        report = self.train(table(30))
        self.assertTrue(any("too few" in note for note in report["notes"]), report["notes"])
        two = run("train", "--input", self.folder / "mine.csv", "--data", self.folder / "var")
        self.assertNotIn("error", two.stderr)  # the report says it
        self.assertIn("8/forest has learned nothing: forest: ", two.stdout)
        untimed = self.train(table(50, header="When,a,b,c"), check=False)
        self.assertEqual(untimed.returncode, 2)
        self.assertIn("--time", untimed.stderr)
        other = self.train(table(50), "scenarios/traffeyere/traffeyere.toml", check=False)
        self.assertIn("none of its columns", other.stderr)


class Running(unittest.TestCase):
    def start(self, scenario=LIVE):
        sosie = Sosie.of_text(scenario)
        self.addCleanup(sosie.__exit__)
        sosie.start()
        return sosie

    def feed(self, sosie, begin, end, **more):
        for part in range(begin, end, 240):
            status, answer = sosie.post("/api/readings",
                                        readings(range(part, min(part + 240, end)), **more))
            self.assertEqual(status, 200, answer)

    def models(self, sosie):
        return sosie.json("/api/models")

    def states(self, sosie):
        return {v["version"]: v["state"] for v in self.models(sosie)["versions"]}

    def wait_for(self, sosie, states):
        eventually(lambda: self.states(sosie) == states, f"{states}; {sosie.tail()}")

    def act(self, sosie, path, expected=200, who="Ana"):
        status, answer = sosie.post(f"/api/models/{path}", {"who": who, "comment": "as I say"})
        self.assertEqual(status, expected, answer)
        return answer

    def learned(self):
        sosie = self.start()
        self.feed(sosie, 0, 1445)
        self.wait_for(sosie, {1: "active"})
        self.feed(sosie, 1445, 1500)
        return sosie

    def test_trained_tried_promoted_and_gone_back_to(self):
        sosie = self.learned()
        self.act(sosie, "train", 400, who=" ")
        self.act(sosie, "7/activate", 404)
        self.act(sosie, "1/activate", 400)
        self.act(sosie, "train")
        self.wait_for(sosie, {1: "active", 2: "shadow"})
        self.feed(sosie, 1500, 1700)
        eventually(lambda: self.models(sosie)["versions"][0]["trial"]["frames"] > 150, "it looks")
        self.assertIn("sosie_model_shadow_version 2", sosie.get("/metrics")[1])
        # Killed on trial: the register is as it was, and the trial begins anew.
        sosie.kill()
        sosie.start()
        self.wait_for(sosie, {1: "active", 2: "shadow"})
        self.assertEqual(self.models(sosie)["in_use"], 1)
        self.act(sosie, "2/activate")
        self.assertEqual(self.states(sosie), {1: "retired", 2: "active"})
        self.assertEqual(self.models(sosie)["in_use"], 2)
        # Killed as soon as it is answered: what was answered is what judges.
        sosie.kill()
        sosie.start()
        self.assertEqual(self.models(sosie)["in_use"], 2)
        self.act(sosie, "1/activate")
        sosie.kill()
        sosie.start()
        models = self.models(sosie)
        self.assertEqual(models["in_use"], 1)
        self.assertEqual([(s["what"], s["version"], s["who"]) for s in models["log"]],
                         [("rolled_back", 1, "Ana"), ("promoted", 2, "Ana"),
                          ("trained", 2, "Ana"), ("trained", 1, "")])
        # Another program changes the register, and is followed.
        run("models", sosie.scenario, "--data", sosie.folder / "var", "--activate", 2, "--who",
            "Bob")
        eventually(lambda: self.models(sosie)["in_use"] == 2, "the register is followed")
        self.assertIn("sosie_model_active_version 2", sosie.get("/metrics")[1])

    def test_merit_alone_promotes(self):
        """A level has moved since the first model, and raised no alarm: a new one foresees better."""
        sosie = self.learned()
        self.feed(sosie, 1500, 3000, shift=1.5)
        self.act(sosie, "train")
        self.wait_for(sosie, {1: "active", 2: "shadow"})
        self.feed(sosie, 3000, 3400, shift=1.5)
        self.wait_for(sosie, {1: "retired", 2: "active"})
        # The register says so first, and then it judges.
        eventually(lambda: self.models(sosie)["in_use"] == 2, "it judges")
        models = self.models(sosie)
        promoted = models["log"][0]
        self.assertEqual((promoted["what"], promoted["who"]), ("promoted", ""))
        self.assertIn("foresees better", promoted["text"]["en"])
        self.assertIn("prévoit mieux", promoted["text"]["fr"])
        self.assertLess(models["versions"][0]["trial"]["error_ratio"], 0.95)

    def test_what_is_no_better_is_retired(self):
        sosie = self.learned()
        self.act(sosie, "train")
        self.wait_for(sosie, {1: "active", 2: "shadow"})
        self.feed(sosie, 1500, 1900)
        self.wait_for(sosie, {1: "active", 2: "retired"})
        self.assertEqual(self.models(sosie)["log"][0]["what"], "retired")
        self.assertEqual(self.models(sosie)["in_use"], 1)

    def test_the_schedule_begins_a_training(self):
        """Of a plant that lives an hour a second."""
        sosie = self.start(SIMULATED)
        triggers = {"first", "schedule"}
        eventually(lambda: {v["trigger"] for v in self.models(sosie)["versions"]} >= triggers,
                   f"a model is learned by the schedule; {sosie.tail()}")
        eventually(lambda: self.models(sosie)["next_training_ms"], "the next one is known")
        eventually(lambda: any(s["what"] in ("promoted", "retired")
                               for s in self.models(sosie)["log"]), "its trial ends")

    def test_a_budget_of_false_alarms_is_rehearsed_and_may_be_another_later(self):
        allowed = "[detection]\nfalse_alarms_per_day = {}"
        sosie = self.start(LIVE.replace("[detection]", allowed.format(100)))
        self.feed(sosie, 0, 1300)
        self.feed(sosie, 1300, 1303, shift=8.0)  # in the last quarter of learning
        self.feed(sosie, 1303, 1445)
        self.wait_for(sosie, {1: "active"})

        def budget():
            return sosie.json("/api/ai")["model"]["false_alarms"]
        wide = budget()
        self.assertGreaterEqual(wide["held_out_found"], 1)
        self.assertEqual(wide["held_out_episodes"], wide["held_out_found"])
        self.assertAlmostEqual(wide["held_out_days"], 4 / 24, 2)
        self.assertLess(wide["low"], wide["per_day"])
        self.assertGreater(wide["high"], wide["per_day"])
        sosie.kill()
        scenario = sosie.scenario.read_text(encoding="utf-8")
        sosie.scenario.write_text(scenario.replace(allowed.format(100), allowed.format(0.5)),
                                  encoding="utf-8")
        sosie.start()
        narrow = budget()
        self.assertEqual(narrow["held_out_found"], wide["held_out_found"])
        self.assertEqual(narrow["held_out_episodes"], 0)
        self.assertGreater(narrow["least_chance"], wide["least_chance"])
        self.assertIn("sosie_false_alarms_allowed_per_day 0.5", sosie.get("/metrics")[1])

    def test_a_model_that_cannot_be_used_gives_way_to_an_earlier_one(self):
        sosie = self.learned()
        self.act(sosie, "train")
        self.wait_for(sosie, {1: "active", 2: "shadow"})
        self.act(sosie, "2/activate")
        sosie.kill()
        file = sosie.folder / "var/live/models/model-2.sosie"
        file.write_bytes(file.read_bytes()[:-9])
        sosie.start()
        models = self.models(sosie)
        self.assertEqual(models["in_use"], 1)
        self.assertIn("model 2", models["note"])
        self.act(sosie, "2/activate", 400)


if __name__ == "__main__":
    unittest.main()
