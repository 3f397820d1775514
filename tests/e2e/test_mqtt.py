"""Through Sosie from a real broker to a real broker: messages in, a rule, readings and alarms out."""

import json
import os
import re
import subprocess
import sys
import time
import unittest
from collections import Counter

from mosquitto import Listener, Mosquitto
from sosie import ROOT, Sosie, eventually

SCENARIO = """
name = "roundabout"
asset = "fleet"
[intake]
unknown = "declare"
[rules]
lateness = "1h"
[[rule]]
name = "hot"
kind = "limit"
series = "*.temperature"
high = 80
deadband = 2
priority = "critical"
[[source]]
kind = "mqtt"
url = "{source}"
pattern = "fleet/{{entity}}/{{attribute}}"
[[sink]]
kind = "mqtt"
url = "{sink}"
readings = "out/${{entity}}/${{attribute}}"
alarms = "alarm/${{entity}}"
findings = "finding/${{entity}}/${{rule}}"
{more}
"""
DEVICES = 10


def at_ms(step):
    return BEGIN_MS + 1000 * step


BEGIN_MS = (int(time.time()) - 3600) * 1000


def payload(device, step):
    """Hot in every 20 steps for 5, each device at its own time."""
    value = 95.5 if (step + 2 * device) % 20 < 5 else 60.5
    return json.dumps({"value": value, "time": at_ms(step)})


def episodes(steps):
    """How many times devices got hot, and cool again."""
    raised = cleared = 0
    for device in range(DEVICES):
        was = False
        for step in range(steps):
            now = (step + 2 * device) % 20 < 5
            raised += now and not was
            cleared += was and not now
            was = now
    return raised, cleared


