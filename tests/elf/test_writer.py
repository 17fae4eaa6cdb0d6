"""Writing objects: read back by our reader and by pyelftools, they are what was meant."""

from __future__ import annotations

import io

from elftools.elf.elffile import ELFFile
from elftools.elf.relocation import RelocationSection
from hypothesis import given, settings
from hypothesis import strategies as st

from exotool.elf import ObjectFile, Relocation, Section, Symbol, read_object, write_object
from exotool.elf.constants import EM_386, SHF_ALLOC, SHN_ABS, SHT_NOBITS, SHT_PROGBITS, I386Reloc

NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=12)


@st.composite
def objects(draw: st.DrawFn) -> ObjectFile:
    obj = ObjectFile("a.o")
    for name in draw(st.lists(NAMES, max_size=5)):
        nobits = draw(st.booleans())
        data = b"" if nobits else draw(st.binary(max_size=40))
        size = draw(st.integers(0, 1 << 40)) if nobits else len(data)
        align = 1 << draw(st.integers(0, 12))
        obj.sections.append(Section(name, SHT_NOBITS if nobits else SHT_PROGBITS, SHF_ALLOC, align, data, size))
    count = len(obj.sections)
    for name in draw(st.lists(NAMES, max_size=6)):
        section = draw(st.integers(0, count - 1))
        bind = draw(st.integers(0, 2)) if section else draw(st.integers(1, 2))
        values = draw(st.tuples(st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1)))
        obj.symbols.append(Symbol(name, *values, bind, draw(st.integers(0, 2)), draw(st.integers(0, 3)), section))
    for target in obj.sections[1:]:
        for _ in range(draw(st.integers(0, 3)) if target.data else 0):
            offset = draw(st.integers(0, len(target.data) - 1))
            symbol = draw(st.integers(0, len(obj.symbols) - 1))
            addend = draw(st.integers(-(1 << 63), (1 << 63) - 1))
            target.relocations.append(Relocation(offset, draw(st.integers(0, 50)), symbol, addend))
    return obj


def shape(obj: ObjectFile, count: int) -> tuple[object, ...]:
    """Return all of an object that a file keeps, with symbols by what they are and not by their number."""

    def key(index: int) -> tuple[object, ...]:
        s = obj.symbols[index]
        return (s.name, s.st_value, s.st_size, s.bind, s.type, s.visibility, s.section)

    return (
        [
            (
                s.name,
                s.sh_type,
                s.sh_flags,
                s.sh_addralign,
                bytes(s.data),
                s.sh_size,
                [(r.r_offset, r.r_type, key(r.symbol), r.r_addend) for r in s.relocations],
            )
            for s in obj.sections[1:count]
        ],
        sorted(key(index) for index in range(len(obj.symbols))),
    )


@settings(deadline=None)
@given(objects())
def test_round_trip(obj: ObjectFile) -> None:
    count = len(obj.sections)
    assert shape(read_object(write_object(obj), "a.o"), count) == shape(obj, count)


@settings(deadline=None)
@given(objects())
def test_pyelftools_reads_the_same(obj: ObjectFile) -> None:
    elf = ELFFile(io.BytesIO(write_object(obj)))
    assert elf.header["e_type"] == "ET_REL"
    sections = list(elf.iter_sections())
    for mine, found in zip(obj.sections, sections, strict=False):
        assert found.name == mine.name
        assert found["sh_size"] == mine.sh_size
        if mine.data:
            assert found.data() == mine.data
            assert found["sh_offset"] % mine.sh_addralign == 0
    table = elf.get_section_by_name(".symtab")
    binds = [s["st_info"]["bind"] for s in table.iter_symbols()]
    assert binds[: table["sh_info"]] == ["STB_LOCAL"] * table["sh_info"]
    assert "STB_LOCAL" not in binds[table["sh_info"] :]
    assert sum(s.num_relocations() for s in sections if isinstance(s, RelocationSection)) == sum(
        len(s.relocations) for s in obj.sections
    )


def test_same_object_same_bytes() -> None:
    obj = ObjectFile("a.o")
    obj.symbols.append(Symbol("x", 1, 0, 1, 0, 0, SHN_ABS))
    assert write_object(obj) == write_object(obj)


def test_i386_object_keeps_addends_in_the_section() -> None:
    obj = ObjectFile("a.o", EM_386)
    text = Section(".text", SHT_PROGBITS, 6, 1, bytes(12))
    text.relocations += [
        Relocation(0, I386Reloc.R_386_32, 1, 0x12345678),
        Relocation(4, I386Reloc.R_386_PC16, 1, -2),
        Relocation(8, I386Reloc.R_386_PC32, 1, -4),
    ]
    obj.sections.append(text)
    obj.symbols.append(Symbol("f", bind=1))
    elf = ELFFile(io.BytesIO(write_object(obj)))
    assert (elf.elfclass, elf.header["e_machine"]) == (32, "EM_386")
    assert elf.get_section_by_name(".text").data().hex() == "78563412feff0000fcffffff"
    assert [r["r_info_type"] for r in elf.get_section_by_name(".rel.text").iter_relocations()] == [1, 21, 2]
    assert bytes(text.data) == bytes(12)


def test_more_sections_than_a_half_word_counts() -> None:
    obj = ObjectFile("a.o")
    obj.sections += [Section("s", SHT_PROGBITS, SHF_ALLOC, 1, b"") for _ in range(0x10000)]
    obj.symbols.append(Symbol("last", 0, 0, 1, 0, 0, 0x10000))
    read = read_object(write_object(obj), "a.o")
    assert read.symbols[1].section == 0x10000
    assert read.sections[0x10000].name == "s"
