"""Archives: every kind of index and of long name, and damage."""

from __future__ import annotations

import shutil
import struct
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exotool.diagnostics import ToolError
from exotool.elf import ObjectFile, Symbol, write_object
from exotool.elf.archive import Archive, is_archive, read_archive
from exotool.elf.constants import SHN_ABS, STB_GLOBAL

LONG = "a-name-of-more-than-sixteen-letters.o"


def member(symbol: str) -> bytes:
    obj = ObjectFile(symbol)
    obj.symbols.append(Symbol(symbol, 1, 0, STB_GLOBAL, 0, 0, SHN_ABS))
    return write_object(obj)


def header(name: str, size: int) -> bytes:
    return f"{name:<16}{0:<12}{0:<6}{0:<6}{644:<8}{size:<10}`\n".encode()


def entry(name: str, data: bytes) -> bytes:
    return header(name, len(data)) + data + b"\n" * (len(data) % 2)


def gnu(word: str = "I") -> bytes:
    """Return an archive of two members with an index of 4-byte (I) or 8-byte (Q) offsets."""
    names, one, two = entry("//", f"{LONG}/\n".encode()), member("one"), member("two")
    index_size = struct.calcsize(f">{word}") * 3 + len(b"one\0two\0")
    first = 8 + 60 + index_size + index_size % 2 + len(names)
    second = first + len(entry("/0", one))
    index = struct.pack(f">3{word}", 2, first, second) + b"one\0two\0"
    return (
        b"!<arch>\n" + entry("/" if word == "I" else "/SYM64/", index) + names + entry("/0", one) + entry("b.o/", two)
    )


def bsd() -> bytes:
    strings, one, two = b"one\0two\0", member("one"), member("two")
    named = [entry("#1/40", LONG.encode().ljust(40, b"\0") + one), entry("b.o", two)]
    size = 4 + 16 + 4 + len(strings)
    first = 8 + 60 + size
    ranlib = struct.pack("<4I", 0, first, 4, first + len(named[0]))
    index = struct.pack("<I", 16) + ranlib + struct.pack("<I", len(strings)) + strings
    return b"!<arch>\n" + entry("__.SYMDEF", index) + b"".join(named)


def shape(archive: Archive) -> tuple[list[str], list[tuple[str, str]] | None]:
    index = archive.index
    by_member = [(name, archive.members[at].name) for name, at in index] if index is not None else None
    return [m.name for m in archive.members.values()], by_member


@pytest.mark.parametrize("data", [gnu(), gnu("Q"), bsd()], ids=["gnu", "sym64", "bsd"])
def test_index_and_names(data: bytes) -> None:
    assert is_archive(data)
    archive = read_archive(data, "lib.a")
    assert shape(archive) == ([LONG, "b.o"], [("one", LONG), ("two", "b.o")])
    assert [bytes(m.data[:4]) for m in archive.members.values()] == [b"\x7fELF"] * 2


def test_without_an_index() -> None:
    archive = read_archive(b"!<arch>\n" + entry("b.o/", member("two")), "lib.a")
    assert shape(archive) == (["b.o"], None)


@pytest.mark.skipif(shutil.which("ar") is None, reason="needs GNU ar")
@pytest.mark.parametrize("mode", ["rcs", "rcST"])
def test_archives_of_gnu_ar(tmp_path: Path, mode: str) -> None:
    for name, symbol in ((LONG, "one"), ("b.o", "two")):
        (tmp_path / name).write_bytes(member(symbol))
    subprocess.run(["ar", mode, "lib.a", LONG, "b.o"], cwd=tmp_path, check=True)
    path = tmp_path / "lib.a"
    archive = read_archive(path.read_bytes(), "lib.a", tmp_path)
    assert shape(archive)[0] == [LONG, "b.o"]
    assert bytes(archive.members[max(archive.members)].data) == member("two")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (gnu()[:-10], "lies behind its end"),
        (b"!<arch>\n" + b"x" * 60, "there is no header of a member at 0x8"),
        (b"!<arch>\n" + header("a.o/", 4).replace(b"4  ", b"4x ") + b"1234", "has no size"),
        (b"!<arch>\n" + entry("/7", b"1234"), "the name of a member lies outside the table of names"),
        (b"!<arch>\n" + entry("#1/9", b"1234"), "the name of a member is longer than the member"),
        (b"!<arch>\n" + entry("/", struct.pack(">2I", 1, 8) + b"a\0"), "its index names a member at 0x8"),
        (b"!<arch>\n" + entry("/", struct.pack(">2I", 100, 8)), "its index is cut off"),
        (b"!<arch>\n" + entry("/", struct.pack(">2I", 1, 8)), "its index lacks names"),
        (b"!<arch>\n" + entry("__.SYMDEF", struct.pack("<I", 64)), "its index is cut off"),
    ],
)
def test_damage(data: bytes, message: str) -> None:
    with pytest.raises(ToolError) as caught:
        read_archive(data, "lib.a")
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "O0201"
    assert message in diagnostic.message


def test_missing_member_of_a_thin_archive(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match=r"member of `lib.a` `.*gone.o` does not exist"):
        read_archive(b"!<thin>\n" + header("gone.o/", 100), "lib.a", tmp_path)


@settings(max_examples=300, deadline=None)
@given(
    base=st.sampled_from([gnu(), gnu("Q"), bsd()]),
    changes=st.lists(st.tuples(st.integers(0, 400), st.binary(min_size=1, max_size=4)), max_size=4),
    cut=st.integers(0, 50),
)
def test_any_bytes_end_in_an_archive_or_one_error(base: bytes, changes: list[tuple[int, bytes]], cut: int) -> None:
    data = bytearray(base)
    for at, octets in changes:
        data[at : at + len(octets)] = octets
    try:
        read_archive(bytes(data[: len(data) - cut]), "lib.a", Path("/nonexistent"))
    except ToolError as error:
        assert len(error.diagnostics) == 1
