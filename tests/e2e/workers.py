"""Workers of one group over a real Kafka, a fleet that sends to them, and what they must find."""

import contextlib
import json
import threading
import time
import uuid

from sosie import Sosie, eventually

WORKER = """
name = "worker"
asset = "fleet"
[intake]
unknown = "declare"
[[source]]
kind = "kafka"
brokers = ["{brokers}"]
topics = ["{topic}"]
group = "{group}"
start = "earliest"
session = "3s"
episodes = "{episodes}"
device = "device"
time = "t"
[source.values]
"temperature" = "temperature"
[rules]
lateness = "10s"
[[rule]]
name = "hot"
kind = "limit"
series = "*.temperature"
high = 80
deadband = 5
on_delay = "5s"
off_delay = "3s"
priority = "critical"
[[rule]]
name = "quiet"
kind = "silence"
after = "20s"
[[sink]]
kind = "kafka"
brokers = ["{brokers}"]
alarms = "{alarms}"
findings = "{findings}"
"""
DEVICES = 48
PARTITIONS = 6
STEPS = 480      # seconds of event time
PER_SECOND = 24  # of them in one second of ours
SESSION_S = 3    # as in WORKER


def is_silent(device, step):
    """A third of the devices say nothing for 30 s in 200."""
    return device % 3 == 0 and (step + 7 * device) % 200 < 30


def temperature(device, step):
    """Hot for 4 s (too short), 20 s or 150 s, each device at its own time."""
    period, hot_for = [(120, 4), (300, 150), (120, 20)][device % 3 if device % 4 else 0]
    return 90 if (step + 11 * device) % period < hot_for else 70


def expected(begin_ms):
    """(rule, subject, onset in ms) → end in ms or None: by the plainest reading of the rules."""
    episodes = {}
    for device in range(DEVICES):
        readings = [(step, temperature(device, step)) for step in range(STEPS)
                    if not is_silent(device, step)]
        for (before, _), (after, _) in zip(readings, readings[1:]):
            if after - before > 20:
                episodes["quiet", f"truck-{device}", begin_ms + 1000 * before] = \
                    begin_ms + 1000 * after
        onset = is_on = clear = None
        for step, value in readings:
            if value > 80:
                onset, clear = step if onset is None else onset, None
                is_on = is_on or step - onset >= 5
            elif onset is not None and not is_on:
                onset = None
            elif onset is not None:
                clear = step if clear is None else clear
                if step - clear >= 3:
                    episodes["hot", f"truck-{device}.temperature", begin_ms + 1000 * onset] = \
                        begin_ms + 1000 * clear
                    onset = is_on = clear = None
        if is_on:
            episodes["hot", f"truck-{device}.temperature", begin_ms + 1000 * onset] = None
    return episodes


class Fleet:
    """For a test case that has a `kafka`."""

    def worker(self, names):
        return Sosie.of_text(WORKER.format(brokers=self.kafka.brokers, **names))

    def send(self, topic, begin_ms, steps, per_second=PER_SECOND, partitions=PARTITIONS):
        """So many steps a second, each device to its own partition, in their order."""
        producer = self.kafka.module.Producer({"bootstrap.servers": self.kafka.brokers,
                                               "linger.ms": 5, "enable.idempotence": True})
        began, first = time.monotonic(), steps[0]
        for step in steps:
            time.sleep(max(0, began + (step - first) / per_second - time.monotonic()))
            for device in range(DEVICES):
                if is_silent(device, step):
                    continue
                producer.produce(topic, key=f"truck-{device}", partition=device % partitions,
                                 value=json.dumps({"device": f"truck-{device}",
                                                   "t": begin_ms + 1000 * step,
                                                   "temperature": temperature(device, step)}))
            producer.poll(0)
        producer.flush(30)

    def told(self, topic):
        """By episode: what was said of it, in order, by whichever worker."""
        told = {}
        for message in self.kafka.consume(topic, 1):
            row = json.loads(message.value())
            told.setdefault(row["id"], []).append(row)
        return told

    def check(self, names, begin_ms, but=frozenset()):
        """Both topics against what must be; the worker that died may have said no last word.
        `but`: episodes that are not looked at. Returns the alarms that were raised twice."""
        right = expected(begin_ms)

        def said():
            return {key: rows for key, rows in self.told(names["findings"]).items()
                    if key not in but}

        def final(findings):
            rows = [rows[-1] for rows in findings.values()]
            found = {(row["rule"], row["subject"], ms(row["onset"])): ms(row.get("closed"))
                     for row in rows if not row["withdrawn"]}
            # Once all has been sent, in the end every device is silent.
            return {key: end for key, end in found.items()
                    if key[0] != "quiet" or end is not None or key in right}

        try:
            findings = eventually(lambda: final(now := said()) == right and now,
                                  "all is found", 60)
        except AssertionError:
            findings = said()
            found = final(findings)
            wrong = {key for key in {*found, *right} if found.get(key, 0) != right.get(key, 0)}
            told = [rows for rows in findings.values()
                    if (rows[0]["rule"], rows[0]["subject"], ms(rows[0]["onset"])) in wrong]
            self.fail(f"{wrong}: {told}")
        withdrawn = {key for key, rows in findings.items() if rows[-1]["withdrawn"]}
        self.assertEqual(withdrawn, set(), [findings[key] for key in withdrawn])
        alarms = {key: rows for key, rows in self.told(names["alarms"]).items() if key not in but}
        self.assertEqual(set(alarms), set(findings))
        twice = {key: [row["what"] for row in rows] for key, rows in alarms.items()
                 if [row["what"] for row in rows].count("raised") > 1}
        for key, rows in alarms.items():
            self.assertIn(rows[0]["what"], ("raised", "taken_over"), rows)
            self.assertEqual(rows[-1]["active"], findings[key][-1].get("closed") is None,
                             (rows, findings[key]))
        return twice

    def names(self):
        group = uuid.uuid4().hex[:8]
        names = {"topic": self.kafka.topic(PARTITIONS), "group": group,
                 "episodes": f"episodes-{group}", "alarms": self.kafka.topic(1),
                 "findings": self.kafka.topic(1)}
        return names

    @contextlib.contextmanager
    def fleet(self, number, per_second=PER_SECOND):
        """So many workers of one group, and a sender that has begun; ends them all."""
        names = self.names()
        begin_ms = (int(time.time()) - STEPS + STEPS // per_second) * 1000
        workers = [self.worker(names) for _ in range(number)]
        try:
            for worker in workers:
                worker.start()
            sender = threading.Thread(target=self.send,
                                      args=(names["topic"], begin_ms, range(STEPS), per_second))
            sender.start()
            yield names, begin_ms, workers, sender
        finally:
            for worker in workers:
                worker.stop()


def ms(text):
    """Of ISO 8601 in UTC."""
    if not text:
        return None
    whole, _, rest = text.rstrip("Z").partition(".")
    seconds = time.mktime(time.strptime(whole, "%Y-%m-%dT%H:%M:%S")) - time.timezone
    return round(seconds * 1000 + float("0." + (rest or "0")) * 1000)
