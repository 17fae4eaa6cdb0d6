"""A proof, way by way: every way ends well, or there is a counterexample, or time is up."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import z3

from exotool.compiler.deep import deep_recursion
from exotool.compiler.flow_walk import walk
from exotool.compiler.tree import Function, If, Program, Reason, Span, Trap
from exotool.compiler.types import BoolType, EnumType, IntType, StorageType, Type
from exotool.verify import terms
from exotool.verify.effects import Effects
from exotool.verify.execute import DEFAULT_UNROLL, Execution
from exotool.verify.memory import Filling
from exotool.verify.path import Failed, Failure, NotModelled, OutOfTime, Path, Pruned, Solver
from exotool.verify.places import FUNCTIONS, Compiled, Draw

_MOST_SMALL: Final = 64
_MOST_TRIES: Final = 200
"""So many values of a counterexample are made as small as they can be, with so many questions to the solver."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How far to go: rounds of a loop where the proof says nothing, and seconds for a proof."""

    unroll: int = DEFAULT_UNROLL
    seconds: float = 60.0


@dataclass(frozen=True, slots=True)
class Content:
    """What a struct or array holds in a counterexample: offset, size and value of the cells that mattered.

    It is in the object `name` of type `whole` (None for memory without a type), at `start` there.
    """

    name: str
    whole: StorageType | None
    start: int
    cells: tuple[tuple[int, int, int], ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """What a counterexample chooses for something that the proof leaves open."""

    name: str
    type: Type
    value: int | Content
    span: Span


@dataclass(frozen=True, slots=True)
class Proved:
    """No execution that the assumptions admit goes wrong."""

    ways: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Refuted:
    """Values with which it goes wrong. `statics` are module, name, address and size of those that were used."""

    failure: Failure
    choices: tuple[Choice, ...]
    symbols: tuple[tuple[str, int], ...]
    statics: tuple[tuple[str, str, int, int], ...]


@dataclass(frozen=True, slots=True)
class Vacuous:
    """Nothing was proved: what is assumed cannot be, or an assertion of the proof is never met."""

    span: Span
    nothing: bool


@dataclass(frozen=True, slots=True)
class Unknown:
    """The time was not enough."""

    seconds: float
    ways: int


@dataclass(frozen=True, slots=True)
class Unsupported:
    """The proof needs what is not modelled."""

    reason: NotModelled
    calls: tuple[Span, ...]


Verdict: TypeAlias = "Proved | Refuted | Vacuous | Unknown | Unsupported"


@dataclass(slots=True)
class _Exploration:
    """The ways that are left, and what was met on those that were gone."""

    proof: Function
    solver: Solver
    open: list[list[int]] = field(default_factory=lambda: [[]])
    ways: int = 0
    ended: int = 0
    reached: set[Span] = field(default_factory=set)


def verify(program: Program, proof: Function, limits: Limits, *, overflow: bool = True, shift: bool = True) -> Verdict:
    """Prove a proof of a program, or refute it. `overflow` and `shift` say whether the two trap."""
    started = time.monotonic()
    z3.z3._main_ctx = None  # numbers that z3 gives its terms decide what it tries first: they begin anew
    exploration = _Exploration(proof, Solver(started + limits.seconds))
    functions = {function: FUNCTIONS + 16 * (index + 1) for index, function in enumerate(program.functions)}
    compiled = Compiled(functions, models_of(program, proof), Effects())
    unroll = proof.proof.unroll if proof.proof is not None and proof.proof.unroll else limits.unroll
    expected = proof.proof.traps if proof.proof is not None else None
    with deep_recursion():
        while exploration.open:
            path = Path(exploration.solver, exploration.open.pop(), expected=expected)
            execution = Execution(path, compiled, unroll, overflow=overflow, shift=shift)
            try:
                verdict = _go(exploration, execution)
            except OutOfTime:
                return Unknown(time.monotonic() - started, exploration.ways)
            except NotModelled as missing:
                return Unsupported(missing, missing.calls or ())
            if verdict is not None:
                return verdict
    return _vacuous(exploration) or Proved(exploration.ways, time.monotonic() - started)


def _go(exploration: _Exploration, execution: Execution) -> Verdict | None:
    """Go one way to its end. Returns a verdict if it goes wrong."""
    path = execution.path
    expected = path.expected
    try:
        execution.run(exploration.proof)
        if expected is not None:
            message = f"an execution ends without the trap {expected.name}"
            path.require(False, Failure(None, message, exploration.proof.span, kind="no trap"))
        exploration.ended += 1
    except Failed:
        exploration.ended += 1
    except Pruned:
        pass
    exploration.ways += 1
    exploration.open += path.open
    exploration.reached |= execution.reached
    found = path.refuted()
    if found is None:
        return None
    failure, fails = found
    model = _smallest(path.solver, fails, execution.draws)
    return Refuted(failure, _choices(execution.draws, model), _symbols(execution, model), execution.statics())


def _vacuous(exploration: _Exploration) -> Vacuous | None:
    """Return why nothing was proved, if so: a proof that assumes what cannot be proves everything."""
    proof = exploration.proof
    if not exploration.ended:
        return Vacuous(proof.span, nothing=True)
    if proof.proof is not None and proof.proof.traps is not None:
        return None
    for node in walk(proof.body or ()):
        match node:
            case If(then=(Trap(reason=Reason.ASSERTION, span=span),), otherwise=()) if span not in exploration.reached:
                return Vacuous(span, nothing=False)
    return None


def models_of(program: Program, proof: Function) -> dict[str, Function]:
    """Return what stands for externs in a proof: what its module says, and the modules that it imports."""
    imports = {module.name: module.imports for module in program.modules}
    reached, todo = [proof.module], [proof.module]
    while todo:
        for name in imports.get(todo.pop(), ()):
            if name not in reached:
                reached.append(name)
                todo.append(name)
    found: dict[str, Function] = {}
    for module in reached:
        for function in program.functions:
            if function.module == module and function.model_of:
                found.setdefault(function.model_of, function)
    return found


def _open_terms(draws: list[Draw]) -> Iterator[z3.BitVecRef]:
    """Give the numbers that are open, in their order."""
    for draw in draws:
        if isinstance(draw.value, Filling):
            yield from (variable for _, variable in draw.value.reads)
        elif isinstance(draw.value, z3.BitVecRef):
            yield draw.value
        elif isinstance(draw.value, z3.BoolRef):
            yield z3.If(draw.value, z3.BitVecVal(1, 1), z3.BitVecVal(0, 1))


def _smallest(solver: Solver, fails: z3.BoolRef, draws: list[Draw]) -> z3.ModelRef:
    """Return values with which it goes wrong, each the smallest that those before allow: always the same."""
    facts = [fails]
    model = solver.model(facts)
    if model is None:
        raise AssertionError("a condition that can fail cannot")
    most = solver.queries + _MOST_TRIES
    for term in itertools.islice(_open_terms(draws), _MOST_SMALL):
        low, high = 0, _number(term, model)
        while low < high and solver.queries < most:
            middle = (low + high) // 2 if low else 0
            try:
                better = solver.model([*facts, z3.ULE(term, middle)])
            except OutOfTime:
                return model
            if better is None:
                low = middle + 1
            else:
                model, high = better, _number(term, better)
        facts.append(term == high)
    return model


def _choices(draws: list[Draw], model: z3.ModelRef) -> tuple[Choice, ...]:
    return tuple(Choice(draw.name, draw.type, _chosen(draw, model), draw.span) for draw in draws)


def _chosen(draw: Draw, model: z3.ModelRef) -> int | Content:
    value = draw.value
    if isinstance(value, Filling):
        start = _number(value.start, model)
        cells: dict[int, int] = {}
        for place, variable in value.reads:
            # Reads that come after the failure are at places that nothing restricts: those before count.
            cells.setdefault(_number(place, model) - start, _number(variable, model))
        known = tuple((offset, value.cell, cells[offset]) for offset in sorted(cells) if 0 <= offset < value.size)
        where = value.object
        name = where.name if where.type is not None else f"{draw.type}.at({where.base + start:#x})"
        return Content(name, where.type, start, known)
    if isinstance(value, bool | z3.BoolRef):
        return int(value if isinstance(value, bool) else z3.is_true(model.eval(value, model_completion=True)))
    bits = _number(value, model)
    kind = draw.type.storage if isinstance(draw.type, EnumType) else draw.type
    return kind.wrap(bits) if isinstance(kind, IntType) and not isinstance(kind, BoolType) else bits


def _number(value: int | z3.BitVecRef, model: z3.ModelRef) -> int:
    if isinstance(value, int):
        return value
    found = terms.numeral(model.eval(value, model_completion=True))
    if found is None:
        raise TypeError(f"the solver gives no value for {value}")
    return found


def _symbols(execution: Execution, model: z3.ModelRef) -> tuple[tuple[str, int], ...]:
    return tuple((name, _number(variable, model)) for name, variable in sorted(execution.symbols.items()))
