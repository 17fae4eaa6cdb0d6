"""Which definition a name means, and what the image's symbol table says."""

from __future__ import annotations

import io
from pathlib import Path

from elftools.elf.elffile import ELFFile

from exotool.diagnostics import Place
from exotool.elf import Symbol
from exotool.elf.constants import (
    SHN_ABS,
    SHN_COMMON,
    SHN_UNDEF,
    STB_GLOBAL,
    STB_LOCAL,
    STB_WEAK,
    STT_FILE,
    STT_GNU_IFUNC,
    STT_OBJECT,
    STV_HIDDEN,
    STV_PROTECTED,
    X86Reloc,
)
from exotool.layout import Layout
from exotool.link import LinkedImage

from .objects import HIGH, LOW, RX, A, Builder, X, address, contents, errors_of, link_all, output, segment, start

R64 = X86Reloc.R_X86_64_64


def referrer(name: str, *, weak: bool = False) -> Builder:
    """Return an object with the entry and, at its start, the address of `name`."""
    b = start(code=bytes(8))
    b.refer(1, 0, R64, b.undefined(name, weak=weak))
    return b


def provider(path: str, name: str, value: int, **settings: int) -> Builder:
    b = Builder(path)
    b.symbol(name, SHN_ABS, value, **settings)
    return b


def meaning(*builders: Builder) -> int:
    return int.from_bytes(contents(link_all(*builders), ".text")[:8], "little")


def test_strong_definition_wins_wherever_it_stands() -> None:
    weak, strong = provider("w.o", "f", 1, bind=STB_WEAK), provider("s.o", "f", 2)
    assert meaning(referrer("f"), weak, strong) == meaning(referrer("f"), strong, weak) == 2


def test_first_of_weak_definitions_wins() -> None:
    first, second = (provider(f"{n}.o", "f", n, bind=STB_WEAK) for n in (5, 6))
    assert meaning(referrer("f"), first, second) == 5


def test_common_symbol_wins_over_weak_and_loses_to_strong() -> None:
    common = Builder("c.o")
    common.obj.symbols.append(Symbol("f", 8, 8, STB_GLOBAL, STT_OBJECT, 0, SHN_COMMON))
    assert meaning(referrer("f"), common, provider("s.o", "f", 2)) == 2
    assert meaning(referrer("f"), provider("w.o", "f", 1, bind=STB_WEAK), common) > HIGH


def test_common_symbol_of_impossible_alignment() -> None:
    b = start()
    b.obj.symbols.append(Symbol("f", 3, 8, STB_GLOBAL, STT_OBJECT, 0, SHN_COMMON))
    assert "error[L0103]: common symbol `f` of `start.o` has alignment 3" in errors_of(b)


def test_weak_reference_without_definition_is_zero() -> None:
    image = link_all(referrer("f", weak=True))
    assert contents(image, ".text")[:8] == bytes(8)
    assert [(s.shndx, s.bind) for s in image.symbols if s.name == "f"] == [(SHN_UNDEF, STB_WEAK)]


def test_one_strong_reference_makes_a_missing_symbol_an_error() -> None:
    other = Builder("b.o")
    other.refer(other.text(bytes(8)), 0, R64, "f")
    assert "error[L0108]: undefined symbol `f`" in errors_of(referrer("f", weak=True), other)


def test_unused_undefined_symbol_is_no_error() -> None:
    b = start()
    b.undefined("never_used")
    link_all(b)


def test_local_symbols_of_one_name_do_not_meet() -> None:
    a, b = start(code=bytes(8)), Builder("b.o")
    a.refer(1, 0, R64, a.local("same", SHN_ABS, 7))
    b.local("same", SHN_ABS, 9)
    assert contents(link_all(a, b), ".text")[:8] == (7).to_bytes(8, "little")


def test_first_comdat_group_is_kept() -> None:
    builders = [start(code=bytes(8))]
    builders[0].refer(1, 0, R64, "inline")
    for number in (1, 2):
        b = Builder(f"{number}.o")
        b.symbol("inline", b.text(bytes((number,)) * 4, ".text.inline"), bind=STB_WEAK)
        b.group("inline", 1)
        builders.append(b)
    image = link_all(*builders)
    assert contents(image, ".text")[8:] == b"\1\1\1\1"
    assert "2.o: COMDAT group of an earlier object" in image.map_text


def test_debug_reference_to_a_dropped_group_names_the_one_kept() -> None:
    builders = [start(code=bytes(8))]
    for number in (1, 2):
        b = Builder(f"{number}.o")
        text = b.text(b"\xc3" * 4, ".text.inline")
        b.group("inline", text)
        debug = b.section(".debug_x", bytes(8), 0)
        b.refer(debug, 0, R64, b.local("here", text, 2))
        builders.append(b)
    image = link_all(*builders)
    assert contents(image, ".debug_x") == 2 * (HIGH + 8 + 2).to_bytes(8, "little")


