"""The second look at every encoding: Capstone reads it, and the operands must be those that were asked for.

An EVEX prefix (62, which is BOUND only in forms that are not offered) is refused: Keystone gets EVEX displacements
wrong, and uses the prefix for some AVX instructions that do not need it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, Final, NamedTuple

from exotool.asm.mnemonics import CONDITIONS, EXTENSIONS
from exotool.diagnostics import Diagnostic, ExitCode, ToolError


class Slot(NamedTuple):
    """Stands for the value of a template's slot."""

    number: int


class Expectation(NamedTuple):
    """One operand to find.

    `kind` is `r` (a register, `names` its name), `i` (an immediate: `value` in `bits` bits), `b` (the last byte is
    `value`) or `m` (memory: `names` are base and index, "" for none; `value` the displacement in `bits` bits; `size` in
    bytes, 0 for any).
    """

    kind: str
    names: tuple[str, ...] = ()
    value: int | Slot = 0
    bits: int = 64
    scale: int = 1
    size: int = 0


_REG, _IMM, _MEM = 1, 2, 3
"""X86_OP_REG, X86_OP_IMM and X86_OP_MEM of Capstone 5, without importing it here."""

_LEGACY: Final = bytes.fromhex("262e363e64656667f0f2f3")
_NO_REGISTER: Final = ("", "riz", "eiz")


@cache
def _disassembler(mode: int) -> Any:
    """Return Capstone for a mode; `ToolError` T0201 when it cannot be loaded: nothing goes out that was not read."""
    try:
        import capstone
    except ImportError as error:
        help_ = ("install it for this Python with `pip install capstone`",)
        message = f"Capstone, which reads every encoding back, cannot be loaded: {error}"
        raise ToolError(Diagnostic("T0201", message, help=help_), exit_code=ExitCode.TOOL_MISSING) from None
    flags = {16: capstone.CS_MODE_16, 32: capstone.CS_MODE_32, 64: capstone.CS_MODE_64}
    engine = capstone.Cs(capstone.CS_ARCH_X86, flags[mode])
    engine.detail = True
    return engine


def same_mnemonic(written: str, read: str) -> bool:
    """Tell whether Capstone's mnemonic (Intel's, without size) is the AT&T one that was written."""
    if read in (written, written[:-1]) or (written[0] == "f" and read == written[:-2]):
        return True
    if written in EXTENSIONS:
        return read == ("movsxd" if written == "movslq" else f"mov{EXTENSIONS[written][0]}x")
    for family in ("cmov", "set"):
        if written.startswith(family) and read.startswith(family):
            code = CONDITIONS.get(read.removeprefix(family))
            condition = written.removeprefix(family)
            return code is not None and code in (CONDITIONS.get(condition), CONDITIONS.get(condition[:-1]))
    # The predicate of a comparison is an immediate for us and may be part of the name for Capstone.
    compares = written.removeprefix("v").startswith("cmp") and written[-2:] in ("ps", "pd", "ss", "sd")
    return compares and read.startswith(written[:-2]) and read.endswith(written[-2:])


def mismatch(mode: int, code: bytes, mnemonic: str, expected: Sequence[Expectation], slots: Sequence[int]) -> str:
    """Return what is wrong with an encoding, or an empty text; `slots` are the values that were probed with."""
    engine = _disassembler(mode)
    found = list(engine.disasm(code, 0x1000, 2))
    if len(found) != 1 or found[0].size != len(code):
        return "the encoding does not read back as one instruction"
    if code.lstrip(_LEGACY)[:1] == b"\x62":
        return "Keystone has it only in a form that needs AVX-512"
    if not same_mnemonic(mnemonic, found[0].mnemonic):
        return f"the encoding reads back as `{found[0].mnemonic}`"
    operands = list(found[0].operands)
    name = engine.reg_name
    for item in expected:
        if item.kind == "b":
            value = slots[item.value.number] if isinstance(item.value, Slot) else item.value
            if code[-1] != value & 0xFF:
                return "the encoding does not read back as it was written"
            continue
        if item.names[:1] == ("st(0)",):
            continue  # the top of the x87 stack is implied, and Capstone leaves it out
        for operand in operands:
            if _is(operand, item, slots, name):
                operands.remove(operand)
                break
        else:
            return "the encoding does not read back as it was written"
    return ""


def _is(operand: Any, item: Expectation, slots: Sequence[int], name: Any) -> bool:
    if item.kind == "r":
        return bool(operand.type == _REG and name(operand.reg) == item.names[0])
    value = slots[item.value.number] if isinstance(item.value, Slot) else item.value
    if item.kind == "i":
        bits = min(item.bits, operand.size * 8 or 64)
        return bool(operand.type == _IMM and (operand.imm - value) % (1 << bits) == 0)
    if operand.type != _MEM:
        return False
    memory = operand.mem
    base, index = name(memory.base) or "", name(memory.index) or ""
    index = "" if index in _NO_REGISTER else index
    if (base, index) != item.names and (item.scale != 1 or (index, base) != item.names):
        return False
    if index and memory.scale != item.scale:
        return False
    if item.size and operand.size != item.size:
        return False
    return bool((memory.disp - value) % (1 << item.bits) == 0)
