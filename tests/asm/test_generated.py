"""Generated instructions against other assemblers: what both take must be the same bytes and relocations.

GNU as gives the verdict where it is installed; LLVM's assembler, which makes other choices between equal encodings
and other relocations, where it is not: then the text has no choice in it.
"""

from __future__ import annotations

import json
import re
import subprocess

import pytest
from capstone import CS_ARCH_X86, CS_MODE_32, CS_MODE_64, Cs
from hypothesis import given, settings
from hypothesis import strategies as st

from exotool.asm.mnemonics import CONDITIONS, EXTENSIONS, PLAIN, PROXIES, SHIFTS, SIZED
from exotool.asm.simd import SIMD
from exotool.asm.vex import VECTOR
from exotool.diagnostics import ToolError
from tests.asm.golden import VERSION
from tests.asm.objects import code, difference, ours, summarize
from tests.second_assembler import assemble_with_gnu, assemble_with_llvm, gnu_version

SLOW_32, SLOW_16 = (pytest.param(mode, marks=pytest.mark.slow) for mode in (32, 16))
GNU = pytest.mark.skipif(gnu_version() != VERSION, reason=f"needs GNU as {VERSION}")

REGISTERS = {
    8: ["al", "cl", "dl", "bl", "ah", "ch", "dh", "bh", "spl", "dil", "r8b", "r15b"],
    16: ["ax", "cx", "dx", "bx", "sp", "bp", "si", "di", "r8w", "r13w"],
    32: ["eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi", "r8d", "r12d"],
    64: ["rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r12", "r13", "r15"],
}
LEGACY = {8: 8, 16: 8, 32: 8, 64: 0}
"""How many of each list there are outside 64-bit mode."""
NUMBERS = ["0", "1", "3", "-1", "8", "127", "128", "-128", "-129", "255", "0x7fff", "0x12345678", "-0x80000000", "sym"]
DISPLACEMENTS = ["", "", "8", "-8", "0x80", "-0x80", "0x1234", "sym", "sym+4"]
NAMES = sorted(
    {
        *(name + suffix for name in (*SIZED, *SHIFTS, "mov", "imul", "push", "pop") for suffix in ("", *"bwlq")),
        *(name + suffix for name in ("lea", "shld", "shrd", "bswap", "crc32") for suffix in ("", *"wlq")),
        *(f"{prefix}{condition}" for prefix in ("j", "set") for condition in CONDITIONS),
        *EXTENSIONS,
        *PLAIN,
        *PROXIES,
    }
)


def registers(bits: int, mode: int) -> list[str]:
    return REGISTERS[bits][: None if mode == 64 else LEGACY[bits]]


@st.composite
def memory(draw: st.DrawFn, mode: int) -> str:
    segment = draw(st.sampled_from(["", "", "", "", "%fs:", "%gs:", "%es:", "%ss:"]))
    displacement = draw(st.sampled_from(DISPLACEMENTS))
    if mode == 16 and draw(st.booleans()):
        inner = ["%bx", "%si", "%di", "%bp", "%bx,%si", "%bx,%di", "%bp,%si", "%bp,%di"]
        return f"{segment}{displacement}({draw(st.sampled_from(inner))})"
    if mode == 64 and draw(st.integers(0, 5)) == 0:
        return f"{segment}{displacement}(%rip)"
    names = st.sampled_from(registers(draw(st.sampled_from([64, 64, 32])) if mode == 64 else 32, mode))
    base, index, scale = draw(names), draw(names), draw(st.sampled_from("1248"))
    forms = [f"(%{base})", f"(%{base},%{index},{scale})", f"(,%{index},{scale})", ""]
    form = draw(st.sampled_from(forms))
    return f"{segment}{displacement or ('' if form else '8')}{form}"


