"""Expressions of a script -> numbers, absolute or relative to an output section.

A number that is written down is absolute outside of output sections and relative to the section inside of one; `.` is
always relative to where it stands; two values of different sections are made absolute before they meet (manual, "The
Section of an Expression"). A value that is not known yet, because what it is about comes later, is None: that is an
error only where it decides an address, or in the end.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, NamedTuple

from exotool.diagnostics import Collector, Diagnostic, did_you_mean
from exotool.link.model import ADDRESS_MASK, Definition, OutputPlan
from exotool.link.script.state import Output, RegionState
from exotool.link.script.tree import Assignment, Binary, Call, Conditional, Expression, Name, Number, Span, Unary


class Absolute:
    """The place of values that belong to no output section."""

    vma = 0


ABSOLUTE: Final = Absolute()


class Value(NamedTuple):
    """A value: `section` is None for a plain number, which takes the section of what it meets."""

    value: int
    section: Output | Absolute | None = None

    @property
    def address(self) -> int:
        """The value as an address."""
        return self.value + (self.section.vma if self.section is not None else 0) & ADDRESS_MASK


class Phase(Enum):
    """Which walk over the script this is: to find what is empty, to give addresses, or to check and to fill in."""

    MARK = 0
    SIZE = 1
    FINAL = 2


class DataPhase(Enum):
    """How far DATA_SEGMENT_ALIGN and its two companions have come."""

    NONE = 0
    ALIGN_SEEN = 1
    RELRO_SEEN = 2
    END_SEEN = 3
    RELRO_ADJUST = 4
    ADJUST = 5
    DONE = 6


@dataclass(slots=True)
class DataSegment:
    """What the three functions find out for each other."""

    phase: DataPhase = DataPhase.NONE
    base: int = 0
    relro_end: int = 0
    relro_offset: int = 0
    end: int = 0
    page: int = 0
    relro_page: int = 0


@dataclass(slots=True)
class Surroundings:
    """What expressions can ask about: sections, regions, pages and the addresses that options set."""

    outputs: dict[str, Output]
    by_plan: dict[OutputPlan, Output]
    regions: dict[str, RegionState]
    max_page: int
    common_page: int
    segment_starts: Mapping[str, int]
    size_of_headers: Callable[[], int]
    relro: bool = False


def align_to(value: int, alignment: int) -> int:
    """Return the first multiple of `alignment` from `value` on; any number will do, not only powers of two."""
    return value if alignment <= 1 else -(-value // alignment) * alignment & ADDRESS_MASK


def signed(value: int) -> int:
    """Return 64 bits as a signed number."""
    return value - (1 << 64) if value >> 63 else value


@dataclass(slots=True)
class Evaluator:
    """Computes expressions at one point of a walk: at `dot`, inside of `section`."""

    around: Surroundings
    globals: Mapping[str, Definition] = field(default_factory=dict)
    values: dict[str, Value] = field(default_factory=dict)
    """Symbols of the script, as far as they are known."""
    assigned: set[str] = field(default_factory=set)
    """Those that this walk has come by already."""
    used_segments: set[str] = field(default_factory=set)
    errors: Collector = field(default_factory=Collector)
    phase: Phase = Phase.MARK
    dot: int = 0
    section: Output | Absolute = ABSOLUTE
    data: DataSegment = field(default_factory=DataSegment)
    assigning_dot: bool = False
    target: str | None = None
    """The symbol whose assignment is being computed, until its own old value was used."""
    results: dict[int, int] = field(default_factory=dict)
    """What assignments, assertions and data came to in the end, by `id` of the statement."""
    uses_headers: bool = False
    from_dot: bool = False
    asked: set[str] = field(default_factory=set)
    """Symbols whose value was asked for in any walk: not those of a branch that was never taken."""

    def error(self, code: str, message: str, span: Span, label: str = "", help_: str = "") -> None:
        """Report an error at an expression, except while only looking for what is empty."""
        if self.phase is not Phase.MARK:
            lines = (help_,) if help_ else ()
            self.errors.add(Diagnostic(code, message, span.place, label=label, help=lines))

    def absolute(self, expression: Expression, what: str) -> int | None:
        """Return an expression as a number; error L0503 when it is not known."""
        value = self.fold(expression)
        if value is None:
            message = f"{what} depends on what is not known at this point"
            help_ = "it may use only sections and symbols that stand before it"
            self.error("L0503", message, expression.span, help_=help_)
            return None
        return value.address

    def fold(self, expression: Expression) -> Value | None:
        """Return the value of an expression, None when it is not known yet."""
        if isinstance(expression, Number):
            return Value(expression.value, ABSOLUTE if self.section is ABSOLUTE else None)
        if isinstance(expression, Name):
            return self._name(expression)
        if isinstance(expression, Unary):
            operand = self.fold(expression.operand)
            if operand is None:
                return None
            value = {"-": -operand.value, "~": ~operand.value, "!": int(not operand.value), "+": operand.value}
            return Value(value[expression.operator] & ADDRESS_MASK, operand.section)
        if isinstance(expression, Conditional):
            condition = self.fold(expression.condition)
            if condition is None:
                return None
            return self.fold(expression.yes if condition.value else expression.no)
        if isinstance(expression, Binary):
            return self._binary(expression)
        return self._call(expression)

    # Symbols

    def _name(self, expression: Name) -> Value | None:
        name = expression.name
        if name == ".":
            self.from_dot = True
            return Value(self.dot - self.section.vma & ADDRESS_MASK, self.section)
        self.asked.add(name)
        value = self.lookup(name)
        if name == self.target and not (name in self.assigned and self.values[name].section is ABSOLUTE):
            self.target = None
        if value is None and (self.phase is Phase.FINAL or (self.phase is Phase.SIZE and self.assigning_dot)):
            known = [n for n, d in self.globals.items() if not d.is_weak_undefined]
            help_ = "".join(did_you_mean(name, known[:20000]))
            self.error("L0504", f"undefined symbol `{name}` in an expression", expression.span, help_=help_)
        return value

    def lookup(self, name: str) -> Value | None:
        """Return what a symbol stands for."""
        definition = self.globals.get(name)
        if definition is None or definition.is_weak_undefined or definition.by_script:
            value = self.values.get(name)
            if value is not None and value.section is ABSOLUTE and self.section is not ABSOLUTE:
                return Value(value.value)
            return value
        if definition.section is None or definition.section.output is None:
            return Value(definition.address, ABSOLUTE if self.section is ABSOLUTE else None)
        output = self.around.by_plan.get(definition.section.output)
        if output is None:
            return Value(definition.address, ABSOLUTE)
        return Value(definition.section.offset + definition.value, output)

    def _is_defined(self, name: str) -> bool:
        definition = self.globals.get(name)
        if definition is not None and not definition.by_script:
            return not definition.is_weak_undefined
        return name in self.assigned

    def assign(self, assignment: Assignment) -> None:
        """Carry out the assignment of a symbol."""
        self.from_dot = False
        value, used_itself = self._fold_for(assignment)
        if self.phase is not Phase.FINAL and used_itself:
            return
        if value is None:
            if assignment.name in self.values:
                return
            value = Value(0)
        if value.section is None:
            value = Value(value.value, self.section)
        made = self.values[assignment.name] = Value(value.value & ADDRESS_MASK, value.section)
        self.results[id(assignment)] = made.address
        self.assigned.add(assignment.name)

    def _fold_for(self, assignment: Assignment) -> tuple[Value | None, bool]:
        self.target = assignment.name
        value = self.fold(assignment.value)
        return value, self.target is None

    # Operators

    def _binary(self, expression: Binary) -> Value | None:
        left = self.fold(expression.left)
        right = self.fold(expression.right)
        if left is None or right is None:
            return None
        a, b, home = left.value, right.value, right.section
        same = left.section is right.section
        if not same:
            if left.section is not None and right.section is not None:
                a, b, home = left.address, right.address, ABSOLUTE
                same = True
            elif right.section is None:
                home = left.section
        operator = expression.operator
        if operator in _COMPARISONS:
            return Value(int(_COMPARISONS[operator](a, b)))
        if operator in ("/", "%"):
            if not b:
                self.error("L0503", "division by zero", expression.right.span)
                return None if self.phase is not Phase.MARK else Value(0, home)
            quotient = abs(signed(a)) // abs(signed(b)) * (1 if (signed(a) < 0) == (signed(b) < 0) else -1)
            result = quotient if operator == "/" else signed(a) - quotient * signed(b)
        else:
            result = _ARITHMETIC[operator](a, b)
        if same:
            # Two values of one section make a number, and outside of sections numbers are absolute.
            home = ABSOLUTE if self.section is ABSOLUTE else None
        return Value(result & ADDRESS_MASK, home)

    # Functions

    def _call(self, call: Call) -> Value | None:
        function = call.function
        if function in ("ADDR", "LOADADDR", "SIZEOF", "ALIGNOF"):
            return self._of_section(call)
        if function == "DEFINED":
            return Value(int(self._is_defined(call.word)))
        if function == "CONSTANT":
            return Value(self.around.max_page if call.word == "MAXPAGESIZE" else self.around.common_page)
        if function in ("ORIGIN", "LENGTH"):
            region = self.around.regions.get(call.word)
            if region is None:
                help_ = "".join(did_you_mean(call.word, self.around.regions))
                self.error("L0504", f"there is no region `{call.word}`", call.span, help_=help_)
                return None
            return Value(region.origin if function == "ORIGIN" else region.length)
        if function == "SIZEOF_HEADERS":
            self.uses_headers = True
            return Value(self.around.size_of_headers())
        if function == "SEGMENT_START":
            start = self.around.segment_starts.get(call.word)
            default = self.fold(call.arguments[0])
            if start is None:
                return default
            self.used_segments.add(call.word)
            return Value(start - self.section.vma & ADDRESS_MASK, self.section)
        if function == "ASSERT":
            value = self.fold(call.arguments[0])
            if self.phase is Phase.FINAL and value is not None and not value.value:
                self.error("L0505", call.word or "an assertion of the script does not hold", call.span)
            return value
        return self._of_values(call)

    def _of_section(self, call: Call) -> Value | None:
        output = self.around.outputs.get(call.word)
        if output is None:
            if self.phase is Phase.FINAL:
                known = [o.name for o in self.around.outputs.values()]
                help_ = "".join(did_you_mean(call.word, known))
                self.error("L0504", f"there is no output section `{call.word}`", call.span, help_=help_)
            return Value(0) if call.function in ("SIZEOF", "ALIGNOF") else None
        if call.function == "SIZEOF":
            size = output.size if output.vma_known or self.phase is Phase.FINAL else output.size_before
            return Value(size if output.exists else 0)
        if call.function == "ALIGNOF":
            return Value(output.alignment if output.exists else 0)
        if call.function == "ADDR":
            return Value(0, output) if output.vma_known or self.phase is Phase.FINAL else None
        if not output.lma_known and self.phase is not Phase.FINAL:
            return None
        return Value(output.lma, ABSOLUTE)

    def _of_values(self, call: Call) -> Value | None:
        values = [self.fold(argument) for argument in call.arguments]
        first, last = values[0], values[-1]
        if first is None or last is None:
            return None
        function = call.function
        if function == "ABSOLUTE":
            self.from_dot = False
            return Value(first.address, ABSOLUTE)
        if function == "ALIGN" and len(values) == 1:
            self.from_dot = True
            return Value(align_to(self.dot, first.value) - self.section.vma & ADDRESS_MASK, self.section)
        if function == "NEXT":
            return Value(align_to(self.dot, first.address), ABSOLUTE)
        if function == "LOG2CEIL":
            return Value((first.value - 1).bit_length() if first.value > 1 else 0, first.section)
        if function == "DATA_SEGMENT_END":
            return self._data_end(first)
        home = last.section
        a, b = first.value, last.value
        if first.section is not last.section:
            if first.section is not None and last.section is not None:
                a, b, home = first.address, last.address, ABSOLUTE
            elif last.section is None:
                home = first.section
        if function in ("MAX", "MIN"):
            return Value(max(a, b) if function == "MAX" else min(a, b), home)
        if function == "ALIGN":
            return Value(align_to(a, b), home)
        if self.section is not ABSOLUTE:
            return None
        return self._data_align(a, b) if function == "DATA_SEGMENT_ALIGN" else self._relro_end(a, b)

    def _data_align(self, max_page: int, common_page: int) -> Value | None:
        data = self.data
        value = align_to(self.dot, max_page)
        if data.phase is DataPhase.RELRO_ADJUST:
            value = data.base
        elif data.phase is DataPhase.ADJUST:
            if common_page < max_page:
                value += self.dot + common_page - 1 & max_page - common_page
        else:
            if data.phase not in (DataPhase.NONE, DataPhase.DONE):
                return None
            if not self.around.relro:
                value += self.dot & max_page - 1
            if data.phase is DataPhase.NONE:
                data.phase, data.base = DataPhase.ALIGN_SEEN, value
                data.page, data.relro_page = common_page, max_page
        return Value(value & ADDRESS_MASK, ABSOLUTE)

    def _relro_end(self, offset: int, end: int) -> Value | None:
        data = self.data
        if data.phase not in (DataPhase.ALIGN_SEEN, DataPhase.ADJUST, DataPhase.RELRO_ADJUST, DataPhase.DONE):
            return None
        if data.phase in (DataPhase.ALIGN_SEEN, DataPhase.RELRO_ADJUST):
            data.relro_offset = offset
            data.relro_end = end + offset
        value = end
        if data.phase is DataPhase.RELRO_ADJUST and data.relro_end & data.relro_page - 1:
            data.relro_end = align_to(data.relro_end, data.relro_page)
            value = data.relro_end - offset
        if data.phase is DataPhase.ALIGN_SEEN:
            data.phase = DataPhase.RELRO_SEEN
        return Value(value & ADDRESS_MASK, ABSOLUTE)

    def _data_end(self, end: Value) -> Value:
        if self.data.phase in (DataPhase.ALIGN_SEEN, DataPhase.RELRO_SEEN):
            self.data.phase, self.data.end = DataPhase.END_SEEN, end.address
        return end


_COMPARISONS: Final[dict[str, Callable[[int, int], bool]]] = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
    "&&": lambda a, b: bool(a and b),
    "||": lambda a, b: bool(a or b),
}

_ARITHMETIC: Final[dict[str, Callable[[int, int], int]]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    # The manual leaves a shift by the width of the number or more open; a C compiler for x86-64 takes it modulo 64.
    "<<": lambda a, b: a << (b & 63),
    ">>": lambda a, b: a >> (b & 63),
    "&": lambda a, b: a & b,
    "|": lambda a, b: a | b,
    "^": lambda a, b: a ^ b,
}
