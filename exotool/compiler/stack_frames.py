"""Stack frames from machine code: how deep a function pushes, and what it calls at which depth.

Every instruction that changes `rsp` is followed along the ways through the function (Intel SDM volume 1, section 6.2).
Depths count the bytes below the return address; a call adds the 8 bytes of the next one. Where ways meet, the deeper
one counts. An aligned stack (`andq $-32, %rsp`) counts with the most that alignment can take.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

MAX_DEPTH: Final = 1 << 30
"""A function that pushes more than this in a loop or at once has no depth."""

_IMMEDIATE = re.compile(r"(?:0x[0-9a-f]+|\d+)$")
_RSP_OFFSET = re.compile(r"rsp, \[(rsp|rbp)(?: ([+-]) (0x[0-9a-f]+|\d+))?\]$")
_SWITCH: Final = "loads another stack"
_DYNAMIC: Final = "moves the stack pointer by a number that only the running program knows"
_ENDS: Final = frozenset(
    {"ret", "retf", "retfq", "iretq", "iretd", "iret", "sysretq", "sysret", "sysexit", "ud2", "ud0"}
)
_PUSHES: Final = {"push": 8, "pushfq": 8, "pushq": 8, "pushf": 8}
_POPS: Final = {"pop": 8, "popfq": 8, "popf": 8}


@dataclass(frozen=True, slots=True)
class Target:
    """Where a call or jump leads: to an address, or to a symbol that the file does not define."""

    address: int = 0
    external: str = ""


@dataclass(frozen=True, slots=True)
class Site:
    """A call, or a jump out of the function: its depth; `target` is None when it goes through a pointer."""

    address: int
    depth: int
    target: Target | None
    tail: bool


@dataclass(slots=True)
class Frame:
    """What one function does to the stack: `depth` bytes by itself at most; `remarks` say why more may be true."""

    depth: int = 0
    sites: list[Site] = field(default_factory=list)
    dynamic: str = ""
    remarks: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _State:
    """`rsp` and `rbp` at one point, as bytes below the return address; None for an `rbp` that holds something else."""

    depth: int
    base: int | None


@dataclass(frozen=True, slots=True)
class _Instruction:
    size: int
    name: str
    operands: str


def scan_function(code: bytes, address: int, fixups: Mapping[int, Target]) -> Frame:
    """Return the frame of the function whose bytes are `code`, at `address`.

    `fixups` gives, by the address of a field, what a relocation puts there.
    """
    instructions = _decode(code, address)
    frame = Frame()
    states: dict[int, _State] = {}
    open_: list[tuple[int, _State]] = [(address, _State(0, None))]
    behind_pointers: list[_State] = []
    budget = 16 * len(instructions) + 64
    while open_ and not frame.dynamic:
        at, state = open_.pop()
        while at in instructions:
            known = states.get(at)
            if known is not None:
                merged = _State(max(known.depth, state.depth), known.base if known.base == state.base else None)
                if merged == known:
                    break
                state = merged
            budget -= 1
            if budget < 0 or state.depth > MAX_DEPTH:
                frame.dynamic = "pushes in a loop"
                break
            states[at] = state
            instruction = instructions[at]
            step = _step(frame, instruction, at, state, fixups)
            frame.depth = max(frame.depth, step.deepest)
            for target in step.jumps:
                if address <= target < address + len(code):
                    open_.append((target, step.state))
                else:
                    frame.sites.append(Site(at, step.state.depth, Target(target), tail=True))
            if step.through_pointer:
                behind_pointers.append(step.state)
            if step.ends:
                break
            at, state = at + instruction.size, step.state
        if not open_ and behind_pointers:
            # What only a table of jumps reaches is as deep as the deepest jump through a pointer.
            deepest = max(behind_pointers, key=lambda s: s.depth)
            rest = next((a for a in instructions if a not in states and instructions[a].name != "nop"), None)
            if rest is not None:
                open_.append((rest, deepest))
    frame.sites = sorted(set(frame.sites), key=lambda site: (site.address, site.depth, site.tail))
    return frame


def _decode(code: bytes, address: int) -> dict[int, _Instruction]:
    from capstone import CS_ARCH_X86, CS_MODE_64, Cs

    decoder = Cs(CS_ARCH_X86, CS_MODE_64)
    decoder.skipdata = True
    return {at: _Instruction(size, name, operands) for at, size, name, operands in decoder.disasm_lite(code, address)}


@dataclass(slots=True)
class _Step:
    """What follows an instruction."""

    state: _State
    deepest: int
    jumps: list[int] = field(default_factory=list)
    ends: bool = False
    through_pointer: bool = False


def _step(frame: Frame, code: _Instruction, at: int, state: _State, fixups: Mapping[int, Target]) -> _Step:
    name, operands = code.name.removeprefix("notrack ").removeprefix("bnd "), code.operands
    if name in _ENDS or name == ".byte":
        return _Step(state, state.depth, ends=True)
    if name == "call":
        depth = state.depth + 8
        frame.sites.append(Site(at, depth, _target(code, at, fixups), tail=False))
        return _Step(state, depth)
    if name == "lcall" or name == "ljmp":
        frame.remarks.add("makes a far call")
        return _Step(state, state.depth + 16, ends=name == "ljmp")
    if name.startswith(("j", "loop")):
        return _jump(frame, code, name, at, state, fixups)
    if "sp" in operands or name in _PUSHES or name in _POPS or name in ("leave", "enter"):
        return _moved(frame, name, operands, state)
    if operands.startswith(("rbp,", "ebp,")) and name not in ("cmp", "test"):
        return _Step(_State(state.depth, None), state.depth)
    return _Step(state, state.depth)


def _target(code: _Instruction, at: int, fixups: Mapping[int, Target]) -> Target | None:
    for place in range(at + 1, at + code.size):
        if place in fixups:
            return fixups[place] if "[" not in code.operands else None
    return Target(int(code.operands, 16)) if _IMMEDIATE.match(code.operands) else None


def _jump(frame: Frame, code: _Instruction, name: str, at: int, state: _State, fixups: Mapping[int, Target]) -> _Step:
    always = name == "jmp"
    target = _target(code, at, fixups)
    step = _Step(state, state.depth, ends=always)
    if target is None:
        step.through_pointer = True
        frame.sites.append(Site(at, state.depth, None, tail=True))
    elif target.external:
        frame.sites.append(Site(at, state.depth, target, tail=True))
    else:
        step.jumps.append(target.address)
    return step


def _moved(frame: Frame, name: str, operands: str, state: _State) -> _Step:
    """Follow an instruction that pushes, pops or computes `rsp` or takes it as the base of a frame."""
    depth, base = state.depth, state.base
    left, _, right = operands.partition(", ")
    if name in _PUSHES:
        depth += 2 if _is_word(operands) else 8
    elif name in _POPS:
        if operands == "rsp":
            return _switched(frame, state)
        depth -= 2 if _is_word(operands) else 8
        base = None if operands == "rbp" else base
    elif name == "leave" or (name == "mov" and operands == "rsp, rbp"):
        if base is None:
            return _switched(frame, state)
        depth = base - (8 if name == "leave" else 0)
        base = None if name == "leave" else base
    elif name == "enter":
        size, _, _ = operands.partition(",")
        base = depth + 8
        depth = base + int(size, 0)
    elif operands == "rbp, rsp" and name == "mov":
        base = depth
    elif left == "rbp" and name not in ("cmp", "test"):
        base = None
    elif left in ("rsp", "esp", "sp"):
        return _computed(frame, name, operands, right, state)
    return _Step(_State(depth, base), max(depth, state.depth))


def _is_word(operand: str) -> bool:
    return operand in ("ax", "bx", "cx", "dx", "si", "di", "bp") or operand.startswith("word")


def _computed(frame: Frame, name: str, operands: str, right: str, state: _State) -> _Step:
    depth = state.depth
    immediate = int(right, 0) if re.fullmatch(r"-?(?:0x[0-9a-f]+|\d+)", right) else None
    if name in ("cmp", "test", "bt"):
        return _Step(state, depth)
    if name in ("add", "sub") and immediate is not None:
        signed = immediate - (1 << 64) if immediate >= 1 << 63 else immediate
        depth += signed if name == "sub" else -signed
    elif name == "and" and immediate is not None:
        depth += -immediate % (1 << 64) - 8 if -immediate % (1 << 64) > 8 else 0
    elif name == "lea" and (match := _RSP_OFFSET.match(operands)) is not None:
        start = depth if match[1] == "rsp" else state.base
        if start is None:
            return _switched(frame, state)
        amount = int(match[3] or "0", 0)
        depth = start - amount if match[2] != "-" else start + amount
    elif name in ("mov", "xchg", "cmovne", "cmove", "lss") or (
        name == "lea" and not re.search(r"\[.*r[bs]p", operands)
    ):
        return _switched(frame, state)
    else:
        frame.dynamic = _DYNAMIC
    return _Step(_State(depth, state.base), max(depth, state.depth))


def _switched(frame: Frame, state: _State) -> _Step:
    """Go on after `rsp` was loaded: the depth starts anew on another stack."""
    frame.remarks.add(_SWITCH)
    return _Step(_State(0, None), state.depth)
