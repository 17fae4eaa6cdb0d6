"""One way through a proof: the branches taken, what is known on it, and what has to hold.

An execution starts from the beginning with a list of decisions to repeat. Where they end, the solver says which ways
are open; the first is taken, and the others are left to later executions. So an execution is a plain walk over the
tree, without copies of its state.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

import z3

from exotool.compiler.tree import Reason, Span
from exotool.verify import terms
from exotool.verify.terms import Truth

_FRESH_SOLVER_AFTER: Final = 4000
"""Facts that a solver has been told before another one takes its place: it would drag along those of other ways."""


class Pruned(Exception):  # noqa: N818 - no error: this way is none
    """No execution goes this way."""


class MustFork(Exception):  # noqa: N818 - no error: the evaluation is begun anew in another manner
    """Something that was evaluated for both outcomes of a condition at once cannot be."""


class OutOfTime(Exception):  # noqa: N818 - a verdict
    """The time limit is reached."""


class NotModelled(Exception):  # noqa: N818 - a verdict
    """The proof needs something that the verifier does not understand."""

    def __init__(self, span: Span, what: str, *help_: str) -> None:
        super().__init__(what)
        self.span = span
        self.what = what
        self.help = help_
        self.calls: tuple[Span, ...] | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """What goes wrong on a way: a trap for a reason, else None, with a text; and the calls that lead there."""

    reason: Reason | None
    message: str
    span: Span
    calls: tuple[Span, ...] = ()
    kind: str = "trap"


class Failed(Exception):  # noqa: N818 - a verdict
    """A failure is reached on every execution that goes this way."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


@dataclass(frozen=True, slots=True)
class _Facts:
    """What is known, newest first."""

    fact: z3.BoolRef
    older: _Facts | None


class Solver:
    """z3 for formulas over bit vectors, shared by all ways of a proof, so that it learns once."""

    def __init__(self, deadline: float) -> None:
        self.deadline = deadline
        self.queries = 0
        self._names: dict[int, tuple[z3.BoolRef, z3.BoolRef]] = {}
        self._solver = self._make()

    def _make(self) -> z3.Solver:
        solver = z3.SolverFor("QF_BV")
        solver.set("random_seed", 1)
        return solver

    def model(self, facts: Sequence[z3.BoolRef]) -> z3.ModelRef | None:
        """Return values that fulfil all facts, or None if there are none. Raises `OutOfTime`."""
        if len(self._names) > _FRESH_SOLVER_AFTER:
            self._solver, self._names = self._make(), {}
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise OutOfTime
        self._solver.set("timeout", max(int(left * 1000), 1))
        self.queries += 1
        answer = self._solver.check(*[self._name(fact) for fact in facts])
        if answer == z3.unknown:
            raise OutOfTime
        return self._solver.model() if answer == z3.sat else None

    def _name(self, fact: z3.BoolRef) -> z3.BoolRef:
        """Return a variable that implies the fact: facts can be assumed only by name."""
        found = self._names.get(fact.get_id())
        if found is None:
            name = z3.Bool(f"fact {len(self._names)}")
            self._solver.add(z3.Implies(name, fact))
            found = self._names[fact.get_id()] = (name, fact)
        return found[0]


