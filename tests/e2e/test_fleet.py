"""The fleet scenario, and its devices as senders of messages: what is counted is what was sent."""

import json
import tempfile
import unittest
from collections import Counter
from pathlib import Path

from sosie import ROOT, Sosie, eventually, run

SCENARIO = ROOT / "scenarios/fleet/fleet.toml"
START = ["--start", "2026-06-10T06:00:00Z", "--speed", "max"]


def generated(*args):
    """The lines that were sent, and the counts."""
    with tempfile.TemporaryDirectory() as folder:
        file, counts = Path(folder) / "m.jsonl", Path(folder) / "counts.json"
        done = run("simulate", SCENARIO, "--to", f"file:{file}", "--counts", counts, *START, *args)
        lines = file.read_text(encoding="utf-8").splitlines()
        return lines, json.loads(counts.read_text(encoding="utf-8")), done.stderr


def parsed(lines):
    for line in lines:
        try:
            yield json.loads(line)
        except json.JSONDecodeError:
            yield None


class Fleet(unittest.TestCase):
    def test_the_scenario_is_right(self):
        run("check", SCENARIO)

    def test_it_is_alive_within_seconds_and_a_fault_can_be_ordered(self):
        text = SCENARIO.read_text(encoding="utf-8").replace("port = 8091", "port = 0")
        text = text.replace('"data/', f'"{SCENARIO.parent}/data/')
        with Sosie.of_text(text, "--speed", "60") as sosie:
            eventually(lambda: sosie.query("select count(*) from readings")[0][0] > 20000,
                       "devices report", 30)
            status, _, body = sosie.call("POST", "/api/simulator/faults",
                                         {"fault": "overheating", "target": "machine-0003"})
            self.assertLess(status, 300, body)
            eventually(lambda: ["overheating"] in sosie.query("select scenario from labels"),
                       "the label is kept", 20)

    def test_every_message_is_as_the_template_says(self):
        lines, counts, told = generated("--count", "500", "--devices", "50", "--fault-rate", "0")
        self.assertEqual(len(lines), 500)
        self.assertEqual(counts["produced"], 500)
        self.assertIn("500 messages produced", told)
        devices = Counter(m["device"]["id"] for m in map(json.loads, lines))
        self.assertEqual(len(devices), 50)
        self.assertEqual(set(devices.values()), {10})
        one = json.loads(lines[0])
        self.assertEqual(list(one), ["device", "time", "position", "climate", "drive"])
        self.assertEqual(one["device"], {"id": "truck-0001", "kind": "trucks"})
        self.assertTrue(60.16 < one["position"]["latitude"] < 60.18, one)

    def test_counts_agree_to_the_message(self):
        args = ("--count", "20000", "--devices", "300", "--fault-rate", "0.1", "--late", "0.02",
                "--duplicate", "0.03", "--out-of-order", "0.01", "--cut", "0.02",
                "--expect", "temperature>80")
        lines, counts, _ = generated(*args)
        messages = list(parsed(lines))
        self.assertEqual(len(lines), 20000)
        self.assertEqual(counts["produced"], counts["reports"] + counts["duplicate"])
        self.assertEqual(messages.count(None), counts["cut"])
        whole = [line for line, message in zip(lines, messages) if message]
        self.assertEqual(len(whole) - len(set(whole)), counts["duplicate"])
        hot = [m["device"]["id"] for m in messages if m and m["climate"]["temperature"] > 80]
        self.assertEqual(len(hot), counts["expect"]["messages"])
        self.assertEqual(len(set(hot)), counts["expect"]["devices"])
        self.assertGreater(counts["expect"]["devices"], 2)
        for what in ("late", "out_of_order", "silent"):
            self.assertGreater(counts[what], 100, what)
        self.assertEqual(generated(*args)[0], lines, "the same seed, the same bytes")

    def test_stdout_rate_and_what_is_wrong(self):
        done = run("simulate", SCENARIO, "--to", "-", "--count", "300", "--rate", "1000",
                   "--devices", "10", "--fault-rate", "0")
        times = [json.loads(line)["time"] for line in done.stdout.splitlines()]
        self.assertEqual(len(times), 300)
        self.assertEqual(times, sorted(times))
        for args, expected in [
            (("--late", "2"), "--late is 2"),
            (("--rate", "fast"), "--rate is 'fast'"),
            (("--devices", "0"), "0 devices where 1 to 1000000 were expected"),
            (("--expect", "temprature>80"), "did you mean 'temperature'?"),
            (("--to", "ngsi+http://127.0.0.1:1"), "takes none; expected kafka://"),
        ]:
            with self.subTest(args):
                failed = run("simulate", SCENARIO, "--count", "1", *args, check=False)
                self.assertNotEqual(failed.returncode, 0)
                self.assertIn(expected, failed.stderr)
        with tempfile.TemporaryDirectory() as folder:
            scenario = Path(folder) / "fleet.toml"
            text = SCENARIO.read_text(encoding="utf-8").replace("${humidity}", "${humidty}")
            scenario.write_text(text.replace('"data/', f'"{SCENARIO.parent}/data/'),
                                encoding="utf-8")
            failed = run("check", scenario, check=False)
            self.assertNotEqual(failed.returncode, 0)
            self.assertIn("did you mean '${humidity}'?", failed.stdout + failed.stderr)
            self.assertIn("line 5 of it", failed.stdout + failed.stderr)


if __name__ == "__main__":
    unittest.main()
