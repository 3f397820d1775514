"""`sosie evaluate --input`: anybody's table, learned from its first rows and judged on the rest."""

import csv
import json
import math
import os
import random
import re
import tempfile
import unittest
from pathlib import Path

from sosie import ROOT, run

GOLDEN = Path(__file__).with_name("evaluate_report.txt")


def made_up(rows=1500, seed=1, fault=None):
    """Six sensors that follow two hidden ones; `fault` (begin, end, sensor, size) is labelled."""
    chance = random.Random(seed)
    weights = [(chance.gauss(0, 1), chance.gauss(0, 1)) for _ in range(6)]
    hidden = [0.0, 0.0]
    table = []
    for i in range(rows):
        hidden = [0.9 * h + chance.gauss(0, 0.44) for h in hidden]
        row = [20 + a * hidden[0] + b * hidden[1] + chance.gauss(0, 0.2) for a, b in weights]
        label = 0
        if fault and fault[0] <= i < fault[1]:
            row[fault[2]] += fault[3]
            label = 1
        table.append((f"2026-03-01 {i // 3600:02}:{i // 60 % 60:02}:{i % 60:02}", row, label))
    return table


def text_of(table, separator=",", mark="."):
    names = ["time", *(f"s{i}" for i in range(6)), "label"]
    lines = [separator.join(names)]
    for at, row, label in table:
        cells = [f"{x:.4f}".replace(".", mark) for x in row]
        lines.append(separator.join([at, *cells, str(label)]))
    return "\n".join(lines) + "\n"


