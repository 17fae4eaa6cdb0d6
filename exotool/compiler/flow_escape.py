"""Escape of frame storage: no address of a local struct or array may outlive the function that has it.

Every value that carries an address is described by its *origins*: storage of this frame, what a parameter refers to,
what was loaded from there, or anything that lives as long as the program. A `Summary` says of a function which of its
parameters' addresses it returns, keeps, or stores into another parameter. Summaries are joined over the call graph
until they stand; then one more walk reports. The walk ignores the order of statements, except that a variable collects
the origins of all its assignments. Externs borrow: they keep no argument; what they return may be any of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from exotool.compiler.flow_report import Reporter
from exotool.compiler.flow_walk import walk
from exotool.compiler.lower_cycles import Targets, pointed, pointer_targets
from exotool.compiler.tree import (
    Assign,
    AtomicOperation,
    Call,
    CallPointer,
    Conditional,
    Convert,
    Copy,
    CopyView,
    Element,
    Expression,
    Field,
    Function,
    GlobalPlace,
    Intrinsic,
    IntrinsicOperator,
    Let,
    Load,
    Local,
    LocalStorage,
    MakeTuple,
    Place,
    PtrOffset,
    Read,
    Reference,
    Return,
    Slice,
    Span,
    StoragePlace,
    Store,
    Target,
    TupleItem,
    View,
)
from exotool.compiler.types import IntType, PtrType, RefType, ResultType, StorageType, TupleType, ViewType


@dataclass(frozen=True, slots=True)
class Parameter:
    """What parameter `index` refers to, or, if `inner`, anything whose address stands there."""

    index: int
    inner: bool = False


class _Static:
    """Whatever lives as long as the program, or what it vouches for itself: addresses made of integers."""


STATIC: Final = _Static()
Origin: TypeAlias = "_Static | Parameter | LocalStorage"
Origins: TypeAlias = frozenset[Origin]
_NOTHING: Final[Origins] = frozenset()
_STATIC: Final[Origins] = frozenset({STATIC})


@dataclass(frozen=True, slots=True)
class Summary:
    """What a function does with its parameters' addresses: gives back, keeps, stores (what, where)."""

    returned: Origins = _NOTHING
    kept: frozenset[Parameter] = frozenset()
    stored: frozenset[tuple[Parameter, Parameter]] = frozenset()


def check_escapes(functions: Sequence[Function], reporter: Reporter) -> None:
    """Report (C0504) each way in which frame storage may outlive its function."""
    bodies = [function for function in functions if function.body is not None]
    summaries = {function: Summary() for function in bodies}
    targets = pointer_targets(functions)
    callers: dict[Function, list[Function]] = {}
    for function in bodies:
        for node in walk(function.body or ()):
            if isinstance(node, Call):
                callers.setdefault(node.function, []).append(function)
            elif isinstance(node, CallPointer):
                for target in pointed(node, targets):
                    callers.setdefault(target, []).append(function)
    open_ = list(reversed(bodies))
    while open_:
        function = open_.pop()
        summary = _Walk(function, summaries, targets, None).run()
        if summary != summaries[function]:
            summaries[function] = summary
            open_ += [caller for caller in callers.get(function, ()) if caller not in open_]
    for function in bodies:
        _Walk(function, summaries, targets, reporter).run()


def carries_address(kind: ResultType | StorageType) -> bool:
    """Tell whether a value of the type can hold an address of data."""
    if isinstance(kind, TupleType):
        return any(carries_address(item) for item in kind.items)
    return isinstance(kind, RefType | ViewType | PtrType)


