"""Statements, loops and the ways out of them; and the function around its body."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias, assert_never

from exotool.compiler.lower_checks import is_constant
from exotool.compiler.lower_context import ModuleContext
from exotool.compiler.lower_expressions import Expressions
from exotool.compiler.lower_types import integer_of, registers
from exotool.compiler.tree import (
    Assign,
    Break,
    Continue,
    Copy,
    CopyView,
    Evaluate,
    ForRange,
    Function,
    If,
    Reason,
    Return,
    Scoped,
    Statement,
    Store,
    Switch,
    Trap,
    Update,
    While,
    Zero,
)
from exotool.compiler.types import IntType, NeverType, NoneType, ViewType, size_of


@dataclass(frozen=True, slots=True)
class _Loop:
    """A loop around the current statement: where `continue` and `break` go."""

    again: str
    out: str


@dataclass(frozen=True, slots=True)
class _Cleanup:
    """A `with` around the current statement, and what every way out of it runs first."""

    statements: tuple[Statement, ...]


_Enclosing: TypeAlias = "_Loop | _Cleanup"


class Statements(Expressions):
    """A function's text, whole."""

    def __init__(self, context: ModuleContext, function: Function) -> None:
        super().__init__(context, function)
        self._enclosing: list[_Enclosing] = []

    def function_body(self, body: Sequence[Statement], counted: int | None) -> None:
        """Lower the body; `counted` is the index of the function's own counter of activations, if it has one."""
        self.at(self.function.span)
        index = 0
        for parameter in self.function.parameters:
            count = len(registers(parameter.type))
            self.assign(parameter, tuple(f"%a{index + i}" for i in range(count)))
            index += count
        if counted is not None and self.function.recursion:
            inside = self.value(f"icmp ule i32 %c{counted}, {self.function.recursion}")
            self.check(inside, Reason.RECURSION, self.function.span)
        self.statements(body)
        if self.terminated:
            return
        if isinstance(self.function.result, NoneType):
            self.end("ret void")
        elif isinstance(self.function.result, NeverType):
            self.trap(Reason.UNREACHABLE, self.function.span)
        else:
            self.trap(Reason.UNREACHABLE, self.function.span, "the function ended without a result")

    def statements(self, statements: Sequence[Statement]) -> None:
        """Lower statements in order. What stands behind a way out is never reached, and left out."""
        for statement in statements:
            if self.terminated:
                return
            self.at(statement.span)
            self.statement(statement)

    def statement(self, statement: Statement) -> None:
        """Lower one statement."""
        match statement:
            case Assign(local=local, value=value):
                operands = self.expression(value)
                self.at(statement.span)
                self.assign(local, operands)
            case Evaluate(value=value):
                self.expression(value)
            case Store(place=place, value=value):
                (operand,) = self.expression(value)
                address = self.place(place)
                self.at(statement.span)
                self.store(address, operand)
            case Update():
                self._update(statement)
            case If():
                self._if(statement)
            case Return(value=value):
                operands = self.expression(value) if value is not None else ()
                self.at(statement.span)
                self._leave(None)
                if not self.terminated:
                    self.at(statement.span)
                    self.give_back(operands)
            case While():
                self._while(statement)
            case ForRange():
                self._for_range(statement)
            case Break() | Continue():
                self._break_or_continue(statement)
            case Zero(place=place):
                self.zero(self.place(place))
            case Copy():
                destination, source = self.place(statement.destination), self.place(statement.source)
                to, origin = self.pointer(destination), self.pointer(source)
                self.at(statement.span)
                self.move(to, origin, str(size_of(destination.type)), destination.type)
            case CopyView():
                self._copy_view(statement)
            case Switch():
                self._switch(statement)
            case Scoped(body=body, cleanup=cleanup):
                self._enclosing.append(_Cleanup(cleanup))
                self.statements(body)
                self._enclosing.pop()
                self.statements(cleanup)
            case Trap(reason=reason, message=message):
                self.trap(reason, statement.span, message)
            case _:
                assert_never(statement)

    # --- Simple statements -------------------------------------------------------------------------------------------

    def _update(self, node: Update) -> None:
        address = self.place(node.place)
        kind = integer_of(node.type)
        amount = integer_of(node.operand.type)
        if kind is None or amount is None:
            raise TypeError(f"update of {node.type}")
        old = self.load(address, node.span)
        (operand,) = self.expression(node.operand)
        self.at(node.span)
        self.store(address, self.binary(node.operator, kind, old, operand, amount, node.span))

    def _copy_view(self, node: CopyView) -> None:
        to, to_length = self.expression(node.destination)
        origin, length = self.expression(node.source)
        kind = node.destination.type
        if not isinstance(kind, ViewType):
            raise TypeError(f"copy of {kind}")
        self.at(node.span)
        if to_length != length or not is_constant(length):
            self.check(self.value(f"icmp eq i64 {to_length}, {length}"), Reason.SLICE, node.span)
        size = self.value(f"mul i64 {length}, {size_of(kind.element)}")
        self.move(to, origin, size, kind.element)

    # --- Branches ----------------------------------------------------------------------------------------------------

    def _if(self, node: If) -> None:
        then, done = self.fresh("then"), self.fresh("endif")
        otherwise = self.fresh("else") if node.otherwise else done
        self.condition(node.test, then, otherwise)
        self._block(then, node.then, done)
        if node.otherwise:
            self._block(otherwise, node.otherwise, done)
        self.join(done)

    def _block(self, name: str, statements: Sequence[Statement], done: str) -> None:
        self.start(name)
        self.statements(statements)
        if not self.terminated:
            self.jump(done)

    def _switch(self, node: Switch) -> None:
        (operand,) = self.expression(node.value)
        kind = integer_of(node.value.type)
        if kind is None:
            raise TypeError(f"match of {node.value.type}")
        self.at(node.span)
        done, default = self.fresh("endmatch"), self.fresh("default")
        ways: dict[int, str] = {}
        blocks = []
        for case in node.cases:
            block = self.fresh("case")
            blocks.append(block)
            for value in case.values:
                ways.setdefault(value, block)
        self.switch(f"i{kind.bits}", operand, ways, default)
        for block, case in zip(blocks, node.cases, strict=True):
            self._block(block, case.body, done)
        if node.default is None:
            self.start(default)
            self.at(node.span)
            self.trap(Reason.ENUM, node.span)
        else:
            self._block(default, node.default, done)
        self.join(done)

    # --- Loops and ways out ------------------------------------------------------------------------------------------

    def _while(self, node: While) -> None:
        again, body, out = self.fresh("while"), self.fresh("body"), self.fresh("endwhile")
        otherwise = self.fresh("else") if node.otherwise else out
        self.start(again)
        self.condition(node.test, body, otherwise)
        self._loop_body(body, node.body, _Loop(again, out))
        self._loop_end(otherwise, node.otherwise, out)

    def _loop_body(self, block: str, body: Sequence[Statement], loop: _Loop) -> None:
        self.start(block)
        self._enclosing.append(loop)
        self.statements(body)
        self._enclosing.pop()
        if not self.terminated:
            self.jump(loop.again)

    def _loop_end(self, otherwise: str, statements: Sequence[Statement], out: str) -> None:
        if otherwise != out:
            self._block(otherwise, statements, out)
        self.join(out)

    def _for_range(self, node: ForRange) -> None:
        """Walk a range: test once before, then at the end of each round whether there is another one."""
        kind = integer_of(node.local.type)
        if kind is None:
            raise TypeError(f"range of {node.local.type}")
        (start,), (stop,) = self.expression(node.start), self.expression(node.stop)
        self.at(node.span)
        walk = _Walk(kind, start, stop, node.step, node.reverse)
        body, again, out = self.fresh("body"), self.fresh("next"), self.fresh("endfor")
        otherwise = self.fresh("else") if node.otherwise else out
        counter = self.slot(walk.llvm)
        before = self.fresh("first")
        self.branch(self.value(f"icmp {walk.comparison} {walk.llvm} {start}, {stop}"), before, otherwise)
        self.start(before)
        self.emit(f"store {walk.llvm} {self._last(walk) if node.reverse else start}, ptr {counter}")
        self.start(body)
        current = self.value(f"load {walk.llvm}, ptr {counter}")
        self.assign(node.local, (current,))
        self._loop_body(self.fresh("round"), node.body, _Loop(again, out))
        self.join(again)
        if not self.terminated:
            self.at(node.span)
            self._next_round(walk, counter, body, otherwise)
        self._loop_end(otherwise, node.otherwise, out)

    def _last(self, walk: _Walk) -> str:
        """Return the last value of a walk that has one: where its reverse starts."""
        if walk.distance == 1:
            return self.value(f"{walk.back} {walk.llvm} {walk.stop}, 1")
        whole = self._room(walk, walk.start)
        steps = (
            self.value(f"udiv {walk.llvm} {self.value(f'sub {walk.llvm} {whole}, 1')}, {walk.distance}")
            if walk.fits
            else "0"
        )
        far = self.value(f"mul {walk.llvm} {steps}, {walk.distance if walk.fits else 0}")
        return self.value(f"{'add' if walk.step > 0 else 'sub'} {walk.llvm} {walk.start}, {far}")

    def _room(self, walk: _Walk, current: str) -> str:
        """Return the unsigned distance from a value of the walk to its limit."""
        left, right = (walk.stop, current) if walk.step > 0 else (current, walk.stop)
        return self.value(f"sub {walk.llvm} {left}, {right}")

    def _next_round(self, walk: _Walk, counter: str, body: str, out: str) -> None:
        """Step and go to the body, or out. No step goes beyond the last value unless it certainly does not wrap."""
        current = self.value(f"load {walk.llvm}, ptr {counter}")
        if not walk.fits:
            self.jump(out)
            return
        # A distance beyond the type's maximum reads as a negative number where LLVM looks at signs.
        flag = ("nsw" if walk.kind.signed else "nuw") if walk.distance <= walk.kind.maximum else ""
        go_on = self.fresh("step")
        if walk.reverse:
            self.branch(self.value(f"icmp eq {walk.llvm} {current}, {walk.start}"), out, go_on)
            self.start(go_on)
            stepped = self.value(f"{walk.back} {flag} {walk.llvm} {current}, {walk.distance}")
        elif walk.cannot_wrap:
            stepped = self.value(f"{walk.forth} {flag} {walk.llvm} {current}, {walk.distance}")
            self.emit(f"store {walk.llvm} {stepped}, ptr {counter}")
            self.branch(self.value(f"icmp {walk.comparison} {walk.llvm} {stepped}, {walk.stop}"), body, out)
            return
        else:
            room = self._room(walk, current)
            self.branch(self.value(f"icmp ugt {walk.llvm} {room}, {walk.distance}"), go_on, out)
            self.start(go_on)
            stepped = self.value(f"{walk.forth} {flag} {walk.llvm} {current}, {walk.distance}")
        self.emit(f"store {walk.llvm} {stepped}, ptr {counter}")
        self.jump(body)

    def _break_or_continue(self, node: Break | Continue) -> None:
        loop = next(enclosing for enclosing in reversed(self._enclosing) if isinstance(enclosing, _Loop))
        self._leave(loop)
        if not self.terminated:
            self.at(node.span)
            self.jump(loop.out if isinstance(node, Break) else loop.again)

    def _leave(self, loop: _Loop | None) -> None:
        """Run the cleanups of every `with` inside of `loop`, or of the function, from the innermost outwards."""
        enclosing = self._enclosing
        while self._enclosing and self._enclosing[-1] is not loop and not self.terminated:
            innermost = self._enclosing[-1]
            self._enclosing = self._enclosing[:-1]
            if isinstance(innermost, _Cleanup):
                self.statements(innermost.statements)
        self._enclosing = enclosing


@dataclass(frozen=True, slots=True)
class _Walk:
    """The range of a `for`: its integer type and operands."""

    kind: IntType
    start: str
    stop: str
    step: int
    reverse: bool

    @property
    def llvm(self) -> str:
        return f"i{self.kind.bits}"

    @property
    def distance(self) -> int:
        """How far apart two values are."""
        return abs(self.step)

    @property
    def fits(self) -> bool:
        """Tell whether the type holds the distance, as unsigned; else there is one round at most."""
        return self.distance < 1 << self.kind.bits

    @property
    def forth(self) -> str:
        return "add" if self.step > 0 else "sub"

    @property
    def back(self) -> str:
        return "sub" if self.step > 0 else "add"

    @property
    def comparison(self) -> str:
        """What a value has to the limit while the walk goes on."""
        return ("s" if self.kind.signed else "u") + ("lt" if self.step > 0 else "gt")

    @property
    def cannot_wrap(self) -> bool:
        """Tell whether a step beyond the last value stays inside of the type."""
        if self.distance == 1:
            return True
        if not is_constant(self.stop):
            return False
        beyond = int(self.stop) + self.step - (1 if self.step > 0 else -1)
        return self.kind.minimum <= beyond <= self.kind.maximum
