"""Messages of a real Kafka are stored or dead-lettered: each once, whatever is killed."""

import json
import random
import re
import threading
import time
import unittest
from collections import Counter
from datetime import UTC, datetime

from kafka import PASSWORD, USER, Kafka
from plain import PUSHED
from sosie import Sosie, eventually, run

BEGIN_MS = 1795168800000

SOURCE = """
[[source]]
kind = "kafka"
brokers = ["{brokers}"]
topics = ["{topic}"]
group = "{topic}"
start = "{start}"
device = "vehicle.id"
time = "sent.at"
{more}
[source.values]
"data.engine.temperature" = "temperature"
"data.load.0" = "load"
"""


def message(device, number, temperature=None):
    return device, {"vehicle": {"id": device}, "sent": {"at": BEGIN_MS + number * 1000},
                    "data": {"engine": {"temperature": 60 + number % 40 if temperature is None
                                        else temperature},
                             "load": [number, "t"]}, "more": [None, {"x": True}]}


BAD = {
    "there is no 'data.engine.temperature' in it": b'{"vehicle":{"id":"a"},"data":{"load":[1]}}',
    "'data.engine.temperature': read null, expected a number":
        b'{"vehicle":{"id":"a"},"data":{"engine":{"temperature":null},"load":[1]}}',
    "'data.engine.temperature': read 'hot', expected a number":
        b'{"vehicle":{"id":"a"},"data":{"engine":{"temperature":"hot"},"load":[1]}}',
    "'data.load.0': read an object, expected a number":
        b'{"vehicle":{"id":"a"},"data":{"engine":{"temperature":1},"load":[{}]}}',
    "'vehicle.id': read nothing, expected a device's name":
        b'{"data":{"engine":{"temperature":1},"load":[1]}}',
    "'sent.at': read 'noon', expected a time":
        b'{"vehicle":{"id":"a"},"sent":{"at":"noon"},"data":{"engine":{"temperature":1},"load":[1]}}',
    "the time is not between 1980 and 2200: is its unit right? (read: 1 at 1970-01-01T00:00:05Z)":
        b'{"vehicle":{"id":"a"},"sent":{"at":5000},'
        b'"data":{"engine":{"temperature":1},"load":[1]}}',
    "it is not JSON": b'{"vehicle":{"id":"a"},',
    "it is empty; expected a JSON object": b"",
    "a tombstone: it has no payload": None,
    "5000100 bytes; expected at most 1048576":
        b'{"x":"' + b"y" * 5_000_092 + b'"}',
}


class KafkaTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.kafka = cls.enterClassContext(Kafka())

    def scenario(self, topic, start="earliest", more="", values=True):
        toml = SOURCE.format(brokers=self.kafka.brokers, topic=topic, start=start, more=more)
        return PUSHED + (toml if values else toml[:toml.index("[source.values]")])

    def sosie(self, topic, **kwargs):
        return Sosie.of_text(self.scenario(topic, **kwargs))

    @staticmethod
    def source(sosie):
        return sosie.json("/api/system")["sources"][0]

    def stored(self, sosie, number):
        """Waits for as many readings, and that none comes twice."""
        count = "select count(*) from readings"
        eventually(lambda: sosie.query(count)[0][0] >= number, f"{number} readings; "
                   f"{sosie.query(count)}; {self.source(sosie)}", 60)
        self.assertEqual(sosie.query(count)[0][0], number)

    def test_every_message_is_stored_or_dead_lettered_with_its_reason(self):
        topic = self.kafka.topic(3, max_message_bytes=10_000_000)
        dead = self.kafka.topic()
        good = [message(f"truck-{n % 7}", n) for n in range(2000)]
        messages = good[:1000] + [(f"k{n}", value) for n, value in enumerate(BAD.values())]
        self.kafka.produce(topic, messages + good[1000:])
        with self.sosie(topic, more=f'dead_letter = "{dead}"') as sosie:
            self.stored(sosie, 4000)
            self.kafka.wait_committed(topic, topic, len(messages) + 1000, 3)
            source = eventually(lambda: (s := self.source(sosie))["lag"] == 0 and s, "no lag")
            self.assertEqual((source["readings"], source["refused"], source["dead_letters"]),
                             (4000, len(BAD), len(BAD)))
            rows = sosie.json("/api/quarantine?limit=50")["rows"]
            for reason in BAD:
                self.assertEqual(sum(row["reason"].startswith(reason) for row in rows), 1, reason)
            letters = self.kafka.consume(dead, len(BAD))
            self.assertEqual(len(letters), len(BAD))
            for letter in letters:
                headers = {name: text.decode() for name, text in letter.headers()}
                sent = next(value for reason, value in BAD.items()
                            if headers["sosie-reason"].startswith(reason))
                self.assertEqual(headers["sosie-topic"], topic)
                if "sosie-size" in headers:
                    self.assertEqual((headers["sosie-size"], letter.value()),
                                     (str(len(sent)), sent[:65536]))
                else:
                    self.assertEqual(letter.value() or b"", sent or b"")
            status, text = sosie.get("/metrics")
            self.assertIn('sosie_source_lag{source="kafka",kind="kafka"} 0', text)
            self.assertIn(f'sosie_source_dead_letters_total{{source="kafka",kind="kafka"}} {len(BAD)}',
                          text)

    def test_nothing_is_lost_or_twice_over_kills_and_restarts(self):
        """Killed three times while a producer goes on, the broker restarted once."""
        topic = self.kafka.topic(2)
        dead = self.kafka.topic()
        total, bad = 30_000, 0
        messages = []
        for n in range(total):
            if n % 50 == 7:
                messages.append((f"bad-{n}", {"n": n}))
                bad += 1
            else:
                messages.append(message(f"truck-{n % 20}", n))
        half = threading.Event()

        def produce():
            for begin in range(0, total, 1000):
                self.kafka.produce(topic, messages[begin:begin + 1000])
                if begin >= total / 2:
                    half.set()
                    time.sleep(0.02)

        producer = threading.Thread(target=produce)
        producer.start()
        with self.sosie(topic, more=f'dead_letter = "{dead}"') as sosie:
            luck = random.Random(5)
            for _ in range(3):
                time.sleep(0.3 + luck.random())
                sosie.kill()
                sosie.start()
            half.wait(60)
            producer.join()
            before = self.source(sosie)["readings"]
            self.kafka.kill()
            waits = eventually(lambda: (s := self.source(sosie))["state"] == "waiting" and s,
                               "the source waits for its broker", 30)
            self.assertTrue(waits["error"])
            self.kafka.start()
            eventually(lambda: self.source(sosie)["state"] == "running", "it goes on", 30)
            self.kafka.produce(topic, [message("late", n) for n in range(100)])
            self.stored(sosie, 2 * (total - bad) + 200)
            self.assertGreaterEqual(self.source(sosie)["readings"], before)
            self.kafka.wait_committed(topic, topic, total + 100, 2)
            self.assertEqual(sosie.json("/api/quarantine?limit=1")["total"], bad)
            letters = Counter()
            for letter in self.kafka.consume(dead, bad):
                headers = dict(letter.headers())
                letters[headers["sosie-partition"], headers["sosie-offset"]] += 1
            self.assertEqual(len(letters), bad)  # a kill may send one again, known by its offset

    def test_two_workers_share_the_partitions_and_one_takes_over(self):
        topic = self.kafka.topic(4)
        more = 'session = "6s"'
        with self.sosie(topic, more=more) as one:
            self.kafka.produce(topic, [message(f"truck-{n % 40}", n) for n in range(4000)])
            self.stored(one, 8000)
            self.kafka.wait_committed(topic, topic, 4000, 4)
            with self.sosie(topic, more=more) as two:
                def both_read():
                    at = int(time.time() * 1000)
                    self.kafka.produce(topic, [
                        (f"w{n}", {"vehicle": {"id": f"w{n}"}, "sent": {"at": at},
                                   "data": {"engine": {"temperature": 1}, "load": [2]}})
                        for n in range(40)])
                    self.sent += 40
                    time.sleep(0.5)
                    return self.source(two)["readings"] > 0
                self.sent = 4000
                eventually(both_read, "the second has partitions too", 30)
                eventually(lambda: self.source(one)["readings"] + self.source(two)["readings"]
                           == 2 * self.sent, "all is read", 30)
                # What is on its disk and not told to the group would be read by the other, too.
                self.kafka.wait_committed(topic, topic, self.sent, 4)
                two.kill()
                begin = 10_000
                self.kafka.produce(topic, [message(f"truck-{n % 40}", n)
                                           for n in range(begin, begin + 1000)])
                self.sent += 1000
                self.kafka.wait_committed(topic, topic, self.sent, 4)
                two.start()
                readings = "select count(*) from readings"
                counts = [sosie.query(readings)[0][0] for sosie in (one, two)]
                self.assertEqual(sum(counts), 2 * self.sent, counts)

    def test_starts_from_a_time_and_then_from_where_it_was(self):
        topic = self.kafka.topic()
        begin = int(time.time() * 1000) - 3_600_000
        rows = [(*message("truck", n), begin + n * 1000) for n in range(100)]
        self.kafka.produce(topic, rows)
        at = datetime.fromtimestamp((begin + 60_000) / 1000, UTC).isoformat()
        with self.sosie(topic, start=at.replace("+00:00", "Z")) as sosie:
            self.stored(sosie, 80)
            sosie.stop()
            self.kafka.produce(topic, [message("truck", n) for n in range(100, 110)])
            sosie.start()
            self.stored(sosie, 100)

    def test_a_topic_that_comes_later_and_a_pattern(self):
        name = self.kafka.topic() + "-later"
        more = PUSHED + SOURCE.format(brokers=self.kafka.brokers, topic=name, start="earliest",
                                      more="") + SOURCE.format(
            brokers=self.kafka.brokers, topic=f"^{name}[.]x.*", start="earliest",
            more="").replace(f'group = "^{name}[.]x.*"', f'group = "{name}-p"')
        with Sosie.of_text(more) as sosie:
            waits = eventually(lambda: (s := self.source(sosie))["state"] == "waiting" and s,
                               "it waits for the topic", 30)
            self.assertEqual(waits["error"], f"there is no topic '{name}'")
            self.kafka.topic(name=name)
            self.kafka.topic(name=f"{name}.x1")
            self.kafka.topic(name=f"{name}.x2")
            for n, topic in enumerate([name, f"{name}.x1", f"{name}.x2"]):
                self.kafka.produce(topic, [message(f"t{n}", n)])
            self.stored(sosie, 6)
            self.assertEqual(self.source(sosie)["state"], "running")

    def test_tls_and_passwords(self):
        topic = self.kafka.topic()
        self.kafka.produce(topic, [message("truck", n) for n in range(10)])
        for sasl in ("PLAIN", "SCRAM-SHA-512"):
            more = (f'tls = true\nca = "{self.kafka.ca}"\nuser = "{USER}"\nsasl = "{sasl}"\n'
                    'password_env = "SOSIE_TEST_KAFKA_PASSWORD"')
            toml = self.scenario(topic, more=more).replace(
                self.kafka.brokers, f"localhost:{self.kafka.tls_port}").replace(
                f'group = "{topic}"', f'group = "{topic}-{sasl}"')
            with Sosie.of_text(toml, env={"SOSIE_TEST_KAFKA_PASSWORD": PASSWORD}) as sosie:
                self.stored(sosie, 20)
        with Sosie.of_text(toml, env={"SOSIE_TEST_KAFKA_PASSWORD": "wrong-one"}) as sosie:
            waits = eventually(lambda: (s := self.source(sosie))["state"] == "waiting" and s,
                               "it is refused", 30)
            self.assertIn("uthentication", waits["error"])
            self.assertNotIn("wrong-one", sosie.said())

    def test_simulate_sends_and_says_how_many_arrived(self):
        """The plant's readings by Kafka into Sosie: as many as were sent, in both forms."""
        for form, more in (("reading", 'format = "readings"'),
                           ("device", 'may_lack = true\n[source.values]\n'
                                      '"values.temperature" = "temperature"\n'
                                      '"values.humidity" = "humidity"')):
            topic = self.kafka.topic(3)
            done = run("simulate", "scenarios/room/room.toml", "--to",
                       f"kafka://{self.kafka.brokers}/{topic}?form={form}", "--speed", "max",
                       "--duration", "20m", "--start", "2026-11-20T10:00:00Z")
            sent, delivered = map(int, re.search(
                r"(\d+) messages sent to \S+, (\d+) of them received", done.stderr).groups())
            self.assertEqual(sent, delivered)
            messages = self.kafka.consume(topic, sent)
            self.assertEqual(len(messages), sent)
            for one in messages:
                value = json.loads(one.value())
                self.assertEqual(one.key().decode(), value["entity" if form == "reading"
                                                           else "device"])
            if form == "reading":
                readings = int(re.search(r"(\d+) readings sent and", done.stderr).group(1))
                self.assertEqual(readings, sent)
                toml = PUSHED + f"""
[[source]]
kind = "kafka"
brokers = ["{self.kafka.brokers}"]
topics = ["{topic}"]
group = "{topic}"
start = "earliest"
{more}
"""
                with Sosie.of_text(toml) as sosie:
                    self.stored(sosie, sent)

    def test_the_sink_brings_readings_and_alarms_to_topics(self):
        """Over an outage of the broker and a kill of Sosie."""
        readings, alarms = self.kafka.topic(2), self.kafka.topic()
        toml = PUSHED.replace('period = "1h"', 'period = "10s"') + f"""
[[sink]]
kind = "kafka"
brokers = ["{self.kafka.brokers}"]
readings = "{readings}"
alarms = "{alarms}"
series = ["K*"]
[[detector]]
kind = "limits"
range = false
[[detector.rule]]
on = ["K1"]
high = 100
priority = "high"
on_delay = "0s"
"""

        def rows(entity, first, last):
            return [{"entity": entity, "attribute": "value", "value": n,
                     "time": BEGIN_MS + n * 1000} for n in range(first, last)]

        def sink(sosie):
            return sosie.json("/api/system")["sinks"][0]

        with Sosie.of_text(toml) as sosie:
            sosie.post("/api/readings", rows("K1", 0, 300) + rows("other", 0, 10))
            eventually(lambda: sink(sosie)["lag"] == 0 and sink(sosie)["sent"] > 0, "all is out")
            self.kafka.stop()
            sosie.post("/api/readings", rows("K2", 0, 300))
            eventually(lambda: sink(sosie)["state"] == "waiting", "it waits for the broker", 30)
            sosie.kill()
            sosie.start()
            self.kafka.start()
            sosie.post("/api/readings", rows("K2", 300, 400))
            eventually(lambda: sink(sosie)["lag"] == 0, "all is out", 60)
            out = [json.loads(one.value()) for one in self.kafka.consume(readings, 700)]
            self.assertEqual({(row["entity"], row["value"]) for row in out},
                             {("K1", n) for n in range(300)} | {("K2", n) for n in range(400)})
            steps = [json.loads(one.value()) for one in self.kafka.consume(alarms, 1)]
            raised = [step for step in steps if step["what"] == "raised"]
            self.assertEqual({step["entity"] for step in raised}, {"K1"})
            self.assertEqual(len({(step["alarm"], step["what"]) for step in raised}), 1)


if __name__ == "__main__":
    unittest.main()