class _Walk:
    """One function, with the summaries of all as they stand."""

    def __init__(
        self, function: Function, summaries: Mapping[Function, Summary], targets: Targets, reporter: Reporter | None
    ) -> None:
        self.function = function
        self.summaries = summaries
        self.targets = targets
        self.reporter = reporter
        self.locals: dict[Local, Origins] = {
            parameter: frozenset({Parameter(index)}) if carries_address(parameter.type) else _NOTHING
            for index, parameter in enumerate(function.parameters)
        }
        self.contents: dict[LocalStorage, Origins] = {}
        self.returned: Origins = _NOTHING
        self.kept: set[Parameter] = set()
        self.stored: set[tuple[Parameter, Parameter]] = set()
        self.final = False

    def run(self) -> Summary:
        """Walk until nothing is added; with a reporter, once more to report."""
        before = None
        nodes = list(walk(self.function.body or ()))
        while before != (state := self._state()):
            before = state
            for node in nodes:
                self._node(node)
        if self.reporter is not None:
            self.final = True
            for node in nodes:
                self._node(node)
        return Summary(self.returned, frozenset(self.kept), frozenset(self.stored))

    def _state(self) -> tuple[int, ...]:
        """Return sizes: all that a walk does is add."""
        return (
            sum(map(len, self.locals.values())),
            sum(map(len, self.contents.values())),
            len(self.returned),
            len(self.kept),
            len(self.stored),
        )

    # --- Effects -----------------------------------------------------------------------------------------------------

    def _node(self, node: object) -> None:
        match node:
            case Assign(local=local, value=value) | Let(local=local, value=value):
                if carries_address(local.type):
                    self.locals[local] = self.locals.get(local, _NOTHING) | self.origins(value)
            case Store(place=place, value=value):
                if carries_address(value.type):
                    self._store(self.origins(value), self.root(place), value.span)
            case Copy(destination=destination, source=source):
                self._store(self.inside(self.root(source)), self.root(destination), node.span)
            case CopyView(destination=target, source=values):
                self._store(self.inside(self.origins(values)), self.origins(target), node.span)
            case AtomicOperation(place=place, arguments=arguments):
                for argument in arguments:
                    if carries_address(argument.type):
                        self._store(self.origins(argument), self.root(place), argument.span)
            case Return(value=value):
                if value is not None and carries_address(value.type):
                    self._return(value)
            case Convert(operand=operand, type=IntType()) if isinstance(operand.type, PtrType):
                self._keep(self.origins(operand), node.span, "becomes an integer")
            case Intrinsic(operator=IntrinsicOperator.ADDRESS_OF, arguments=(argument,)):
                self._keep(self.origins(argument), node.span, "becomes an integer")
            case Call() | CallPointer():
                self._call(node)

    def _return(self, value: Expression) -> None:
        origins = self.origins(value)
        self.returned |= {origin for origin in origins if not isinstance(origin, LocalStorage)}
        self._report(origins, value.span, "is returned")

    def _keep(self, origins: Origins, span: Span, how: str, *, at: Function | None = None) -> None:
        self.kept.update(origin for origin in origins if isinstance(origin, Parameter))
        self._report(origins, span, how, at=at)

    def _store(self, values: Origins, places: Origins, span: Span) -> None:
        for place in _sorted(places):
            if isinstance(place, LocalStorage):
                self.contents[place] = self.contents.get(place, _NOTHING) | values
            elif isinstance(place, Parameter):
                self.stored.update(
                    (value, place)
                    for value in values
                    if isinstance(value, Parameter) and value != Parameter(place.index, inner=True)
                )
                self._report(values, span, "is stored where it may stay")
            else:
                self._keep(values, span, "is stored where it stays")

    def _call(self, node: Call | CallPointer) -> None:
        callees: Sequence[Function] = [node.function] if isinstance(node, Call) else pointed(node, self.targets)
        arguments = [self.origins(argument) for argument in node.arguments]
        for callee in callees:
            summary = self.summaries.get(callee)
            if summary is None:
                continue
            for index, argument in enumerate(node.arguments):
                kept = {p for p in summary.kept if p.index == index}
                self._keep(self._resolve(kept, arguments), argument.span, "is kept by the function called", at=callee)
            for value, place in sorted(summary.stored, key=lambda pair: [(p.index, p.inner) for p in pair]):
                places = self._resolve({place}, arguments)
                self._store(self._resolve({value}, arguments), places, node.arguments[value.index].span)

    def _report(self, origins: Origins, span: Span, how: str, *, at: Function | None = None) -> None:
        if not self.final or self.reporter is None:
            return
        for origin in _sorted(origins):
            if isinstance(origin, LocalStorage):
                notes = [self.reporter.note(f"`{origin.name}` is made in this function's frame", origin.span)]
                if at is not None:
                    notes.append(self.reporter.note(f"`{at.name}`, which keeps it, stands", at.span))
                self.reporter.error(
                    "C0504",
                    f"a reference to the local `{origin.name}` can outlive it",
                    span,
                    how,
                    "make it static (at the top of the module), take it as a parameter, or `copy` what must stay",
                    notes=tuple(notes),
                )
                return

    # --- Origins -----------------------------------------------------------------------------------------------------

    def root(self, place: Place) -> Origins:
        """Return what the place is part of."""
        match place:
            case GlobalPlace():
                return _STATIC
            case StoragePlace(target=target):
                return frozenset({target})
            case Target(reference=reference):
                return self.origins(reference)
            case Field(base=base):
                return self.root(base)
            case Element(base=base):
                if isinstance(base, GlobalPlace | StoragePlace | Target | Field | Element):
                    return self.root(base)
                return self.origins(base)

    def inside(self, origins: Origins) -> Origins:
        """Return the origins of the addresses that stand where `origins` refer to."""
        found: set[Origin] = set()
        for origin in origins:
            if isinstance(origin, LocalStorage):
                found |= self.contents.get(origin, _NOTHING)
            elif isinstance(origin, Parameter):
                found.add(Parameter(origin.index, inner=True))
            else:
                found.add(STATIC)
        return frozenset(found)

    def origins(self, value: Expression) -> Origins:
        """Return what a value's addresses may refer to."""
        if not carries_address(value.type):
            return _NOTHING
        match value:
            case Read(local=local):
                return self.locals.get(local, _NOTHING)
            case Load(place=place):
                return self.inside(self.root(place))
            case Reference(place=place) | View(place=place):
                return self.root(place)
            case Slice(view=operand) | PtrOffset(pointer=operand) | TupleItem(value=operand):
                return self.origins(operand)
            case Conditional(then=then, otherwise=otherwise):
                return self.origins(then) | self.origins(otherwise)
            case Let(local=local, value=given, body=body):
                self.locals[local] = self.locals.get(local, _NOTHING) | self.origins(given)
                return self.origins(body)
            case Convert(operand=operand):
                return self.origins(operand) or _STATIC
            case MakeTuple(items=items):
                return _NOTHING.union(*map(self.origins, items))
            case Call() | CallPointer():
                return self._result(value)
            case AtomicOperation(place=place):
                return self.inside(self.root(place))
            case _:
                return _STATIC

    def _result(self, node: Call | CallPointer) -> Origins:
        arguments = [self.origins(argument) for argument in node.arguments]
        callees: Sequence[Function] = [node.function] if isinstance(node, Call) else pointed(node, self.targets)
        found: set[Origin] = set()
        for callee in callees:
            summary = self.summaries.get(callee)
            found |= self._resolve(summary.returned, arguments) if summary is not None else _STATIC.union(*arguments)
        return frozenset(found)

    def _resolve(self, origins: Iterable[Origin], arguments: Sequence[Origins]) -> Origins:
        """Return a callee's origins as the caller's."""
        found: set[Origin] = set()
        for origin in origins:
            if not isinstance(origin, Parameter):
                found.add(STATIC)
            elif not origin.inner:
                found |= arguments[origin.index]
            else:
                open_ = self.inside(arguments[origin.index])
                while not open_ <= found:
                    found |= open_
                    open_ = self.inside(open_)
        return frozenset(found)


def _sorted(origins: Iterable[Origin]) -> list[Origin]:
    """Return origins in an order that does not depend on how sets are walked."""

    def key(origin: Origin) -> tuple[int, int, int, str]:
        if isinstance(origin, LocalStorage):
            return 0, origin.span.line, origin.span.column, origin.name
        if isinstance(origin, Parameter):
            return 1, origin.index, origin.inner, ""
        return 2, 0, 0, ""

    return sorted(origins, key=key)
