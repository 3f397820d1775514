"""`sosie simulate` to real receivers: what it says at the end that it sent is what they got."""

import json
import re
import tempfile
import unittest
from collections import Counter
from pathlib import Path

from broker import Broker
from mosquitto import Listener, Mosquitto
from plain import PUSHED
from sosie import ROOT, Sosie, eventually, run

SCENARIO = ROOT / "scenarios/fleet/fleet.toml"
MISHAPS = ("--late", "0.05", "--duplicate", "0.06", "--out-of-order", "0.04", "--cut", "0.07")
READINGS = "select count(*) from readings"
LISTENING = PUSHED + """
[[source]]
kind = "mqtt"
url = "{url}"
pattern = "fleet/{{entity}}"
[source.values]
"climate.temperature" = "temperature"
"drive.battery" = "battery"
"""


def generate(scenario, to, *args):
    """The counts, and what was said."""
    with tempfile.TemporaryDirectory() as folder:
        counts = Path(folder) / "counts.json"
        done = run("simulate", scenario, "--to", to, "--counts", counts, "--speed", "max",
                   "--fault-rate", "0", *args)
        return json.loads(counts.read_text(encoding="utf-8")), done.stderr


def whole(payloads):
    """Those that are not cut."""
    for payload in payloads:
        try:
            yield json.loads(payload)
        except json.JSONDecodeError:
            pass


class Generator(unittest.TestCase):
    def test_mqtt_with_mishaps_every_message_is_accounted_for(self):
        with Mosquitto() as broker, Listener(broker, "fleet/#") as listener, \
                Sosie.of_text(LISTENING.format(url=broker.url)) as sosie:
            eventually(lambda: sosie.json("/api/system")["sources"][0]["state"] == "running",
                       "it listens", 20)
            counts, said = generate(SCENARIO, f"{broker.url}/fleet", "--count", "800", "--devices",
                                    "25", "--expect", "temperature>60", *MISHAPS)
            self.assertEqual(counts["produced"], 800)
            self.assertIn("800 messages produced", said)
            for what in ("late", "duplicate", "out_of_order", "cut"):
                self.assertGreater(counts[what], 10, what)
            eventually(lambda: len(listener.messages) >= 800, "all came", 30)
            messages = list(listener.messages)
            self.assertEqual(len(messages), 800)
            self.assertEqual(len({topic for topic, _ in messages}), counts["devices"])
            bodies = list(whole(payload for _, payload in messages))
            self.assertEqual(len(messages) - len(bodies), counts["cut"])
            times = Counter((body["device"]["id"], body["time"]) for body in bodies)
            self.assertEqual(sum(n - 1 for n in times.values()), counts["duplicate"])
            hot = sum(body["climate"]["temperature"] > 60 for body in bodies)
            self.assertEqual(hot, counts["expect"]["messages"])

            # And by the program: each report once, what was cut in quarantine.
            kept = 2 * (counts["reports"] - counts["cut"])
            eventually(lambda: sosie.query(READINGS) == [[kept]]
                       and sosie.json("/api/quarantine")["total"] == counts["cut"],
                       f"{kept} readings and {counts['cut']} refused; {sosie.query(READINGS)}", 30)

    def test_http_takes_and_refuses_as_many_as_are_said(self):
        text = SCENARIO.read_text(encoding="utf-8").replace('"data/', f'"{SCENARIO.parent}/data/')
        text = re.sub(r"template = '''.*?'''", "template = '''" + json.dumps({
            "entity": "${device}", "attribute": "temperature", "value": 0, "time": "${time}"})
            .replace(" 0", " ${temperature}") + "'''", text, flags=re.DOTALL)
        with tempfile.TemporaryDirectory() as folder, Sosie.of_text(PUSHED) as sosie:
            scenario = Path(folder) / "fleet.toml"
            scenario.write_text(text, encoding="utf-8")
            counts, said = generate(
                scenario, f"http://127.0.0.1:{sosie.port}/api/readings?form=message",
                "--count", "500", "--devices", "20", *MISHAPS)
            taken, refused = map(int, re.search(
                r"(\d+) messages taken by the server, (\d+) refused", said).groups())
            self.assertEqual((taken, refused), (500 - counts["cut"], counts["cut"]))
            self.assertEqual(sosie.query(READINGS), [[counts["reports"] - counts["cut"]]])
            self.assertEqual(sosie.json("/api/quarantine")["total"], counts["cut"])

    def test_http_readings_of_the_fleet(self):
        with Sosie.of_text(PUSHED) as sosie:
            sent = self.readings(f"http://127.0.0.1:{sosie.port}")
            self.assertEqual(sosie.query(READINGS), [[sent]])

    def test_an_ngsi_broker_has_each_device_and_each_value(self):
        with Broker() as broker:
            sent = self.readings(f"ngsi+http://127.0.0.1:{broker.port}?type=Vehicle")
            found = broker.send("GET", "/v2/entities?type=Vehicle&limit=1000")[1]
            self.assertEqual(len(found), 20)
            self.assertTrue(all("temperature" in entity for entity in found), found[0])
            eventually(lambda: broker.query(READINGS) == [[sent]],
                       f"{sent} values are stored; {broker.query(READINGS)}", 20)

    def test_an_ngsi_broker_gets_counted_messages_as_the_docs_say(self):
        docs = (ROOT / "docs/scenarios/fleet.md").read_text(encoding="utf-8")
        update = re.search(r"```json\n(.*?)```", docs, re.DOTALL)[1]
        text = SCENARIO.read_text(encoding="utf-8").replace('"data/', f'"{SCENARIO.parent}/data/')
        text = re.sub(r"template = '''.*?'''", lambda _: f"template = '''{update}'''", text,
                      flags=re.DOTALL)
        with tempfile.TemporaryDirectory() as folder, Broker() as broker:
            scenario = Path(folder) / "fleet.toml"
            scenario.write_text(text, encoding="utf-8")
            counts, said = generate(
                scenario, f"http://127.0.0.1:{broker.port}/v2/op/update?form=message",
                "--count", "500", "--devices", "20", *MISHAPS)
            self.assertIn(f"{500 - counts['cut']} messages taken by the server, "
                          f"{counts['cut']} refused", said)
            found = broker.send("GET", "/v2/entities?type=Vehicle&limit=1000")[1]
            self.assertEqual(len(found), counts["devices"])
            kept = counts["reports"] - counts["cut"]
            eventually(lambda: broker.query(READINGS) == [[kept]],
                       f"{kept} values are stored; {broker.query(READINGS)}", 20)

    def readings(self, to):
        """As single readings, without the template; how many it says were sent."""
        done = run("simulate", SCENARIO, "--to", to, "--devices", "20", "--speed", "max",
                   "--duration", "30s", "--start", "2026-06-10T06:00:00Z", "--fault-rate", "0")
        sent = int(re.search(r"(\d+) readings sent and received", done.stderr).group(1))
        self.assertGreater(sent, 500)
        return sent


if __name__ == "__main__":
    unittest.main()
