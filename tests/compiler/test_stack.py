"""Stack depths from machine code: frames, calls, tail jumps, pointers, recursion, and the key `stack`."""

from __future__ import annotations

import random
import shutil
import subprocess
from pathlib import Path

import pytest

from exotool.build import build_image
from exotool.cli import run_command_line
from exotool.compiler.emit import compile_files
from exotool.compiler.lower_options import options_for
from exotool.compiler.stack import Depth, stack_depths
from exotool.diagnostics import ToolError
from exotool.project import PROFILES, load_project

from ..asm.objects import ours
from .test_project_sources import PROJECT, START

MEMSET = """\
    .globl memset
    .type memset, @function
memset:
    ret
    .size memset, . - memset
"""


def depths(text: str, recursion: dict[str, int] | None = None) -> dict[str, Depth]:
    return {depth.name: depth for depth in stack_depths(ours(text), "code.o", recursion)}


def test_pushes_subtractions_and_calls() -> None:
    found = depths(
        """
        .globl f
        f:  pushq %rbp
            movq %rsp, %rbp
            pushq %rbx
            subq $0x40, %rsp
            call g
            leave
            ret
        .globl g
        g:  subq $24, %rsp
            testl %edi, %edi
            je 1f
            pushq %rax
            popq %rax
        1:  addq $24, %rsp
            ret
        """
    )
    assert (found["g"].frame, found["g"].depth) == (32, 32)
    # 8 for rbp, 8 for rbx, 64, 8 for the return address, then g.
    assert (found["f"].frame, found["f"].depth) == (88, 120)
    assert found["f"].chain == (("f", 88), ("g", 32))


def test_a_tail_jump_costs_what_its_target_costs_from_there() -> None:
    found = depths(
        """
        .globl f
        f:  subq $8, %rsp
            addq $8, %rsp
            jmp g
        .globl g
        g:  subq $100, %rsp
            addq $100, %rsp
            ret
        """
    )
    assert found["f"].depth == 100


def test_aligned_stacks_count_what_alignment_can_take() -> None:
    found = depths(".globl f\nf: pushq %rbp\nmovq %rsp, %rbp\nandq $-64, %rsp\nsubq $64, %rsp\nleave\nret\n")
    assert found["f"].depth == 8 + 56 + 64


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("subq %rax, %rsp\nret", "moves the stack pointer by a number that only the running program knows"),
        ("1: pushq %rax\njmp 1b", "pushes in a loop"),
        ("call f\nret", "calls itself by way of `f`"),
    ],
)
def test_no_bound(body: str, reason: str) -> None:
    assert reason in depths(f".globl f\nf: {body}\n")["f"].unbounded


def test_recursion_with_a_bound() -> None:
    found = depths(".globl f\nf: subq $24, %rsp\ncall f\naddq $24, %rsp\nret\n", {"f": 4})
    assert not found["f"].unbounded
    assert found["f"].depth >= 4 * 24 + 3 * 8


def test_a_cycle_costs_the_same_wherever_it_is_entered() -> None:
    text = """
        .globl f
        f:  subq $24, %rsp
            call g
            addq $24, %rsp
            ret
        .globl g
        g:  subq $40, %rsp
            call f
            addq $40, %rsp
            ret
        .globl h
        h:  call g
            ret
        """
    assert all(depth.unbounded for depth in depths(text).values())
    for bound in ({"f": 4}, {"g": 4}):
        found = depths(text, bound)
        assert not any(depth.unbounded for depth in found.values())
        # Four activations of one and five of the other are open at most.
        assert all(depth.depth >= 4 * (32 + 48) + 32 for depth in found.values())
        assert found["h"].depth >= found["g"].depth + 8


def test_switches_of_the_stack_are_told() -> None:
    found = depths(".globl swtch\nswtch: pushq %rbx\nmovq %rsp, (%rdi)\nmovq %rsi, %rsp\npopq %rbx\nret\n")
    assert found["swtch"].remarks == ("`swtch` loads another stack",)
    found = depths(".globl swtch\nswtch: pushq %rbx\nleaq 8(%rdi), %rsp\npopq %rbx\nret\n")
    assert found["swtch"].remarks == ("`swtch` loads another stack",)
    found = depths(".globl f\nf: leaq (%rsp, %rax), %rsp\nret\n")
    assert "only the running program knows" in found["f"].unbounded


def test_a_call_through_a_pointer_reaches_what_is_used_as_a_value() -> None:
    found = depths(
        """
        .globl f
        f:  call *table(,%rdi,8)
            ret
        big: subq $1000, %rsp
            addq $1000, %rsp
            ret
        other: subq $2000, %rsp
            addq $2000, %rsp
            ret
            .data
        table: .quad big
        """
    )
    assert found["f"].depth == 8 + 1000
    assert "`f` calls through a pointer" in found["f"].remarks


