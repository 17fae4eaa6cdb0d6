"""The registers of x86 by name: Intel SDM volume 1, chapter 3; numbers are those of ModRM, SIB and REX."""

from __future__ import annotations

from typing import Final, NamedTuple


class Register(NamedTuple):
    """A register; `bits` is its width.

    `kind` is `gpr`, `high` (ah..bh), `seg`, `cr`, `dr`, `st`, `mm`, `xmm`, `ymm`, `zmm`, `k`, `ip`, or `iz` (the index
    that means none).
    """

    name: str
    kind: str
    bits: int
    number: int


def _build() -> dict[str, Register]:
    table: dict[str, Register] = {}

    def put(names: str, kind: str, bits: int, first: int = 0) -> None:
        for number, name in enumerate(names.split(), first):
            table[name] = Register(name, kind, bits, number)

    put("rax rcx rdx rbx rsp rbp rsi rdi r8 r9 r10 r11 r12 r13 r14 r15", "gpr", 64)
    put("eax ecx edx ebx esp ebp esi edi r8d r9d r10d r11d r12d r13d r14d r15d", "gpr", 32)
    put("ax cx dx bx sp bp si di r8w r9w r10w r11w r12w r13w r14w r15w", "gpr", 16)
    put("al cl dl bl spl bpl sil dil r8b r9b r10b r11b r12b r13b r14b r15b", "gpr", 8)
    put("ah ch dh bh", "high", 8, 4)
    put("es cs ss ds fs gs", "seg", 16)
    put(" ".join(f"cr{i}" for i in range(16)), "cr", 64)
    put(" ".join(f"dr{i}" for i in range(16)), "dr", 64)
    for i in range(8):
        table[f"db{i}"] = table[f"dr{i}"]
    put(" ".join(f"mm{i}" for i in range(8)), "mm", 64)
    put(" ".join(f"xmm{i}" for i in range(32)), "xmm", 128)
    put(" ".join(f"ymm{i}" for i in range(32)), "ymm", 256)
    put(" ".join(f"zmm{i}" for i in range(32)), "zmm", 512)
    put(" ".join(f"k{i}" for i in range(8)), "k", 64)
    put(" ".join(f"st({i})" for i in range(8)), "st", 80)
    table["st"] = table["st(0)"]
    table["rip"] = Register("rip", "ip", 64, 0)
    table["eip"] = Register("eip", "ip", 32, 0)
    table["riz"] = Register("riz", "iz", 64, 4)
    table["eiz"] = Register("eiz", "iz", 32, 4)
    return table


REGISTERS: Final = _build()

GPR: Final = {(r.bits, r.number): r for r in REGISTERS.values() if r.kind == "gpr"}
"""General registers by width and number."""

_LEGACY_ONLY: Final = {"gpr", "cr", "dr", "xmm", "ymm"}


def only_in_64_bit(register: Register) -> bool:
    """Tell whether the register exists in 64-bit mode only."""
    if register.kind in ("gpr", "ip", "iz") and register.bits == 64:
        return True
    if register.kind == "ip":
        return True
    if register.kind == "gpr" and register.bits == 8 and 4 <= register.number < 8:
        return True
    return register.kind in _LEGACY_ONLY and register.number >= 8


VECTOR_KINDS: Final = ("mm", "xmm", "ymm", "zmm", "k")
