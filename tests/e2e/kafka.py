"""A real Kafka broker for the tests beside this file.

Needs tests/servers.sh install kafka, and java.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
import uuid

from packages import module_from
from sosie import ROOT, eventually, free_port

USER, PASSWORD = "sosie", "s3cret"


def confluent():
    module_from("kafka-venv", "confluent-kafka==2.6.1", "confluent_kafka.admin")
    return sys.modules["confluent_kafka"]


class Kafka:
    """A broker, in a folder and on ports of its own; use it in a `with`."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="sosie-kafka-")
        self.port, self.tls_port = free_port(), free_port()
        self.env = {**os.environ, "SOSIE_SERVERS_DIR": self.folder, "P_KAFKA": str(self.port),
                    "P_KAFKAS": str(self.tls_port), "P_KAFKA_CONTROL": str(free_port()),
                    "KAFKA_USER": USER, "KAFKA_PASSWORD": PASSWORD, "PATIENCE_S": "90"}
        self.module = confluent()
        self.brokers = f"127.0.0.1:{self.port}"
        self.ca = f"{self.folder}/tls/ca.crt"

    def servers(self, *args):
        done = subprocess.run([ROOT / "tests/servers.sh", *args], env=self.env, text=True,
                              capture_output=True, check=False)
        if done.returncode != 0:
            raise AssertionError(f"servers.sh {args}: {done.stdout} {done.stderr}")

    def __enter__(self):
        self.servers("install", "kafka")
        self.start()
        return self

    def __exit__(self, *_):
        self.servers("clean", "kafka")

    def start(self):
        try:
            self.servers("start", "kafka")
        except AssertionError as error:  # now and then a JVM ends at once, and says nothing
            if "kafka died" not in str(error):
                raise
            self.servers("start", "kafka")

    def stop(self):
        self.servers("stop", "kafka")

    def kill(self):
        with open(f"{self.folder}/kafka/pid", encoding="utf-8") as file:
            os.kill(int(file.read()), 9)
        self.servers("stop", "kafka")

    def topic(self, partitions=1, name=None, **config):
        """Makes a topic of a name that no other test has."""
        name = name or f"t{uuid.uuid4().hex[:12]}"
        admin = self.module.admin.AdminClient({"bootstrap.servers": self.brokers})
        made = admin.create_topics([self.module.admin.NewTopic(
            name, partitions, 1, config={key.replace("_", "."): str(value)
                                         for key, value in config.items()})])
        made[name].result(30)
        return name

    def produce(self, topic, messages):
        """Each is (key, value) or (key, value, milliseconds); values: bytes, None, or for JSON."""
        producer = self.module.Producer({"bootstrap.servers": self.brokers, "linger.ms": 5,
                                         "enable.idempotence": True,
                                         "message.max.bytes": 16_000_000})
        failed = []
        for key, value, *at in messages:
            if value is not None and not isinstance(value, bytes):
                value = json.dumps(value).encode()
            while True:
                try:
                    producer.produce(topic, key=key, value=value,
                                     on_delivery=lambda e, _: failed.append(e) if e else None,
                                     **({"timestamp": at[0]} if at else {}))
                    break
                except BufferError:
                    producer.poll(0.1)
            producer.poll(0)
        producer.flush(60)
        if failed:
            raise AssertionError(f"{len(failed)} not produced: {failed[0]}")

    def consume(self, topic, number, patience_s=30):
        """All messages of a topic, `number` at least; and none more than a moment later."""
        consumer = self.module.Consumer({"bootstrap.servers": self.brokers,
                                         "group.id": uuid.uuid4().hex,
                                         "auto.offset.reset": "earliest"})
        partitions = consumer.list_topics(topic, 30).topics[topic].partitions
        consumer.assign([self.module.TopicPartition(topic, n, self.module.OFFSET_BEGINNING)
                         for n in partitions])
        found, end = [], time.monotonic() + patience_s
        while time.monotonic() < end:
            batch = consumer.consume(1000, 0.5)
            found += [message for message in batch if not message.error()]
            if not batch and len(found) >= number:
                break
        consumer.close()
        return found

    def committed(self, group, topic, partitions=1):
        """What the group has committed, of all partitions together."""
        consumer = self.module.Consumer({"bootstrap.servers": self.brokers, "group.id": group})
        parts = [self.module.TopicPartition(topic, n) for n in range(partitions)]
        offsets = consumer.committed(parts, timeout=10)
        consumer.close()
        return sum(max(0, part.offset) for part in offsets)

    def wait_committed(self, group, topic, number, partitions=1):
        eventually(lambda: self.committed(group, topic, partitions) >= number,
                   f"{number} committed of {topic}", 30)
