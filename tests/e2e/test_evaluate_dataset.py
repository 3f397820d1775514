"""`sosie evaluate --dataset`: a scenario's detectors on labelled data; attacks, pages, the legacy."""

import json
import tempfile
import unittest
from pathlib import Path

from sosie import run

from test_evaluate_table import made_up, text_of


class EvaluateDataset(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.data = Path(cls.folder.name) / "plant"
        # Two days are few: of some, one false alarm a day leaves no recall to be kept.
        run("simulate", "--dataset", cls.data, "--duration", "2d", "--seed", 3,
            "--start", "2026-09-07T00:00:00Z")

    def evaluate(self, *more, check=True):
        return run("evaluate", "--dataset", self.data, "--learn", "1d", *more, check=check)

    def test_figures_stand_beside_their_floors_with_intervals(self):
        page = Path(self.folder.name) / "report.html"
        report = json.loads(self.evaluate("--json", "--html", page).stdout)
        self.assertEqual(report["rows"], 2 * 17280)
        self.assertGreater(report["events"]["recall"], 0.5)
        self.assertIn("metronome", [floor["name"] for floor in report["events"]["floors"]])
        recall = report["intervals"]["recall"]
        self.assertLessEqual(recall["low"], recall["value"])
        self.assertLessEqual(recall["value"], recall["high"])
        said = report["confusion"]["sensor_failure"]
        self.assertEqual(max(said, key=said.get), "sensor_failure")
        self.assertEqual(sum(fault["labels"] for fault in report["faults"]),
                         report["events"]["labels"])
        html = page.read_text(encoding="utf-8")
        for needed in ("<svg", "Événements trouvés", "Events found", "prefers-color-scheme"):
            self.assertIn(needed, html)
        for foreign in ("http://", "https://", "<link", "src="):
            self.assertNotIn(foreign, html)

    def test_attacks_are_held_against_the_same_budget(self):
        report = json.loads(self.evaluate("--json", "--attack", "noise:10,white:1").stdout)
        attacks = report["under_attack"]["attacks"]
        self.assertEqual([line["attack"] for line in attacks], ["none", "noise:10", "white:1"])
        for line in attacks:
            self.assertLessEqual(line["false_per_day"], 1)
            self.assertTrue(0 <= line["recall"] <= 1)
        self.assertEqual(attacks[0]["recall_kept"], 1)

    def test_what_cannot_be_is_refused(self):
        for more, says in ((("--learn", "9d"), "fewer than the 9 days"),
                           (("--attack", "sleep:3"), "noise:PERCENT"),
                           (("--learn", "soon"), "expected as 7d"),
                           (("--html", "/nowhere/report.html"), "cannot be written")):
            with self.subTest(more=more):
                done = run("evaluate", "--dataset", self.data, "--learn", "1d", *more, check=False) \
                    if "--learn" not in more else \
                    run("evaluate", "--dataset", self.data, *more, check=False)
                self.assertNotEqual(done.returncode, 0)
                self.assertIn(says, done.stderr)
        done = run("evaluate", "--dataset", self.folder.name + "/none", check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("readings.csv", done.stderr)

    def test_a_table_under_attack(self):
        table = Path(self.folder.name) / "table.csv"
        table.write_text(text_of(made_up(fault=(1000, 1100, 3, 5))), encoding="utf-8")
        page = Path(self.folder.name) / "table.html"
        done = run("evaluate", "--train-rows", 500, "--input", table, "--time", "time", "--label",
                   "label", "--attack", "noise:10,white:1", "--budget", 100, "--json", "--html",
                   page)
        lines = json.loads(done.stdout)["under_attack"]["attacks"]
        self.assertEqual(lines[0]["recall"], 1)   # one event, and a clear one
        self.assertEqual(lines[1]["recall"], 1)
        self.assertLessEqual(lines[2]["recall"], 1)
        self.assertIn("<svg", page.read_text(encoding="utf-8"))


if __name__ == "__main__":
    unittest.main()
