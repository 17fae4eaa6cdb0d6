"""Objects: the same bytes always, nothing that a kernel cannot have, and no fault of LLVM before the user's eyes."""

from __future__ import annotations

import faulthandler
import functools
import io
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from elftools.elf.elffile import ELFFile

from exotool.compiler import backend, emit
from exotool.compiler.emit import Compiled, Unit, compile_unit, compile_units, lower_units
from exotool.compiler.lower_options import X86_64_KERNEL, Options, options_for
from exotool.compiler.tree import (
    BinaryOperator,
    Call,
    Copy,
    Element,
    Evaluate,
    Global,
    GlobalPlace,
    Intrinsic,
    IntrinsicOperator,
    Load,
    Program,
    Statement,
    Update,
    Zero,
)
from exotool.compiler.types import U8, U64, ArrayType
from exotool.diagnostics import ToolError
from exotool.project import Profile
from exotool.workers import Workers

from ..conftest import REPOSITORY
from .trees import at, binary, function, give, parameter, program, read

PROFILES: tuple[Profile, ...] = ("dev", "release")


@functools.cache
def sample() -> Program:
    """Two modules that call each other's functions and use each other's statics, an extern and a linker symbol."""
    n = parameter("n", U64)
    table = Global("table", "a.table", "a", ArrayType(U64, 64), at())
    other = Global("other", "other", "a", ArrayType(U64, 64), at(), exported=True)
    pure = Global("DIGITS", "b.DIGITS", "b", ArrayType(U8, 4), at(), data=b"0123", read_only=True)
    hook = Global("hook", "hook", "b", U64, at(), data=(5).to_bytes(8, "little"), exported=True)
    outside = function("outside", [n], U64, None, module="b")
    helper = function("helper", [n], U64, [give(Call(outside, (read(n),), at()))], module="b")
    element = Element(GlobalPlace(table, at()), read(n), U64, at())
    end = Intrinsic(IntrinsicOperator.SYMBOL_ADDRESS, (), U64, at(), symbol="__bss_end")
    body: list[Statement] = [
        Update(element, BinaryOperator.ADD, Call(helper, (read(n),), at()), U64, at()),
        Copy(GlobalPlace(other, at()), GlobalPlace(table, at()), at()),
        Zero(GlobalPlace(table, at()), at()),
        Evaluate(Call(helper, (end,), at()), at()),
        give(binary("//", Load(GlobalPlace(hook, at()), U64, at()), read(n))),
    ]
    start = function("start", [n], U64, body, exported=True, module="a")
    digit = Load(Element(GlobalPlace(pure, at()), read(n), U8, at()), U8, at())
    show = function("show", [n], U8, [give(digit)], exported=True, module="b")
    return program([start, outside, helper, show], [table, other, pure, hook])


def objects(profile: Profile) -> dict[str, bytes]:
    options = options_for(profile)
    result = {}
    for unit in lower_units(sample(), options).units:
        compiled = compile_unit(unit, options)
        assert not compiled.errors
        result[unit.path] = compiled.data
    return result


def symbols(data: bytes) -> dict[str, tuple[str, str, bool]]:
    table: Any = ELFFile(io.BytesIO(data)).get_section_by_name(".symtab")
    return {
        s.name: (s["st_info"]["bind"], s["st_other"]["visibility"], s["st_shndx"] != "SHN_UNDEF")
        for s in table.iter_symbols()
        if s.name and s["st_info"]["type"] not in ("STT_FILE", "STT_SECTION")
    }


def relocation_types(data: bytes) -> set[int]:
    elf = ELFFile(io.BytesIO(data))
    return {
        r["r_info_type"]
        for section in elf.iter_sections("SHT_RELA")
        if not section.name.startswith(".rela.debug")
        for r in section.iter_relocations()
    }


def test_a_whole_program_keeps_what_it_exports_only() -> None:
    (data,) = objects("release").values()
    found = symbols(data)
    assert {name for name, (bind, _, _) in found.items() if bind == "STB_GLOBAL"} == {
        *("start", "show", "hook", "other"),
        *("outside", "__bss_end", "__kpy_trap", "memset", "memcpy"),
    }
    assert {name for name, (bind, _, defined) in found.items() if defined and bind == "STB_GLOBAL"} == {
        *("start", "show", "hook", "other")
    }


def test_modules_reach_each_other_by_hidden_symbols() -> None:
    made = objects("dev")
    assert list(made) == ["kernel/a.py", "kernel/b.py"]
    a, b = symbols(made["kernel/a.py"]), symbols(made["kernel/b.py"])
    assert a["b.helper"] == ("STB_GLOBAL", "STV_HIDDEN", False)
    assert b["b.helper"] == ("STB_GLOBAL", "STV_HIDDEN", True)
    assert a["hook"] == ("STB_GLOBAL", "STV_DEFAULT", False)
    assert b["hook"] == ("STB_GLOBAL", "STV_DEFAULT", True)
    assert a["a.table"] == ("STB_GLOBAL", "STV_HIDDEN", True)


@pytest.mark.parametrize("profile", PROFILES)
def test_relocations_are_those_of_a_static_kernel(profile: Profile) -> None:
    """R_X86_64_64, PC32, PLT32 and 32S: no GOT, nothing dynamic."""
    for data in objects(profile).values():
        assert relocation_types(data) <= {1, 2, 4, 11}


