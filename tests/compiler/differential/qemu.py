"""The life in QEMU: all programs of the suite in one image, with a main function that makes every call."""

from __future__ import annotations

import ast
import itertools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from exotool.asm import Options as AsmOptions
from exotool.asm import assemble
from exotool.compiler.emit import compile_files
from exotool.compiler.lower_options import options_for
from exotool.elf.constants import PF_R, PF_W, PF_X
from exotool.elf.reader import read_object
from exotool.lang.traps import Reason
from exotool.launch import BootOptions, boot, load_machine
from exotool.layout import Layout, OutputSection, Segment
from exotool.link import link

from ...conftest import REPOSITORY
from ...launch.conftest import KERNBASE, KERNELS, Recorder
from .harness import Calls, Life, Outcome, calls_of

HERE = Path(__file__).parent

LAYOUT = Layout(
    (
        Segment("text", PF_R | PF_X, (OutputSection(".text", (".text", ".text.*")),), KERNBASE + 0x100000, 0x100000),
        Segment(
            "rodata",
            PF_R,
            (OutputSection(".rodata", (".rodata", ".rodata.*")), OutputSection(".note.Xen", (".note.Xen",))),
        ),
        Segment("data", PF_R | PF_W, (OutputSection(".data", (".data", ".data.*")),)),
        Segment("bss", PF_R | PF_W, (OutputSection(".bss", (".bss", ".bss.*")),)),
    )
)

HEAD = """\
from enum import IntEnum
from typing import Final, NoReturn

from exotool.lang import Array, Struct, array, export, extern, i8, i16, i32, i64, u8, u16, u32, u64
"""

TRAPS = """

@extern
def result(value: u64) -> None: ...


@extern
def trapped(reason: u64) -> NoReturn:
    \"\"\"Print the reason, and run the next call.\"\"\"


class TrapRecord(Struct):
    file: u64
    message: u64
    line: u32
    column: u32
    reason: u32
    flags: u32


@export("__kpy_trap")
def kpy_trap(record: TrapRecord, a: u64, b: u64) -> NoReturn:
    trapped(record.reason)
"""


@dataclass(frozen=True)
class Group:
    """The calls of one function: which module it is in, and its signature."""

    module: str
    node: ast.FunctionDef
    arguments: list[tuple[Any, ...]]


def groups_of(path: Path) -> list[Group]:
    """Return the calls of a program, function by function."""
    text = path.read_text("utf-8")
    nodes = {n.name: n for n in ast.parse(text).body if isinstance(n, ast.FunctionDef)}
    calls = itertools.groupby(calls_of(text), key=lambda call: call[0])
    return [Group(path.stem, nodes[name], [arguments for _, arguments in some]) for name, some in calls]


def main_module(paths: list[Path]) -> tuple[str, list[Group]]:
    """Return the text of the module that makes the calls, one a time, by number."""
    groups = [group for path in paths for group in groups_of(path)]
    lines = [HEAD, *(f"import {path.stem}" for path in paths), TRAPS]
    starts, total = [], 0
    for number, group in enumerate(groups):
        starts.append(total)
        total += len(group.arguments)
        lines += _caller(number, group)
    lines += ["", "", "@export", "def run_call(number: u64) -> bool:"]
    for number, (start, group) in enumerate(zip(starts, groups, strict=True)):
        lines += [f"    if number < {start + len(group.arguments)}:", f"        call_{number}(number - {start})"]
        lines += ["        return True"]
    return "\n".join([*lines, "    return False"]) + "\n", groups


def _caller(number: int, group: Group) -> list[str]:
    """Return a function that makes one call of a group and prints what it gives."""
    parameters = [ast.unparse(a.annotation) for a in group.node.args.args if a.annotation is not None]
    lines: list[str] = []
    given = []
    for index, kind in enumerate(parameters):
        values = [int(arguments[index]) for arguments in group.arguments]
        stored = "u8" if kind == "bool" else kind
        lines.append(f"V{number}_{index}: Final[Array[{stored}]] = array({values})")
        given.append(f"V{number}_{index}[n]" + (" != 0" if kind == "bool" else ""))
    lines += ["", "", f"def call_{number}(n: u64) -> None:"]
    call = f"{group.module}.{group.node.name}({', '.join(given)})"
    returns = group.node.returns
    if isinstance(returns, ast.Subscript) and isinstance(returns.slice, ast.Tuple):
        lines.append(f"    values = {call}")
        lines += [f"    result(u64(values[{i}]))" for i in range(len(returns.slice.elts))]
    else:
        lines.append(f"    result(u64({call}))")
    return [*lines, "", ""]


def image(paths: list[Path], directory: Path, life: Life) -> bytes:
    """Return a bootable image of programs that lie in one directory."""
    text, _ = main_module(paths)
    main = directory / "kp_main.py"
    main.write_text(text, "utf-8")
    assert life.profile is not None
    compiled, _ = compile_files([main], directory, options_for(life.profile, life.overflow, life.shift))
    objects = []
    for source, include in (
        (HERE / "guest.S", KERNELS),
        (REPOSITORY / "kernel_asm" / "string.S", REPOSITORY / "kernel_asm"),
    ):
        options = AsmOptions(include=(include,), debug=False, root=REPOSITORY)
        objects.append(assemble(source.read_bytes(), source, options).object)
    objects.append(read_object(compiled, "kp_main.o"))
    return link(objects, LAYOUT, "_start").data


def in_qemu(paths: list[Path], directory: Path, life: Life) -> tuple[Calls, list[Outcome]]:
    """Run all calls of all programs in one boot."""
    path = directory / f"kp-{life}.elf"
    path.write_bytes(image(paths, directory, life))
    recorder = Recorder()
    boot(BootOptions(path, load_machine("q35"), timeout=240.0), recorder)
    _, groups = main_module(paths)
    calls = [(f"{g.module}.{g.node.name}", arguments) for g in groups for arguments in g.arguments]
    lines = "".join(recorder.texts).replace("\r", "").splitlines()
    return calls, [_outcome(line) for line in lines[: len(calls)]]


def _outcome(line: str) -> Outcome:
    if line.startswith("T"):
        return Reason(int(line[1:], 16)).name
    return tuple(int(word, 16) for word in line.split())
