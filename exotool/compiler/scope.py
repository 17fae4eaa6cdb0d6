"""The state of the checker: what the whole run shares (`Unit`), and one function under check (`Scope`).

Errors are reported where they are found, and the failing expression becomes None; a variable whose value failed is
*poisoned*: reading it gives None again without a second message. So every function of the checker that returns
`... | None` has reported an error, directly or earlier, when it returns None.
"""

from __future__ import annotations

import ast
import contextlib
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeVar

from exotool.compiler.tree import Function, Local, LocalStorage, Program, Span
from exotool.compiler.types import ArrayType, StructType, Type, ValueType
from exotool.diagnostics import Collector, Diagnostic, Note

if TYPE_CHECKING:
    from exotool.compiler.names import ModuleNames, TypeVariable
    from exotool.compiler.text import Text

MAX_INSTANCES: Final = 20_000
"""Instances of generic functions, structs and text templates in one program."""


_T = TypeVar("_T")


def sure(value: object, kind: type[_T]) -> _T:
    """Return a value of a type that an earlier step of the checker has made certain."""
    if not isinstance(value, kind):
        raise AssertionError(f"{type(value).__name__} where {kind.__name__} was certain")
    return value


@dataclass(slots=True)
class Body:
    """A function whose body waits to be checked: its statements, and the scope they are checked in."""

    scope: Scope
    nodes: list[ast.stmt]


@dataclass(eq=False, slots=True)
class Unit:
    """One run of the checker. `queue` holds the bodies still to be checked; checking one may add instances."""

    report: Collector = field(default_factory=Collector)
    modules: dict[str, ModuleNames] = field(default_factory=dict)
    program: Program = field(default_factory=Program)
    queue: deque[Body] = field(default_factory=deque)
    instances: dict[tuple[object, ...], object] = field(default_factory=dict)
    instance_count: int = 0
    reported: set[tuple[str, Span, str]] = field(default_factory=set)

    def error(
        self,
        module: ModuleNames,
        code: str,
        span: Span,
        message: str,
        label: str,
        help: tuple[str, ...],  # noqa: A002
    ) -> None:
        """Report an error, once: instances of one generic function repeat each other's."""
        self.error_with_notes(module, code, span, message, label, help, ())

    def error_with_notes(
        self,
        module: ModuleNames,
        code: str,
        span: Span,
        message: str,
        label: str,
        help: tuple[str, ...],  # noqa: A002
        notes: tuple[Note, ...],
    ) -> None:
        """Report an error that has notes, once."""
        key = (code, span, message)
        if key not in self.reported:
            self.reported.add(key)
            self.report.add(Diagnostic(code, message, module.source.place(span), label, notes=notes, help=help))


@dataclass(eq=False, slots=True)
class Scope:
    """A function under check; `function` is None for module-level expressions, which must be constant.

    `bindings` holds the names that the function has bound so far: a `Local`, the `Text` of a `str` parameter, or None
    for a poisoned name. `local_names` are all names that the function assigns anywhere, which Python makes local from
    its first line on. `not_none` are the nullable variables known not to be None at this point; statements replace it
    on branches and joins, and drop from it what a loop assigns. `type_arguments` are those of a generic instance.
    """

    unit: Unit
    module: ModuleNames
    function: Function | None = None
    bindings: dict[str, Local | Text | None] = field(default_factory=dict)
    local_names: frozenset[str] = frozenset()
    global_names: set[str] = field(default_factory=set)
    not_none: frozenset[Local] = frozenset()
    type_arguments: Mapping[TypeVariable, Type] = field(default_factory=dict)
    loop_depth: int = 0
    span_override: Span | None = None
    instance_depth: int = 0

    def span(self, node: ast.AST) -> Span:
        """Return where a node stands. Inside of an f-string it is the whole string: Python versions disagree there."""
        return self.span_override or self.module.source.span(node)

    def error(self, code: str, where: ast.AST | Span, message: str, label: str = "", *help: str) -> None:  # noqa: A002
        """Report an error: what is wrong; under the caret, what was needed and found; what to do."""
        span = where if isinstance(where, Span) else self.span(where)
        self.unit.error(self.module, code, span, message, label, help)

    def error_with_notes(
        self,
        code: str,
        where: ast.AST | Span,
        message: str,
        label: str,
        notes: Iterable[tuple[str, Span]],
        *help: str,  # noqa: A002
    ) -> None:
        """Report an error with notes that point at places of the same module."""
        span = where if isinstance(where, Span) else self.span(where)
        found = tuple(Note(text, self.module.source.place(at)) for text, at in notes)
        self.unit.error_with_notes(self.module, code, span, message, label, help, found)

    def declare(self, name: str, value: ValueType | None, span: Span) -> Local | None:
        """Bind a name to a new variable, or poison it when `value` is None (its type is not known)."""
        if value is None:
            self.bindings[name] = None
            return None
        local = Local(name, value, span)
        self.bindings[name] = local
        self.owner().locals.append(local)
        return local

    def temporary(self, value: ValueType, span: Span, name: str = "temporary") -> Local:
        """Make a hidden variable."""
        local = Local(name, value, span, hidden=True)
        self.owner().locals.append(local)
        return local

    def storage(self, name: str, storage: StructType | ArrayType, span: Span) -> LocalStorage:
        """Reserve storage for a struct or array in the frame."""
        place = LocalStorage(name, storage, span)
        self.owner().storage.append(place)
        return place

    def owner(self) -> Function:
        """Return the function under check; only for code that cannot stand at module level."""
        if self.function is None:
            raise AssertionError("storage and variables exist in functions only")
        return self.function

    @property
    def wrapping(self) -> bool:
        """Tell whether arithmetic wraps without a trap here."""
        return self.function is not None and self.function.wrapping

    @contextlib.contextmanager
    def knowing(self, locals_: Iterable[Local]) -> Iterator[None]:
        """Within the block, the given variables are not None; afterwards `not_none` is what it was."""
        before = self.not_none
        self.not_none = before | frozenset(locals_)
        try:
            yield
        finally:
            self.not_none = before

    @contextlib.contextmanager
    def at(self, span: Span) -> Iterator[None]:
        """Within the block, everything stands at `span`."""
        before = self.span_override
        self.span_override = before or span
        try:
            yield
        finally:
            self.span_override = before