@pytest.mark.parametrize("profile", PROFILES)
def test_sections_are_those_of_a_freestanding_object(profile: Profile) -> None:
    for data in objects(profile).values():
        elf = ELFFile(io.BytesIO(data))
        assert (elf["e_machine"], elf["e_type"], elf.elfclass) == ("EM_X86_64", "ET_REL", 64)
        loaded = {s.name for s in elf.iter_sections() if s["sh_flags"] & 2}
        assert {name.split(".")[1] for name in loaded} <= {"text", "rodata", "data", "bss"}


def test_the_same_bytes_with_any_hash_seed_in_any_folder_at_any_time(tmp_path: Path) -> None:
    script = (
        "import hashlib\n"
        "from tests.compiler.test_backend import objects\n"
        "for profile in ('dev', 'release'):\n"
        "    for _ in range(2):\n"
        "        for name, data in objects(profile).items():\n"
        "            print(profile, name, hashlib.sha256(data).hexdigest())\n"
    )
    outputs = set()
    for seed, folder in (("0", REPOSITORY), ("77", tmp_path)):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(REPOSITORY)}
        done = subprocess.run(
            [sys.executable, "-c", script], cwd=folder, env=environment, capture_output=True, text=True, check=True
        )
        outputs.add(done.stdout)
    assert len(outputs) == 1
    lines = outputs.pop().splitlines()
    assert len(lines) == 6
    assert len(set(lines)) == 3
    for data in objects("release").values():
        assert str(REPOSITORY).encode() not in data


@pytest.mark.parametrize("profile", PROFILES)
def test_no_vector_registers_and_no_red_zone(profile: Profile) -> None:
    from capstone import CS_ARCH_X86, CS_MODE_64, Cs

    decoder = Cs(CS_ARCH_X86, CS_MODE_64)
    for data in objects(profile).values():
        text = ELFFile(io.BytesIO(data)).get_section_by_name(".text").data()
        instructions = list(decoder.disasm(text, 0))
        assert sum(i.size for i in instructions) == len(text)
        for instruction in instructions:
            assert "mm" not in instruction.op_str
            assert "[rsp -" not in instruction.op_str


def test_llvms_assembly_parser_is_never_initialised(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither by name in the sources, nor by what initialising calls in LLVM."""
    for path in (REPOSITORY / "exotool" / "compiler").rglob("*.py"):
        assert "asmparser" not in path.read_text("utf-8").lower(), path
    script = (
        "from llvmlite.binding import ffi\n"
        "called = []\n"
        "lib = ffi.lib\n"
        "class Spy:\n"
        "    def __getattr__(self, name):\n"
        "        called.append(name)\n"
        "        return getattr(lib, name)\n"
        "ffi.lib = Spy()\n"
        "from tests.compiler.test_backend import objects\n"
        "assert objects('release')\n"
        "assert any('AsmPrinter' in name for name in called), called\n"
        "assert not any('AsmParser' in name for name in called), called\n"
    )
    subprocess.run([sys.executable, "-c", script], cwd=REPOSITORY, check=True)


def test_code_that_llvm_refuses_is_an_error_of_the_tool() -> None:
    compiled = compile_unit(Unit("kernel/a.py", "define i32 @f() {\n  ret i64 0\n}\n"), options_for("dev"))
    (error,) = compiled.errors
    assert (error.code, error.message) == ("C0601", "the compiler made code that LLVM refuses")
    assert "value doesn't match function result type" in error.help[0]


def crash(unit: Unit, options: Options) -> Compiled:
    """End the process as LLVM does for a fault that it cannot report."""
    if unit.path == "kernel/b.py":
        faulthandler.disable()
        os.abort()
    return compile_unit(unit, options)


def test_a_crash_of_llvm_is_an_error_of_the_tool() -> None:
    options = options_for("dev")
    units = lower_units(sample(), options).units
    with Workers(1) as workers:
        good, bad = compile_units(units, options, workers, crash)
    assert not good.errors
    (error,) = bad.errors
    assert (error.code, error.message) == ("C0603", "LLVM ended while it compiled `kernel/b.py`")


def test_a_data_layout_that_is_not_ours_is_refused() -> None:
    from dataclasses import replace

    with pytest.raises(ToolError) as caught:
        backend.target_machine(replace(X86_64_KERNEL, data_layout="e"), options_for("dev"))
    assert caught.value.diagnostics[0].code == "C0602"


def test_optimising_happens_in_release_only() -> None:
    (dev,) = lower_units(sample(), Options("dev")).units
    assert emit.optimise_unit(dev, Options("dev")).data.decode() == dev.text
    (release,) = lower_units(sample(), options_for("release")).units
    assert b"alloca" not in emit.optimise_unit(release, options_for("release")).data


@pytest.mark.skipif(shutil.which("ld") is None, reason="needs GNU ld")
def test_gnu_ld_links_the_modules_of_a_program(tmp_path: Path) -> None:
    files = []
    for name, data in objects("dev").items():
        files.append(tmp_path / f"{Path(name).stem}.o")
        files[-1].write_bytes(data)
    command = ["ld", "-r", *map(str, files), "-o", str(tmp_path / "out.o")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    undefined = {name for name, (_, _, defined) in symbols((tmp_path / "out.o").read_bytes()).items() if not defined}
    assert undefined == {"outside", "__bss_end", "__kpy_trap", "memset", "memmove"}
