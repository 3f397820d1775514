"""libsosie.so, as its header sosie.h describes it. Nothing else here knows ctypes' ways with it."""

import ctypes
from pathlib import Path

API_VERSION = 1


class Texts(ctypes.Structure):
    _fields_ = [("count", ctypes.c_int64), ("first", ctypes.c_int64),
                ("validity", ctypes.c_void_p), ("offsets", ctypes.c_void_p),
                ("data", ctypes.c_void_p)]


class Times(ctypes.Structure):
    _fields_ = [("count", ctypes.c_int64), ("first", ctypes.c_int64),
                ("validity", ctypes.c_void_p), ("values", ctypes.c_void_p)]


class Counts(ctypes.Structure):
    """What a shard has counted since it was opened."""

    _fields_ = [(name, ctypes.c_uint64) for name in (
        "messages", "readings", "messages_refused", "readings_refused", "late", "too_late",
        "events")]

    def as_dict(self):
        return {name: getattr(self, name) for name, _ in self._fields_}


def _load():
    library = ctypes.CDLL(str(Path(__file__).with_name("libsosie.so")))
    pointer, text = ctypes.c_void_p, ctypes.c_char_p
    texts, times = ctypes.POINTER(Texts), ctypes.POINTER(Times)
    for name, result, *parameters in (
            ("api_version", ctypes.c_int32),
            ("version", text),
            ("open", pointer, text, text, ctypes.c_int32, ctypes.POINTER(pointer)),
            ("close", None, pointer),
            ("free", None, pointer),
            ("take", ctypes.c_int32, pointer, texts, texts, times),
            ("events", Texts, pointer),
            ("reasons", Texts, pointer),
            ("refused_rows", pointer, pointer),
            ("count", Counts, pointer),
            ("save", ctypes.c_int64, pointer, ctypes.POINTER(pointer)),
            ("load", ctypes.c_int32, pointer, text, ctypes.c_int64),
            ("error", text, pointer)):
        function = getattr(library, f"sosie_{name}")
        function.restype, function.argtypes = result, parameters
    if library.sosie_api_version() != API_VERSION:
        raise ImportError("libsosie.so and the Python around it are of different versions")
    return library


library = _load()
