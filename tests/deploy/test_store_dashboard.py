"""The dashboard over the store: each of its queries is asked of a real Sosie, as Grafana's Infinity data
source would ask, and what it takes out of the answer is there.

    python3 -m unittest discover -s tests/deploy -p 'test_store_dashboard.py'      SOSIE: which program
"""

import json
import sys
import time
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/e2e"))
from sosie import Sosie, eventually  # noqa: E402

DASHBOARD = json.loads((ROOT / "deploy/grafana/dashboards/store.json").read_text())
# Nothing fills these here: that they are lists is all that can be seen.
MAY_BE_EMPTY = {"Sinks", "Quarantine"}


def at(value, path):
    """What a selector names: "alarm.priority"."""
    for key in filter(None, path.split(".")):
        value = value[key]
    return value


class StoreDashboard(unittest.TestCase):
    def test_every_query_finds_what_it_shows(self):
        now = int(time.time() * 1000)
        variables = {"${series}": "Sensor-LARI-01.energy", "${__from}": str(now - 86_400_000),
                     "${__to}": str(now)}
        with Sosie(ROOT / "scenarios/energy/energy.toml") as sosie:
            eventually(lambda: sosie.json("/api/alarms")["alarms"], "the alarm of the machine left on", 60)
            eventually(lambda: sosie.json("/api/alarms/log")["events"], "which is on disk", 20)
            for panel in DASHBOARD["panels"]:
                for target in panel["targets"]:
                    url = target["url"]
                    for name, value in variables.items():
                        url = url.replace(name, value)
                    with self.subTest(panel["title"]):
                        self.check(panel["title"], target, sosie.json(url))
            variable = DASHBOARD["templating"]["list"][1]["query"]["infinityQuery"]
            self.check("series", variable, sosie.json(variable["url"]))

    def check(self, title, target, answer):
        root = at(answer, target["root_selector"])
        if target["parser"] == "simple":  # columns beside each other
            lengths = {len(at(root, column["selector"])) for column in target["columns"]}
            self.assertEqual(len(lengths), 1)
            self.assertGreater(lengths.pop(), 0)
            return
        self.assertIsInstance(root, list)
        if not root and title in MAY_BE_EMPTY:
            return
        for column in target["columns"]:
            kind = {"string": (str, bool), "number": (int, float), "timestamp_epoch": (int,)}[column["type"]]
            value = at(root[0], column["selector"])
            self.assertIsInstance(value, (*kind, type(None)), column)


if __name__ == "__main__":
    unittest.main()
