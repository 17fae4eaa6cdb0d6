"""Without Keystone, LLVM's assembler encodes the templates: the same bytes, one notice, refusals as errors."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from exotool.asm import Options, assemble, llvm_encoder, recipes, templates
from exotool.diagnostics import ToolError
from exotool.elf import write_object
from tests.asm.golden import GOLDEN, arch_of, sources
from tests.asm.objects import KERNEL, difference, kernel_sources, ours, summarize

NAMES = ("branches.s", "every_att16.s", "every_att32.s", "every_att64.s", "integer64.s", "intel.s", "simd.s")


@pytest.fixture
def without_keystone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setitem(sys.modules, "keystone", None)
    monkeypatch.setattr(templates, "_cache", {})
    monkeypatch.setattr(recipes, "_known", {})
    templates._missing.cache_clear()
    yield
    templates._missing.cache_clear()


@pytest.mark.usefixtures("without_keystone")
@pytest.mark.parametrize("path", [p for p in sources() if p.name in NAMES], ids=lambda path: path.name)
def test_the_corpus_is_the_same(path: Path) -> None:
    golden = json.loads(GOLDEN.read_text())["objects"][path.name]
    assert not difference(golden, json.loads(json.dumps(summarize(ours(path.read_bytes(), str(path), arch_of(path))))))


@pytest.mark.slow
def test_the_kernel_is_the_same(request: pytest.FixtureRequest) -> None:
    options = Options(include=(KERNEL,))
    paths = kernel_sources()
    assert len(paths) > 20
    first = [write_object(assemble(path.read_bytes(), path, options).object) for path in paths]
    request.getfixturevalue("without_keystone")
    assert [write_object(assemble(path.read_bytes(), path, options).object) for path in paths] == first


@pytest.mark.usefixtures("without_keystone")
def test_one_notice_and_refusals(capsys: pytest.CaptureFixture[str]) -> None:
    ours("addl $5, %eax\n")
    with pytest.raises(ToolError, match="there is no such form"):
        ours("addl $5, %ebx\nmovaps %xmm0, %mm0\naddl $6, %ebx\n")
    assert capsys.readouterr().err.count("LLVM's assembler encodes in its place") == 1


@pytest.mark.usefixtures("without_keystone")
def test_neither_encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(llvm_encoder, "_PROGRAM", "import sys; sys.exit('llvmlite cannot be loaded: none')")
    with pytest.raises(ToolError, match="Keystone cannot be loaded") as caught:
        ours("addl $5, %eax\n")
    assert caught.value.diagnostics[0].code == "T0201"
