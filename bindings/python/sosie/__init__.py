"""Sosie's rules over messages: the native engine, given Arrow arrays.

    shard = sosie.Shard("scenarios/fleet/fleet.toml", only_one=True)
    batch = shard.take(values, keys=keys, times=times)
    for event in batch.events.to_pylist(): ...

A device's messages must all come to one shard. Different shards may be used by different threads
(the interpreter's lock is released while the engine works), one shard by one thread at a time.
"""

from sosie._shard import Batch, Counts, Error, Shard, version

__all__ = ["Batch", "Counts", "Error", "Shard", "version"]
