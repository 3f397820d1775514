"""The dashboard of a city: each of its queries to InfluxDB is asked of a real InfluxDB that a real Sosie's
sink has filled, as Grafana would ask, and returns data; each one to Sosie's API, of that Sosie. (Those
over Prometheus: tests/prometheus.py.)

    python3 -m unittest discover -s tests/deploy -p 'test_city_dashboard.py'      SOSIE: which program
"""

import json
import sys
import time
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/e2e"))
from influx import InfluxOne  # noqa: E402
from sosie import Sosie, eventually  # noqa: E402

DASHBOARD = json.loads((ROOT / "deploy/grafana/dashboards/city.json").read_text())
SINK = '\n[[sink]]\nkind = "influxdb"\nurl = "{url}"\ndatabase = "city"\n'


class CityDashboard(unittest.TestCase):
    def test_every_query_finds_what_it_shows(self):
        # Any scenario with places and alarms does: this one has them within seconds.
        text = (ROOT / "scenarios/energy/energy.toml").read_text(encoding="utf-8")
        with InfluxOne() as influx, Sosie.of_text(text + SINK.format(url=influx.url)) as sosie:
            influx.ask('CREATE DATABASE "city"')
            eventually(lambda: influx.count("city", "alarm", "alarms"), "alarms are in InfluxDB", 90)
            variables = self.variables(influx)
            for panel in DASHBOARD["panels"]:
                for target in panel["targets"]:
                    with self.subTest(panel["title"]):
                        if panel["datasource"]["type"] == "influxdb":
                            self.check(influx, target, variables)
                        elif "infinity" in panel["datasource"]["type"]:
                            self.check_api(sosie, target)

    def variables(self, influx):
        """The lists that a page offers, and what a choice of everything becomes in a query."""
        asked = {v["name"]: v["query"]["query"] for v in DASHBOARD["templating"]["list"]
                 if v["type"] == "query"}
        fields = influx.ask(asked["quantity"], "city")[0][2]
        districts = influx.ask(asked["district"], "city")[0][2]
        self.assertTrue(all(row["value"] for row in districts))
        self.assertGreater(len(districts), 0)
        now = int(time.time() * 1000)
        return {"$quantity": fields[0]["fieldKey"], "${district:regex}": ".*", "$__interval": "1m",
                "$timeFilter": f"time >= {now - 30 * 86_400_000}ms and time <= {now + 3_600_000}ms"}

    def check(self, influx, target, variables):
        query = target["query"]
        for name, value in variables.items():
            query = query.replace(name, value)
        self.assertNotRegex(query, r"\$[\w{]")
        found = influx.ask(query, "city")
        self.assertTrue(any(any(v is not None for k, v in row.items() if k != "time")
                            for _, _, rows in found for row in rows), query)
        for tag in (part for part in target["alias"].split() if part.startswith("$tag_")):
            self.assertIn(tag.removeprefix("$tag_"), found[0][1])

    def check_api(self, sosie, target):
        rows = sosie.json(target["url"])[target["root_selector"]]
        self.assertGreater(len(rows), 0)
        for column in target["columns"]:
            value = rows[0]
            for key in column["selector"].split("."):
                value = value[key]


if __name__ == "__main__":
    unittest.main()