@dataclass(slots=True)
class Path:
    """One way.

    `decisions` grows from those that are repeated; `open` are ways that it left to others; `pending` is what has to
    hold; `calls` are the calls that run; `settled` are variables that have turned out to be numbers.
    """

    solver: Solver
    decisions: list[int]
    open: list[list[int]] = field(default_factory=list)
    pending: list[tuple[z3.BoolRef, Failure]] = field(default_factory=list)
    calls: list[Span] = field(default_factory=list)
    settled: list[tuple[z3.BitVecRef, z3.BitVecRef]] = field(default_factory=list)
    expected: Reason | None = None
    _position: int = 0
    _repeated: int = 0
    _facts: _Facts | None = None
    _model: z3.ModelRef | None = None
    _guards: list[z3.BoolRef] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._repeated = len(self.decisions)

    @property
    def repeating(self) -> bool:
        """Tell whether an earlier execution was here, and has seen to what has to hold."""
        return self._position < self._repeated

    @property
    def guarded(self) -> bool:
        """Tell whether what is evaluated counts only under a condition."""
        return bool(self._guards)

    def act(self) -> None:
        """Do something that cannot be done for one of two outcomes only. Raises `MustFork` under a guard."""
        if self._guards:
            raise MustFork

    def facts(self) -> list[z3.BoolRef]:
        """Return what is known, oldest first."""
        found, link = [], self._facts
        while link is not None:
            found.append(link.fact)
            link = link.older
        return found[::-1]

    def learn(self, fact: Truth) -> None:
        """Take a fact for granted on the rest of the way; under a guard, only where the guard holds."""
        if fact is True:
            return
        self._settle(fact)
        for guard in self._guards:
            fact = terms.either(z3.Not(guard), fact)
        self._facts = _Facts(terms.formula(fact), self._facts)
        if self._model is not None and not z3.is_true(self._model.eval(terms.formula(fact), model_completion=True)):
            self._model = None

    def _settle(self, fact: Truth) -> None:
        """Remember a fact that says that a variable is a number."""
        if self._guards or isinstance(fact, bool) or not z3.is_eq(fact):
            return
        for left, right in (fact.children(), fact.children()[::-1]):
            if terms.numeral(right) is not None and left.decl().kind() == z3.Z3_OP_UNINTERPRETED:
                self.settled.append((left, right))

    def axiom(self, fact: Truth) -> None:
        """Take a fact for granted that holds whatever the guards are."""
        guards, self._guards = self._guards, []
        self.learn(fact)
        self._guards = guards

    def assume(self, fact: Truth) -> None:
        """Go on only where a fact holds. Raises `Pruned` if it holds nowhere."""
        self.act()
        if fact is False:
            raise Pruned
        self.learn(fact)
        if not self.repeating and fact is not True:
            self.model()

    def model(self) -> z3.ModelRef:
        """Return values with which the way is gone. Raises `Pruned` if there are none."""
        if self._model is None:
            self._model = self.solver.model(self.facts())
            if self._model is None:
                raise Pruned
        return self._model

    def can(self, fact: z3.BoolRef) -> bool:
        """Tell whether a fact holds in some execution that goes this way."""
        if z3.is_true(self.model().eval(fact, model_completion=True)):
            return True
        found = self.solver.model([*self.facts(), fact])
        if found is not None:
            self._model = found
        return found is not None

    def branch(self, test: Truth) -> bool:
        """Decide a condition: repeat the decision, or take the first of the ways that are open."""
        if isinstance(test, bool):
            return test
        self.act()
        if self.repeating:
            chosen = self.decisions[self._position] != 0
        else:
            chosen = self.can(test)
            if chosen and self.can(z3.Not(test)):
                self.open.append([*self.decisions, 0])
            self.decisions.append(int(chosen))
        self._position += 1
        self._settle(test if chosen else terms.negate(test))
        self._facts = _Facts(test if chosen else z3.Not(test), self._facts)
        if self._model is not None and z3.is_true(self._model.eval(test, model_completion=True)) is not chosen:
            self._model = None
        return chosen

    def always(self, test: Truth) -> bool:
        """Tell whether a condition holds in every execution that goes this way."""
        if isinstance(test, bool):
            return test
        self.act()
        if self.repeating:
            chosen = self.decisions[self._position] != 0
        else:
            chosen = not self.can(z3.Not(test))
            self.decisions.append(int(chosen))
        self._position += 1
        return chosen

    def require(self, holds: Truth, failure: Failure) -> None:
        """Go on where a condition holds; that it always does is asked for when the way ends."""
        if holds is True:
            return
        if failure.reason is not None and failure.reason is self.expected:
            self.act()
            if not self.branch(holds):
                raise Failed(failure)
            return
        fails = terms.formula(terms.negate(holds))
        if not self.repeating:
            self.pending.append((z3.And(*self.facts(), *self._guards, fails), failure))
        if holds is False and not self._guards:
            # The failure is certain, and in `pending`: nothing is left to be done on this way.
            raise Pruned
        self.learn(holds)

    @contextmanager
    def under(self, guard: z3.BoolRef) -> Iterator[None]:
        """Within the block the guard holds; what is learnt there holds only with it."""
        self._guards.append(guard)
        try:
            yield
        finally:
            self._guards.pop()

    def value(self, term: z3.BitVecRef, limit: int) -> int | None:
        """Return a number that the term is on this way, which forks for each; None if there are more than `limit`."""
        for _ in range(limit):
            number = self.pick(term)
            if self.branch(terms.equal(term, number, term.size())):
                return number
        return None

    def pick(self, term: z3.BitVecRef) -> int:
        """Return one of the numbers that a term can be."""
        self.act()
        if self.repeating:
            number = self.decisions[self._position]
        else:
            number = terms.known(self.model().eval(term, model_completion=True))
            if not isinstance(number, int):
                raise TypeError(f"the solver gives no value for {term}")
            self.decisions.append(number)
        self._position += 1
        return number

    def refuted(self) -> tuple[Failure, z3.BoolRef] | None:
        """Return the first of the conditions that does not always hold, with a formula for when it does not."""
        if self.pending and self.solver.model([z3.Or(*[fails for fails, _ in self.pending])]) is not None:
            for fails, failure in self.pending:
                if self.solver.model([fails]) is not None:
                    return failure, fails
        return None
