"""Compressed sections: zlib, and Zstandard where this Python can read it (gABI chapter 4, "Section Compression")."""

from __future__ import annotations

import zlib
from importlib import import_module
from typing import Any

from exotool.elf.constants import ELFCOMPRESS_ZLIB, ELFCOMPRESS_ZSTD


class DamagedError(Exception):
    """The data is no stream of its kind, or stands for another number of bytes than its header says."""


class UnknownError(Exception):
    """Nothing here can expand the data; the message says what would."""


def expand(ch_type: int, data: memoryview, size: int) -> bytes:
    """Return the `size` bytes that a stream stands for; never more than one beyond that are made of it.

    Raises `DamagedError`, and `UnknownError` for a `ch_type` that cannot be read here.
    """
    if ch_type == ELFCOMPRESS_ZLIB:
        found, is_whole = _zlib(data, size)
    elif ch_type == ELFCOMPRESS_ZSTD:
        found, is_whole = _zstd(data, size)
    else:
        raise UnknownError("compile it with -gz=zlib or -gz=none")
    if len(found) != size or not is_whole:
        raise DamagedError
    return found


def _zlib(data: memoryview, size: int) -> tuple[bytes, bool]:
    stream = zlib.decompressobj()
    try:
        found = stream.decompress(data, size + 1)
    except zlib.error:
        raise DamagedError from None
    return found, stream.eof


def _zstd(data: memoryview, size: int) -> tuple[bytes, bool]:
    """Expand with whichever module is there; the package has other names for the same things."""
    module = zstandard()
    if module is None:
        raise UnknownError("use Python 3.14 or later, or `pip install zstandard`, or compile it with -gz=zlib")
    try:
        if hasattr(module, "ZstdCompressionDict"):
            with module.ZstdDecompressor().stream_reader(data) as reader:
                return reader.read(size + 1), True
        stream = module.ZstdDecompressor()
        return stream.decompress(data, size + 1), stream.eof
    except (module.ZstdError, EOFError, ValueError):
        raise DamagedError from None


def zstandard() -> Any:
    """Return a module that reads Zstandard, Python 3.14's own or the package `zstandard`, or None."""
    for name in ("compression.zstd", "zstandard"):
        try:
            return import_module(name)
        except ImportError:
            continue
    return None
