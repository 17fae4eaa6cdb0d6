"""DWARF: what pyelftools reads from the objects, and what gdb shows of a running program."""

from __future__ import annotations

import io
import platform
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from elftools.dwarf.die import DIE
from elftools.elf.elffile import ELFFile

from exotool.compiler.emit import compile_unit, lower_units
from exotool.compiler.lower_options import Options, options_for
from exotool.compiler.tree import (
    Binary,
    BinaryOperator,
    Convert,
    Field,
    Function,
    Global,
    GlobalPlace,
    LocalStorage,
    MakeTuple,
    Module,
    Program,
    Read,
    Return,
    StoragePlace,
    Store,
    Target,
    View,
    Zero,
)
from exotool.compiler.types import (
    BOOL,
    I16,
    U8,
    U32,
    U64,
    ArrayType,
    BitField,
    BitsType,
    EnumType,
    RefType,
    StructType,
    TupleType,
    ViewType,
    VolatileType,
    set_layout,
)
from exotool.project import Profile

from .trees import assign, at, const, local, read


def sample() -> Program:
    """A function with a variable of every kind; its last line is 20."""
    color = EnumType("Color", "m", U8, {"RED": 1, "BLUE": 2})
    pte = BitsType("Pte", "m", U32, {"present": BitField("present", 0, 0, BOOL), "key": BitField("key", 7, 4, U32)})
    point = StructType("Point", "m")
    set_layout(point, [("x", U32), ("y", I16), ("next", RefType(point, nullable=True)), ("port", VolatileType(U8))])
    line = StructType("Line", "m")
    set_layout(line, [("start", point), ("ends", ArrayType(point, 2)), ("color", color), ("pte", pte)])
    lines = Global("lines", "m.lines", "m", line, at(2))
    n, p = local("n", U64), local("p", RefType(point))
    n.span, p.span = at(10, 7), at(10, 15)
    n.parameter = p.parameter = True
    view, pair, flag = local("view", ViewType(U8)), local("pair", TupleType((U32, BOOL))), local("flag", BOOL)
    text = LocalStorage("text", ArrayType(U8, 4), at(11))
    frame = LocalStorage("frame", point, at(12))
    low = Convert(read(n), U32, at(14))
    flag_value = const(True, BOOL)
    start = Field(GlobalPlace(lines, at(16)), line.fields["start"], at(16))
    body = (
        Zero(StoragePlace(text, at(11)), at(11)),
        Zero(StoragePlace(frame, at(12)), at(12)),
        Store(Field(StoragePlace(frame, at(13)), point.fields["x"], at(13)), const(77, U32), at(13)),
        assign(view, View(StoragePlace(text, at(14)), ViewType(U8), at(14))),
        assign(pair, MakeTuple((low, flag_value), TupleType((U32, BOOL)), at(15))),
        assign(flag, flag_value),
        Store(Field(start, point.fields["x"], at(16)), low, at(16)),
        Store(Field(GlobalPlace(lines, at(17)), line.fields["color"], at(17)), const(2, color), at(17)),
        Store(Field(GlobalPlace(lines, at(18)), line.fields["pte"], at(18)), const(0x31, pte), at(18)),
        Store(Field(Target(read(p), point, at(19)), point.fields["y"], at(19)), const(-5, I16), at(19)),
        Return(Binary(BinaryOperator.ADD, Read(n, at(20)), const(1), U64, at(20, 12)), at(20)),
    )
    work = Function("work", "work", "m", (n, p), U64, at(10, 5), body, exported=True)
    return Program([Module("m", "kernel/m.py", "")], [work], [lines], [point, line], [color])


def compiled(profile: Profile) -> bytes:
    options = options_for(profile)
    (unit,) = lower_units(sample(), options).units
    result = compile_unit(unit, options)
    assert not result.errors
    return result.data


def dies(data: bytes) -> tuple[Any, list[DIE]]:
    dwarf: Any = ELFFile(io.BytesIO(data)).get_dwarf_info()
    (unit,) = dwarf.iter_CUs()
    return unit, list(unit.iter_DIEs())


def name(die: DIE) -> str:
    value = die.attributes.get("DW_AT_name")
    return value.value.decode() if value else ""


