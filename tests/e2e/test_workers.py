"""Several workers of one group over a real Kafka: devices go from one to another with their
partitions, one of the workers is killed, and no alarm is lost, raised twice or made up."""

import json
import random
import time
import unittest

from kafka import Kafka
from sosie import ROOT, Sosie, eventually
from workers import DEVICES, PARTITIONS, PER_SECOND, STEPS, Fleet, is_silent, ms


class Workers(Fleet, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.kafka = Kafka().__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.kafka.__exit__()

    def test_a_worker_is_killed_and_a_worker_joins(self):
        with self.fleet(3) as (names, begin_ms, workers, sender):
            time.sleep(STEPS / PER_SECOND / 3 + random.uniform(0, 5))
            workers[0].kill()
            time.sleep(STEPS / PER_SECOND / 3)
            workers[0].start()  # with what it knew, which is old by now
            sender.join()
            self.kafka.wait_committed(names["group"], names["topic"],
                                      sum(not is_silent(d, s) for d in range(DEVICES)
                                          for s in range(STEPS)), PARTITIONS)
            twice = self.check(names, begin_ms)
            # The one that died may have said a thing that it had not committed yet.
            self.assertLess(len(twice), DEVICES / 4, twice)
            # Each alarm that is active is in one worker's list, and no other is.
            active = {key for rows in [self.told(names["findings"])]
                      for key, events in rows.items() if events[-1].get("closed") is None}
            listed = [row[0] for worker in workers for row in
                      worker.query("select episode from episodes where closed is null "
                                   "limit 100000")]
            self.assertEqual(sorted(listed), sorted(active))
            said = self.kafka.consume(names["episodes"], 1)
            self.assertTrue(said)

    def test_a_rolling_restart_raises_nothing_twice(self):
        with self.fleet(2) as (names, begin_ms, workers, sender):
            for worker in workers:
                time.sleep(STEPS / PER_SECOND / 4)
                worker.stop()
                worker.start()
            sender.join()
            self.assertEqual(self.check(names, begin_ms), {})

    def test_the_fleets_workers_and_the_one_that_judges_its_groups(self):
        """scenarios/fleet as docs/scenarios/fleet.md says it is run by several."""
        self.kafka.topic(4, "fleet")
        env = {"SOSIE_KAFKA": self.kafka.brokers}
        fleet, groups = (ROOT / f"scenarios/fleet/{name}.toml" for name in ("fleet", "groups"))
        begin = (int(time.time()) - 600) // 30 * 30
        hot = [f"truck-{n:04}" for n in range(15)]
        cool = [f"{kind}-{n:04}" for kind in ("truck", "van") for n in range(20, 24)]
        with Sosie(fleet, env=env) as one, Sosie(fleet, env=env) as other, \
                Sosie(groups, env=env) as whole:
            for worker in (one, other):
                eventually(lambda: "it is not judged here" in worker.tail(), "it has a part", 60)
            producer = self.kafka.module.Producer({"bootstrap.servers": self.kafka.brokers})
            for s in range(0, 600, 5):
                for device in hot + cool:
                    value = 90 if device in hot and 120 <= s < 300 else 60
                    producer.produce("fleet", key=device, value=json.dumps(
                        {"device": {"id": device}, "time": (begin + s) * 1000,
                         "climate": {"temperature": value}}))
                producer.flush(30)
                time.sleep(0.01)  # as devices send: all partitions side by side

            def episodes(sosie):
                return [(rule, subject, ms(onset), ms(closed)) for rule, subject, onset, closed in
                        sosie.query("select rule, subject, onset, closed from episodes "
                                    "where rule <> 'silence' order by rule, subject limit 1000")]
            at = [1000 * (begin + s) for s in (120, 300)]
            right = [("overheating", f"{device}.temperature", *at) for device in hot]
            eventually(lambda: sorted(episodes(one) + episodes(other)) == right,
                       "each device's, by the worker that has it", 60)
            eventually(lambda: len(episodes(whole)) == 1, "the group's", 60)
            rule, subject, onset, closed = episodes(whole)[0]
            self.assertEqual((rule, onset, closed), ("hot_kind", *at))
            self.assertIn("truck", subject)
            self.assertTrue(episodes(one) and episodes(other))


if __name__ == "__main__":
    unittest.main()
