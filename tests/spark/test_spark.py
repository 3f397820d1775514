"""Sosie and Spark, given the same topic and the same scenario file, find the same."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import unittest
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "e2e")]

import stream  # noqa: E402
from kafka import Kafka  # noqa: E402
from mongo import PASSWORD, Mongo  # noqa: E402
from sosie import ROOT, Sosie, eventually  # noqa: E402

CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
SPARK = Path(os.environ.get("SPARK", CACHE / "sosie/spark-3.5.7"))
MODULE = Path(os.environ.get("SOSIE_PYTHON", ROOT / "build/python-site"))
NUMBER = int(os.environ.get("SOSIE_SPARK_MESSAGES", "200000"))
PARTITIONS = 4


def utc(text):
    """"2026-11-20T10:00:00.500Z" and SQLite's "2026-11-20 10:00:00.500", as one."""
    if text is None:
        return None
    text = str(text).replace("T", " ").rstrip("Z")
    return text.rstrip("0").rstrip(".") if "." in text else text


class Job:
    """bindings/spark/job.py in a process of its own, on two threads."""

    def __init__(self, scenario, folder, *args, **env):
        self.log = open(folder / "spark.log", "a", encoding="utf-8")
        self.process = subprocess.Popen(
            [SPARK / "bin/python", ROOT / "bindings/spark/job.py", "--scenario", scenario,
             "--checkpoint", folder / "checkpoint", *args],
            stdout=subprocess.PIPE, stderr=self.log, text=True, start_new_session=True,
            env={**os.environ, "PYTHONPATH": str(MODULE), "PYSPARK_PYTHON": str(SPARK / "bin/python"),
                 "SPARK_LOCAL_IP": "127.0.0.1", "PYSPARK_SUBMIT_ARGS":
                 "--master local[2] --driver-memory 1g --conf spark.ui.enabled=false "
                 "--conf spark.driver.bindAddress=127.0.0.1 "
                 "--conf spark.driver.extraJavaOptions=-XX:TieredStopAtLevel=1 pyspark-shell", **env})

    def batch(self):
        """The counts of the next batch; None: it has ended."""
        for line in self.process.stdout:
            if line.startswith('{"batch"'):
                return json.loads(line)
        return None

    def kill(self):
        """As a power cut would: Java, Python and the workers."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.close()

    def close(self):
        self.process.stdout.close()
        result = self.process.wait(120)
        self.log.close()
        return result


class SparkTest(unittest.TestCase):
    maxDiff = 2000

    @classmethod
    def setUpClass(cls):
        if not (MODULE / "sosie").exists():
            raise unittest.SkipTest("no Python module; test.sh's stage spark makes it")
        cls.folder = Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.kafka = cls.enterClassContext(Kafka())
        cls.mongo = cls.enterClassContext(Mongo())
        cls.topic = cls.kafka.topic(PARTITIONS)
        cls.sent = list(stream.messages(NUMBER))
        cls.kafka.produce(cls.topic, cls.sent)
        cls.refused = sum(value in stream.BAD for _, value in cls.sent)

    def scenario(self, dead):
        return stream.SOURCE.format(brokers=self.kafka.brokers, topic=self.topic, dead=dead)

    def found_by_sosie(self):
        """{id: (rule, subject, onset, closed)}, and the reasons of what was refused."""
        dead = self.kafka.topic(1)
        with Sosie.of_text(self.scenario(dead)) as sosie:
            self.kafka.wait_committed(self.topic, self.topic, NUMBER, PARTITIONS)
            found = {row[0]: (row[1], row[2], utc(row[3]), utc(row[4])) for row in sosie.query(
                "select episode, rule, subject, onset, closed from episodes where not withdrawn")}
        return found, self.dead_letters(dead)

    def dead_letters(self, topic):
        return Counter((message.value(), dict(message.headers())["sosie-reason"].decode())
                       for message in self.kafka.consume(topic, self.refused))

    def run_spark(self, dead, findings):
        """Killed in the middle of a batch, and begun again."""
        path = self.folder / "scenario.toml"
        path.write_text(self.scenario(dead), encoding="utf-8")
        args = ["--once", "--most", str(NUMBER // 3), "--to-kafka", findings, "--to-mongodb",
                "fleet.findings", "--mongodb-batch", "16"]
        uri = f"mongodb://sosie:{self.mongo_password()}@127.0.0.1:{self.mongo.port}" \
              "/?authSource=admin"
        env = {"SOSIE_MONGODB_URI": uri}
        first = Job(path, self.folder, *args, **env)
        self.assertIsNotNone(first.batch(), "the first batch")
        states = self.folder / "checkpoint/sosie"
        eventually(lambda: list(states.glob("*/000000000001.state")), "the next batch's states", 120)
        first.kill()
        second = Job(path, self.folder, *args, **env)
        batches = []
        while batch := second.batch():
            batches.append(batch)
        self.assertEqual(second.close(), 0, (self.folder / "spark.log").read_text()[-3000:])
        self.assertEqual(batches[0]["batch"], 1, "the batch in which it was killed comes again")
        return batches

    @staticmethod
    def mongo_password():
        from urllib.parse import quote
        return quote(PASSWORD, safe="")

    def told(self, findings):
        """The topic's last word on each episode."""
        last = {}
        for message in self.kafka.consume(findings, 1):
            last[message.key().decode()] = json.loads(message.value())
        return {key: (event["rule"], event["subject"], utc(event["onset"]), utc(event["closed"]))
                for key, event in last.items() if event["state"] in ("open", "closed")}

    def stored(self):
        text = lambda at: None if at is None else utc(at.isoformat())  # noqa: E731
        return {one["_id"]: (one["rule"], one["subject"], text(one["onset"]), text(one["closed"]))
                for one in self.mongo.documents("findings", "fleet")
                if one["state"] in ("open", "closed")}

    def test_the_same_findings_over_a_kill(self):
        dead, findings = self.kafka.topic(1), self.kafka.topic(1)
        self.run_spark(dead, findings)
        ours, refused = self.found_by_sosie()
        self.assertGreater(len(ours), NUMBER // 2000)
        self.assertEqual({rule for rule, *_ in ours.values()}, {"critical", "damp", "left-town"})
        self.assertEqual(self.told(findings), ours)
        self.assertEqual(self.stored(), ours)
        # A batch that was done twice sends its dead letters twice; each is there, and no other.
        self.assertEqual(sum(refused.values()), self.refused)
        self.assertEqual(set(self.dead_letters(dead)), set(refused))

    def test_the_fleet_as_it_is_shipped(self):
        """The command of bindings/README.md, on a topic of what the fleet's devices send."""
        topic, findings = self.kafka.topic(2), self.kafka.topic(1)
        self.kafka.produce(topic, [
            (name, json.dumps({"device": {"id": name.decode()}, "time": stream.BEGIN_MS + 1000 * s,
                               "climate": {"temperature": heat, "humidity": None}}).encode())
            for s in range(0, 60, 5) for name, heat in ((b"truck-1", 95), (b"truck-2", 40))])
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        job = Job(ROOT / "scenarios/fleet/fleet.toml", folder, "--topics", topic, "--once",
                  "--shard-by", "device", "--shards", "1", "--to-kafka", findings,
                  SOSIE_KAFKA=self.kafka.brokers)
        batch = job.batch()
        self.assertEqual(job.close(), 0, (folder / "spark.log").read_text()[-3000:])
        self.assertIsNotNone(batch)
        self.assertEqual({(rule, subject) for rule, subject, *_ in self.told(findings).values()},
                         {("overheating", "truck-1.temperature")})


if __name__ == "__main__":
    unittest.main()