class MqttOut(unittest.TestCase):
    def send(self, broker, first, last):
        for device in range(DEVICES):
            eventually(lambda: broker.publish(f"fleet/truck-{device}/temperature",
                                              [payload(device, n) for n in range(first, last)]),
                       "it is sent", 30)

    @staticmethod
    def sink(sosie):
        return sosie.json("/api/system")["sinks"][0]

    def is_out(self, sosie, readings):
        def is_all():
            return (sosie.query("select count(*) from readings") == [[readings]]
                    and self.sink(sosie)["lag"] == 0 and self.sink(sosie)["state"] == "running")
        eventually(is_all, f"all is out; {self.sink(sosie)}", 60)

    def check(self, listener, steps, at_most=1):
        """Each reading, step and last word came, and none more often than it may."""
        raised, cleared = episodes(steps)
        wanted = {(f"truck-{d}", at_ms(n)) for d in range(DEVICES) for n in range(steps)}

        def came():
            found = Counter((b["entity"], b["time"]) for b in listener.bodies("out/"))
            alarms = Counter((b["id"], b["what"]) for b in listener.bodies("alarm/"))
            return found, alarms

        def last_words():
            return Counter({b["id"]: b["what"] for b in listener.bodies("finding/")}.values())
        eventually(lambda: len(came()[0]) == len(wanted) and len(came()[1]) == raised + cleared
                   and last_words()["closed"] == cleared,
                   f"{len(wanted)} readings, {raised + cleared} steps and {cleared} last words came; "
                   f"{[len(part) for part in came()]} {last_words()}", 30)
        readings, alarms = came()
        self.assertEqual(Counter(what for _, what in alarms),
                         Counter({"raised": raised, "cleared": cleared}))
        self.assertEqual(last_words(), Counter({"closed": cleared, "opened": raised - cleared}))
        self.assertLessEqual(max(readings.values()), at_most)
        self.assertLessEqual(max(alarms.values()), at_most)
        return readings, alarms

    def test_all_goes_through_once_and_to_the_topics_of_its_names(self):
        with Mosquitto() as broker, Listener(broker, "out/#", "alarm/#", "finding/#") as listener:
            toml = SCENARIO.format(source=broker.url, sink=broker.url, more="early = true")
            with Sosie.of_text(toml) as sosie:
                eventually(lambda: sosie.json("/api/system")["sources"][0]["state"] == "running",
                           "it listens", 20)
                self.send(broker, 0, 50)
                self.is_out(sosie, 50 * DEVICES)
                self.check(listener, 50)
                topics = {topic for topic, _ in listener.messages}
                self.assertEqual(topics, {f"{begin}truck-{d}{end}" for d in range(DEVICES)
                                          for begin, end in (("out/", "/temperature"),
                                                             ("alarm/", ""), ("finding/", "/hot"))})
                body = listener.bodies("alarm/truck-3")[0]
                self.assertEqual((body["what"], body["priority"], body["entity"]),
                                 ("raised", "critical", "truck-3"))

    def test_the_broker_is_killed_in_the_middle_and_nothing_is_lost_or_doubled(self):
        """The sink's broker: while it is away all is kept, and what it had is not sent again."""
        with Mosquitto() as inward, Mosquitto(keeps=True) as outward, \
                Listener(outward, "out/#", "alarm/#", "finding/#") as listener:
            toml = SCENARIO.format(source=inward.url, sink=outward.url, more="")
            with Sosie.of_text(toml) as sosie:
                eventually(lambda: sosie.json("/api/system")["sources"][0]["state"] == "running",
                           "it listens", 20)
                self.send(inward, 0, 40)
                self.is_out(sosie, 40 * DEVICES)
                self.check(listener, 40)
                time.sleep(2)  # it has saved what the listener's session has acknowledged
                outward.kill()
                self.send(inward, 40, 80)
                waits = eventually(lambda: (s := self.sink(sosie))["state"] == "waiting" and s,
                                   "it waits for the broker", 30)
                self.assertIn(str(outward.port), waits["error"])
                self.assertGreater(waits["lag"], 0)
                outward.start()
                self.is_out(sosie, 80 * DEVICES)
                self.send(inward, 80, 100)
                self.is_out(sosie, 100 * DEVICES)
                self.check(listener, 100)

    def test_killed_itself_and_both_brokers_nothing_is_lost(self):
        """After kill -9 the last second may come twice: no more, and nothing is lost."""
        with Mosquitto(keeps=True) as inward, Mosquitto(keeps=True) as outward, \
                Listener(outward, "out/#", "alarm/#", "finding/#") as listener:
            toml = SCENARIO.format(source=inward.url, sink=outward.url, more="early = true")
            with Sosie.of_text(toml) as sosie:
                eventually(lambda: sosie.json("/api/system")["sources"][0]["state"] == "running",
                           "it listens", 20)
                for turn in range(4):
                    self.send(inward, 20 * turn, 20 * turn + 20)
                    if turn == 1:
                        sosie.kill()
                        sosie.start()
                    if turn == 2:
                        outward.kill()
                        sosie.kill()
                        sosie.start()
                        outward.start()
                self.is_out(sosie, 80 * DEVICES)
                self.check(listener, 80, at_most=3)

    def test_what_a_sender_signs_as_the_docs_say_is_taken_and_nothing_else(self):
        docs = (ROOT / "docs/connect-your-data.md").read_text(encoding="utf-8")
        snippet = re.search(r"```python\n(.*?)```", docs[docs.index("## Signed messages"):], re.S)[1]

        def signed(key):
            return subprocess.run([sys.executable, "-c", snippet], text=True, capture_output=True,
                                  check=True,
                                  env={**os.environ, "PLANT_SIGNING_KEY": key}).stdout.strip()
        key = "of all gateways, thirty-two bytes"
        toml = """
            name = "signed"
            asset = "works"
            [intake]
            unknown = "declare"
            [[source]]
            kind = "mqtt"
            url = "{url}"
            pattern = "plant/{{entity}}/{{attribute}}"
            [source.signed]
            key_env = "PLANT_SIGNING_KEY"
            """
        with Mosquitto() as broker, \
                Sosie.of_text(toml.format(url=broker.url), env={"PLANT_SIGNING_KEY": key}) as sosie:
            eventually(lambda: sosie.json("/api/system")["sources"][0]["state"] == "running",
                       "it listens", 20)
            good = signed(key)
            broker.publish("plant/P2/temperature", [good])  # a listener's copy
            broker.publish("plant/P1/temperature",
                           ["9999", signed("another key, thirty-two bytes long"), good])
            eventually(lambda: sosie.query("select count(*) from readings") == [[1]],
                       "the signed one is there", 20)
            reasons = [row["reason"] for row in sosie.json("/api/quarantine")["rows"]]
            self.assertEqual(len(reasons), 3, reasons)
            self.assertTrue(any("is signed for the topic" in reason for reason in reasons), reasons)
            self.assertTrue(any("is not signed" in reason for reason in reasons), reasons)
            self.assertTrue(any("does not fit" in reason for reason in reasons), reasons)


if __name__ == "__main__":
    unittest.main()
