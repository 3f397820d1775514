#!/usr/bin/env python3
"""The baseline: Spark's own filter of temperatures, without the engine, without state.

    spark-submit bindings/spark/filter_sql.py --brokers localhost:9092 --topic fleet \\
        --field data.temperature --above 80 --checkpoint /tmp/baseline --to-kafka hot

It says of every message whether its value is above; it knows no beginning or end, no duration, no
deadband, no late reading, and passes over what is no reading. bench/fleet/spark.py measures both.
"""

import argparse
import sys

from pyspark.sql import SparkSession, functions as f
from pyspark.sql.types import DoubleType, StringType, StructField, StructType


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--brokers", required=True)
    parser.add_argument("--topic", required=True)
    parser.add_argument("--device", default="device", help="path, with dots (default: %(default)s)")
    parser.add_argument("--field", default="temperature", help="path (default: %(default)s)")
    parser.add_argument("--time", default="time", help="path (default: %(default)s)")
    parser.add_argument("--above", type=float, default=80)
    parser.add_argument("--checkpoint", required=True)
    parser.add_argument("--to-kafka", metavar="TOPIC", help="default: counted and thrown away")
    parser.add_argument("--once", action="store_true", help="what is there now, then end")
    parser.add_argument("--most", type=int, help="messages of a micro-batch")
    return parser.parse_args()


def schema_of(fields):
    """Of paths and their types, as Spark's from_json takes it."""
    tree = {}
    for path, kind in fields:
        here = tree
        *folders, name = path.split(".")
        for folder in folders:
            here = here.setdefault(folder, {})
        here[name] = kind
    return schema_of_tree(tree)


def schema_of_tree(tree):
    return StructType([StructField(name, schema_of_tree(kind) if isinstance(kind, dict) else kind)
                       for name, kind in tree.items()])


def hot(messages, args):
    text = StringType()
    schema = schema_of([(args.device, text), (args.field, DoubleType()), (args.time, text)])
    parsed = messages.select(
        f.from_json(f.col("value").cast("string"), schema).alias("message"))
    return parsed.select(
        f.col(f"message.{args.device}").alias("device"), f.col(f"message.{args.time}").alias("time"),
        f.col(f"message.{args.field}").alias("value")).filter(f.col("value") > args.above)


def main():
    args = arguments()
    spark = SparkSession.builder.appName("filter-sql").config(
        "spark.sql.session.timeZone", "UTC").getOrCreate()
    spark.sparkContext.setLogLevel("WARN")
    source = spark.readStream.format("kafka").option(
        "kafka.bootstrap.servers", args.brokers).option("subscribe", args.topic).option(
            "startingOffsets", "earliest")
    if args.most:
        source = source.option("maxOffsetsPerTrigger", args.most)
    found = hot(source.load(), args)
    out = found.writeStream.format("noop")
    if args.to_kafka:
        out = found.select(f.col("device").alias("key"), f.to_json(f.struct("*")).alias("value")) \
            .writeStream.format("kafka").option("kafka.bootstrap.servers", args.brokers) \
            .option("topic", args.to_kafka)
    out.option("checkpointLocation", args.checkpoint).trigger(
        **({"availableNow": True} if args.once else {"processingTime": "1 second"})
    ).start().awaitTermination()
    spark.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
