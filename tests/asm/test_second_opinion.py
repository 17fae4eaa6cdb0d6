"""`asm --check llvm` and the self-test of the encoder."""

from __future__ import annotations

from pathlib import Path

import pytest

from exotool.asm import Options, llvm, selftest, templates
from exotool.diagnostics import ToolError, render


def test_the_encoder_is_right() -> None:
    assert selftest.failures() == []


def test_a_wrong_encoder_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    keystone = templates._keystone

    def broken(mode: int, texts: list[str]) -> list[bytes | None]:
        return [code and code[:-1] + bytes([code[-1] ^ 8]) for code in keystone(mode, texts)]

    monkeypatch.setattr(templates, "_keystone", broken)
    with templates.encoder_alone("keystone"):
        assert selftest.failures()
    with templates.encoder_alone("own"):
        assert not selftest.failures()


def test_agreement(tmp_path: Path) -> None:
    source = b"#define VALUE 5\nstart: movl $VALUE, %eax\n1: jmp 1b\n.data\n.quad start\n"
    assert llvm.check(source, tmp_path / "a.S", Options()).object.sections


def test_another_encoding(tmp_path: Path) -> None:
    with pytest.raises(ToolError) as caught:
        llvm.check(b"nop\nmovq $sym, %rax\nrex64 cbtw\n", tmp_path / "a.s", Options(root=tmp_path))
    text = render(caught.value.diagnostics[0])
    assert "A0603" in text


def test_what_llvm_refuses(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="LLVM's assembler refuses the source"):
        llvm.check(b".weakref one, two\n.reloc ., R_X86_64_NONE\n.struct 5\n", tmp_path / "a.s", Options())


def test_our_errors_come_first(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="unknown instruction"):
        llvm.check(b"frobnicate\n", tmp_path / "a.s", Options())
