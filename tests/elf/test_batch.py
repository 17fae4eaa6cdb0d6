"""Objects read together are the objects that `reader` reads one by one, and have the same errors."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exotool.diagnostics import ToolError
from exotool.elf import ObjectFile, batch, read_object, write_object
from exotool.elf.batch import read_objects
from exotool.elf.columns import SECTION64, Names, section_table, symbol_table
from exotool.elf.constants import SHT_GROUP
from exotool.elf.objects import Group, Section
from exotool.elf.strings import LONGEST, Strings
from tests.link.objects import Builder, start


def an_object(number: int = 0) -> bytes:
    b = start(f"seed{number}.o", bytes(48))
    b.symbol("f", b.data(bytes(16), align=8), 4, size=4)
    b.bss(64)
    b.symbol(f"g{number}", b.text(b"\xc3", ".text.g"))
    b.symbol("h", b.text(b"\xc3", ".text.h"))
    for offset, kind in ((0, 1), (8, 2), (12, 4), (16, 9), (30, 10)):
        b.refer(1, offset, kind, "f", -4)
    b.refer(2, 0, 1, f"absent{number}")
    b.refer(4, 0, 2, "absent")
    return write_object(b.obj)


def a_group() -> bytes:
    b = Builder("group.o")
    code = b.text(b"\xc3", ".text.inline")
    b.symbol("inline", code)
    b.obj.groups.append(Group("inline", True, (code,)))
    return write_object(b.obj)


SEED = an_object()


def shown(made: ObjectFile | ToolError) -> object:
    """Return everything that is known of an object, to be compared."""
    if isinstance(made, ToolError):
        return [str(diagnostic) for diagnostic in made.diagnostics]
    return made.path, made.e_machine, made.sections, made.symbols, made.groups


def one_by_one(files: Sequence[tuple[memoryview, str]]) -> list[ObjectFile | ToolError]:
    found: list[ObjectFile | ToolError] = []
    for data, path in files:
        try:
            found.append(read_object(data, path))
        except ToolError as error:
            found.append(error)
    return found


def compare(contents: Sequence[bytes]) -> None:
    files = [(memoryview(data), f"{number}.o") for number, data in enumerate(contents)]
    names, alone = Names(), Names()
    together = read_objects(files, names)
    expected = one_by_one(files)
    for made, single in zip(together, expected, strict=True):
        if isinstance(made, ObjectFile) and isinstance(single, ObjectFile):
            table, other = symbol_table(made), symbol_table(single)
            texts, others = names.of(table).tolist(), alone.of(other).tolist()
            assert [names.texts()[n] for n in texts] == [alone.texts()[n] for n in others]
            headers = section_table(made)
            everything = np.arange(len(headers))
            assert headers.names(everything) == section_table(single).names(everything)
    assert [shown(made) for made in together] == [shown(made) for made in expected]


@pytest.fixture(autouse=True)
def always_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "FEWEST", 1)


def test_well_formed_objects_are_read_together(monkeypatch: pytest.MonkeyPatch) -> None:
    contents = [an_object(number) for number in range(12)] + [a_group()]
    compare(contents)
    monkeypatch.setattr(batch, "read_object", None)
    assert len(read_objects([(memoryview(data), "a.o") for data in contents], Names())) == 13


def test_objects_that_are_wrong_among_others() -> None:
    compressed = Builder("z.o")
    compressed.obj.sections.append(Section(".debug_info", sh_flags=0x800, data=bytes(40), sh_size=40))
    bad_group = Builder("bad.o")
    bad_group.obj.sections.append(Section(".group", sh_type=SHT_GROUP, data=b"\1", sh_size=1))
    long = start("long.o", b"\xc3")
    long.symbol("x" * (LONGEST + 1), 1)
    others = [write_object(b.obj) for b in (compressed, bad_group, long)]
    compare([SEED, b"", *others, SEED[:70], b"\x7fELF", SEED[:-8], b"!<arch>\n", SEED, an_object(1)])


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(SEED) - 1), st.integers(0, 255)), min_size=1, max_size=6))
def test_mutated_objects(changes: list[tuple[int, int]]) -> None:
    data = bytearray(SEED)
    for at, value in changes:
        data[at] = value
    compare([SEED, bytes(data), an_object(3)])


def test_each_byte_of_the_headers() -> None:
    chance = random.Random(1)
    shoff = int.from_bytes(SEED[40:48], "little")
    for first in (*range(0, 64, 8), *range(shoff, len(SEED), 8)):
        mutated = []
        for at in range(first, min(first + 8, len(SEED))):
            for value in (0, 0xFF, chance.randrange(256)):
                data = bytearray(SEED)
                data[at] = value
                mutated.append(bytes(data))
        compare(mutated)


@given(st.lists(st.binary(max_size=40).map(lambda text: text.replace(b"\0", b"x")), min_size=1))
def test_equal_strings(texts: list[bytes]) -> None:
    many = [*texts, *texts[::2]]
    length = np.array([len(text) for text in many])
    strings = Strings(b"".join(many), np.cumsum(length) - length, length)
    first, which = strings.distinct()
    assert [many[first[number]] for number in which] == many
    assert first.tolist() == [at for at, text in enumerate(many) if many.index(text) == at]


def test_strings_with_equal_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the hash, equal is only what is equal: here all strings of a length have the same one."""
    monkeypatch.setattr("exotool.elf.strings._hashes", lambda columns: columns[0])
    texts = [b"ab", b"cd", b"ab", b"efghijklmno", b"cd", b"efghijklmnO", b"efghijklmno", b"x" * 20, b"x" * 21]
    length = np.array([len(text) for text in texts])
    first, which = Strings(b"".join(texts), np.cumsum(length) - length, length).distinct()
    assert [texts[first[number]] for number in which] == texts
    assert len(first) == 6


def test_many_hashes_for_one_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("exotool.elf.strings._ROUNDS", 0)
    test_strings_with_equal_hashes(monkeypatch)


def test_sections_that_are_all_the_same_bytes() -> None:
    """Thousands of tables on one place of a small file would take gigabytes."""
    b = start("bomb.o", bytes(1 << 16))
    for _ in range(64):
        b.data(bytes(8))
    data = bytearray(write_object(b.obj))
    shoff, (shnum,) = int.from_bytes(data[40:48], "little"), np.frombuffer(data, "<u2", 1, 60)
    headers = np.frombuffer(data, SECTION64, shnum, shoff).copy()
    large = headers[1]
    for field in ("sh_offset", "sh_size"):
        headers[field][2:60] = large[field]
    data[shoff : shoff + headers.nbytes] = headers.tobytes()
    compare([bytes(data), SEED])
    with pytest.raises(ToolError, match="its sections overlap without measure"):
        read_object(bytes(data), "bomb.o")
