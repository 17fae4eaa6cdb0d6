"""Vector instructions that Keystone lacks or encodes with EVEX: their VEX or legacy encodings, from our own table.

ModRM, SIB and displacement are those of `bsf` with general registers of the same numbers; opcode, map, mandatory
prefix and VEX fields come from here (SDM volume 2, 2.3 and the instruction reference). Capstone reads the result back.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Form(NamedTuple):
    """How a mnemonic is encoded.

    `map` is 1 for 0F, 2 for 0F38, 3 for 0F3A; `prefix` is 0 none, 1 66, 2 F3, 3 F2. `w` is VEX.W. `order` names the
    operands in Intel order: `r` ModRM.reg, `v` VEX.vvvv, `m` ModRM.rm, `i` an immediate byte. `length` is `v` if xmm
    and ymm are both possible, `h` if so but the operand in ModRM.rm has half of it, `x` or `y` for one of them.
    `kinds` are the operands' kinds in the same order: `x` vector, `y` ymm, `g` a general register that sets VEX.W.
    """

    map: int
    prefix: int
    opcode: int
    order: str
    w: int = 0
    length: str = "v"
    kinds: str = ""
    vex: bool = True


class Vector(NamedTuple):
    """One instruction, ready to take the place of a `bsf`: form, VEX.L, VEX.vvvv, and the immediate (-1 for none)."""

    mnemonic: str
    form: Form
    length: int
    vvvv: int
    immediate: int


def _table() -> dict[str, Form]:
    table: dict[str, Form] = {}
    for order, first in (("132", 0x90), ("213", 0xA0), ("231", 0xB0)):
        for kind, low in (("maddsub", 6), ("msubadd", 7), ("madd", 8), ("msub", 10), ("nmadd", 12), ("nmsub", 14)):
            for w, single in enumerate("sd"):
                table[f"vf{kind}{order}p{single}"] = Form(2, 1, first + low, "rvm", w)
                if low >= 8:
                    table[f"vf{kind}{order}s{single}"] = Form(2, 1, first + low + 1, "rvm", w, "x")
    scalar = {"add": 0x58, "mul": 0x59, "sub": 0x5C, "min": 0x5D, "div": 0x5E, "max": 0x5F, "sqrt": 0x51}
    for name, opcode in scalar.items():
        table[f"v{name}ss"] = Form(1, 2, opcode, "rvm", 0, "x")
        table[f"v{name}sd"] = Form(1, 3, opcode, "rvm", 0, "x")
    table["vcvtsd2ss"] = Form(1, 3, 0x5A, "rvm", 0, "x")
    table["vcvtss2sd"] = Form(1, 2, 0x5A, "rvm", 0, "x")
    for name, opcode in (("vcvt{}2si", 0x2D), ("vcvtt{}2si", 0x2C)):
        for kind, prefix in (("sd", 3), ("ss", 2)):
            table[name.format(kind)] = Form(1, prefix, opcode, "rm", 0, "x", "gx")
    table["vcvttps2dq"] = Form(1, 2, 0x5B, "rm")
    table["vcvtph2ps"] = Form(2, 1, 0x13, "rm", 0, "h")
    table["vcvtps2ph"] = Form(3, 1, 0x1D, "mri", 0, "h")
    for name, prefix, opcode in (("vcvtpd2dq", 3, 0xE6), ("vcvttpd2dq", 1, 0xE6), ("vcvtpd2ps", 1, 0x5A)):
        table[name + "x"] = Form(1, prefix, opcode, "rm", 0, "x")
        table[name + "y"] = Form(1, prefix, opcode, "rm", 0, "y", "xy")
    for name, opcode in (("vaesenc", 0xDC), ("vaesenclast", 0xDD), ("vaesdec", 0xDE), ("vaesdeclast", 0xDF)):
        table[name] = Form(2, 1, opcode, "rvm")
    table["vpclmulqdq"] = Form(3, 1, 0x44, "rvmi")
    for vex in (True, False):
        v, source = ("v", "rvm") if vex else ("", "rm")
        table[v + "gf2p8mulb"] = Form(2, 1, 0xCF, source, vex=vex)
        table[v + "gf2p8affineqb"] = Form(3, 1, 0xCE, source + "i", int(vex), vex=vex)
        table[v + "gf2p8affineinvqb"] = Form(3, 1, 0xCF, source + "i", int(vex), vex=vex)
    table["movntss"] = Form(1, 2, 0x2B, "mr", vex=False)
    table["movntsd"] = Form(1, 3, 0x2B, "mr", vex=False)
    return table


VECTOR: Final = _table()
MEMORY_FIRST: Final = frozenset(["movntss", "movntsd"])
"""Instructions whose ModRM.rm is memory only."""

_PREDICATES: Final = (
    "eq lt le unord neq nlt nle ord eq_uq nge ngt false neq_oq ge gt true eq_os lt_oq le_oq unord_s neq_us nlt_uq"
    " nle_uq ord_s eq_us nge_uq ngt_uq false_os neq_os ge_oq gt_oq true_us"
)
COMPARISONS: Final = {name: number for number, name in enumerate(_PREDICATES.split(" "))}
"""Predicates that are part of a mnemonic (`cmpeqps`, `vcmpneq_oqsd`) and an immediate for the processor; SSE has 8."""

PRODUCTS: Final = {"lqlq": 0x00, "hqlq": 0x01, "lqhq": 0x10, "hqhq": 0x11}
"""Immediates of `pclmullqlqdq` and its like."""


def replace(vector: Vector, prefixes: bytes, rex: int, tail: bytes) -> bytes:
    """Return the instruction whose ModRM and what follows it are `tail`."""
    form = vector.form
    r, x, b = rex >> 2 & 1, rex >> 1 & 1, rex & 1
    opcode = bytes([form.opcode]) + tail
    if vector.immediate >= 0:
        opcode += bytes([vector.immediate])
    if not form.vex:
        mandatory = (b"", b"\x66", b"\xf3", b"\xf2")[form.prefix]
        escape = (b"\x0f", b"\x0f\x38", b"\x0f\x3a")[form.map - 1]
        return prefixes + mandatory + (bytes([0x40 | rex & 7]) if rex else b"") + escape + opcode
    low = (15 - vector.vvvv) << 3 | vector.length << 2 | form.prefix
    if form.map == 1 and not (form.w or x or b):
        return prefixes + bytes([0xC5, (1 - r) << 7 | low]) + opcode
    return prefixes + bytes([0xC4, (1 - r) << 7 | (1 - x) << 6 | (1 - b) << 5 | form.map, form.w << 7 | low]) + opcode
