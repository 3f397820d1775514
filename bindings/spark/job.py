#!/usr/bin/env python3
"""A scenario's rules on Spark: Kafka in; findings to Kafka and MongoDB; state per shard of devices.

    SOSIE_KAFKA=127.0.0.1:9092 spark-submit bindings/spark/job.py \\
        --scenario scenarios/fleet/fleet.toml --shard-by device --shards 1 \\
        --checkpoint /var/lib/fleet/checkpoint --to-kafka fleet.findings

The scenario is the one that `sosie run` takes: its [[source]] says brokers, topics, where to start,
the dead-letter topic and what is where in a message, its [[rule]]s what is judged. The engine is
the same code (pip install ./bindings/python on every machine of the cluster), so are the episodes
and their ids. bindings/README.md says what is promised over failures.
"""

import argparse
import json
import os
import sys
import tomllib
from pathlib import Path

from pyspark import SparkFiles
from pyspark.sql import SparkSession, functions as f

import sosie
from sosie.spark import SCHEMA, judge

EVENT = ("id string, what string, state string, rule string, kind string, subject string, "
         "entity string, attribute string, onset timestamp, detected timestamp, closed timestamp, "
         "value double, late boolean, former string, priority string, message string, "
         "message_fr string, to string")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--scenario", required=True, type=Path)
    parser.add_argument("--source", default="", help="name of the [[source]]; default: kafka's")
    parser.add_argument("--checkpoint", required=True, help="a folder (file, hdfs://, s3://)")
    parser.add_argument("--brokers", help="instead of the scenario's")
    parser.add_argument("--topics", help="instead of the scenario's, with commas")
    parser.add_argument("--to-kafka", metavar="TOPIC", help="for findings, keyed by their id")
    parser.add_argument("--to-mongodb", metavar="DATABASE.COLLECTION",
                        help="for findings, upserted by their id; SOSIE_MONGODB_URI says where")
    parser.add_argument("--mongodb-batch", type=int, default=512,
                        help="documents of one bulk write (FerretDB 1 stands still with more than "
                             "its connections: 16)")
    parser.add_argument("--shard-by", choices=("partition", "device"), default="partition",
                        help="what keeps its state together (default: Kafka's partitions, for "
                             "topics keyed by device)")
    parser.add_argument("--shards", type=int, default=8, help="how many, of --shard-by device")
    parser.add_argument("--once", action="store_true", help="what is there now, then end")
    parser.add_argument("--trigger", default="1 second", help="how often (default: %(default)s)")
    parser.add_argument("--most", type=int, help="messages of a micro-batch")
    parser.add_argument("--kafka-options", type=Path, metavar="FILE",
                        help="more of Spark's Kafka options (TLS, SASL), one name=value a line")
    return parser.parse_args()


def source_of(scenario, name):
    for source in scenario.get("source", []):
        if source.get("name", source["kind"]) == name or (not name and source["kind"] == "kafka"):
            return source
    raise SystemExit(f"job: the scenario has no [[source]] {name or 'of kind kafka'}")


def brokers_of(source):
    if "brokers" in source:
        return ",".join(source["brokers"])
    name = source.get("brokers_env", "")
    if not os.environ.get(name):
        raise SystemExit(f"job: who are the brokers? The scenario takes them from the environment "
                         f"variable {name}, which is not set; or say --brokers" if name else
                         "job: the scenario's [[source]] names no brokers; say --brokers")
    return os.environ[name]


def kafka_options(args, source):
    options = {"kafka.bootstrap.servers": args.brokers or brokers_of(source)}
    if args.kafka_options:
        for line in args.kafka_options.read_text().splitlines():
            if line.strip() and not line.startswith("#"):
                key, _, value = line.partition("=")
                options[key.strip()] = value.strip()
    return options


def reading_options(args, source):
    """Where the scenario's source reads, in Spark's words. An offset in the checkpoint wins."""
    topics = args.topics.split(",") if args.topics else source["topics"]
    start = source.get("start", "latest")
    if start in ("earliest", "latest"):
        options = {"startingOffsets": start}
    else:
        from datetime import datetime
        at = datetime.fromisoformat(start.replace("Z", "+00:00"))
        options = {"startingTimestamp": str(int(at.timestamp() * 1000)),
                   "startingOffsetsByTimestampStrategy": "latest"}
    if any(topic.startswith("^") for topic in topics):
        options["subscribePattern"] = "|".join(
            topic[1:] if topic.startswith("^") else topic.replace(".", r"\.") for topic in topics)
    else:
        options["subscribe"] = ",".join(topics)
    if args.most:
        options["maxOffsetsPerTrigger"] = str(args.most)
    return options


def device_path(source):
    """The device in a message, for Spark's get_json_object; None: the message's key."""
    path = source.get("device", "")
    if not path:
        return None
    return "$" + "".join(f"[{part}]" if part.isdigit() else f".{part}" for part in path.split("."))


