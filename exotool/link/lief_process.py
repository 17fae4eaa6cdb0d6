"""The program of the process in which LIEF writes images; `writer` starts it, and speaks with it through pipes.

It runs without exotool and without site-packages, to be there soon: its argument is the folder that LIEF is in. A
request has a header, and then for each part of the skeleton its offset, in ascending order, for each section with
contents its number, with size and bytes. The answer is the size of the file, 0 where LIEF does not read the skeleton,
and the file.
"""

from __future__ import annotations

import enum
import gc
import os
import signal
import struct
import sys
import types

TYPE_CHECKING = False
"""As in `typing`, whose import would take as long as Python's start."""
if TYPE_CHECKING:
    from typing import Any, BinaryIO, Final

REQUEST: Final = struct.Struct("<QQQ")
"""Size of the skeleton, number of its parts, number of sections with contents."""

BYTES: Final = struct.Struct("<QQ")
"""Offset or number of the section, size."""

ANSWER: Final = struct.Struct("<Q")

PLAINLY: Final = "plainly"
"""The second argument, for a LIEF that wants real enumerations."""

NO_LIEF: Final = 3
"""Exit code: LIEF cannot be loaded."""

_BUILDER_OPTIONS: Final = (
    "android_rela",
    "coredump_notes",
    "dt_hash",
    "dyn_str",
    "dynamic_section",
    "fini_array",
    "force_relocate",
    "init_array",
    "interpreter",
    "jmprel",
    "keep_empty_version_requirement",
    "notes",
    "preinit_array",
    "rela",
    "relr",
    "skip_dynamic",
    "static_symtab",
    "sym_verdef",
    "sym_verneed",
    "sym_versym",
    "symtab",
)
"""What LIEF would otherwise make anew; with all of these off it keeps the layout of the file that it parsed."""


def serve(requests: BinaryIO, answers: BinaryIO, lief: Any) -> None:
    """Write images until nobody asks any more."""
    while header := requests.read(REQUEST.size):
        size, parts, contents = REQUEST.unpack(header)
        pieces, at = [], 0
        for _ in range(parts):
            offset, part = _read(requests)
            pieces += [bytes(offset - at), part]
            at = offset + len(part)
        skeleton = b"".join([*pieces, bytes(size - at)])
        pieces.clear()
        data = write(lief, skeleton, [_read(requests) for _ in range(contents)])
        answers.write(ANSWER.pack(len(data)))
        answers.write(data)
        answers.flush()


def _read(requests: BinaryIO) -> tuple[int, bytes]:
    number, size = BYTES.unpack(requests.read(BYTES.size))
    return number, requests.read(size)


def write(lief: Any, skeleton: bytes, contents: list[tuple[int, bytes]]) -> bytes:
    """Return the file that a skeleton and the contents of its sections make; nothing if LIEF does not read it."""
    parser = lief.ELF.ParserConfig()
    parser.parse_dyn_symbols = False
    parser.parse_notes = False
    parser.parse_overlay = False
    parser.parse_relocations = False
    parser.parse_symbol_versions = False
    parser.parse_symtab_symbols = False
    binary = lief.ELF.parse(skeleton, parser)
    if binary is None:
        return b""
    sections = binary.sections
    for number, data in contents:
        sections[number].content = memoryview(data)
    contents.clear()
    builder = lief.ELF.Builder.config_t()
    for option in _BUILDER_OPTIONS:
        setattr(builder, option, False)
    return bytes(binary.write_to_bytes(builder))


class _Members(type):
    """Keeps the members of an enumeration out of its attributes: each new one would empty the cache of all of them."""

    def __setattr__(cls, name: str, value: object) -> None:
        if name.startswith("__"):
            super().__setattr__(name, value)


class _Member(metaclass=_Members):
    """What stands for `enum.Enum` while LIEF is imported, whose 67,000 members are made by setting attributes."""

    __slots__ = ("__dict__", "__name__", "__objclass__", "_name_", "_sort_order_", "_value_")

    __init__ = staticmethod(id)


def _enumeration(name: str, _: tuple[()], *, module: str, qualname: str) -> type:
    """Return a class that is empty as yet, as calling `enum.Enum` does."""
    names: dict[str, Any] = {"__slots__": (), "__module__": module, "__qualname__": qualname}
    return _Members(name, (_Member,), names | {"_value2member_map_": {}, "_member_map_": {}, "_member_names_": []})


def _import_lief(folder: str, *, plainly: bool) -> Any:
    """Import LIEF; if not `plainly`, without what makes real enumerations of its own, which takes a third of the time.

    No enumeration of LIEF's is looked into here.
    """
    gc.disable()
    sys.path.insert(0, folder)
    if not plainly:
        # LIEF imports it, and does nothing with it; it would bring regular expressions and a tokenizer.
        sys.modules["traceback"] = types.ModuleType("traceback")
        enum.Enum = _enumeration  # type: ignore[assignment, misc]
    import lief

    lief.logging.disable()
    return lief


def main() -> None:
    """Serve standard input; an interrupt is for the process that started this one, which then ends it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    folder, *plainly = sys.argv[1:]
    try:
        lief = _import_lief(folder, plainly=bool(plainly))
    except ImportError:
        if plainly:
            os._exit(NO_LIEF)
        # This may be a LIEF that wants its enumerations.
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:], PLAINLY])  # noqa: S606 -- itself
    serve(sys.stdin.buffer, sys.stdout.buffer, lief)
    # Taking LIEF's types down again would take as long as making them.
    os._exit(0)


if __name__ == "__main__":
    main()
