#!/usr/bin/env python3
"""Messages per CPU second on Spark: its own filter of 80 °C, and the same scenario's rules by the
native engine, over one topic, in one run, turn about.

    bench/fleet/spark.py [--messages 3000000] [--rounds 3]

Needs build/python-site (tests/spark.sh makes it) and tests/servers.sh install spark kafka. CPU is of
all processes of the job (Java, Python, its workers), from /proc; the broker's is not in it. Each
job's first four micro-batches, in which the virtual machine warms up, are left out.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/e2e"), str(ROOT / "tests/spark")]

import stream  # noqa: E402
from kafka import Kafka  # noqa: E402
from test_spark import MODULE, PARTITIONS, SPARK  # noqa: E402

WARM = 4  # batches
AT_ONCE = 200_000
MARK = b'"sent": {"at": '
TICKS = os.sysconf("SC_CLK_TCK")

HARNESS = """
import json, sys, time
from pyspark.sql import SparkSession
kind, brokers, topic, scenario, folder, most, paths = sys.argv[1:8]
sys.path.insert(0, %r)
if kind == "sql":
    import argparse, filter_sql
    paths = argparse.Namespace(above=80.0, **json.loads(paths))
else:
    from sosie.spark import SCHEMA, judge
spark = SparkSession.builder.config("spark.sql.adaptive.enabled", "false").config(
    "spark.sql.session.timeZone", "UTC").getOrCreate()
spark.sparkContext.setLogLevel("ERROR")
stream = spark.readStream.format("kafka").option("kafka.bootstrap.servers", brokers).option(
    "subscribe", topic).option("startingOffsets", "earliest").option(
    "maxOffsetsPerTrigger", most).load()

def batch(messages, number):
    if kind == "sql":
        filter_sql.hot(messages, paths).write.format("noop").mode("append").save()
    else:
        messages.select("key", "value", "timestamp", "topic", "partition", "offset").mapInArrow(
            judge(scenario, "", folder + "/sosie", number), SCHEMA).write.format("noop").mode(
            "append").save()
    print(json.dumps({"batch": number}), flush=True)
    sys.stdin.readline()

stream.writeStream.foreachBatch(batch).option("checkpointLocation", folder).trigger(
    availableNow=True).start().awaitTermination()
"""


def cpu_of_session(session):
    """Seconds of all processes of a session, and of their children that have ended."""
    total = 0
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(fields[3]) == session:
            total += sum(int(field) for field in fields[11:15])
    return total / TICKS


def later(sent, times):
    """The same messages, so many times their whole span later."""
    shift = times * (AT_ONCE // 100) * stream.EVERY_S * 1000
    for key, value in sent:
        place = value.find(MARK) if value else -1
        if shift and place >= 0:
            place += len(MARK)
            at = int(value[place:place + 13]) + shift
            value = b"%s%d%s" % (value[:place], at, value[place + 13:])
        yield key, value


PATHS = {"device": "vehicle.id", "field": "data.engine.temperature", "time": "sent.at"}


def measure(kind, brokers, topic, scenario, number, batches, paths=None):
    """Messages a CPU second, of all batches but those that warm up. `paths`: the filter's."""
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(
            [SPARK / "bin/python", "-c", HARNESS % str(ROOT / "bindings/spark"), kind, brokers,
             topic, scenario, folder, str(number // batches), json.dumps(paths or PATHS)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            start_new_session=True,
            env={**os.environ, "PYTHONPATH": str(MODULE),
                 "PYSPARK_PYTHON": str(SPARK / "bin/python"), "SPARK_LOCAL_IP": "127.0.0.1",
                 "PYSPARK_SUBMIT_ARGS": "--master local[2] --driver-memory 1g "
                                        "--conf spark.ui.enabled=false pyspark-shell"})
        begin = end = None
        done = 0
        try:
            for line in process.stdout:
                if not line.startswith('{"batch"'):
                    continue
                done += 1
                end = cpu_of_session(process.pid)
                if done == WARM:
                    begin = end
                process.stdin.write("\n")
                process.stdin.flush()
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
            process.wait()
        if done <= WARM:
            raise SystemExit(f"{kind}: {done} batches; expected {batches}")
        return number * (done - WARM) / done / (end - begin)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--messages", type=int, default=3_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--batches", type=int, default=12)
    parser.add_argument("--devices", type=int, default=1000)
    args = parser.parse_args()
    with Kafka() as kafka, tempfile.TemporaryDirectory() as folder:
        topic = kafka.topic(PARTITIONS)
        sent = list(stream.messages(min(args.messages, AT_ONCE), args.devices))
        times = -(-args.messages // len(sent))
        for round_ in range(times):
            kafka.produce(topic, later(sent, round_))
        scenario = Path(folder) / "scenario.toml"
        scenario.write_text(stream.SOURCE.format(brokers=kafka.brokers, topic=topic, dead=""),
                            encoding="utf-8")
        for number in range(args.rounds):
            for kind in ("sql", "engine"):
                speed = measure(kind, kafka.brokers, topic, str(scenario), times * len(sent),
                                args.batches)
                print(json.dumps({"round": number + 1, "job": kind,
                                  "messages_per_cpu_second": round(speed)}), flush=True)


if __name__ == "__main__":
    main()