@pytest.mark.parametrize("profile", ["dev", "release"])
def test_units_and_lines(profile: Profile) -> None:
    data = compiled(profile)
    unit, all_dies = dies(data)
    top = all_dies[0]
    assert unit["version"] == 5
    assert (name(top), top.attributes["DW_AT_comp_dir"].value) == ("kernel/m.py", b".")
    program = unit.dwarfinfo.line_program_for_CU(unit)
    assert {entry.name for entry in program["file_entry"]} == {b"kernel/m.py"}
    assert program["include_directory"][0] == b"."
    seen = {entry.state.line for entry in program.get_entries() if entry.state is not None and entry.state.line}
    assert {10, 13, 16, 17, 18, 19, 20} <= seen if profile == "dev" else {10, 16, 19, 20} & seen


def test_every_variable_and_type_is_described() -> None:
    _, all_dies = dies(compiled("dev"))
    by_tag: dict[str, list[str]] = {}
    for die in all_dies:
        by_tag.setdefault(str(die.tag), []).append(name(die))
    assert by_tag["DW_TAG_subprogram"] == ["work"]
    assert by_tag["DW_TAG_formal_parameter"] == ["n", "p"]
    assert sorted(by_tag["DW_TAG_variable"]) == ["flag", "frame", "lines", "pair", "text", "view"]
    assert set(by_tag["DW_TAG_structure_type"]) == {"Line", "Point", "Pte", "Array[u8]", "tuple[u32, bool]"}
    assert by_tag["DW_TAG_enumerator"] == ["RED", "BLUE"]
    for die in all_dies:
        if die.tag in ("DW_TAG_variable", "DW_TAG_formal_parameter"):
            assert "DW_AT_location" in die.attributes, name(die)
    line = next(die for die in all_dies if name(die) == "Line")
    members = {name(die): die.attributes["DW_AT_data_member_location"].value for die in line.iter_children()}
    assert members == {"start": 0, "ends": 24, "color": 72, "pte": 76}
    key = next(die for die in all_dies if name(die) == "key")
    assert (key.attributes["DW_AT_bit_size"].value, key.attributes["DW_AT_data_bit_offset"].value) == (4, 4)


def test_without_debug_there_is_none() -> None:
    (unit,) = lower_units(sample(), Options(debug=False)).units
    elf = ELFFile(io.BytesIO(compile_unit(unit, Options(debug=False)).data))
    assert not [s.name for s in elf.iter_sections() if s.name.startswith(".debug_info")]


@pytest.mark.slow
@pytest.mark.skipif(
    not (shutil.which("gdb") and shutil.which("gcc")) or platform.machine() != "x86_64", reason="needs gdb and gcc"
)
def test_gdb_shows_arguments_locals_and_fields(tmp_path: Path) -> None:
    (tmp_path / "m.o").write_bytes(compiled("dev"))
    (tmp_path / "main.c").write_text(
        "struct point { unsigned x; short y; struct point *next; } p = {3, 4, &p};\n"
        "unsigned long work(unsigned long, struct point *);\n"
        "void __kpy_trap(void *a, long b, long c) {}\n"
        "int main(void) { return work(41, &p) != 42; }\n"
    )
    subprocess.run(["gcc", "-no-pie", "main.c", "m.o", "-o", "run"], cwd=tmp_path, check=True)
    commands = [
        "break kernel/m.py:20",
        "run",
        *("print n", "print *p", "print p->next->x", "print view", "print view.data[0]", "print pair", "print flag"),
        *("print frame.x", "print text", "print lines.start.x", "print lines.color", "print lines.pte", "ptype p"),
        *("backtrace 1", "finish"),
    ]
    arguments = [part for command in commands for part in ("-ex", command)]
    done = subprocess.run(
        ["gdb", "-nx", "-batch", *arguments, "./run"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    out = done.stdout
    assert "kernel/m.py:20" in out, out + done.stderr
    for expected in (
        "$1 = 41",
        "$2 = {x = 3, y = -5, next = 0x",
        "$3 = 3",
        "length = 4}",
        "$5 = 0",
        "$6 = {item0 = 41, item1 = true}",
        "$7 = true",
        "$8 = 77",
        "$10 = 41",
        "$11 = BLUE",
        "$12 = {present = true, key = 3}",
        "u32 x;",
        "volatile u8 port;",
        "#0  work (n=41, p=0x",
        "= 42",
    ):
        assert expected in out, out
