"""Several workers of one group over a real Kafka: devices go from one to another with their
partitions, one of the workers is killed, and no alarm is lost, raised twice or made up."""

import random
import time
import unittest

from kafka import Kafka
from workers import DEVICES, PARTITIONS, PER_SECOND, STEPS, Fleet, is_silent


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


if __name__ == "__main__":
    unittest.main()
