"""What Spark's workers do: judge a shard's part of a micro-batch, and keep its state.

A shard is a Kafka partition, or a hash of devices. Its state after batch N is a file N in the
shard's folder below the stream's checkpoint; a batch that Spark runs again (a task that failed, a
restart) begins from the newest state *before* that batch, so nothing is judged twice or left out.
"""

import json
import re

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import fs

import sosie

SCHEMA = ("kind string, key binary, value binary, reason string, topic string, partition int, "
          "offset long")
KEPT_STATES = 3
FORMER = re.compile(r'"former":"([0-9a-f]{16})"')

_warm = {}  # folder -> (version, Shard), of this worker's last batches


class States:
    """The states of one shard, in a folder of any file system that Arrow knows."""

    def __init__(self, root, shard):
        self.files, path = fs.FileSystem.from_uri(root) if "://" in root else \
            (fs.LocalFileSystem(), root)
        self.folder = f"{path}/{shard}"
        self.name = f"{root}/{shard}"

    def versions(self):
        found = self.files.get_file_info(fs.FileSelector(self.folder, allow_not_found=True))
        return sorted(int(file.base_name[:-6]) for file in found
                      if file.base_name.endswith(".state"))

    def _path(self, version):
        return f"{self.folder}/{version:012d}.state"

    def read(self, version):
        with self.files.open_input_stream(self._path(version)) as file:
            return file.read()

    def write(self, version, state):
        """Whole or not at all: what is half written has another name."""
        self.files.create_dir(self.folder)
        part = f"{self._path(version)}.{id(state)}.part"
        with self.files.open_output_stream(part) as file:
            file.write(state)
        self.files.move(part, self._path(version))
        for old in [v for v in self.versions() if v < version][:-KEPT_STATES]:
            self.files.delete_file(self._path(old))


def _shard_at(states, before, open_shard):
    """The shard as it was before that batch."""
    versions = [version for version in states.versions() if version < before]
    newest = versions[-1] if versions else None
    version, shard = _warm.pop(states.name, (None, None))
    if shard is not None and version == newest:
        return shard
    return open_shard(states.read(newest) if newest is not None else None)


def _rows(kind, keys, values, reasons=None, messages=None):
    count = len(values)
    none = lambda type_: pa.nulls(count, type_)  # noqa: E731
    return pa.RecordBatch.from_arrays([
        pa.array([kind] * count, pa.string()), keys.cast(pa.binary()), values.cast(pa.binary()),
        none(pa.string()) if reasons is None else reasons,
        none(pa.string()) if messages is None else messages.column("topic").cast(pa.string()),
        none(pa.int32()) if messages is None else messages.column("partition"),
        none(pa.int64()) if messages is None else messages.column("offset"),
    ], ["kind", "key", "value", "reason", "topic", "partition", "offset"])


def _moved(events):
    """An episode whose onset a late reading has moved has another id: its former one is over."""
    moved = []
    for event in events.to_pylist():
        found = FORMER.search(event)
        if found:
            text = {"id": found[1], "what": "moved", "state": "moved",
                    "to": json.loads(event)["id"]}
            moved.append((found[1], json.dumps(text, separators=(",", ":"))))
    return moved


def _output(judged, messages):
    if len(judged.events):
        # An event begins with {"id":"0123456789abcdef".
        ids = pc.utf8_slice_codeunits(judged.events, 7, 23)
        yield _rows("event", ids, judged.events)
        if pc.any(pc.match_substring(judged.events, '"former":"')).as_py():
            moved = _moved(judged.events)
            yield _rows("event", pa.array([key for key, _ in moved], pa.string()),
                        pa.array([value for _, value in moved], pa.string()))
    if len(judged.rows):
        table = messages.take(judged.rows)
        values = table.column("value")
        yield _rows("refused", table.column("key"), values, judged.reasons, table)


def _partition_of(messages):
    """The Kafka partition that these messages are of. Spark reads each in one task, unless told
    otherwise (minPartitions)."""
    topics, partitions = messages.column("topic"), messages.column("partition")
    if pc.count_distinct(topics).as_py() != 1 or pc.count_distinct(partitions).as_py() != 1:
        raise sosie.Error("a task has messages of several partitions; expected one (no "
                          "minPartitions), or --shard-by device")
    return f"{topics[0].as_py()}-{partitions[0].as_py()}"


def judge(scenario, source, states_root, batch_id, shards=None):
    """A function for DataFrame.mapInArrow: key, value, timestamp, topic, partition and offset of
    messages become rows of SCHEMA: events, refused messages, and at the end the task's counts.
    `shards`: into how many partitions by device the messages were put; None: as Kafka has them."""

    def run(batches):
        states = shard = None
        total = {}
        for messages in batches:
            if messages.num_rows == 0:
                continue
            if shard is None:
                name = _partition_of(messages) if shards is None else _task()
                states = States(states_root, name)
                shard = _shard_at(states, batch_id, lambda state: sosie.Shard(
                    scenario, source, only_one=shards == 1, state=state))
                before = shard.counts.as_dict()
            elif shards is None and f"{states.folder}".rsplit("/", 1)[1] != _partition_of(messages):
                raise sosie.Error("a task has messages of several partitions")
            judged = shard.take(messages.column("value"), messages.column("key"),
                                messages.column("timestamp"))
            yield from _output(judged, messages)
        if shard is None:
            return
        states.write(batch_id, shard.save())
        total = {name: value - before[name] for name, value in shard.counts.as_dict().items()}
        _warm[states.name] = (batch_id, shard)
        yield _rows("count", pa.array([b""]), pa.array([json.dumps(total).encode()]))

    return run


def _task():
    from pyspark import TaskContext
    return f"device-{TaskContext.get().partitionId()}"