class EvaluateTable(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def evaluate(self, text, *more, rows=500, check=True):
        """The report as JSON and the rows of scores."""
        table = self.folder / "table.csv"
        table.write_text(text, encoding="utf-8")
        scores = self.folder / "scores.csv"
        done = run("evaluate", "--train-rows", rows, "--input", table, "--scores", scores, "--json",
                   *more, check=check)
        if done.returncode != 0:
            return done, None
        with open(scores, newline="", encoding="utf-8") as file:
            return json.loads(done.stdout), list(csv.DictReader(file))

    def test_a_clear_fault_is_found_and_its_sensor_named(self):
        table = made_up(fault=(1000, 1100, 3, 5))
        report, scores = self.evaluate(text_of(table), "--time", "time", "--label", "label")
        self.assertEqual([row["time"] for row in scores], [at for at, _, _ in table])
        for row in scores:
            self.assertTrue(0 <= float(row["score"]) <= 1)
            self.assertIn(row["flag"], "01")
        self.assertEqual({row["flag"] for row in scores[:500]}, {"0"})
        within = scores[1000:1100]
        self.assertGreater(sum(row["flag"] == "1" for row in within), 80)
        self.assertGreater(sum(row["sensor"] == "s3" for row in within), 80)
        self.assertIn("1", {row["change"] for row in scores[1000:1020]})
        figures = report["figures"]
        self.assertEqual(figures["event_recall"]["value"], 1)
        self.assertGreater(figures["average_precision"]["value"], 0.7)
        self.assertAlmostEqual(report["floors"]["never"]["average_precision"], 0.1)
        self.assertEqual(report["floors"]["always"]["point_f1"], 2 * 100 / 1100)
        self.assertEqual(report["labelled_rows"], 100)

    def test_dirt_in_the_rows_of_learning_is_left_out_and_said(self):
        table = made_up(fault=(1200, 1300, 2, 6))
        table[200][1][1] = 1000.0
        for i in range(300, 325):
            table[i][1][4] += 12
        report, rows = self.evaluate(text_of(table), "--time", "time", "--label", "label",
                                      rows=1000)
        notes = "\n".join(report["notes"])
        self.assertIn(f"1 cells of the rows of learning (the first at {table[200][0]})", notes)
        left_out = re.search(r"(\d+) rows of learning \(from (\S+ \S+) to (\S+ \S+)\) are unlike", notes)
        self.assertGreaterEqual(int(left_out[1]), 20)
        self.assertLessEqual(table[300][0], left_out[2])
        self.assertGreater(sum(row["flag"] == "1" for row in rows[1200:1300]), 80)
        clean, _ = self.evaluate(text_of(made_up()), "--time", "time", "--label", "label",
                                 rows=1000)
        self.assertNotIn("not learned from", "\n".join(clean["notes"]))

    def test_the_way_a_table_is_written_changes_nothing(self):
        table = made_up(fault=(1000, 1100, 3, 5))
        _, usual = self.evaluate(text_of(table), "--time", "time", "--ignore", "label")
        _, other = self.evaluate(text_of(table, ";", ","), "--time", "time", "--ignore", "label")
        self.assertEqual([row["score"] for row in usual], [row["score"] for row in other])

    def test_nothing_is_known_of_later_rows(self):
        table = made_up()
        _, whole = self.evaluate(text_of(table), "--time", "time", "--ignore", "label")
        _, part = self.evaluate(text_of(table[:900]), "--time", "time", "--ignore", "label")
        self.assertEqual(whole[:900], part)
        words = [line.replace(",", ",off,", 1) if i > 600 else line  # all cells move by one
                 for i, line in enumerate(text_of(table).splitlines())]
        _, other = self.evaluate("\n".join(words), "--time", "time", "--ignore", "label")
        self.assertEqual(whole[:600], other[:600])

    def test_windows_are_labels_too(self):
        table = made_up(fault=(1000, 1100, 3, 5))
        windows = self.folder / "windows.json"
        windows.write_text(json.dumps({"table.csv": [[table[1000][0], table[1099][0]]]}))
        report, _ = self.evaluate(text_of(table), "--time", "time", "--ignore", "label",
                                  "--windows", windows)
        self.assertEqual(report["labelled_rows"], 100)
        self.assertGreater(report["figures"]["nab"]["value"], 30)

    def test_bad_tables_are_said_and_judged_all_the_same(self):
        table = made_up()
        plain = text_of(table)
        lines = plain.splitlines()

        def with_cells(change):
            return "\n".join([lines[0], *(",".join(change(i, line.split(",")))
                                          for i, line in enumerate(lines[1:]))]) + "\n"

        def cell(column, value):
            return lambda i, cells: [*cells[:column], value(i), *cells[column + 1:]]

        chance = random.Random(2)
        cases = [
            ("one row to learn from", plain, 1, "1 rows are too few to learn from"),
            ("fewer rows than asked for", plain, 5000, "nothing is left to judge"),
            ("a sensor that never changes", with_cells(cell(1, lambda i: "7")), 500,
             "1 sensors had one value"),
            ("nine in ten missing",
             with_cells(cell(2, lambda i: "" if chance.random() < 0.9 else f"{chance.gauss(0, 1)}")),
             500, ""),
            ("words", with_cells(cell(3, lambda i: "abc"[i % 3])), 500, "is left out"),
            ("a word among numbers",
             with_cells(cell(3, lambda i: "bad" if i == 700 else f"{chance.gauss(0, 1)}")), 500,
             "'s2' has 1 cells that are no numbers, as 'bad'"),
            ("more sensors than are judged together",
             "time," + ",".join(f"c{i}" for i in range(300)) + ",label\n" + "".join(
                 f"2026-03-01 00:00:{s:02}," + ",".join(f"{chance.gauss(0, 1):.2f}" for _ in range(300))
                 + ",0\n" for s in range(60)), 40, "judged together"),
            ("times nobody can read", with_cells(cell(0, lambda i: f"moment {i % 9}")), 500,
             "rows are counted instead"),
            ("time goes back", "\n".join([lines[0], *lines[801:], *lines[1:801]]) + "\n", 500,
             "go back in time"),
            ("a gap and a row twice", "\n".join([*lines[:900], lines[899], *lines[1000:]]) + "\n",
             500, "1 gaps of more than"),
            ("a row that ends too soon", plain.replace(lines[900], lines[900][:40]), 500,
             "1 rows have more or fewer cells"),
            ("a quote that is not closed", plain.replace(lines[900], '"' + lines[900][:9] + '"x'),
             500, "cannot be read (quotes)"),
        ]
        for name, text, rows, said in cases:
            with self.subTest(name):
                report, scores = self.evaluate(text, "--time", "time", "--ignore", "label",
                                               rows=rows)
                self.assertEqual(len(scores), len(text.splitlines()) - 1)
                self.assertTrue(all(math.isfinite(float(row["score"])) for row in scores))
                self.assertIn(said, "\n".join(report["notes"]))

    def test_what_is_odd_in_the_rows_is_said(self):
        def cell(column, value):
            def change(i, at, row):
                return at, [value(i, x) if k == column else f"{x:.4f}" for k, x in enumerate(row)]
            return change

        def same(_, at, row):
            return at, [f"{x:.4f}" for x in [*row[:5], row[0]]]

        def slower(after):
            def change(i, _, row):
                at = i if i < after else after + 10 * (i - after)
                return f"2026-03-01 {at // 3600:02}:{at // 60 % 60:02}:{at % 60:02}", [
                    f"{x:.4f}" for x in row]
            return change

        cases = [
            ("another unit", cell(1, lambda i, x: f"{x * (1 if i < 250 else 1000):.6g}"),
             "as where a unit is changed", "s1 (from about 2"),
            ("another level", cell(1, lambda i, x: f"{x + (0 if i < 250 else 30):.4f}"),
             "level changed for good", "s1 (from about 2"),
            ("joins", cell(2, lambda i, x: f"{x:.4f}" if i >= 375 else ""),
             "join within the rows of learning", "s2 (row 376)"),
            ("leaves", cell(2, lambda i, x: f"{x:.4f}" if i < 300 else ""),
             "leave within the rows of learning", "s2 (row 300)"),
            ("joins later", cell(2, lambda i, x: f"{x:.4f}" if i >= 700 else ""),
             "join after the rows of learning", "s2 (row 701)"),
            ("leaves later", cell(2, lambda i, x: f"{x:.4f}" if i < 700 else ""),
             "no value to the end of the table", "s2 (after row 700)"),
            ("mostly missing", cell(2, lambda i, x: f"{x:.4f}" if i % 10 == 0 else ""),
             "mostly missing", "s2 (90 % of the rows)"),
            ("identical", same, "the same as another one", "s5 (as s0)"),
            ("another rate in learning", slower(250), "changed while learning",
             "every 1 s at first, every 10 s at last"),
            ("another rate later", slower(500), "another sampling rate than in learning",
             "every 10 s, learned was one every 1 s"),
        ]
        plain, _ = self.evaluate(text_of(made_up()), "--time", "time", "--label", "label")
        for name, change, what, which in cases:
            with self.subTest(name):
                lines = ["time,s0,s1,s2,s3,s4,s5,label"]
                for i, (at, row, label) in enumerate(made_up()):
                    at, cells = change(i, at, row)
                    lines.append(",".join([at, *cells, str(label)]))
                report, scores = self.evaluate("\n".join(lines) + "\n", "--time", "time", "--label",
                                               "label")
                self.assertEqual(len(scores), 1500)
                notes = [note for note in report["notes"] if what in note]
                self.assertEqual(len(notes), 1, report["notes"])
                self.assertIn(which, notes[0])
                self.assertFalse([note for note in plain["notes"] if what in note])
                self.assertFalse([note for note in report["notes"] if "gaps" in note])

    def test_wrong_calls_say_what_to_do(self):
        text = text_of(made_up(rows=20))
        for more, said in [(["--time", "tme"], "did you mean 'time'?"),
                           (["--label", "faults"], "there is no column 'faults'"),
                           (["--time", "time", "--windows", "no-such.json"], "cannot be read")]:
            with self.subTest(said):
                done, _ = self.evaluate(text, *more, rows=5, check=False)
                self.assertEqual(done.returncode, 2)
                self.assertIn(said, done.stderr)
        self.assertEqual(run("evaluate", "--input", "x.csv", check=False).returncode, 2)

    def test_the_report_reads_as_before(self):
        text = text_of(made_up(rows=300), ";", ",").replace("s5", "état, \"5\"")
        (self.folder / "table.csv").write_text(text, encoding="utf-8")
        done = run("evaluate", "--train-rows", 100, "--input", self.folder / "table.csv", "--time",
                   "time", "--ignore", "label", "s1")
        report = done.stdout.replace(str(self.folder), "FOLDER")
        if os.environ.get("SOSIE_BLESS"):
            GOLDEN.write_text(report, encoding="utf-8")
        self.assertEqual(report, GOLDEN.read_text(encoding="utf-8"), f"{GOLDEN}, under {ROOT}")


if __name__ == "__main__":
    unittest.main()
