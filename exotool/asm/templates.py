"""Templates: one canonical instruction text -> bytes with fields, from Keystone, read back with Capstone.

A value that is not known yet is assembled twice, with two values whose bytes differ everywhere; its field is where
the results differ accordingly. Keystone gets canonical text only: a mnemonic of our tables, registers and hexadecimal
numbers; anything else can make it hang or crash. Many templates go through it in one call.

Our own encoder makes each template too: both must agree. What Keystone lacks is its own; where Keystone cannot be
loaded, everything is.
"""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from exotool.asm.encoder import encode_text
from exotool.asm.readback import Expectation, mismatch
from exotool.asm.recipes import forgotten
from exotool.asm.source import certain

if TYPE_CHECKING:
    from exotool.asm.mnemonics import Proxy
    from exotool.asm.vex import Vector


class Template(NamedTuple):
    """A canonical instruction.

    `text` has the characters U+0000 and U+0001 where the values of slots 0 and 1 go; `slots` are their widths in bits.
    `expect` is what Capstone must read. `repair` names what is wrong with Keystone's ModRM: with `base`, ModRM.mod is
    cleared, which turns the base register ebp into none; with `disp`, a displacement of one zero byte goes as well.
    `proxy` says what takes the place of the `bsf` in `text`, once that is read back; `vector` does so before, and what
    it makes is read back.
    """

    mode: int
    text: str
    slots: tuple[int, ...] = ()
    expect: tuple[Expectation, ...] = ()
    repair: str = ""
    proxy: Proxy | None = None
    vector: Vector | None = None


class Encoded(NamedTuple):
    """The bytes of a template, with zeros in the fields; `fields` are (offset, bytes) of the slots."""

    code: bytes
    fields: tuple[tuple[int, int], ...] = ()


PROBES: Final = {
    64: ((0x123456789ABCDEF0, 0x2143658798BADCFE), (0x1122334455667788, 0x29384756AABBCCDD)),
    32: ((0x12345678, 0x2468ACE1), (0x1A2B3C4D, 0x25374958)),
    16: ((0x1234, 0x3579), (0x1B2D, 0x3648)),
    8: ((0x12, 0x35), (0x1B, 0x36)),
}
"""Two values for slot 0 and two for slot 1, by width: no byte twice, none that has a shorter encoding."""

_FRAME: Final = bytes.fromhex("28c69f13a7b45ed1")
_SEPARATOR: Final = f"\n.quad {hex(int.from_bytes(_FRAME, 'little'))}\n"
_SAFE: Final = re.compile(r"[a-z][a-z0-9]* ?[-a-z0-9%$*(), ]*")
_MODES: Final = (16, 32, 64)
MAX_CACHED: Final = 100_000

_cache: dict[Template, Encoded | str] = {}
_lock = Lock()
"""Two threads in one Keystone engine end the process."""


@cache
def has_keystone() -> bool:
    """Tell whether Keystone can be loaded; when it cannot, stderr tells who encodes."""
    try:
        importlib.import_module("keystone")
    except ImportError as error:  # its wheel is missing: keystone.py then imports distutils, which new Pythons lack
        sys.stderr.write(f"exotool: Keystone cannot be loaded ({error}); exotool's own encoder takes its place\n")
        return False
    return True


@contextmanager
def encoder_alone(which: Literal["own", "keystone"]) -> Iterator[None]:
    """Encode by one encoder meanwhile, and without anything that was encoded before."""
    before = _cache.copy()
    token = _alone.set(which)
    _cache.clear()
    try:
        with forgotten():
            yield
    finally:
        _alone.reset(token)
        _cache.clear()
        _cache.update(before)


_alone: ContextVar[str] = ContextVar("alone", default="")


@cache
def _engine(mode: int) -> Any:
    """Return Keystone for a mode."""
    import keystone

    flags = {16: keystone.KS_MODE_16, 32: keystone.KS_MODE_32, 64: keystone.KS_MODE_64}
    engine = keystone.Ks(keystone.KS_ARCH_X86, flags[mode])
    engine.syntax = keystone.KS_OPT_SYNTAX_ATT
    return engine


def _assembled(mode: int, texts: Sequence[str]) -> list[bytes | None]:
    """Return Keystone's bytes of each text, None where it refuses or cannot be loaded."""
    unsafe = [text for text in texts if not _SAFE.fullmatch(text)]
    if unsafe:
        raise AssertionError(f"text is not canonical: {unsafe[0]!r}")
    return [None] * len(texts) if _alone.get() == "own" or not has_keystone() else _keystone(mode, texts)


def _keystone(mode: int, texts: Sequence[str]) -> list[bytes | None]:
    """Return Keystone's bytes of each text, None where it refuses."""
    import keystone

    try:
        found, _ = _engine(mode).asm(_SEPARATOR.join(texts) + _SEPARATOR, 0x1000, as_bytes=True)
    except keystone.KsError:
        found = None
    parts = found.split(_FRAME) if found else []
    if len(parts) == len(texts) + 1:
        return [part or None for part in parts[:-1]]
    if len(texts) == 1:
        return [None]
    middle = len(texts) // 2
    return _keystone(mode, texts[:middle]) + _keystone(mode, texts[middle:])


def _render(template: Template, run: int) -> str:
    text = template.text
    for number, bits in enumerate(template.slots):
        text = text.replace(chr(number), hex(PROBES[bits][number][run]))
    return text


def encode(templates: Iterable[Template]) -> dict[Template, Encoded | str]:
    """Return the encoding of every template, or why there is none."""
    with _lock:
        return _encode(templates)


