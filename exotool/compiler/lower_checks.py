"""Traps: a check is a branch to a cold block that calls `__kpy_trap` and does not come back."""

from __future__ import annotations

from exotool.compiler.lower_context import LIKELY, ModuleContext
from exotool.compiler.lower_text import FunctionText
from exotool.compiler.tree import Function, Reason, Span
from exotool.compiler.types import EnumType, IntType

_MAX_RANGES = 4
"""An enum whose values lie in at most this many ranges is checked by comparisons, others by a switch."""


def is_constant(operand: str) -> bool:
    """Tell whether an operand is an integer written out."""
    return operand.lstrip("-").isdigit()


class Checks(FunctionText):
    """A function's text, with the traps in it."""

    def __init__(self, context: ModuleContext, function: Function) -> None:
        super().__init__()
        self.context = context
        self.function = function
        self.scope = ""

    def at(self, span: Span) -> None:
        """Let the instructions that follow belong to a place of the source."""
        debug = self.context.debug
        if debug is not None and span.line:
            self.location = f", !dbg {debug.location(span, self.scope)}"

    def trap(self, reason: Reason, span: Span, message: str = "") -> None:
        """Stop here: nothing after this runs."""
        record = self.context.trap_record(span, reason, message, operands=False)
        self.emit(
            f"call void @{self.context.trap_function}(ptr nonnull {record}, i64 poison, i64 poison) noreturn cold"
        )
        self.end("unreachable")

    def check(
        self, holds: str, reason: Reason, span: Span, operands: tuple[str, str] | None = None, message: str = ""
    ) -> None:
        """Trap unless the i1 `holds`; `operands` are two i64 that the trap reports, else whatever registers hold."""
        if holds == "true":
            return
        record = self.context.trap_record(span, reason, message, operands=operands is not None)
        first, second = operands or ("poison", "poison")
        trapped, go_on = self.fresh("trap"), self.fresh("ok")
        self.branch(holds, go_on, trapped, f", !prof {LIKELY}")
        self.cold += [
            f"{trapped}:",
            f"  call void @{self.context.trap_function}(ptr nonnull {record}, i64 {first}, i64 {second})"
            f" noreturn cold{self.location}",
            f"  unreachable{self.location}",
        ]
        self.start(go_on)

    def check_not_null(self, pointer: str, span: Span) -> None:
        """Trap NULL when an address is 0."""
        if pointer.startswith("@"):
            return
        self.check(self.value(f"icmp ne ptr {pointer}, null"), Reason.NULL, span)

    def check_member(self, operand: str, source: IntType, enum: EnumType, span: Span) -> None:
        """Trap ENUM unless an integer of type `source` is the value of a member."""
        values = sorted({value for value in enum.members.values() if source.minimum <= value <= source.maximum})
        if is_constant(operand) and source.wrap(int(operand)) in values:
            return
        ranges = _ranges(values)
        if ranges == [(source.minimum, source.maximum)]:
            return
        llvm = f"i{source.bits}"
        if len(ranges) > _MAX_RANGES:
            member, other = self.fresh("member"), self.fresh("other")
            self.switch(llvm, operand, dict.fromkeys(values, member), other)
            self.start(other)
            self.trap(Reason.ENUM, span)
            self.start(member)
            return
        holds = "false"
        for low, high in ranges:
            if low == high:
                inside = self.value(f"icmp eq {llvm} {operand}, {low}")
            else:
                distance = operand if low == 0 else self.value(f"sub {llvm} {operand}, {low}")
                inside = self.value(f"icmp ule {llvm} {distance}, {high - low}")
            holds = inside if holds == "false" else self.value(f"or i1 {holds}, {inside}")
        self.check(holds, Reason.ENUM, span)


def _ranges(values: list[int]) -> list[tuple[int, int]]:
    ranges: list[tuple[int, int]] = []
    for value in values:
        if ranges and ranges[-1][1] == value - 1:
            ranges[-1] = (ranges[-1][0], value)
        else:
            ranges.append((value, value))
    return ranges