def test_functions_of_other_files_are_told() -> None:
    found = depths(".globl f\nf: call elsewhere\nret\n")
    assert found["f"].remarks == ("`f` calls `elsewhere`, which is not in this file",)


def test_long_chains_of_calls_need_no_stack_of_python() -> None:
    text = "".join(f".globl f{i}\nf{i}: pushq %rax\ncall f{i + 1}\npopq %rax\nret\n" for i in range(3000))
    assert depths(text + ".globl f3000\nf3000: ret\n")["f0"].depth == 3000 * 16


def test_compiled_programs(tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text(
        "from exotool.lang import Array, array, export, noinline, u8, u64\n\n\n"
        "@noinline\ndef sum(a: Array[u8]) -> u64:\n    t: u64 = 0\n    for x in a:\n        t += x\n    return t\n\n\n"
        "@export\ndef f(n: u64) -> u64:\n    a: Array[u8] = array(500)\n    a[n] = 3\n    return sum(a)\n"
    )
    for profile in PROFILES:
        data, _ = compile_files([tmp_path / "m.py"], tmp_path, options_for(profile, None, None))
        (f,) = [d for d in stack_depths(data, "m.o") if d.name == "f"]
        assert 500 <= f.depth < 1200, profile


@pytest.mark.skipif(shutil.which("gcc") is None, reason="gcc tells the frames of its own functions")
def test_frames_are_those_that_gcc_reports(tmp_path: Path) -> None:
    source = "".join(
        f"int f{n}(int *p, int i) {{ volatile char b[{n}]; b[i] = *p; return b[i / 2] + (i > 3 ? *p : 2); }}\n"
        for n in (1, 7, 16, 100, 129, 1000, 5000)
    )
    (tmp_path / "a.c").write_text(source)
    for level in ("-O0", "-O2", "-Os"):
        command = [
            "gcc",
            level,
            "-ffreestanding",
            "-mno-red-zone",
            "-fno-stack-protector",
            "-fno-stack-clash-protection",
        ]
        subprocess.run([*command, "-fcf-protection=none", "-fstack-usage", "-c", "a.c"], cwd=tmp_path, check=True)
        told = {
            line.split("\t")[0].rpartition(":")[2]: int(line.split("\t")[1])
            for line in (tmp_path / "a.su").read_text().splitlines()
        }
        found = {d.name: d.depth + 8 for d in stack_depths((tmp_path / "a.o").read_bytes(), "a.o")}
        assert found == told, level


def test_any_bytes_end_in_a_result_or_an_error() -> None:
    data = ours(".globl f\nf: subq $24, %rsp\ncall g\naddq $24, %rsp\nret\n.globl g\ng: pushq %rax\npopq %rax\nret\n")
    choose = random.Random(1)
    for kind in (1, 2):
        for _ in range(300):
            damaged = bytearray(data)
            damaged[16] = kind
            for _ in range(choose.randrange(1, 6)):
                damaged[choose.randrange(len(damaged))] = choose.randrange(256)
            try:
                stack_depths(bytes(damaged[: choose.randrange(1, len(damaged) + 1)]), "code.o")
            except ToolError as error:
                assert error.diagnostics


def make(root: Path, extra: str) -> None:
    (root / "src").mkdir(exist_ok=True)
    (root / "exotool.toml").write_text(PROJECT.replace('profile = "dev"', f'profile = "dev"\n{extra}'))
    (root / "src" / "start.S").write_text(START + MEMSET)
    (root / "src" / "main.py").write_text(
        "from exotool.lang import Array, array, export, u8, u64\n\n\n"
        "@export\ndef kmain() -> None:\n"
        "    a: Array[u8] = array(3000)\n    for i in range(3000):\n        a[i] = u8(i)\n"
    )


def test_a_link_fails_that_needs_more_stack_than_there_is(tmp_path: Path) -> None:
    make(tmp_path, 'stack = "2K"')
    project = load_project(tmp_path)
    with pytest.raises(ToolError) as caught:
        build_image(project, project.images[0])
    (error,) = caught.value.diagnostics
    assert error.code == "C0605"
    assert error.label == "the image allows 2048"
    assert [note.message.split("`")[1] for note in error.notes] == ["start", "kmain"]
    make(tmp_path, 'stack = "16K"')
    project = load_project(tmp_path)
    assert build_image(project, project.images[0]).made


def test_the_command_prints_depths_and_chains(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "code.o"
    path.write_bytes(ours(".globl f\nf: pushq %rax\ncall g\npopq %rax\nret\ng: pushq %rbx\npopq %rbx\nret\n"))
    assert run_command_line(["inspect", "--stack", str(path)]) == 0
    assert capsys.readouterr().out.splitlines()[1:] == ["      24      16  f", "               8    -> g"]
    assert run_command_line(["inspect", "--stack", str(path), "--recursive", "f"]) == 2
