"""A real Kafka and a Sosie in trouble: no broker at the start, a full disk, a store that is taken."""

import json
import resource
import signal
import unittest
from collections import Counter

import test_kafka
from kafka import Kafka
from plain import PUSHED
from sosie import Sosie, eventually, run

READINGS = "select count(*) from readings"
ROOM_BYTES = 250_000  # that the store may grow before its disk is full


class KafkaTrouble(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.kafka = cls.enterClassContext(Kafka())

    def scenario(self, topic, more=""):
        return PUSHED + test_kafka.SOURCE.format(brokers=self.kafka.brokers, topic=topic,
                                                 start="earliest", more=more)

    @staticmethod
    def source(sosie):
        return sosie.json("/api/system")["sources"][0]

    def stored(self, sosie, number):
        eventually(lambda: sosie.query(READINGS)[0][0] >= number,
                   f"{number} readings; {sosie.query(READINGS)}; {self.source(sosie)}", 60)
        self.assertEqual(sosie.query(READINGS)[0][0], number)

    def test_no_broker_at_the_start(self):
        topic = self.kafka.topic(2)
        self.kafka.produce(topic, [test_kafka.message(f"truck-{n % 5}", n) for n in range(100)])
        self.kafka.stop()
        with Sosie.of_text(self.scenario(topic)) as sosie:  # it is up, and serves its pages
            waits = eventually(lambda: (s := self.source(sosie))["state"] == "waiting" and s,
                               "it says that it waits", 30)
            self.assertIn(str(self.kafka.port), waits["error"])
            self.assertEqual(waits["readings"], 0)
            self.kafka.start()
            self.stored(sosie, 200)
            self.assertEqual(self.source(sosie)["state"], "running")

    def test_a_second_worker_on_the_same_store_says_why_it_does_not_start(self):
        topic = self.kafka.topic(2)
        self.kafka.produce(topic, [test_kafka.message(f"truck-{n % 5}", n) for n in range(100)])
        with Sosie.of_text(self.scenario(topic)) as sosie:
            self.stored(sosie, 200)
            second = run("run", sosie.scenario, "--data", sosie.folder / "var", "--port", "0",
                         check=False)
            self.assertNotEqual(second.returncode, 0)
            self.assertIn(f"another Sosie (process {sosie.process.pid}) writes to this store",
                          second.stderr)
            # And the first was not disturbed: it still has all partitions.
            self.kafka.produce(topic, [test_kafka.message(f"truck-{n % 5}", n)
                                       for n in range(100, 200)])
            self.stored(sosie, 400)
            self.kafka.wait_committed(topic, topic, 200, 2)

    def test_a_full_disk_while_consuming(self):
        """Nothing the group has committed is lost, and nothing comes twice once there is room,
        with a kill -9 while it is full."""
        topic, dead = self.kafka.topic(2), self.kafka.topic()
        total, bad = 30_000, 0
        messages = []
        for n in range(total):
            if n % 100 == 7:
                messages.append((f"bad-{n}", {"n": n}))
                bad += 1
            else:  # temperatures that do not compress
                messages.append(test_kafka.message(f"truck-{n % 20}", n, (n + 0.5) ** 0.5))

        def ignore():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

        with Sosie.of_text(self.scenario(topic, f'dead_letter = "{dead}"'),
                           preexec_fn=ignore) as sosie:
            self.kafka.produce(topic, messages[:1000])
            self.kafka.wait_committed(topic, topic, 1000, 2)
            self.limit(sosie)
            self.kafka.produce(topic, messages[1000:])
            eventually(lambda: sosie.get("/health")[0] == 503, "the disk is full", 60)
            self.assertIn("full", sosie.json("/api/system")["store"]["error"])
            self.assertIn("sosie_healthy 0", sosie.get("/metrics")[1])
            committed = self.kafka.committed(topic, topic, 2)
            self.assertLess(committed, total, "the limit has no effect")
            sosie.kill()
            sosie.start()  # with room again
            self.kafka.wait_committed(topic, topic, committed + 1, 2)
            self.limit(sosie)
            full = eventually(lambda: sosie.get("/health")[0] == 503
                              or self.source(sosie)["lag"] == 0, "full again, or done", 60)
            self.assertTrue(full)
            resource.prlimit(sosie.process.pid, resource.RLIMIT_FSIZE,
                             (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
            self.stored(sosie, 2 * (total - bad))
            self.kafka.wait_committed(topic, topic, total, 2)
            eventually(lambda: sosie.get("/health")[0] == 200, "it is well again", 20)
            self.assertEqual(sosie.json("/api/quarantine?limit=1")["total"], bad)
            letters = Counter()
            for letter in self.kafka.consume(dead, bad):
                headers = dict(letter.headers())
                letters[headers["sosie-partition"], headers["sosie-offset"]] += 1
            self.assertEqual(len(letters), bad)  # the kill may send one again, known by its offset

    @staticmethod
    def limit(sosie):
        """From now on its files may grow by a little only."""
        largest = max(file.stat().st_size for file in (sosie.folder / "var").rglob("*")
                      if file.is_file())
        resource.prlimit(sosie.process.pid, resource.RLIMIT_FSIZE,
                         (largest + ROOM_BYTES, resource.RLIM_INFINITY))

    def test_a_message_of_5_mb_is_no_reading_and_those_around_it_are(self):
        topic = self.kafka.topic(1, max_message_bytes=10_000_000)
        dead = self.kafka.topic(1, max_message_bytes=10_000_000)  # takes it whole
        large = b'{"vehicle":{"id":"a"},"x":"' + b"y" * 5_000_000 + b'"}'
        with Sosie.of_text(self.scenario(topic, f'dead_letter = "{dead}"')) as sosie:
            for n in range(3):
                self.kafka.produce(topic, [test_kafka.message("truck", 2 * n), ("a", large),
                                           test_kafka.message("truck", 2 * n + 1)])
            self.stored(sosie, 12)
            self.kafka.wait_committed(topic, topic, 9)
            self.assertEqual(self.source(sosie)["dead_letters"], 3)
            rows = sosie.json("/api/quarantine?limit=10")["rows"]
            self.assertEqual({row["reason"] for row in rows},
                             {f"{len(large)} bytes; expected at most 1048576"})
            self.assertLess(len(json.dumps(rows)), 20_000)  # of each, its beginning
            for letter in self.kafka.consume(dead, 3):
                headers = {name: text.decode() for name, text in letter.headers()}
                self.assertIn(str(len(large)), headers["sosie-reason"])
                kept = letter.value()
                self.assertEqual(kept, large[:len(kept)])


if __name__ == "__main__":
    unittest.main()
