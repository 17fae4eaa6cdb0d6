"""Ways through a function: which variables have a value where, whether its end is reached, what is never reached.

One walk along the statements with the set of variables that certainly have a value; None stands for a point that no
way leads to. A loop only adds values, so the set before its first round holds for all rounds, and one walk is enough.
Tests are taken to go both ways, also constant ones (`if DEBUG:` is configuration), except for `while True`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from exotool.compiler.flow_report import Reporter
from exotool.compiler.flow_walk import own_parts, walk
from exotool.compiler.tree import (
    Assign,
    Break,
    Call,
    CallPointer,
    Constant,
    Continue,
    ForRange,
    Function,
    If,
    Let,
    Local,
    Read,
    Return,
    Scoped,
    Statement,
    Switch,
    Trap,
    While,
)
from exotool.compiler.types import NeverType, NoneType

State: TypeAlias = "frozenset[Local] | None"


def check_ways(function: Function, reporter: Reporter) -> None:
    """Report uses before initialisation (C0501), a missing result (C0502), and what is never reached (C0503)."""
    if function.body is None:
        return
    reported: set[Local] = set()

    def unassigned(node: Read) -> None:
        if node.local not in reported:
            reported.add(node.local)
            reporter.error(
                "C0501",
                f"`{node.local.name}` may have no value here",
                node.span,
                "a way leads here on which nothing was assigned",
                f"give `{node.local.name}` a value on every way, for instance before the branch or loop",
                notes=(reporter.note(f"`{node.local.name}` is first assigned", node.local.span),),
            )

    def unreachable(statement: Statement) -> None:
        reporter.error(
            "C0503",
            "this is never reached",
            statement.span,
            "every way ends before",
            "remove it; code that is only switched off stands under `if` with a constant",
        )

    end = Ways(unassigned, unreachable).block(function.body, frozenset(function.parameters))
    if end is not None and not isinstance(function.result, NoneType):
        _report_end(function, reporter)


def _report_end(function: Function, reporter: Reporter) -> None:
    if isinstance(function.result, NeverType):
        reporter.error(
            "C0502",
            f"`{function.name}` does not return, but its end can be reached",
            function.span,
            "declared with `-> NoReturn`",
            "end in `while True:` or in a call of another function that does not return",
        )
        return
    reporter.error(
        "C0502",
        f"`{function.name}` can end without a result",
        function.span,
        f"a way through it ends without `return`; the result is `{function.result}`",
        'return a value on every way; where that is impossible, end in `assert False, "why"`',
    )


def carried(body: Sequence[Statement], changing: frozenset[Local], everything: frozenset[Local]) -> bool:
    """Tell whether a round of a loop reads one of `changing` before it assigns it: a value from the round before."""
    found: list[Read] = []
    ways = Ways(found.append, lambda _: None)
    ways.loops.append(_Loop())
    ways.block(body, everything - changing)
    return any(node.local in changing for node in found)


@dataclass(slots=True)
class _Loop:
    breaks: list[frozenset[Local]] = field(default_factory=list)
    continues: list[frozenset[Local]] = field(default_factory=list)


def join(*states: State) -> State:
    """Return what holds where several ways meet."""
    reached = [state for state in states if state is not None]
    return frozenset.intersection(*reached) if reached else None


class Ways:
    """The walk along a function's statements; tells `unassigned` and `unreachable` what it meets."""

    def __init__(self, unassigned: Callable[[Read], None], unreachable: Callable[[Statement], None]) -> None:
        self.unassigned = unassigned
        self.unreachable = unreachable
        self.loops: list[_Loop] = []

    def block(self, statements: Sequence[Statement], state: State) -> State:
        """Walk statements in order and return the state behind them."""
        if state is None:
            return None
        for statement in statements:
            if state is None:
                if not _hidden(statement):
                    self.unreachable(statement)
                return None
            state = self.statement(statement, state)
        return state

    def statement(self, statement: Statement, state: frozenset[Local]) -> State:
        """Return the state behind one statement."""
        if not self.uses(own_parts(statement), state):
            return None
        match statement:
            case Assign(local=local):
                return state | {local}
            case If(then=then, otherwise=otherwise):
                return join(self.block(then, state), self.block(otherwise, state))
            case While():
                return self._while(statement, state)
            case ForRange():
                return self._for(statement, state)
            case Switch(cases=cases, default=default):
                ends = [self.block(case.body, state) for case in cases]
                return join(*ends, self.block(default, state)) if default is not None else join(*ends)
            case Scoped(body=body):
                return self.block(body, state)
            case Break():
                self.loops[-1].breaks.append(state)
            case Continue():
                self.loops[-1].continues.append(state)
            case Return() | Trap():
                pass
            case _:
                return state
        return None

    def uses(self, parts: Sequence[object], state: frozenset[Local]) -> bool:
        """Report variables without a value; tell whether the parts can be evaluated to their end."""
        given = {node.local for node in walk(parts) if isinstance(node, Let)}
        ends = True
        for node in walk(parts):
            if isinstance(node, Read) and node.local not in state and node.local not in given:
                self.unassigned(node)
            elif isinstance(node, Call | CallPointer) and isinstance(node.type, NeverType):
                ends = False
        return ends

    def _while(self, node: While, state: frozenset[Local]) -> State:
        loop = _Loop()
        self.loops.append(loop)
        self.block(node.body, state)
        self.loops.pop()
        endless = isinstance(node.test, Constant) and node.test.value is True
        return join(*loop.breaks, self.block(node.otherwise, None if endless else state))

    def _for(self, node: ForRange, state: frozenset[Local]) -> State:
        loop = _Loop()
        self.loops.append(loop)
        end = self.block(node.body, state | {node.local})
        self.loops.pop()
        after = join(end, *loop.continues)
        if not _has_a_round(node):
            after = state
        return join(*loop.breaks, self.block(node.otherwise, after))


def _has_a_round(node: ForRange) -> bool:
    if not (isinstance(node.start, Constant) and isinstance(node.stop, Constant)):
        return False
    start, stop = node.start.value, node.stop.value
    if start is None or stop is None:
        return False
    return start < stop if node.step > 0 else start > stop


def _hidden(statement: Statement) -> bool:
    return isinstance(statement, Assign) and statement.local.hidden