def test_code_must_not_refer_into_a_dropped_group() -> None:
    builders = [start()]
    for number in (1, 2):
        b = Builder(f"{number}.o")
        text = b.text(b"\xc3" * 4, ".text.inline")
        b.group("inline", text)
        b.refer(b.data(bytes(8)), 0, R64, b.local("inside", text))
        builders.append(b)
    assert errors_of(*builders) == (
        "error[L0105]: `inside` is in `.text.inline`, which is left out of the image\n"
        "  --> 2.o   (.data+0x0 in 2.o)\n"
        "   = referred to here\n"
        "   = help: take the section out of the layout's `discard`, or the reference out of the code"
    )


def test_unwind_table_may_describe_code_that_was_dropped() -> None:
    b = start()
    dropped = b.section(".drop", b"\xc3", A | X)
    b.refer(b.section(".eh_frame", b"\xff" * 8), 0, X86Reloc.R_X86_64_PC32, b.local("f", dropped))
    layout = Layout((segment("all", RX, ".text", output(".eh_frame", ".eh_frame"), vaddr=LOW),), discard=(".drop",))
    assert contents(link_all(b, layout=layout), ".eh_frame") == bytes(4) + b"\xff" * 4


# Duplicates


def test_duplicate_names_both_places(tmp_path: Path) -> None:
    (tmp_path / "one.S").write_text("\n.globl f\nf:\n\n    ret\n")
    (tmp_path / "two.S").write_text("    nop\n  f:  ret\n")
    builders = [start()]
    for name, rows, value in (("one", [(0, 5)], 0), ("two", [(0, 1), (1, 2)], 1)):
        b = Builder(f"{name}.o")
        text = b.text(b"\x90\xc3" + name.encode())
        b.symbol("f", text, value)
        b.lines(text, f"{name}.S", rows, 2)
        builders.append(b)
    assert errors_of(*builders, source_root=tmp_path) == (
        "error[L0101]: symbol `f` is defined twice\n"
        "  --> two.S:2:3   (.text+0x1 in two.o)\n"
        "  |\n"
        "2 |   f:  ret\n"
        "  |   ^ defined again here\n"
        "   = note: the first is .text+0x0 in one.o at one.S:3:1\n"
        "   = help: rename one, make it local, or declare the one that may be replaced `.weak`"
    )


def test_duplicate_of_the_same_file_says_so() -> None:
    a, b = Builder("dir/a.o"), Builder("copy/a.o")
    for builder in (a, b):
        builder.symbol("f", builder.text(b"\x90\x90\xc3"))
    assert errors_of(start(), a, b) == (
        "error[L0101]: symbol `f` is defined twice\n"
        "  --> copy/a.o   (.text+0x0 in a.o)\n"
        "   = defined again here\n"
        "   = note: the first is .text+0x0 in a.o at dir/a.o\n"
        "   = help: both are the same code: leave one of the two objects out"
    )


def test_duplicate_of_a_symbol_of_the_layout() -> None:
    b = start()
    b.symbol("end", SHN_ABS, 5)
    layout = Layout((segment("text", RX, output(".text", end="end"), vaddr=LOW),))
    assert errors_of(b, layout=layout) == (
        "error[L0101]: symbol `end` is defined twice\n"
        "  --> start.o\n"
        "   = defined again here\n"
        "   = note: the first is the end of section `.text` in the layout\n"
        "   = help: rename it in the source, or in the layout"
    )


# Undefined symbols


def test_undefined_symbol_shows_who_refers_to_it(tmp_path: Path) -> None:
    (tmp_path / "boot.S").write_text("_start:\n    call kmian\n")
    builders = [start("boot.o", b"\xe8" + bytes(4))]
    builders[0].refer(1, 1, X86Reloc.R_X86_64_PLT32, "kmian", -4)
    builders[0].lines(1, "boot.S", [(0, 2)], 5)
    for number in range(5):
        b = Builder(f"{number}.o")
        b.local("init", b.text(bytes(8)))
        b.refer(1, 0, R64, "kmian")
        builders.append(b)
    builders[-1].symbol("kmain", 1)
    assert errors_of(*builders, source_root=tmp_path) == (
        "error[L0108]: undefined symbol `kmian`\n"
        "  --> boot.S:2:10   (.text+0x1 in boot.o)\n"
        "  |\n"
        "2 |     call kmian\n"
        "  |          ^^^^^ referred to by `_start`\n"
        "   = note: also referred to by `init` (.text+0x0 in 0.o) at 0.o\n"
        "   = note: also referred to by `init` (.text+0x0 in 1.o) at 1.o\n"
        "   = note: also referred to by `init` (.text+0x0 in 2.o) at 2.o\n"
        "   = note: and 2 times more\n"
        "   = help: did you mean `kmain`?"
    )


