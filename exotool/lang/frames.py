"""Frame storage: where the structs and arrays that a function makes live until it returns.

Every place in the source has one piece of storage in an activation, as in compiled code: made again, it is zeroed
again. What is made outside of the program's functions, at module level or by a test, is static storage. Nothing tells
when a function returns: what its frame had is given back when the next storage is asked for.
"""

from __future__ import annotations

import inspect
from types import CodeType, FrameType
from typing import Final

from exotool.lang.address_space import STACK_BASE, STACK_SIZE, memory
from exotool.lang.traps import Fault

MARK: Final = "__kpy__"
"""The global name that modules loaded as Kernel Python have."""


class Activation:
    """One call of a function: what it has in the frame, by place in the source."""

    __slots__ = ("bottom", "frame", "sites")

    def __init__(self, frame: FrameType, bottom: int) -> None:
        self.frame = frame
        self.bottom = bottom
        self.sites: dict[object, int] = {}


_activations: Final[list[Activation]] = []
_positions: Final[dict[CodeType, list[object]]] = {}
_top = STACK_BASE


def storage(size: int, align: int, frame: FrameType) -> int:
    """Return the address of zeroed storage for what the code of `frame` makes where it is now."""
    if MARK not in frame.f_globals or not frame.f_code.co_flags & inspect.CO_OPTIMIZED:
        return memory.allocate_static(size, align)
    activation = _activation(frame)
    site = _site(frame)
    address = activation.sites.get(site)
    if address is None:
        address = activation.sites[site] = _grow(size, align)
    memory.zero(address, size)
    return address


def _activation(frame: FrameType) -> Activation:
    global _top
    while _activations and not _is_active(_activations[-1].frame, frame):
        _top = _activations.pop().bottom
    if not _activations or _activations[-1].frame is not frame:
        _activations.append(Activation(frame, _top))
    return _activations[-1]


def _is_active(searched: FrameType, current: FrameType) -> bool:
    frame: FrameType | None = current
    while frame is not None and frame is not searched:
        frame = frame.f_back
    return frame is not None


def _grow(size: int, align: int) -> int:
    global _top
    address = -(-_top // align) * align
    if address + size > STACK_BASE + STACK_SIZE:
        raise Fault(address + size, "write", "the stack is full")
    _top = address + size
    return address


def _site(frame: FrameType) -> object:
    """Return where in the source the frame is: the compiler of CPython may copy code, but not places."""
    code = frame.f_code
    if code not in _positions:
        _positions[code] = list(code.co_positions())
    position = _positions[code][frame.f_lasti // 2]
    return frame.f_lasti if position == (None, None, None, None) else position
