"""Without Keystone our own encoder makes everything: the same bytes, one notice, refusals as errors."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from exotool.asm import Options, assemble, readback, recipes, selftest, templates
from exotool.diagnostics import ToolError
from exotool.elf import write_object
from tests.asm.golden import GOLDEN, arch_of, sources
from tests.asm.objects import KERNEL, difference, kernel_sources, ours, summarize


@pytest.fixture
def without_keystone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("keystone", "llvmlite"):
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setattr(templates, "_cache", {})
    monkeypatch.setattr(recipes, "_known", {})
    templates.has_keystone.cache_clear()
    yield
    templates.has_keystone.cache_clear()


@pytest.mark.usefixtures("without_keystone")
@pytest.mark.parametrize("path", sources(), ids=lambda path: path.name)
def test_the_corpus_is_the_same(path: Path) -> None:
    golden = json.loads(GOLDEN.read_text())["objects"][path.name]
    assert not difference(golden, json.loads(json.dumps(summarize(ours(path.read_bytes(), str(path), arch_of(path))))))


def test_the_kernel_is_the_same(request: pytest.FixtureRequest) -> None:
    options = Options(include=(KERNEL,))

    def made(path: Path) -> bytes:
        try:
            return write_object(assemble(path.read_bytes(), path, options).object)
        except ToolError:
            return b""  # not for the want of an encoder; the same with each

    paths = kernel_sources()
    first = [made(path) for path in paths]
    assert sum(map(bool, first)) > 20
    request.getfixturevalue("without_keystone")
    assert [made(path) for path in paths] == first


@pytest.mark.usefixtures("without_keystone")
def test_the_self_test() -> None:
    assert not selftest.failures()


@pytest.mark.usefixtures("without_keystone")
def test_one_notice_and_refusals(capsys: pytest.CaptureFixture[str]) -> None:
    ours("addl $5, %eax\n")
    with pytest.raises(ToolError, match=r"`movaps` does not take these operands: there is no such form"):
        ours("addl $5, %ebx\nmovaps %xmm0, %mm0\naddl $6, %ebx\n")
    assert capsys.readouterr().err.count("exotool's own encoder takes its place") == 1


def test_without_capstone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "capstone", None)
    monkeypatch.setattr(templates, "_cache", {})
    monkeypatch.setattr(recipes, "_known", {})
    readback._disassembler.cache_clear()
    with pytest.raises(ToolError, match="Capstone, which reads every encoding back, cannot be loaded") as caught:
        ours("addl $5, %eax\n")
    assert caught.value.diagnostics[0].code == "T0201"
    readback._disassembler.cache_clear()
