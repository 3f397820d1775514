"""The energy scenario: a laboratory's meter, realistic or uniform by one key."""

import json
import re
import tempfile
import unittest
from pathlib import Path

from sosie import ROOT, run

SCENARIO = ROOT / "scenarios/energy/energy.toml"


def simulated(scenario):
    done = run("simulate", scenario, "--to", "stdout", "--speed", "max", "--duration", "20m",
               "--start", "2026-05-05", "--fault-rate", "0")
    return [json.loads(line)["value"] for line in done.stdout.splitlines()]


class Energy(unittest.TestCase):
    def test_the_scenario_is_right(self):
        run("check", SCENARIO)

    def test_uniform_by_one_key(self):
        laboratory = simulated(SCENARIO)
        self.assertEqual(len(laboratory), 600)
        text = re.sub(r"(?m)^profile = [^#\n]*", 'profile = "uniform"',
                      SCENARIO.read_text(encoding="utf-8"))
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "uniform.toml"
            file.write_text(text, encoding="utf-8")
            uniform = simulated(file)
        self.assertLess(max(laboratory) - min(laboratory), 5)
        self.assertGreater(max(uniform), 14)
        self.assertLess(min(uniform), 6)


if __name__ == "__main__":
    unittest.main()