@st.composite
def statements(draw: st.DrawFn, mode: int) -> str:
    bits = draw(st.sampled_from([8, 16, 32, 64] if mode == 64 else [8, 16, 32]))
    operand = st.one_of(
        st.sampled_from(registers(bits, mode)).map(lambda name: f"%{name}"),
        st.sampled_from(registers(bits, mode)).map(lambda name: f"%{name}"),
        memory(mode),
        st.sampled_from(NUMBERS).map(lambda number: f"${number}"),
    )
    operands = draw(st.lists(operand, min_size=1, max_size=3))
    return f"{draw(st.sampled_from(NAMES))} {', '.join(operands)}"


SIZES = ["byte", "word", "dword", "fword", "qword", "xmmword", "ymmword"]
INTEL_NAMES = sorted(
    {name.rstrip("bwlq") if name in EXTENSIONS else name for name in NAMES} | {"movzx", "movsx", "movsxd"}
)
VECTOR_NAMES = sorted({*SIMD, *VECTOR})


@st.composite
def intel_memory(draw: st.DrawFn, mode: int) -> str:
    size = draw(st.sampled_from(["", *(f"{size} ptr " for size in SIZES)]))
    segment = draw(st.sampled_from(["", "", "", "fs:", "gs:"]))
    if mode == 16 and draw(st.booleans()):
        inside = draw(st.sampled_from(["bx", "si", "bp+8", "bx+si", "bx+di-4", "bp+si+0x1234"]))
        return f"{size}{segment}[{inside}]"
    names = st.sampled_from(registers(64 if mode == 64 else 32, mode))
    base, index, scale = draw(names), draw(names), draw(st.sampled_from("1248"))
    number = draw(st.sampled_from(["", "+8", "-8", "+0x1234", "+sym"]))
    inside = draw(st.sampled_from([base, f"{base}+{index}*{scale}", f"{index}*{scale}", f"{scale}*{index}+{base}"]))
    relative = ["rip+sym"] if mode == 64 else []
    return f"{size}{segment}[{draw(st.sampled_from([inside + number, inside + number, *relative]))}]"


@st.composite
def intel_statements(draw: st.DrawFn, mode: int) -> str:
    bits = draw(st.sampled_from([8, 16, 32, 64] if mode == 64 else [8, 16, 32]))
    names = st.sampled_from(registers(bits, mode))
    numbers = st.sampled_from([number for number in NUMBERS if number != "sym"] + ["offset sym", "sym"])
    operands = draw(st.lists(st.one_of(names, names, intel_memory(mode), numbers), min_size=1, max_size=3))
    return f"{draw(st.sampled_from(INTEL_NAMES))} {', '.join(operands)}"


@st.composite
def vector_statements(draw: st.DrawFn, mode: int) -> str:
    most = 15 if mode == 64 else 7
    kind = draw(st.sampled_from(["xmm", "xmm", "ymm", "mm"]))
    vector = st.integers(0, 7 if kind == "mm" else most).map(lambda number: f"%{kind}{number}")
    narrow = st.integers(0, most).map(lambda number: f"%xmm{number}")
    general = st.sampled_from(registers(draw(st.sampled_from([32, 64])) if mode == 64 else 32, mode))
    place = st.one_of(vector, vector, narrow, memory(mode), general.map(lambda name: f"%{name}"))
    operands = draw(st.lists(place, min_size=1, max_size=4))
    if draw(st.integers(0, 2)) == 0:
        operands.insert(0, draw(st.sampled_from(["$0", "$5", "$0x80", "$-1"])))
    return f"{draw(st.sampled_from(VECTOR_NAMES))} {', '.join(operands)}"


KINDS = {
    "AT&T": ("", statements),
    "Intel": (".intel_syntax noprefix", intel_statements),
    "vector": ("", vector_statements),
}


def takes(text: str) -> bool:
    try:
        ours(text)
    except ToolError:
        return False
    return True


