"""Our own encoder against Keystone: the same bytes for every template of the corpus, and for variations of each."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from exotool.asm import assemble, encoder, recipes, templates
from exotool.asm.registers import REGISTERS
from tests.asm.golden import arch_of, sources
from tests.asm.objects import code, errors, ours

Texts = dict[tuple[int, str], bytes | None]
_REGISTER = re.compile(r"%(\w+)")
_DISPLACEMENT = re.compile(r"(-?0x[0-9a-f]+)?\((?=%)")


@pytest.fixture(scope="module")
def texts() -> Texts:
    """Return every canonical text of the corpus with Keystone's bytes."""
    found: Texts = {}
    keystone = templates._keystone

    def noting(mode: int, wanted: Sequence[str]) -> list[bytes | None]:
        made = keystone(mode, wanted)
        found.update({(mode, text): one for text, one in zip(wanted, made, strict=True)})
        return made

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(templates, "_cache", {})
        patch.setattr(recipes, "_known", {})
        patch.setattr(templates, "_keystone", noting)
        for path in sources():
            ours(path.read_bytes(), str(path), arch_of(path))
    return found


def is_other(theirs: bytes, mine: bytes | None, text: str) -> bool:
    """Tell whether encodings differ in more than the zero displacement that Keystone gives `(%bp,%di)`."""
    return theirs != mine and not (text.count("%bp,%") and mine is not None and len(theirs) == len(mine) + 1)


def test_every_template_of_the_corpus(texts: Texts) -> None:
    assert len(texts) > 5_000
    wrong = [key for key, made in texts.items() if made and is_other(made, encoder.encode_text(*key), key[1])]
    assert not wrong


def varied(mode: int, text: str, choose: random.Random) -> str:
    """Return a text with other registers and displacements."""

    def register(match: re.Match[str]) -> str:
        old = REGISTERS[match[1]]
        names = [
            name
            for name, new in REGISTERS.items()
            if (new.kind, new.bits) == (old.kind, old.bits) and new.number < 16 and name == new.name
            if mode == 64 or (new.number < 8 and name not in ("spl", "bpl", "sil", "dil"))
        ]
        fixed = old.kind in ("ip", "iz", "seg") or match[1] == "cl" or (old.bits == 16 and "(%" in text)
        return match[0] if fixed else f"%{choose.choice(names)}"

    text = _REGISTER.sub(register, text)
    sizes = ("0x0", "0x1", "-0x1", "0x7f", "0x80", "-0x80", "-0x81", "0x1234")
    return _DISPLACEMENT.sub(lambda _: f"{choose.choice(sizes)}(", text) if choose.random() < 0.5 else text


@pytest.mark.parametrize("seed", [pytest.param(0), *(pytest.param(n, marks=pytest.mark.slow) for n in range(1, 10))])
def test_variations(texts: Texts, seed: int) -> None:
    choose = random.Random(seed)
    compared = 0
    for mode in (16, 32, 64):
        made = {varied(mode, text, choose) for known, text in texts if known == mode}
        wanted = sorted(
            text
            for text in made
            if not re.search(r",%[re]sp[,)]", text)  # not an index
            and not (re.search(r"%[abcd]h\b", text) and re.search(r"%([sbd][pi]l|r\w+)\b", text))
        )
        for at in range(0, len(wanted), 200):
            part = wanted[at : at + 200]
            for text, theirs in zip(part, templates._keystone(mode, part), strict=True):
                if theirs is not None and not theirs.lstrip(b"\x67").startswith(b"\x62"):
                    mine = encoder.encode_text(mode, text)
                    assert not is_other(theirs, mine, text), (mode, text, theirs.hex(), mine and mine.hex())
                    compared += 1
    assert compared > 4_000


OWN = {
    ".code16\npaddb (%bx), %xmm1": "660ffc0f",
    ".code16\nmovdqu %xmm1, 4(%eax)": "67f30f7f4804",
    ".code16\npshufd $5, %xmm1, %xmm2": "660f70d105",
    "mov %dr8, %rax": "440f21c0",
    "movq %xmm9, %xmm1": "f3410f7ec9",
    "vmovq %xmm9, %xmm1": "c579d6c9",
}


@pytest.mark.parametrize(("text", "wanted"), OWN.items())
def test_what_keystone_lacks(text: str, wanted: str) -> None:
    assert code(text + "\n").hex() == wanted


def test_the_encoders_must_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(templates, "_cache", {})
    monkeypatch.setattr(recipes, "_known", {})
    wrong = {"addl %ebx, %eax": b"\x03\xc3"}  # the other of its two encodings
    monkeypatch.setattr(templates, "encode_text", lambda _mode, text: wrong[text])
    assert "Keystone and exotool's own encoder do not agree" in errors("addl %ebx, %eax\n")


NOT_THERE = """
nop
addl
addl $0x1
addl %eax
addl $0x1, $0x2
addl %ax, %eax
addl %eax, 0x1
addl foo, %eax
movl %eax, %ymm1
shll %dl, %eax
leal %eax, %ebx
movb %ah, %sil
movl 0x100000000(%rax), %eax
movl (%rax,%rbx,0x3), %eax
movl (, %eax
movaps %xmm0, %mm0
vaddps %xmm0, %ymm1, %ymm2
pextrq $0x1, %xmm0, %eax
"""


def test_nothing_that_is_not_there() -> None:
    assert not [text for text in NOT_THERE.split("\n") if encoder.encode_text(64, text) is not None]
    for text in ("movq %rax, %rbx", "movl %r8d, %eax", "movl (%bx,%bp), %eax", "vaddps %xmm8, %xmm1, %xmm2"):
        assert encoder.encode_text(32, text) is None, text


def test_objects_do_not_change(monkeypatch: pytest.MonkeyPatch) -> None:
    text = b"start: movl $start, %eax\nmovq value(%rip), %xmm3\nvpshufb value, %ymm1, %ymm2\n"
    first = assemble(text, Path("a.s")).object
    monkeypatch.setattr(templates, "_cache", {})
    monkeypatch.setattr(recipes, "_known", {})
    monkeypatch.setattr(templates, "_assembled", lambda _mode, texts: [None] * len(texts))
    second = assemble(text, Path("a.s")).object
    assert [bytes(s.data) for s in first.sections] == [bytes(s.data) for s in second.sections]
    assert [s.relocations for s in first.sections] == [s.relocations for s in second.sections]
