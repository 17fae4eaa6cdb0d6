"""Warnings: sizes that are assumed, numbers that are cut, and code that assembles and cannot work."""

from __future__ import annotations

from pathlib import Path

import pytest

from exotool.asm import Options, assemble, driver
from exotool.diagnostics import ToolError
from tests.asm.golden import arch_of, sources


def warned(text: str) -> list[str]:
    found = assemble(text.encode(), Path("a.s")).warnings
    return [f"{warning.code} {warning.message}" for warning in found]


ASSUMED = {
    "incl (%rax)": "",
    "inc (%rax)": "A0409 `inc` has no size suffix and no register; `incl` is assumed",
    ".code16\ninc (%bx)": "A0409 `inc` has no size suffix and no register; `incw` is assumed",
    "fadd (%rax)": "A0409 `fadd` has no size suffix and no register; `fadds` is assumed",
    "fild (%rax)": "A0409 `fild` has no size suffix and no register; `filds` is assumed",
    "iret": "A0409 `iret` has no size suffix and no register; `iretl` is assumed",
    ".code32\niret": "",
    "movzx (%rax), %ebx": "A0409 `movzx` does not tell the size of its memory operand; a byte is assumed",
    "movzx %al, %ebx": "",
    "movzbl (%rax), %ebx": "",
}
CUT = {
    "movb $300, %al": "A0412 0x12c is shortened to 0x2c",
    "movb $-128, %al\nmovb $255, %al": "",
    ".word 0x12345": "A0412 value 0x12345 is shortened to 0x2345",
    "shll $32, %eax": "A0417 count 32 of a 32-bit operand is count 0",
    "shll $31, %eax\nshlw $16, %ax\nrolb $9, %al\nshll %eax": "",
    "shrq $64, (%rax)": "A0417 count 64 of a 64-bit operand is count 0",
    "shldl $33, %eax, %ebx": "A0417 count 33 of a 32-bit operand is count 1",
    "btl $35, (%rax)": "A0417 bit 35 of a 32-bit operand is bit 3",
    "bts $64, %rax": "A0417 bit 64 of a 64-bit operand is bit 0",
    "btq $63, (%rax)\nbt %eax, (%rbx)": "",
    ".intel_syntax noprefix\nshl dword ptr [rax], 40": "A0417 count 40 of a 32-bit operand is count 8",
}
IN_VAIN = {
    "mov %rax, %cr1": "A0416 no processor has `%cr1`: the instruction is an invalid opcode",
    "mov %rax, %cr8\nmov %dr7, %rax": "",
    "movl %es:8(%rax), %ebx": "A0416 in 64-bit mode, `%es:` has no effect",
    "movl %ds:8(%rbp), %ebx": "A0416 in 64-bit mode, `%ds:` has no effect",
    "movl %ds:8(%rax), %ebx\nmovl %ss:8(%rsp), %ebx\nmovl %gs:8, %eax": "",
    "movsb %ds:(%rsi), %es:(%rdi)\nstosb %al, %es:(%rdi)": "",
    ".code32\nmovl %es:8(%eax), %ebx": "",
    "retw": "A0416 processors disagree on `retw` in 64-bit mode: some take 64 bits, some 16",
    ".code32\nretw": "",
    ".code32\nsysret": "A0416 `sysret` is an invalid opcode outside 64-bit mode, except on AMD's processors",
    "sysretq": "",
    '.section .boot\nnop\n.section .boot\nnop\n.section .other, "ax"\nnop': (
        "A0418 section `.boot` has instructions and no flag `a`: no program loads it"
    ),
    '.section .note\n.byte 1\n.section .comment\n.asciz "a"': "",
}


@pytest.mark.parametrize(("text", "message"), [*ASSUMED.items(), *CUT.items(), *IN_VAIN.items()])
def test_a_warning(text: str, message: str) -> None:
    assert warned(text + "\n") == ([message] if message else [])


def test_a_warning_is_at_the_operand() -> None:
    (warning,) = assemble(b"nop\n shll $32, %eax\n", Path("a.s")).warnings
    assert warning.place is not None
    assert (warning.place.line, warning.place.column, warning.place.end_column) == (2, 7, 10)


def test_a_number_of_more_than_64_bits_is_an_error() -> None:
    for text in (".quad 0x10000000000000000 + 1", "movabs $18446744073709551616, %rax"):
        with pytest.raises(ToolError, match="0x10000000000000000 has more than 64 bits"):
            warned(text + "\n")
    assert not warned(".quad 0xffffffffffffffff, -0x8000000000000000\n")
    assert warned(".quad 0x10000000000000002\n") == ["A0412 value 0x10000000000000002 is shortened to 0x2"]


def test_the_corpus_has_few() -> None:
    """The corpus is odd on purpose; what it has must not grow without a look."""
    found: dict[str, int] = {}
    for path in sources():
        if path.suffix == ".s":
            for warning in assemble(path.read_bytes(), path, Options(arch=arch_of(path))).warnings:
                found[warning.code] = found.get(warning.code, 0) + 1
    assert found["A0416"] == 12
    assert "A0417" not in found


@pytest.mark.parametrize(("option", "code", "says"), [("-W", 0, False), ("--fatal-warnings", 1, True), ("-f", 0, True)])
def test_options(option: str, code: int, says: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "a.s"
    source.write_text("shll $32, %eax\n")
    assert driver.run([option, "-o", str(tmp_path / "a.o"), str(source)]) == code
    assert ("A0417" in capsys.readouterr().err) == says
    assert (tmp_path / "a.o").exists() == (code == 0)


@pytest.mark.parametrize("operand", ["dword ptr [rbx]", "qword ptr [rbx]"])
def test_a_vector_operand_of_another_size_is_an_error(operand: str) -> None:
    with pytest.raises(ToolError, match="`addps` does not take these operands"):
        warned(f".intel_syntax noprefix\naddps xmm1, {operand}\n")
    assert not warned(".intel_syntax noprefix\naddps xmm1, xmmword ptr [rbx]\naddps xmm1, [rbx]\n")