def gnu_refuses(text: str) -> frozenset[int]:
    """Return the numbers of the lines that GNU as refuses."""
    done = subprocess.run(
        ["as", "--64", "-o", "/dev/null", "-"], input=text, capture_output=True, text=True, check=False
    )
    return frozenset(map(int, re.findall(r":(\d+): Error", done.stderr)))


@GNU
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("mode", [64, SLOW_32, SLOW_16])
def test_what_both_take_is_the_same(mode: int, kind: str) -> None:
    syntax, lines_of = KINDS[kind]
    head = f".code{mode}\n{syntax}\n"

    @given(st.lists(lines_of(mode), min_size=30, max_size=60))
    @settings(max_examples=20, deadline=None)
    def check(lines: list[str]) -> None:
        refused = gnu_refuses(head + "\n".join(lines) + "\n")
        both = [line for at, line in enumerate(lines, 3) if at not in refused and takes(f"{head}{line}\n")]
        text = head + "\n".join(both) + "\n"
        theirs = assemble_with_gnu(text.encode())
        assert theirs is not None
        assert not difference(json.loads(json.dumps(summarize(theirs))), json.loads(json.dumps(summarize(ours(text)))))

    check()


@pytest.mark.parametrize("mode", [64, 32, 16])
def test_every_vector_instruction_reads_back(mode: int) -> None:
    """Without another assembler: what Capstone reads is what was written."""
    engine = Cs(CS_ARCH_X86, {64: CS_MODE_64, 32: CS_MODE_32, 16: CS_MODE_32}[mode])

    @given(vector_statements(mode))
    @settings(max_examples=100, deadline=None)
    def check(line: str) -> None:
        text = f".code{mode}\n{line}\n"
        if not takes(text) or (mode == 16 and "(" in line):
            return
        (found,) = engine.disasm(code(text), 0)
        written = set(re.findall(r"%([xy]?mm\d+)", line))
        assert written <= set(re.findall(r"[xy]?mm\d+", found.op_str)) | ({"xmm0"} & written)

    check()


@st.composite
def plain_lines(draw: st.DrawFn) -> str:
    """Instructions of 64-bit code that have one encoding only."""
    bits = draw(st.sampled_from([16, 32, 64]))
    suffix = {16: "w", 32: "l", 64: "q"}[bits]
    names = st.sampled_from(REGISTERS[bits])
    addresses = st.sampled_from(["(%rax)", "8(%rsp)", "-8(%rbp,%r12,4)", "0x1234(%r13)", "(,%rbx,8)", "%gs:16(%rdi)"])
    name = draw(st.sampled_from(["add", "mov", "xor", "cmp", "imul", "bsf", "cmovne", "xchg", "bt", "popcnt"]))
    if name in ("imul", "bsf", "cmovne", "popcnt"):
        return f"{name}{suffix} {draw(addresses)}, %{draw(names)}"
    if draw(st.booleans()):
        return f"{name}{suffix} %{draw(names)}, {draw(addresses)}"
    return f"lea{suffix} {draw(addresses)}, %{draw(names)}"


@given(st.lists(plain_lines(), min_size=20, max_size=60))
@settings(max_examples=5, deadline=None)
def test_llvm_agrees(lines: list[str]) -> None:
    text = "\n".join(lines) + "\n"
    theirs = summarize(assemble_with_llvm(text.encode()))["sections"][".text"]["data"]
    assert code(text).hex() == theirs


def test_llvm_refuses_with_a_message() -> None:
    with pytest.raises(ValueError, match="frobnicate"):
        assemble_with_llvm(b"frobnicate\n")


def test_keystone_never_ends_the_process() -> None:
    """LLVM inside Keystone ends the process for a high byte register beside a REX prefix."""
    for text in ("movb %ah, %r8b", "addb (%r9), %bh", "movzbq %ah, %rax", "crc32b %ch, %rax", "xchgb %dh, %sil"):
        with pytest.raises(ToolError, match="cannot stand beside"):
            ours(text + "\n")