def test_undefined_symbol_that_a_source_outside_the_image_defines() -> None:
    shown = errors_of(referrer("ideinit"), find_definition=lambda name: [Place(f"kernel/{name}.S", 12)])
    assert (
        "   = help: kernel/ideinit.S:12 defines it, but is not in the image: add kernel/ideinit.S to `sources`" in shown
    )


def test_undefined_symbol_that_another_object_keeps_to_itself() -> None:
    b = Builder("b.o")
    b.local("helper", SHN_ABS)
    shown = errors_of(referrer("helper"), b)
    assert "   = help: `b.o` has a local symbol of this name: make it global with `.globl helper`" in shown


def test_undefined_symbol_in_a_discarded_section() -> None:
    b = start(code=bytes(8))
    b.refer(1, 0, R64, "f")
    other = Builder("b.o")
    other.symbol("f", other.text(b"\xc3", ".drop"))
    layout = Layout((segment("text", RX, ".text", vaddr=LOW),), discard=(".drop",))
    shown = errors_of(b, other, layout=layout)
    assert "   = help: `b.o` defines it in `.drop`, which is left out of the image" in shown


def test_freestanding_hints() -> None:
    for name, words in (
        ("memcpy", "compilers call it even in freestanding code"),
        ("__stack_chk_fail", "-fno-stack-protector"),
        ("_GLOBAL_OFFSET_TABLE_", "-fno-pic"),
        ("__udivti3", "libgcc"),
        ("rust_eh_personality", "panic"),
        ("_Unwind_Resume", "-fno-exceptions"),
        ("__fentry__", "-pg"),
    ):
        assert words in errors_of(referrer(name)).split("= help: ")[1]


def test_missing_entry() -> None:
    assert errors_of(start(), entry="_strat") == (
        "error[L0109]: the entry symbol `_strat` is not defined\n   = help: did you mean `_start`?"
    )
    assert "define it: `.globl x`, or name another `entry`" in errors_of(start(), entry="x")


def test_indirect_function_without_a_resolver_is_refused() -> None:
    b = start(code=bytes(8))
    b.refer(1, 0, X86Reloc.R_X86_64_PC32, b.symbol("pick", 1, kind=STT_GNU_IFUNC))
    assert "error[L0102]: `pick` is an indirect function (IFUNC)" in errors_of(b)


# The symbol table


def table(image: LinkedImage) -> list[tuple[str, int]]:
    return [(s.name, s.bind) for s in image.symbols]


def test_symbols_stand_by_file_local_ones_first() -> None:
    a, b = start(), Builder("dir/b.o")
    a.obj.symbols.insert(1, Symbol("a.S", 0, 0, STB_LOCAL, STT_FILE, 0, SHN_ABS))
    a.local("one", 1)
    a.local(".Ltemporary", 1)
    b.local("two", b.text(b"\x90"))
    b.symbol("hidden", 1, visibility=STV_HIDDEN)
    b.symbol("kept", 1, visibility=STV_PROTECTED)
    assert table(link_all(a, b)) == [
        ("a.S", STB_LOCAL),
        ("one", STB_LOCAL),
        ("b.o", STB_LOCAL),
        ("two", STB_LOCAL),
        ("hidden", STB_LOCAL),
        ("_start", STB_GLOBAL),
        ("kept", STB_GLOBAL),
    ]


def test_visibility_of_a_reference_counts() -> None:
    a, b = start(code=bytes(8)), Builder("b.o")
    a.symbol("f", SHN_UNDEF, visibility=STV_HIDDEN)
    b.symbol("f", b.text(b"\xc3"))
    assert ("f", STB_LOCAL) in table(link_all(a, b))


def test_sections_of_symbols_are_those_they_lie_in() -> None:
    a = start()
    a.local("absolute", SHN_ABS, 5)
    a.symbol("variable", a.data(bytes(8)), 4)
    a.local("in_nothing", a.section(".rodata"))
    image = link_all(a)
    elf = ELFFile(io.BytesIO(image.data))
    homes = {s.name: s.entry["st_shndx"] for s in elf.get_section_by_name(".symtab").iter_symbols()}
    assert homes["absolute"] == "SHN_ABS"
    assert elf.get_section(homes["variable"]).name == ".data"
    assert elf.get_section(homes["_start"]).name == ".text"
    # A label in a section without bytes belongs to its neighbour in the segment.
    assert elf.get_section(homes["in_nothing"]).name == ".note"
    assert address(image, "in_nothing") == HIGH + 0x1000
