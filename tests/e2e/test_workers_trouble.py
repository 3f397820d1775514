"""Workers of one group over a real Kafka in trouble: one stands still for longer than its session
and goes on, the broker is away while partitions move, the topic of episodes holds what is none or
takes nothing; a group's rule says the same over one partition and over six, and nothing where
a worker has a part of the group."""

import random
import signal
import time
import unittest

import workers
from kafka import Kafka
from sosie import Sosie, eventually
from workers import DEVICES, PARTITIONS, PER_SECOND, SESSION_S, STEPS, is_silent, ms

FAST = 100  # steps in one second of ours
SLOW = 12
# At FAST one partition may be read a good part of a second behind another: that is so many seconds
# of event time, and a value that comes later than that is in no group.
GROUP_LATENESS_S = 60
GROUP_RULE = """
[[rule]]
name = "depot"
kind = "limit"
series = "*.temperature"
high = 73.7
group_by = "all"
every = "10s"
max_age = "15s"
"""
GROUP_WORKER = workers.WORKER.replace("[[sink]]", GROUP_RULE + "[[sink]]").replace(
    'lateness = "10s"', f'lateness = "{GROUP_LATENESS_S}s"')


class Trouble(workers.Fleet, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.kafka = cls.enterClassContext(Kafka())

    def all_committed(self, names):
        sent = sum(not is_silent(d, s) for d in range(DEVICES) for s in range(STEPS))
        self.kafka.wait_committed(names["group"], names["topic"], sent, PARTITIONS)

    def test_a_worker_stands_still_past_its_session_and_goes_on(self):
        with self.fleet(3) as (names, begin_ms, fleet, sender):
            time.sleep(STEPS / PER_SECOND / 3 + random.uniform(0, 1))
            fleet[0].process.send_signal(signal.SIGSTOP)
            before = self.kafka.committed(names["group"], names["topic"], PARTITIONS)
            time.sleep(2 * SESSION_S)  # by now the others have its partitions, and read on
            others = self.kafka.committed(names["group"], names["topic"], PARTITIONS)
            self.assertGreater(others - before, SESSION_S * PER_SECOND * DEVICES // 3)
            fleet[0].process.send_signal(signal.SIGCONT)
            sender.join()
            self.all_committed(names)
            twice = self.check(names, begin_ms)
            self.assertEqual(self.open_again(names), {})
            self.assertLess(len(twice), DEVICES / 4, twice)
            self.assertEqual(fleet[0].json("/api/system")["sources"][0]["state"], "running")

    def open_again(self, names):
        """Of what was closed by anybody, what was open by somebody later."""
        told = self.told(names["findings"])
        ends = {key: [row.get("closed") is not None for row in rows] for key, rows in told.items()}
        return {key: told[key] for key, is_over in ends.items() if is_over != sorted(is_over)}

    def test_the_broker_is_away_while_partitions_move(self):
        # Not so fast that it is over before the broker is back: all the rest would come at once.
        with self.fleet(2, SLOW) as (names, begin_ms, fleet, sender):
            time.sleep(STEPS / SLOW / 3)
            fleet[0].kill()  # so its partitions are to move, and there is nobody to move them
            self.kafka.kill()
            time.sleep(SESSION_S)
            eventually(lambda: fleet[1].json("/api/system")["sources"][0]["state"] == "waiting",
                       "it says so", 30)
            self.kafka.start()
            time.sleep(2 * SESSION_S)
            fleet[0].start()
            sender.join()
            self.all_committed(names)
            self.assertLess(len(self.check(names, begin_ms)), DEVICES / 4)

    def test_what_is_no_episode_in_their_topic_is_passed_over(self):
        names = self.names()
        self.kafka.topic(1, names["episodes"], cleanup_policy="compact")
        right = {"part": f"{names['topic']}/0", "rule": "hot", "subject": "truck-0.temperature",
                 "entity": "truck-0", "attribute": "temperature", "value": 90,
                 "onset_us": 1, "detected_us": 2}
        self.kafka.produce(names["episodes"], [
            ("00000000000000aa", b"{\"part\": "), ("00000000000000ab", b"[]"),
            ("00000000000000ac", {**right, "onset_us": "1"}), ("not hexadecimal", right),
            ("00000000000000ad", {k: v for k, v in right.items() if k != "rule"}),
            ("00000000000000ae", None),
            # And what is one, but of a rule, a device and a partition that are not there.
            ("00000000000000af", {**right, "rule": "gone"}),
            ("00000000000000b0", {**right, "part": "elsewhere/7"})])
        begin_ms = (int(time.time()) - STEPS) * 1000
        with self.worker(names) as worker:
            self.send(names["topic"], begin_ms, range(STEPS), per_second=FAST)
            self.all_committed(names)
            self.assertEqual(self.check(names, begin_ms, but={"00000000000000af"}), {})
            said = (worker.folder / "sosie.log").read_text(encoding="utf-8")
            self.assertIn(f"{names['episodes']}: 5 messages are no episodes, and are passed over",
                          said)

    def test_a_topic_of_episodes_that_takes_nothing_holds_the_offsets_back(self):
        names = self.names()
        self.kafka.topic(1, names["episodes"], cleanup_policy="compact", max_message_bytes=60)
        begin_ms = (int(time.time()) - STEPS) * 1000
        with self.worker(names) as worker:
            self.send(names["topic"], begin_ms, range(STEPS), per_second=FAST)
            trouble = eventually(lambda: (s := worker.json("/api/system")["sources"][0])["error"]
                                 and s, "it says so", 30)
            self.assertIn(names["episodes"], trouble["error"])
            self.assertIn("size", trouble["error"].lower())
            committed = self.kafka.committed(names["group"], names["topic"], PARTITIONS)
            self.assertLess(committed, DEVICES * 60)  # what was read before the first episode
            self.takes_again(names["episodes"])
            self.all_committed(names)
            self.assertEqual(self.check(names, begin_ms), {})

    def takes_again(self, topic):
        admin = self.kafka.module.admin
        resource = admin.ConfigResource(admin.ConfigResource.Type.TOPIC, topic, incremental_configs=[
            admin.ConfigEntry("max.message.bytes", "1000000",
                              incremental_operation=admin.AlterConfigOpType.SET)])
        client = admin.AdminClient({"bootstrap.servers": self.kafka.brokers})
        client.incremental_alter_configs([resource])[resource].result(30)

    def test_a_groups_rule_says_the_same_over_one_partition_and_over_six(self):
        begin_ms = (int(time.time()) - STEPS) // 10 * 10_000
        found = [self.of_depot(begin_ms, partitions) for partitions in (1, PARTITIONS)]
        self.assertEqual(found[0], self.expected_of_depot(begin_ms))
        self.assertEqual(found[1], found[0])
        self.assertGreater(len(found[0]), 3)

    def test_of_several_workers_none_judges_a_part_of_a_group(self):
        """Each has hot and cool devices of its own; one that reads all says what is right."""
        begin_ms = (int(time.time()) - STEPS) // 10 * 10_000
        names = self.names()
        mine = GROUP_WORKER.format(brokers=self.kafka.brokers, **names)
        alone = GROUP_WORKER.replace('episodes = "{episodes}"\n', "").format(
            brokers=self.kafka.brokers, **{**names, "group": names["group"] + "-alone"})
        with Sosie.of_text(mine) as one, Sosie.of_text(mine) as other, \
                Sosie.of_text(alone.split("[[sink]]")[0]) as whole:
            def said(sosie):
                return (sosie.folder / "sosie.log").read_text(encoding="utf-8")
            # All partitions go to the first that comes, and then some of them to the second.
            for worker in (one, other):
                eventually(lambda: "it is not judged here" in said(worker), "it knows", 60)
            self.send(names["topic"], begin_ms, range(STEPS), per_second=FAST)
            self.all_committed(names)

            def rows(sosie):
                return sosie.query("select onset, closed from episodes where rule = 'depot' "
                                   "order by onset")
            right = self.expected_of_depot(begin_ms)
            eventually(lambda: len(rows(whole)) >= len(right), "the one that reads all", 60)
            self.assertEqual({ms(onset): ms(closed) for onset, closed in rows(whole)}, right)
            self.assertEqual(rows(one) + rows(other), [])
            self.assertNotIn("it is not judged here", said(whole))

    def of_depot(self, begin_ms, partitions):
        names = self.names()
        names["topic"] = self.kafka.topic(partitions)
        text = GROUP_WORKER.format(brokers=self.kafka.brokers, **names)
        with Sosie.of_text(text) as worker:
            self.send(names["topic"], begin_ms, range(STEPS), per_second=FAST, partitions=partitions)
            sent = sum(not is_silent(d, s) for d in range(DEVICES) for s in range(STEPS))
            self.kafka.wait_committed(names["group"], names["topic"], sent, partitions)

            def rows():
                return worker.query("select onset, closed from episodes where rule = 'depot' "
                                    "order by onset")
            last = sorted(self.expected_of_depot(begin_ms))[-1]
            eventually(lambda: len(rows()) >= len(self.expected_of_depot(begin_ms)),
                       f"the last at {last}; {rows()}", 60)
            return {ms(onset): ms(closed) for onset, closed in rows()}

    @staticmethod
    def expected_of_depot(begin_ms):
        """At each 10 s, up to the lateness before the end, the mean of what is at most 15 s old."""
        episodes, onset = {}, None
        for at in range(0, STEPS - 1 - GROUP_LATENESS_S, 10):
            last = {}
            for device in range(DEVICES):
                said = [s for s in range(max(0, at - 15), at + 1) if not is_silent(device, s)]
                if said:
                    last[device] = workers.temperature(device, said[-1])
            is_beyond = sum(last.values()) / len(last) > 73.7
            if is_beyond and onset is None:
                onset = at
            elif not is_beyond and onset is not None:
                episodes[begin_ms + 1000 * onset] = begin_ms + 1000 * at
                onset = None
        if onset is not None:
            episodes[begin_ms + 1000 * onset] = None
        return episodes


if __name__ == "__main__":
    unittest.main()
