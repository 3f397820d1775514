"""Labelled data: five files that agree, with the consequences that a second life has found."""

import csv
import json
import tempfile
import unittest
from pathlib import Path

from sosie import run

DAY = 17280


def made(folder, *options):
    run("simulate", "--dataset", str(folder), "--start", "2026-05-05", *options)
    with open(folder / "labels.csv", newline="", encoding="utf-8") as file:
        labels = list(csv.DictReader(file))
    events = [json.loads(line) for line in
              (folder / "events.jsonl").read_text(encoding="utf-8").splitlines()]
    card = json.loads((folder / "dataset.json").read_text(encoding="utf-8"))
    return labels, events, card


def readings_of(folder):
    with open(Path(folder) / "readings.csv", newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


class Dataset(unittest.TestCase):
    def test_a_fault_is_labelled_where_it_strikes_and_where_it_shows(self):
        with tempfile.TemporaryDirectory() as name:
            labels, events, card = made(
                Path(name), "--duration", "12h", "--fault-rate", "0", "--fault", "blower_trip")
            readings = readings_of(name)
            maintenance = [json.loads(line) for line in
                           (Path(name) / "maintenance.jsonl").read_text("utf-8").splitlines()]
        self.assertEqual(len(readings), DAY / 2)
        self.assertEqual(len(readings[0]), 128)
        self.assertEqual([event["scenario"] for event in events], ["blower_trip"])
        self.assertTrue(events[0]["detectable"])
        self.assertIn("FIT-325", events[0]["targets"])
        # What shared tools for such data look for, field by field.
        for key, value in {"dataset_id": "traffeyere-42-2026-05-05T00:00:00Z", "seed": 42,
                           "family": "process_malfunction", "scenario_id": "PM1",
                           "root_cause": "B-301 and B-302", "parameters": {},
                           "control_loop_closed": True}.items():
            self.assertEqual(events[0][key], value, key)
        self.assertIn("kLa", events[0]["mechanism"])
        self.assertLessEqual(set(events[0]["confounders_active"]), {f"N{i}" for i in range(1, 11)})
        self.assertEqual(card["dataset_id"], events[0]["dataset_id"])
        self.assertLessEqual({label["quality"] for label in labels},
                             {"good", "uncertain", "bad"})
        followers = {one["tag"] for one in events[0]["consequences"]}
        self.assertIn("AIT-309-NH4", followers)  # no air, no nitrification
        self.assertNotIn("AIT-102-PH", followers)  # the inlet does not know
        roles = {(label["tag"], label["role"]) for label in labels}
        self.assertIn(("FIT-325", "direct"), roles)
        self.assertIn(("AIT-309-NH4", "consequence"), roles)
        self.assertEqual(card["values"], len(readings) * 127)
        self.assertTrue(maintenance)  # the sixth to the twelfth hour of a Tuesday
        self.assertLessEqual({line["kind"] for line in maintenance},
                             {"calibration", "cleaning", "rotation", "backwash"})
        for line in maintenance:
            if line["kind"] not in ("calibration", "cleaning"):
                continue
            held = {row[line["tag"]] for row in readings
                    if line["start"] <= row["time"] < line["end"]}
            self.assertEqual(len(held), 1)
        self.assertIn("simulated", card["what"])

    def test_nothing_wrong_nothing_labelled_and_the_same_bytes_again(self):
        with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
            labels, events, card = made(Path(one), "--duration", "2h", "--fault-rate", "0")
            self.assertEqual((labels, events, card["labelled_share"]), ([], [], 0))
            made(Path(other), "--duration", "2h", "--fault-rate", "0")
            self.assertEqual((Path(one) / "readings.csv").read_bytes(),
                             (Path(other) / "readings.csv").read_bytes())

    def test_the_share_that_is_asked_for(self):
        with tempfile.TemporaryDirectory() as name:
            labels, events, card = made(Path(name), "scenarios/room/room.toml",
                                        "--duration", "20d", "--seed", "9", "--labelled", "0.02")
        self.assertLessEqual(abs(card["labelled_share"] - 0.02), 0.001)
        self.assertTrue(events)
        known = {event["event_id"] for event in events}
        self.assertEqual({label["event_id"] for label in labels} - known, set())

    def test_what_cannot_be_is_said(self):
        answer = run("simulate", "--dataset", "/proc/nowhere", "--duration", "1h", check=False)
        self.assertEqual(answer.returncode, 1)
        self.assertIn("/proc/nowhere", answer.stderr)
        answer = run("simulate", "--dataset", "x", check=False)
        self.assertIn("--duration", answer.stderr)


if __name__ == "__main__":
    unittest.main()
