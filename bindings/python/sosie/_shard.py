import ctypes
import os
from dataclasses import dataclass

import pyarrow as pa

from sosie._library import Counts, Texts, Times, library


class Error(Exception):
    """What the engine has to say; nothing was taken."""


@dataclass
class Batch:
    """What became of some messages."""

    events: pa.StringArray    # JSON, one for each step of an episode, in order
    rows: pa.Int64Array       # the messages that were refused, counted from 0 …
    reasons: pa.StringArray   # … and why, one each


def version():
    return library.sosie_version().decode()


def _one_array(values, kind):
    """An array in one piece, of a kind that the engine reads."""
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    if not isinstance(values, pa.Array):
        values = pa.array(values, kind)
    is_text = pa.types.is_binary(kind) and pa.types.is_string(values.type)
    return values if is_text or values.type == kind else values.cast(kind)


def _address(buffer):
    return buffer.address if buffer is not None else None


def _texts(values):
    validity, offsets, data = values.buffers()
    return Texts(len(values), values.offset, _address(validity), _address(offsets), _address(data))


def _times(values):
    validity, data = values.buffers()
    return Times(len(values), values.offset, _address(validity), _address(data))


def _array_of(texts):
    """The engine's texts, copied: its own are gone with the next call."""
    if texts.count == 0:
        return pa.array([], pa.string())
    offsets = ctypes.string_at(texts.offsets, 4 * (texts.count + 1))
    size = int.from_bytes(offsets[-4:], "little")
    return pa.StringArray.from_buffers(texts.count, pa.py_buffer(offsets),
                                       pa.py_buffer(ctypes.string_at(texts.data, size)))


class Shard:
    """A scenario's mapping and rules over some of its devices."""

    def __init__(self, scenario, source="", only_one=False, state=None):
        """`source`: the name of a [[source]]; "": the only one of kind "kafka". `only_one`: all
        devices come to this shard, which rules over groups need. `state`: what `save` gave."""
        self._handle = None
        why = ctypes.c_void_p()
        handle = library.sosie_open(os.fsencode(scenario), source.encode(), int(only_one),
                                    ctypes.byref(why))
        if not handle:
            text = ctypes.string_at(why).decode()
            library.sosie_free(why)
            raise Error(text)
        self._handle = handle
        if state is not None:
            self._check(library.sosie_load(handle, bytes(state), len(state)))

    def __del__(self):
        if getattr(self, "_handle", None):
            library.sosie_close(self._handle)

    def _check(self, result):
        if result != 0:
            raise Error(library.sosie_error(self._handle).decode())

    def take(self, values, keys=None, times=None):
        """Judges messages, in their order. `values`, `keys`: Arrow arrays (or lists) of binary or
        string; `times`: of timestamps. A message that is no good is no error: it is in `rows`."""
        values = _one_array(values, pa.binary())
        texts = [_texts(values)]
        if keys is not None:
            keys = _one_array(keys, pa.binary())
            texts.append(_texts(keys))
        if times is not None:
            times = _one_array(times, times.type if _is_micros(times) else pa.timestamp("us"))
        self._check(library.sosie_take(
            self._handle, ctypes.byref(texts[0]),
            ctypes.byref(texts[1]) if keys is not None else None,
            ctypes.byref(_times(times)) if times is not None else None))
        reasons = _array_of(library.sosie_reasons(self._handle))
        rows = ctypes.string_at(library.sosie_refused_rows(self._handle), 8 * len(reasons)) \
            if len(reasons) else b""
        return Batch(_array_of(library.sosie_events(self._handle)),
                     pa.Int64Array.from_buffers(pa.int64(), len(reasons), [None, pa.py_buffer(rows)]),
                     reasons)

    @property
    def counts(self):
        return library.sosie_count(self._handle)

    def save(self):
        """The state of all devices as bytes, for a shard of the same scenario."""
        where = ctypes.c_void_p()
        size = library.sosie_save(self._handle, ctypes.byref(where))
        return ctypes.string_at(where, size)


def _is_micros(times):
    kind = getattr(times, "type", None)
    return kind is not None and pa.types.is_timestamp(kind) and kind.unit == "us"