class Job:
    def __init__(self, args, spark):
        self.args = args
        self.spark = spark
        with open(args.scenario, "rb") as file:
            self.source = source_of(tomllib.load(file), args.source)
        self.kafka = kafka_options(args, self.source)
        # Every mistake in the scenario is said here, not by a task.
        self.shards = args.shards if args.shard_by == "device" else None
        sosie.Shard(args.scenario, args.source, only_one=self.shards == 1)
        self.mongodb = os.environ.get("SOSIE_MONGODB_URI", "")
        if args.to_mongodb and not self.mongodb:
            raise SystemExit("job: --to-mongodb needs SOSIE_MONGODB_URI")
        self.scenario = str(args.scenario.resolve())
        if not spark.sparkContext.master.startswith("local"):
            spark.sparkContext.addFile(str(args.scenario.resolve().parent), recursive=True)
            self.scenario = None  # each machine has its own copy

    def messages(self):
        stream = self.spark.readStream.format("kafka").options(**self.kafka)
        return stream.options(**reading_options(self.args, self.source)).load().select(
            "key", "value", "timestamp", "topic", "partition", "offset")

    def placed(self, messages):
        if self.shards is None:
            return messages
        path = device_path(self.source)
        device = f.col("key") if path is None else \
            f.coalesce(f.get_json_object(f.col("value").cast("string"), path), f.lit(""))
        # A shuffle puts one partition's messages after another's: later than any lateness allows.
        return messages.repartition(self.shards, device).sortWithinPartitions(
            "timestamp", "partition", "offset")

    def local_scenario(self):
        args = self.args
        if self.scenario:
            return self.scenario
        return f"{SparkFiles.getRootDirectory()}/{args.scenario.resolve().parent.name}/" \
               f"{args.scenario.name}"

    def write(self, messages, batch_id):
        """One micro-batch. Spark may call it again with the same number and the same messages."""
        judged = self.placed(messages).mapInArrow(
            judge(self.local_scenario(), self.args.source, f"{self.args.checkpoint}/sosie",
                  batch_id, self.shards), SCHEMA).persist()
        total = {}
        for row in judged.filter("kind = 'count'").select("value").collect():
            for name, number in json.loads(bytes(row.value)).items():
                total[name] = total.get(name, 0) + number
        if total.get("events"):
            self.write_events(judged.filter("kind = 'event'"))
        if total.get("messages_refused") and self.source.get("dead_letter"):
            self.write_dead_letters(judged.filter("kind = 'refused'"))
        judged.unpersist()
        print(json.dumps({"batch": batch_id, **total}), flush=True)

    def write_events(self, events):
        if self.args.to_kafka:
            events.select("key", "value").write.format("kafka").options(**self.kafka).option(
                "topic", self.args.to_kafka).save()
        if self.args.to_mongodb:
            database, _, collection = self.args.to_mongodb.partition(".")
            event = f.from_json(f.col("value").cast("string"), EVENT).alias("event")
            documents = events.select(event).select(f.col("event.id").alias("_id"), "event.*")
            documents.drop("id").write.format("mongodb").mode("append").options(**{
                "connection.uri": self.mongodb, "database": database, "collection": collection,
                "operationType": "replace", "upsertDocument": "true", "idFieldList": "_id",
                "maxBatchSize": str(self.args.mongodb_batch),
            }).save()

    def write_dead_letters(self, refused):
        """As the program's own source sends them back."""
        header = lambda name, value: f.struct(  # noqa: E731
            f.lit(name).alias("key"), value.cast("string").cast("binary").alias("value"))
        refused.select("key", "value", f.array(
            header("sosie-reason", f.col("reason")), header("sosie-topic", f.col("topic")),
            header("sosie-partition", f.col("partition")),
            header("sosie-offset", f.col("offset"))).alias("headers")).write.format(
                "kafka").options(**self.kafka).option("topic", self.source["dead_letter"]).save()

    def run(self):
        query = self.messages().writeStream.foreachBatch(self.write).option(
            "checkpointLocation", self.args.checkpoint).trigger(
                **({"availableNow": True} if self.args.once
                   else {"processingTime": self.args.trigger})).start()
        query.awaitTermination()


def calm(spark):
    """Python's rows are read by a thread of another class, which Kafka's reader says of every one
    of them. Of this Java machine; executors elsewhere have their own log4j2 (README.md)."""
    log4j = spark._jvm.org.apache.logging.log4j
    log4j.core.config.Configurator.setLevel(
        "org.apache.spark.sql.kafka010.consumer.KafkaDataConsumer", log4j.Level.ERROR)


def main():
    args = arguments()
    spark = SparkSession.builder.appName("sosie").config(
        "spark.sql.session.timeZone", "UTC").config(
            "spark.sql.adaptive.enabled", "false").getOrCreate()
    spark.sparkContext.setLogLevel("WARN")
    calm(spark)
    try:
        Job(args, spark).run()
    except sosie.Error as error:
        print(f"job: {error}", file=sys.stderr)
        return 2
    finally:
        spark.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
