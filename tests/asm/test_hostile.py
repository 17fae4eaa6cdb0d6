"""Any bytes end in an object or in an error, soon and in little memory; same bytes always in the same object."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exotool.asm import assemble
from exotool.diagnostics import ToolError, render
from exotool.elf import write_object
from tests.asm.golden import arch_of, sources
from tests.asm.objects import errors, ours
from tests.conftest import REPOSITORY

SECONDS = 60
"""Far above what these take (seconds at most), far below what an input without bounds would."""

LINES = [line for path in sources() for line in path.read_text().splitlines()]
PIECES = (
    *"%$(),:;'#*@\\.=+-!<>[]{}\"",
    *("/*", "*/", "//", "rax", "%eax", "0x", ".L", "1f", "1b", "09", "sym", "lock", "rep", "\\@", "\\()", "<>", "%("),
    *(".set", ".if", ".else", ".endif", ".macro", ".endm", ".rept", ".endr", ".irp", ".altmacro", ".section"),
    *("#define", "#if", "#endif", "#include", ".org", ".align", ".skip"),
)


def survive(data: bytes, name: str) -> None:
    """Assemble; a `ToolError` is fine, and can be shown."""
    try:
        write_object(assemble(data, Path(name)).object)
    except ToolError as error:
        for diagnostic in error.diagnostics:
            assert render(diagnostic)


@given(st.binary(max_size=300), st.sampled_from(["a.s", "a.S"]))
@settings(max_examples=300, deadline=None)
def test_random_bytes(data: bytes, name: str) -> None:
    survive(data, name)


@given(
    st.lists(st.sampled_from(LINES) | st.lists(st.sampled_from(PIECES), max_size=9).map(" ".join), max_size=12),
    st.sampled_from(["a.s", "a.S"]),
)
@settings(max_examples=300, deadline=None)
def test_shuffled_lines(lines: list[str], name: str) -> None:
    survive("\n".join(lines).encode(), name)


@given(st.sampled_from(LINES), st.integers(0, 80), st.sampled_from(PIECES), st.integers(0, 5))
@settings(max_examples=400, deadline=None)
def test_damaged_lines(line: str, at: int, piece: str, cut: int) -> None:
    survive((line[:at] + piece + line[at + cut :]).encode(), "a.s")


BOMBS = {
    "structure of labels": ".struct 0\n" + "".join(f"l{i}: .skip 1\n" for i in range(60000)),
    "unlike procedures": "".join(f".cfi_startproc\n.cfi_offset {i}, -8\n.cfi_endproc\n" for i in range(30000)),
    "unwinding steps": ".cfi_startproc\n" + "jmp x\n.cfi_adjust_cfa_offset 8\n" * 20000 + "x: .cfi_endproc\n",
    "folders": "".join(f'.file {i} "d{i}/a.c"\n' for i in range(1, 40000)) + ".loc 1 1\nnop\n",
    "views": '.file 1 "a.c"\n'
    + "".join(f".loc 1 1 view v{i}\n.p2align 1\n" for i in range(20000))
    + ".uleb128 v19999\n",
    "views at one place": '.file 1 "a.c"\n' + "".join(f".loc 1 1 view v{i}\n" for i in range(30000)) + ".uleb128 v9\n",
    "groups": "".join(f'.section .t{i},"axG",@progbits,g{i},comdat\n.quad s\n' for i in range(20000)),
    "weak references in a circle": ".weakref a, b\n.weakref b, a\n.weakref c, c\n.long a, b, c\n",
    "nops": ".nops 1000000000000\n.nops 1048576\n",
    "long operands": "movl $" + "1+" * 100000 + "1, %eax\n",
    "macro calls itself": ".macro a\na\n.endm\na\n",
    "macro calls itself twice": ".macro a\na\na\n.endm\na\n",
    "macros multiply": "".join(f".macro m{i}\n{f'm{i + 1}' + chr(10)}{f'm{i + 1}' + chr(10)}.endm\n" for i in range(60))
    + ".macro m60\nnop\n.endm\nm0\n",
    "argument grows": '.macro a x:vararg\na "\\x\\x"\n.endm\na nopnopnop\n',
    "argument doubles": ".macro a x:vararg\na \\x\\x\n.endm\na nop;nop\n",
    "repetition in repetition": ".rept 10000\n.rept 10000\nnop\n.endr\n.endr\n",
    "repetition of nothing": ".rept 0x7fffffff\n.endr\n",
    "huge space": ".skip 0x7fffffffffffffff\n",
    "many spaces": ".rept 1000\n.skip 0x8000000\n.endr\n",
    "space that depends on itself": "a: .skip b - a\nb:\n",
    "two spaces that depend on each other": "a: .skip d - c + 1\nb:\nc: .skip b - a + 1\nd:\n",
    "huge alignment": ".data\n.byte 1\n.balign 0x40000000\n.byte 1\n",
    "value of itself": ".set a, b\n.set b, a\n.long a\n",
    "long chain of values": "".join(f".set s{i}, s{i + 1} + 1\n" for i in range(3000)) + ".long s0\n",
    "deep parentheses": f".long {'(' * 5000}1{')' * 5000}\n",
    "deep minus": f".long {'-' * 5000}1\n",
    "long sum": f".long {'+'.join(['a'] * 5000)}\n",
    "long line": f".byte {','.join(['1'] * 100000)}\n",
    "unclosed string": '.ascii "' + "a" * 100000,
    "quotes": '"' * 20000,
    "backslashes": "\\\n" * 20000,
    "open conditions": ".if 1\n" * 20000,
    "open macros": ".macro a\n" * 20000,
    "sections": "".join(f".section s{i}\n" for i in range(70000)),
    "push": ".pushsection .data\n" * 20000,
    "numeric labels": "1:\n" * 20000 + "jmp 1b\n",
    "many errors": "bad bad bad\n" * 20000,
    "section flags in octal": '.section .a, "017"\n.section .b, "09"\n.section .c, "a", @017\n',
    "size of an alias": "a: nop\n.size a, b\n.set c, a\n.globl c\n",
    "alignment of the file": ".p2align 30\nnop\n",
    "alignment of zeros": ".bss\n.balign 0x40000000\n.local a\n.comm a, 8, 0x40000000\n",
    "binary number of a label": "jmp 0b1f\n.long 0b1b\n",
    "thousands of digits": "".join(
        f"{name} {'1' * 9000}\n" for name in (".octa", ".quad", ".double", ".tfloat", "int $")
    ),
    "negative size": "a: nop\n.size a, -10\n",
    "more than 4 GiB": ".comm a, 0x100000000, 16\n.comm b, 8, 0x100000000\n",
    "great exponents": "".join(f"{name} 1e999999999\n{name} 1e-999999999\n" for name in (".float", ".tfloat")),
    "blocks": ".dcb.l 1000000000, foo\n.ds.x 1000000000\n.dcb.x 1000000000, 1.5\n.ds -5\n",
}
PREPROCESSOR_BOMBS = {
    "doubling macros": "".join(f"#define a{i} a{i + 1} a{i + 1}\n" for i in range(60)) + "a0\n",
    "doubling arguments": "".join(f"#define a{i}(x) a{i + 1}(x x)\n" for i in range(60)) + "a0(1)\n",
    "macros of macros": "".join(f"#define a{i} a{i + 1}\n" for i in range(5000)) + "a0\n",
    "nested brackets": ".intel_syntax noprefix\nmov eax, " + "[" * 20000 + "\n",
    "nested calls": "#define f(x) x\n" + "f(" * 2000 + ")" * 2000 + "\n",
    "open call": "#define f(x) x\nf(" + "\n1," * 30000,
    "open conditions": "#if 1\n" * 20000,
    "deep condition": f"#if {'(' * 5000}1{')' * 5000}\n#endif\n",
    "pasting": "#define p(x) x##x\n" + "p(" * 100 + "a" + ")" * 100,
    "includes itself": '#include "bomb.S"\n',
    "directive in call": "#define f(x) x\nf(\n#define g 1\n)\n",
}


@pytest.mark.parametrize("text", BOMBS.values(), ids=BOMBS)
def test_bombs(text: str) -> None:
    start = time.process_time()
    survive(text.encode(), "bomb.s")
    assert time.process_time() - start < SECONDS


@pytest.mark.parametrize("text", PREPROCESSOR_BOMBS.values(), ids=PREPROCESSOR_BOMBS.keys())
def test_preprocessor_bombs(text: str, tmp_path: Path) -> None:
    path = tmp_path / "bomb.S"
    path.write_text(text)
    start = time.process_time()
    survive(text.encode(), str(path))
    assert time.process_time() - start < SECONDS


def test_the_first_errors_are_shown_and_the_rest_counted() -> None:
    shown = errors("frobnicate\n" * 500)
    assert shown.count("unknown instruction") == 50
    assert "450 more errors are not shown" in shown


def test_names_that_no_string_table_can_hold() -> None:
    assert "A0203" in errors(b'"a\\\xff" = 1\n.globl "\x01"\n')


def test_bytes_that_are_not_utf_8_stay_in_strings() -> None:
    assert b"\xff\xfe\x80" in ours(b'.ascii "\xff\xfe\x80"\n')


def test_same_bytes_under_any_hash_seed(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from exotool.asm import *; from exotool.elf import write_object\n"
        "for name in sys.argv[1:]:\n"
        "    path = Path(name)\n"
        "    found = assemble(path.read_bytes(), path, Options(debug=True, root=path.parent))\n"
        "    sys.stdout.buffer.write(write_object(found.object))\n"
    )
    names = [str(path) for path in sources() if arch_of(path) == "x86_64"]
    digests = set()
    for seed in ("0", "1", "4242"):
        environment = os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(REPOSITORY)}
        done = subprocess.run(
            [sys.executable, "-c", program, *names], env=environment, cwd=tmp_path, capture_output=True, check=True
        )
        digests.add(hashlib.sha256(done.stdout).hexdigest())
    assert len(digests) == 1
