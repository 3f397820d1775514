"""The benchmark plant from the command line."""

import json
import tempfile
import unittest
from pathlib import Path

from sosie import run


class BenchmarkPlant(unittest.TestCase):
    def test_two_weeks_of_dry_weather_are_as_published(self):
        told = json.loads(run("bsm1", "--loop", "open", "--json").stdout)
        # Alex et al. 2008, as quoted in golden/bsm1/dynamic_published.json.
        for name, published in [("COD", 48.3), ("TN", 15.58), ("SNH", 4.794), ("TSS", 12.99),
                                ("BOD5", 2.775)]:
            self.assertAlmostEqual(told[name] / published, 1, delta=0.005, msg=name)
        self.assertEqual(told["violations"]["SNH"]["times"], 7)

    def test_what_flows_out_can_flow_in_and_a_state_can_be_begun_from(self):
        with tempfile.TemporaryDirectory() as folder:
            out, states = Path(folder) / "out.csv", Path(folder) / "states.csv"
            first = run("bsm1", "--days", "0.5", "--from", "0", "--start", "steady", "--out", out, "--states",
                        states, "--json").stdout
            self.assertEqual(len(out.read_text(encoding="utf-8").splitlines()), 1 + 48)
            second = json.loads(run("bsm1", "--influent", out, "--start", states, "--json").stdout)
            self.assertAlmostEqual(second["days"], 0.5, places=6)
            self.assertAlmostEqual(second["Qe"] + 385, json.loads(first)["Qe"], places=2)
            self.assertAlmostEqual(second["SI"], 30, places=3)

    def test_what_cannot_be_is_told_with_its_line(self):
        with tempfile.TemporaryDirectory() as folder:
            influent = Path(folder) / "in.csv"
            influent.write_text("0,30,60,58,224,31,0,0,0,0,30,6,11,7,0,-5,15\n", encoding="utf-8")
            for arguments, said in [
                (["--influent", influent], "in.csv:1: Q is -5; expected 0 or more"),
                (["--loop", "half"], "--loop half; expected open or closed"),
                (["--weather", "snow"], "--weather snow; expected dry, rain or storm"),
                (["--step", "40"], "a step of 40 s; expected 0.01 to 25"),
                (["--days", "3", "--from", "5"], "--from 5; expected 0 or more, less than --days 3"),
            ]:
                with self.subTest(said):
                    done = run("bsm1", *arguments, check=False)
                    self.assertEqual(done.returncode, 2)
                    self.assertIn(said, done.stderr)


if __name__ == "__main__":
    unittest.main()
