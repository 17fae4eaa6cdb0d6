"""Statements and calls, with the meaning that `compiler.lower_statements` gives them."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, assert_never

import z3

from exotool.compiler.flow_walk import own_parts
from exotool.compiler.lower_types import integer_of, value_in
from exotool.compiler.tree import (
    Assign,
    Break,
    Comparison,
    Continue,
    Copy,
    CopyView,
    Evaluate,
    ForRange,
    Function,
    If,
    Local,
    Reason,
    Return,
    Scoped,
    Span,
    Statement,
    Store,
    Switch,
    Trap,
    Update,
    While,
    Zero,
)
from exotool.compiler.types import IntType, NeverType, NoneType, RefType, TupleType, ViewType, size_of
from exotool.verify import terms
from exotool.verify.evaluate import Evaluation, merge
from exotool.verify.memory import Location
from exotool.verify.path import Failure, MustFork, NotModelled, OutOfTime, Path
from exotool.verify.places import Activation, Address, Compiled
from exotool.verify.terms import Bits, Scalar, Truth, Value, number, truth

DEFAULT_UNROLL: Final = 64
_MAX_STEPS: Final = 4_000_000
_MAX_CALLS: Final = 400


class _Broken(Exception):  # noqa: N818 - a way out of a loop
    """`break`."""


class _Continued(Exception):  # noqa: N818 - a way out of a round
    """`continue`."""


class _Returned(Exception):  # noqa: N818 - a way out of a function
    """`return`."""

    def __init__(self, value: Value) -> None:
        super().__init__()
        self.value = value


class Execution(Evaluation):
    """One execution of a proof; `reached` are the assertions that were met."""

    def __init__(self, path: Path, program: Compiled, unroll: int, *, overflow: bool, shift: bool) -> None:
        super().__init__(path, program, overflow=overflow, shift=shift)
        self.models = program.models
        self.unroll = unroll
        self.reached: set[Span] = set()
        self._steps = 0
        self._active: dict[Function, int] = {}

    def run(self, proof: Function) -> None:
        """Run a proof for any arguments."""
        arguments: list[Value] = []
        for parameter in proof.parameters:
            kind = parameter.type
            if isinstance(kind, RefType) and not kind.nullable:
                made = self.memory.make(parameter.name, kind.target, None)
                self.havoc(Address(made.base, kind.target, sure=True), parameter.span)
                arguments.append((made.base,))
            elif isinstance(kind, ViewType | TupleType) or (integer_of(kind) is None and str(kind) != "bool"):
                raise NotModelled(parameter.span, f"a parameter of type `{kind}`", "make it a static, and `havoc` it")
            else:
                arguments.append((self.arbitrary(parameter.name, kind, parameter.span),))
        self.call(proof, arguments, proof.span)

    # --- Functions ---------------------------------------------------------------------------------------------------

    def call(self, function: Function, arguments: list[Value], span: Span) -> Value:
        """Run a function and return its result."""
        returns = not isinstance(function.result, NeverType)
        if function.external:
            function = self._model(function, span)
        body = function.body
        if body is None:
            raise NotModelled(span, f"`{function.name}` has no body")
        if len(self.activations) >= _MAX_CALLS:
            raise NotModelled(span, f"calls nested more than {_MAX_CALLS} deep")
        depth = self._active.get(function, 0) + 1
        if function.recursion and depth > function.recursion:
            self.check(False, Reason.RECURSION, function.span)
        self._active[function] = depth
        activation = Activation(function, dict(zip(function.parameters, arguments, strict=True)))
        outer = bool(self.activations)
        if outer:
            self.path.calls.append(span)
        self.activations.append(activation)
        try:
            result = self._body(function, body)
            if not returns:
                self.check(False, Reason.UNREACHABLE, span, "what does not return has returned")
            return result
        except NotModelled as missing:
            missing.calls = tuple(self.path.calls) if missing.calls is None else missing.calls
            raise
        finally:
            self.activations.pop()
            if outer:
                self.path.calls.pop()
            self._active[function] = depth - 1
            for made in activation.storage.values():
                self.memory.forget(made)

    def _body(self, function: Function, body: Sequence[Statement]) -> Value:
        if len(self.activations) > 1 and self.effects.is_pure(function):
            before = dict(self.running.locals)
            try:
                _, value = self._ways(body)
            except MustFork:
                self.path.act()
                self.running.locals = before
            else:
                return value if value is not None else ()
        try:
            self.statements(body)
        except _Returned as returned:
            return returned.value
        if not isinstance(function.result, NoneType):
            self.check(False, Reason.UNREACHABLE, function.span, "the function ended without a result")
        return ()

    def _ways(self, body: Sequence[Statement]) -> tuple[Truth, Value | None]:
        """Run statements without effects on all ways at once. Returns where a result was given, and which."""
        for index, statement in enumerate(body):
            match statement:
                case Assign(local=local, value=value):
                    self.running.locals[local] = self.expression(value)
                case Return(value=value):
                    return True, self.expression(value) if value is not None else ()
                case Trap(reason=reason, message=message, span=span):
                    self.check(False, reason, span, message)
                    return True, None
                case If():
                    returned, result = self._both_ways(statement)
                    if returned is True:
                        return True, result
                    if returned is not False:
                        with self.path.under(z3.Not(returned)):
                            later, other = self._ways(body[index + 1 :])
                        return terms.either(returned, later), self._merged_result(returned, result, other)
        return False, None

    def _both_ways(self, node: If) -> tuple[Truth, Value | None]:
        test = truth(self.expression(node.test)[0])
        if isinstance(test, bool):
            return self._ways(node.then if test else node.otherwise)
        before = self.running.locals
        self.running.locals = dict(before)
        with self.path.under(test):
            first, value = self._ways(node.then)
        then, self.running.locals = self.running.locals, dict(before)
        with self.path.under(z3.Not(test)):
            second, other = self._ways(node.otherwise)
        self.running.locals = _merged_locals(test, then, self.running.locals)
        return terms.choose_truth(test, first, second), self._merged_result(test, value, other)

    def _merged_result(self, test: Truth, value: Value | None, other: Value | None) -> Value | None:
        if value is None or other is None:
            return other if value is None else value
        return merge(test, value, other, self.running.function.result)

    def _model(self, function: Function, span: Span) -> Function:
        model = self.models.get(function.symbol)
        if model is None:
            help_ = f'say in the file of the proof what it does: `@model("{function.symbol}")` on a function'
            raise NotModelled(span, f"`{function.name}` is defined outside of Kernel Python", help_)
        if [p.type for p in model.parameters] != [p.type for p in function.parameters] or (
            model.result != function.result and not isinstance(function.result, NeverType)
        ):
            raise NotModelled(model.span, f"the model of `{function.symbol}` has other types than it")
        return model

    # --- Statements --------------------------------------------------------------------------------------------------

    def statements(self, statements: Sequence[Statement]) -> None:
        """Run statements in order."""
        for statement in statements:
            self._steps += 1
            if self._steps & 0xFF == 0 and time.monotonic() > self.path.solver.deadline:
                raise OutOfTime
            if self._steps > _MAX_STEPS:
                raise NotModelled(statement.span, f"an execution of more than {_MAX_STEPS} statements")
            self.statement(statement)
            if self.path.settled:
                self._settle()

    def _settle(self) -> None:
        """Put the numbers that variables have turned out to be into the places where they are used."""
        known, self.path.settled = self.path.settled, []
        for activation in self.activations:
            for local, value in activation.locals.items():
                activation.locals[local] = tuple(terms.substituted(scalar, known) for scalar in value)

    def statement(self, statement: Statement) -> None:
        """Run one statement."""
        match statement:
            case Assign(local=local, value=value):
                self.running.locals[local] = self.expression(value)
            case Evaluate(value=value):
                self.expression(value)
            case Store(place=place, value=value, span=span):
                (operand,) = self.expression(value)
                self.store(self.place(place), operand, span)
            case Update():
                self._update(statement)
            case If():
                self._if(statement)
            case Return(value=value):
                raise _Returned(self.expression(value) if value is not None else ())
            case While():
                self._while(statement)
            case ForRange():
                self._for_range(statement)
            case Break():
                raise _Broken
            case Continue():
                raise _Continued
            case Zero(place=place, span=span):
                address = self.place(place)
                size = size_of(address.type)
                self.memory.zero(self.locate(address, size, span), size, span)
            case Copy():
                self._copy(statement)
            case CopyView():
                self._copy_view(statement)
            case Switch():
                self._switch(statement)
            case Scoped():
                self._scoped(statement)
            case Trap(reason=reason, message=message, span=span):
                self.check(False, reason, span, message)
            case _:
                assert_never(statement)

    def _update(self, node: Update) -> None:
        address = self.place(node.place)
        self.store(address, self._updated(node, address), node.span)

    def _updated(self, node: Update, address: Address) -> Bits:
        kind, amount = integer_of(node.type), integer_of(node.operand.type)
        if kind is None or amount is None:
            raise TypeError(f"update of {node.type}")
        old = number(self.load(address, node.span))
        operand = number(self.expression(node.operand)[0])
        return self.binary(node.operator, kind, old, operand, amount, node.span)

    def _copy(self, node: Copy) -> None:
        destination, source = self.place(node.destination), self.place(node.source)
        size = size_of(destination.type)
        to, origin = self.locate(destination, size, node.span), self.locate(source, size, node.span)
        self.memory.copy(to, origin, size, node.span)

    def _copy_view(self, node: CopyView) -> None:
        to, to_length = (number(scalar) for scalar in self.expression(node.destination))
        origin, length = (number(scalar) for scalar in self.expression(node.source))
        kind = node.destination.type
        if not isinstance(kind, ViewType):
            raise TypeError(f"copy of {kind}")
        self.check(terms.equal(to_length, length), Reason.SLICE, node.span)
        known = length if isinstance(length, int) else self.path.value(length, self.unroll)
        if known is None:
            raise NotModelled(node.span, f"a copy of more than {self.unroll} different lengths")
        size = known * size_of(kind.element)
        if size:
            destination = self.locate(Address(to, kind.element), size, node.span)
            source = self.locate(Address(origin, kind.element), size, node.span)
            self.memory.copy(destination, source, size, node.span)

    # --- Branches ----------------------------------------------------------------------------------------------------

    def _if(self, node: If) -> None:
        match node.then:
            case (Trap(reason=reason, message=message, span=span),) if not node.otherwise:
                if len(self.activations) == 1:
                    self.reached.add(span)
                self.check(terms.negate(truth(self.expression(node.test)[0])), reason, span, message)
                return
        test = truth(self.expression(node.test)[0])
        if isinstance(test, z3.BoolRef) and self._merged(test, node):
            return
        self.statements(node.then if self.path.branch(test) else node.otherwise)

    def _merged(self, test: z3.BoolRef, node: If) -> bool:
        """Run both ways of an `if` that only give variables values, and write once at the end; keep what counts.

        False, and nothing has happened, where that cannot be: then the execution forks.
        """
        if not (self._is_simple(node.then) and self._is_simple(node.otherwise)):
            return False
        before = dict(self.running.locals)
        try:
            then, first = self._guarded(test, node.then, before)
            otherwise, second = self._guarded(z3.Not(test), node.otherwise, before)
        except MustFork:
            self.running.locals = before
            return False
        self.running.locals = _merged_locals(test, then, otherwise)
        for write, guard in ((first, test), (second, z3.Not(test))):
            if write is not None:
                old = self.memory.load(write.location, write.size, write.span)
                new = terms.choose(guard, write.value, old, 8 * write.size)
                self.memory.store(write.location, write.size, new, write.span)
        return True

    def _guarded(
        self, guard: z3.BoolRef, body: Sequence[Statement], before: dict[Local, Value]
    ) -> tuple[dict[Local, Value], _Write | None]:
        """Run simple statements where a condition holds. Returns the variables, and the write that is left to do."""
        self.running.locals = dict(before)
        write = None
        with self.path.under(guard):
            for statement in body:
                match statement:
                    case Assign(local=local, value=value):
                        self.running.locals[local] = self.expression(value)
                    case Store(place=place, value=value, span=span):
                        (operand,) = self.expression(value)
                        write = self._prepared(self.place(place), operand, span)
                    case Update(place=place):
                        address = self.place(place)
                        write = self._prepared(address, self._updated(statement, address), statement.span)
        return self.running.locals, write

    def _prepared(self, address: Address, value: Scalar, span: Span) -> _Write:
        size = size_of(value_in(address.type))
        bits = terms.choose(value, 1, 0, 8) if isinstance(value, bool | z3.BoolRef) else value
        return _Write(self.locate(address, size, span), size, bits, span)

    def _is_simple(self, body: Sequence[Statement]) -> bool:
        """Tell whether statements give variables values and write at most once, at the end, without other effects."""
        for index, statement in enumerate(body):
            match statement:
                case Assign(value=value):
                    if not self.effects.is_plain(value):
                        return False
                case Store() | Update():
                    plain = all(self.effects.is_plain(part) for part in own_parts(statement))
                    if index != len(body) - 1 or not plain:
                        return False
                case _:
                    return False
        return True

    def _switch(self, node: Switch) -> None:
        kind = integer_of(node.value.type)
        if kind is None:
            raise TypeError(f"match of {node.value.type}")
        operand = number(self.expression(node.value)[0])
        for case in node.cases:
            chosen: Truth = False
            for value in case.values:
                same = terms.equal(operand, value & ((1 << kind.bits) - 1), kind.bits)
                chosen = terms.either(chosen, same)
            if self.path.branch(chosen):
                self.statements(case.body)
                return
        if node.default is None:
            self.check(False, Reason.ENUM, node.span)
        else:
            self.statements(node.default)

    def _scoped(self, node: Scoped) -> None:
        try:
            self.statements(node.body)
        except (_Broken, _Continued, _Returned):
            self.statements(node.cleanup)
            raise
        self.statements(node.cleanup)

    # --- Loops -------------------------------------------------------------------------------------------------------

    def _while(self, node: While) -> None:
        rounds = _Rounds(self, node.span)
        while rounds.go_on(truth(self.expression(node.test)[0])):
            try:
                self.statements(node.body)
            except _Continued:
                continue
            except _Broken:
                return
        self.statements(node.otherwise)

    def _for_range(self, node: ForRange) -> None:
        kind = integer_of(node.local.type)
        if kind is None:
            raise TypeError(f"range of {node.local.type}")
        start, stop = number(self.expression(node.start)[0]), number(self.expression(node.stop)[0])
        for current in self._walk(kind, start, stop, node):
            self.running.locals[node.local] = (current,)
            try:
                self.statements(node.body)
            except _Continued:
                continue
            except _Broken:
                return
        self.statements(node.otherwise)

    def _walk(self, kind: IntType, start: Bits, stop: Bits, node: ForRange) -> Iterator[Bits]:
        """Give the values of a range; see `compiler.lower_statements._for_range` for why nothing overflows."""
        bits, distance = kind.bits, abs(node.step)
        rounds = _Rounds(self, node.span)
        comparison = Comparison.LESS if node.step > 0 else Comparison.GREATER
        if not rounds.go_on(terms.compare(comparison, start, stop, bits, sign=kind.signed)):
            return
        forth, back = (terms.add, terms.subtract) if node.step > 0 else (terms.subtract, terms.add)
        fits = distance < 1 << bits

        def room(current: Bits) -> Bits:
            return back(stop, current, bits) if node.step > 0 else terms.subtract(current, stop, bits)

        if not node.reverse:
            current = start
            while True:
                yield current
                if not fits or not rounds.go_on(terms.below(distance, room(current), bits)):
                    return
                current = forth(current, distance, bits)
        steps = terms.divide(terms.subtract(room(start), 1, bits), distance, bits, sign=False)[0] if fits else 0
        current = forth(start, terms.multiply(steps, distance % (1 << bits), bits), bits)
        while True:
            yield current
            if not fits or not rounds.go_on(terms.negate(terms.equal(current, start, bits))):
                return
            current = back(current, distance, bits)


@dataclass(frozen=True, slots=True)
class _Write:
    """A write to be done under a condition."""

    location: Location
    size: int
    value: Bits
    span: Span


def _merged_locals(test: Truth, then: dict[Local, Value], otherwise: dict[Local, Value]) -> dict[Local, Value]:
    """Return the variables after both ways of a branch; one that has a value on one way only is not used elsewhere."""
    merged = {**then, **otherwise}
    for local, value in then.items():
        if local in otherwise and otherwise[local] is not value:
            merged[local] = merge(test, value, otherwise[local], local.type)
    return merged


class _Rounds:
    """The rounds of a loop: those whose number depends on what is not known are counted."""

    def __init__(self, execution: Execution, span: Span) -> None:
        self._execution = execution
        self._span = span
        self._count = 0

    def go_on(self, test: Truth) -> bool:
        """Decide whether there is another round."""
        if isinstance(test, bool):
            return test
        execution = self._execution
        self._count += 1
        if self._count > execution.unroll:
            message = f"the loop can run more than {execution.unroll} rounds"
            failure = Failure(None, message, self._span, tuple(execution.path.calls), "unroll")
            execution.path.require(terms.negate(test), failure)
            return False
        return execution.path.branch(test)