def _encode(templates: Iterable[Template]) -> dict[Template, Encoded | str]:
    wanted = list(dict.fromkeys(templates))
    missing = [template for template in wanted if template not in _cache]
    if len(_cache) + len(missing) > MAX_CACHED:
        _cache.clear()
        missing = wanted
    for mode in _MODES:
        group = [template for template in missing if template.mode == mode]
        if not group:
            continue
        probed = [template for template in group if template.slots]
        codes = _assembled(mode, [*(_render(t, 0) for t in group), *(_render(t, 1) for t in probed)])
        second = dict(zip(probed, codes[len(group) :], strict=True))
        for template, code in zip(group, codes, strict=False):
            _cache[template] = _chosen(template, code, second.get(template))
    return {template: _cache[template] for template in wanted}


def _chosen(template: Template, first: bytes | None, second: bytes | None) -> Encoded | str:
    """Return the encoding that Keystone's bytes, or our own, make; `first` and `second` are Keystone's."""
    if _alone.get() == "keystone":
        return _finish(template, first, second)
    runs = (0, 1) if template.slots else (0,)
    own_first, own_second = [*(encode_text(template.mode, _render(template, run)) for run in runs), None][:2]
    if (first, second) == (own_first, own_second) or first is None:
        return _finish(template, own_first, own_second)
    theirs, ours = _finish(template, first, second), _finish(template, own_first, own_second)
    if isinstance(theirs, str) or isinstance(ours, str):
        return ours if isinstance(theirs, str) else theirs
    return theirs if theirs == ours else "Keystone and exotool's own encoder do not agree on it"


def _finish(template: Template, first: bytes | None, second: bytes | None) -> Encoded | str:
    if first is None or (template.slots and second is None):
        return "there is no such form"
    if template.repair:
        first = _repaired(template, first)
        second = second and _repaired(template, second)
    if template.vector:
        first = _vector(template, template.vector, first)
        second = second and _vector(template, template.vector, second)
    fields = []
    if template.slots:
        found = _locate(template, first, certain(second, "both probes were encoded"))
        if found is None:
            return "a symbol cannot stand here"
        fields = found
    values = [PROBES[bits][number][0] for number, bits in enumerate(template.slots)]
    mnemonic = template.vector.mnemonic if template.vector else template.text.split()[0]
    fault = mismatch(*_readable(template, first), mnemonic, template.expect, values)
    if fault:
        return fault
    code = bytearray(first)
    for offset, width in fields:
        code[offset : offset + width] = bytes(width)
    return Encoded(bytes(code), tuple(fields))


_WITH_66: Final = ("adcx", "invept", "invpcid", "invvpid", "vmclear")
"""General instructions whose prefix 66 belongs to the opcode."""


def _readable(template: Template, code: bytes) -> tuple[int, bytes]:
    """Return an encoding as Capstone can read it, with its mode.

    In 16-bit code Capstone takes a prefix 66 that belongs to the opcode for an operand size. The same instruction in
    32-bit code differs in the address size prefix only.
    """
    vector = any(item.kind == "r" and item.names[0].startswith(("xmm", "mm")) for item in template.expect)
    if template.mode != 16 or not (vector or template.text.startswith(_WITH_66)):
        return template.mode, code
    if any(item.kind == "m" for item in template.expect):
        code = code[1:] if code.startswith(b"\x67") else b"\x67" + code
    return 32, code


def _locate(template: Template, first: bytes, second: bytes) -> list[tuple[int, int]] | None:
    """Find the fields: both values must occur at one place, once, and explain every difference."""
    if len(first) != len(second):
        return None
    fields = []
    rebuilt = bytearray(first)
    for number, bits in enumerate(template.slots):
        width = bits // 8
        one, two = (value.to_bytes(width, "little") for value in PROBES[bits][number])
        places = [i for i in range(len(first)) if first.startswith(one, i) and second.startswith(two, i)]
        if len(places) != 1:
            return None
        (at,) = places
        fields.append((at, width))
        rebuilt[at : at + width] = two
    return fields if rebuilt == second else None


def split_prefixes(code: bytes, mode: int) -> tuple[bytes, int, bytes]:
    """Return the legacy prefixes, the REX byte (0 for none) and the rest of an instruction."""
    at = 0
    while at < len(code) and code[at] in LEGACY:
        at += 1
    rex = code[at] if mode == 64 and at < len(code) and code[at] & 0xF0 == 0x40 else 0
    return code[:at], rex, code[at + bool(rex) :]


LEGACY: Final = frozenset(bytes.fromhex("262e363e64656667f0f2f3"))
"""Legacy prefixes (SDM volume 2, 2.1.1)."""


def _vector(template: Template, vector: Vector, code: bytes) -> bytes:
    """Put a vector instruction in the place of the `bsf`."""
    from exotool.asm.vex import replace

    legacy, rex, rest = split_prefixes(code, template.mode)
    return replace(vector, legacy, rex, rest[2:])


def _repaired(template: Template, code: bytes) -> bytes:
    """Clear ModRM.mod of an instruction without immediate-size prefixes of its own; see `Template.repair`."""
    legacy, rex, rest = split_prefixes(code, template.mode)
    at = len(legacy) + bool(rex) + (1 if rest[0] != 0x0F else 3 if rest[1] in (0x38, 0x3A) else 2)
    behind = at + 1
    if template.repair == "disp" and code[at] >> 6 == 1:
        behind += 1
    return code[:at] + bytes([code[at] & 0x3F]) + code[behind:]
