"""The installed module; tests/spark.sh installs it. Standard library and pyarrow."""

import json
import tempfile
import threading
import unittest
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import sosie

SCENARIO = """
name = "fleet"
[intake]
unknown = "declare"
[[source]]
kind = "kafka"
[[rule]]
name = "hot"
kind = "limit"
series = ["*"]
high = 80
"""
BEGIN = datetime(2026, 11, 20, 10, tzinfo=UTC)


def messages(temperatures):
    values = pa.array([json.dumps({"value": t}).encode() for t in temperatures], pa.binary())
    times = pa.array([BEGIN + timedelta(seconds=i) for i in range(len(temperatures))],
                     pa.timestamp("us", "UTC"))
    return values, pa.array(["truck-1"] * len(temperatures)), times


class ShardTest(unittest.TestCase):
    def setUp(self):
        folder = self.enterContext(tempfile.TemporaryDirectory())
        self.path = Path(folder) / "fleet.toml"
        self.path.write_text(SCENARIO, encoding="utf-8")

    def events(self, batch):
        return [(event["what"], event["onset"][11:19]) for event in
                map(json.loads, batch.events.to_pylist())]

    def test_messages_become_episodes(self):
        shard = sosie.Shard(self.path)
        batch = shard.take(*messages([70, 90, 95, 60]))
        self.assertEqual(self.events(batch), [("opened", "10:00:01"), ("closed", "10:00:01")])
        self.assertEqual(shard.counts.as_dict(), {
            "messages": 4, "readings": 4, "messages_refused": 0, "readings_refused": 0, "late": 0,
            "too_late": 0, "events": 2})

    def test_parts_of_arrays_and_arrays_in_parts(self):
        values, keys, times = messages([70, 90, 95, 60])
        for cut in (lambda a: pa.chunked_array([a.slice(0, 1), a.slice(1)]),
                    lambda a: pa.concat_arrays([a.slice(2), a]).slice(2)):
            batch = sosie.Shard(self.path).take(cut(values), cut(keys), cut(times))
            self.assertEqual(len(batch.events), 2)

    def test_what_is_no_reading_is_said(self):
        values = pa.array([b'{"value":1}', None, b"", b'{"value":2}'], pa.binary())
        batch = sosie.Shard(self.path).take(values, pa.array(["a", "b", "c", None]))
        self.assertEqual(batch.rows.to_pylist(), [1, 2, 3])
        self.assertEqual(batch.reasons.to_pylist(), [
            "a tombstone: it has no payload", "it is empty; expected a JSON object",
            "it has no key, which names the device"])
        self.assertEqual(len(batch.events), 0)

    def test_goes_on_from_its_state(self):
        values, keys, times = messages([70, 90, 95, 60])
        first = sosie.Shard(self.path)
        first.take(values.slice(0, 2), keys.slice(0, 2), times.slice(0, 2))
        second = sosie.Shard(self.path, state=first.save())
        batch = second.take(values.slice(2), keys.slice(2), times.slice(2))
        self.assertEqual(self.events(batch), [("closed", "10:00:01")])
        with self.assertRaisesRegex(sosie.Error, "not the bytes of a shard"):
            sosie.Shard(self.path, state=b"something")

    def test_mistakes_are_said(self):
        with self.assertRaisesRegex(sosie.Error, "nowhere.toml"):
            sosie.Shard("nowhere.toml")
        with self.assertRaisesRegex(sosie.Error, 'none of name "x"'):
            sosie.Shard(self.path, source="x")
        with self.assertRaisesRegex(sosie.Error, "differ in number"):
            sosie.Shard(self.path).take([b"{}"], ["a", "b"])

    def test_shards_on_threads(self):
        found = []

        def work():
            shard = sosie.Shard(self.path)
            for _ in range(50):
                batch = shard.take(*messages([70, 90] * 500))
            found.append(len(batch.events) + shard.counts.messages)

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(found, [50_000] * 4)


if __name__ == "__main__":
    unittest.main()
