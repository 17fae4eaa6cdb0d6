"""`while` and `for`, and the ways out of them."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from exotool.compiler.annotations import resolve
from exotool.compiler.assignment import assign_to
from exotool.compiler.blocks import Checker, Loop, handles
from exotool.compiler.conditions import check_condition
from exotool.compiler.dispatch import Operand, Untyped, check_expression, check_operand, coerce, load, place_of, typed
from exotool.compiler.names import Word
from exotool.compiler.tree import (
    Assign,
    Break,
    Constant,
    Continue,
    Element,
    Expression,
    ForRange,
    Length,
    Local,
    Read,
    Statement,
    While,
)
from exotool.compiler.types import I64, U64, ArrayType, IntType, RefType, ViewType


@handles(ast.While)
def _while(checker: Checker, node: ast.While) -> list[Statement]:
    scope = checker.scope
    checker.forget_assigned(node.body)
    test = check_condition(scope, node.test)
    body, loop = _rounds(checker, node.body, test.when_true if test else ())
    otherwise, after = checker.branch(node.orelse, test.when_false if test else ())
    endless = test is not None and isinstance(test.value, Constant) and test.value.value is True
    checker.meet(*loop.at_breaks, None if endless else after)
    if test is None:
        return []
    return [While(test.value, body, otherwise, scope.span(node))]


def _rounds(checker: Checker, nodes: Sequence[ast.stmt], known: Iterable[Local]) -> tuple[tuple[Statement, ...], Loop]:
    loop = Loop()
    checker.loops.append(loop)
    body, _ = checker.branch(nodes, known)
    checker.loops.pop()
    return body, loop


@handles(ast.Break)
def _break(checker: Checker, node: ast.Break) -> list[Statement]:
    if not checker.loops:
        checker.scope.error("C0416", node, "`break` outside of a loop", "", "leave the function with `return`")
        return checker.stop(node)
    checker.loops[-1].at_breaks.append(checker.scope.not_none)
    return [Break(checker.scope.span(node))]


@handles(ast.Continue)
def _continue(checker: Checker, node: ast.Continue) -> list[Statement]:
    if not checker.loops:
        checker.scope.error("C0416", node, "`continue` outside of a loop", "", "leave the function with `return`")
        return checker.stop(node)
    return [Continue(checker.scope.span(node))]


# --- for -------------------------------------------------------------------------------------------------------------


@handles(ast.For)
def _for(checker: Checker, node: ast.For) -> list[Statement]:
    """`for` over a range, an array, or `enumerate` of an array."""
    scope = checker.scope
    iterated = node.iter
    if isinstance(iterated, ast.Call):
        word = resolve(scope, iterated.func)
        name = word.name if isinstance(word, Word) and word.module == "builtins" else ""
        if name == "range":
            return _over_range(checker, node, iterated, reverse=False)
        if name == "reversed":
            return _over_reversed(checker, node, iterated)
        if name == "enumerate":
            return _over_enumerate(checker, node, iterated)
    return _over_array(checker, node, iterated, None, node.target)


def _over_reversed(checker: Checker, node: ast.For, call: ast.Call) -> list[Statement]:
    inner = call.args[0] if len(call.args) == 1 and not call.keywords else None
    if isinstance(inner, ast.Call) and resolve(checker.scope, inner.func) == Word("builtins", "range"):
        return _over_range(checker, node, inner, reverse=True)
    checker.scope.error(
        "C0417",
        call,
        "`reversed` of something that is no range",
        "`reversed(range(...))` is all there is",
        "walk the indices: `for i in reversed(range(len(a))):`",
    )
    return _body_only(checker, node)


def _over_enumerate(checker: Checker, node: ast.For, call: ast.Call) -> list[Statement]:
    scope = checker.scope
    if len(call.args) != 1 or call.keywords:
        scope.error("C0417", call, "`enumerate` takes one array", "", "add the start in the body")
        return _body_only(checker, node)
    target = node.target
    if not isinstance(target, ast.Tuple) or len(target.elts) != 2 or not isinstance(target.elts[0], ast.Name):
        scope.error(
            "C0420", target, "`enumerate` gives an index and an element", "", "write `for i, x in enumerate(a):`"
        )
        return _body_only(checker, node)
    return _over_array(checker, node, call.args[0], target.elts[0], target.elts[1])


def _body_only(checker: Checker, node: ast.For) -> list[Statement]:
    """Check the body of a loop that is wrong itself: its variables are poisoned, its own errors are still told."""
    for part in ast.walk(node.target):
        if isinstance(part, ast.Name):
            checker.scope.bindings.setdefault(part.id, None)
    checker.forget_assigned(node.body)
    _rounds(checker, node.body, ())
    checker.branch(node.orelse, ())
    return []


class _Range(NamedTuple):
    start: Expression
    stop: Expression
    step: int
    type: IntType


def _over_range(checker: Checker, node: ast.For, call: ast.Call, *, reverse: bool) -> list[Statement]:
    scope = checker.scope
    bounds = _range(checker, node, call)
    local = _variable(checker, node.target, bounds.type) if bounds is not None else None
    if bounds is None or local is None:
        return _body_only(checker, node)
    body, otherwise = _for_body(checker, node)
    span = scope.span(node)
    return [ForRange(local, bounds.start, bounds.stop, bounds.step, reverse, body, otherwise, span)]


def _for_body(checker: Checker, node: ast.For) -> tuple[tuple[Statement, ...], tuple[Statement, ...]]:
    checker.forget_assigned(node.body)
    body, loop = _rounds(checker, node.body, ())
    checker.forget_assigned([node])
    otherwise, after = checker.branch(node.orelse, ())
    checker.meet(*loop.at_breaks, after)
    return body, otherwise


def _variable(checker: Checker, target: ast.expr, kind: IntType) -> Local | None:
    """Return the variable of a loop over numbers: a new one, or the one of that name and type."""
    scope = checker.scope
    if not isinstance(target, ast.Name):
        scope.error("C0420", target, "a loop over numbers has one variable", "", "assign to other places in the body")
        return None
    if target.id in scope.global_names:
        scope.error("C0420", target, "the variable of a loop is a local one", "", "assign to the static in the body")
        return None
    bound = scope.bindings.get(target.id)
    if isinstance(bound, Local) and not (target.id == "_" and bound.type != kind):
        if bound.type != kind:
            scope.error_with_notes(
                "C0414",
                target,
                f"`{target.id}` is a `{bound.type}`, the range has `{kind}`",
                "a variable has one type in the whole function",
                [("it got its type", bound.span)],
                "use another name, or cast the limits",
            )
            return None
        return bound
    poisoned = target.id in scope.bindings and bound is None
    return None if poisoned else scope.declare(target.id, kind, scope.span(target))


def _range(checker: Checker, node: ast.For, call: ast.Call) -> _Range | None:
    scope = checker.scope
    if call.keywords or not 1 <= len(call.args) <= 3 or any(isinstance(a, ast.Starred) for a in call.args):
        scope.error("C0418", call, "`range` takes one to three numbers", "", "write `range(start, stop, step)`")
        return None
    expected = None
    if isinstance(node.target, ast.Name):
        bound = scope.bindings.get(node.target.id)
        expected = bound.type if isinstance(bound, Local) and isinstance(bound.type, IntType) else None
    operands = [check_operand(scope, argument) for argument in call.args[:2]]
    step = _step(checker, call.args[2]) if len(call.args) == 3 else 1
    if step is None or any(operand is None for operand in operands):
        return None
    given = [operand for operand in operands if operand is not None]
    kind = _range_type(checker, call, given, expected)
    if kind is None:
        return None
    if len(given) == 1:
        given.insert(0, Untyped(0, scope.span(call)))
    start, stop = (coerce(scope, operand, kind) for operand in given)
    return _Range(start, stop, step, kind) if start is not None and stop is not None else None


def _step(checker: Checker, node: ast.expr) -> int | None:
    scope = checker.scope
    operand = check_operand(scope, node)
    if operand is None:
        return None
    value = operand.value if isinstance(operand, Untyped | Constant) else None
    if not isinstance(value, int) or isinstance(value, bool):
        scope.error("C0419", node, "the step of a range must be a constant", "", "write a `while` loop")
        return None
    if value == 0:
        scope.error("C0419", node, "the step of a range must not be zero", "", "leave it out to count by one")
        return None
    return value


def _range_type(
    checker: Checker, call: ast.Call, operands: Sequence[Operand], expected: IntType | None
) -> IntType | None:
    """Return the type that holds all limits; that of the loop's variable where they are numbers without a width."""
    scope = checker.scope
    kinds: list[IntType] = []
    least = 0
    for operand, argument in zip(operands, call.args, strict=False):
        if isinstance(operand, Untyped):
            least = min(least, operand.value)
            continue
        value = typed(scope, operand)
        if value is None:
            return None
        if not isinstance(value.type, IntType):
            scope.error("C0418", argument, f"`{value.type}` is no limit of a range", "an integer is needed", "cast it")
            return None
        kinds.append(value.type)
    if not kinds:
        return expected or (I64 if least < 0 else U64)
    if expected is not None and all(expected.holds(kind) for kind in kinds):
        return expected
    for kind in kinds:
        if all(kind.holds(other) for other in kinds):
            return kind
    scope.error("C0418", call, "the limits of the range have no common type", " and ".join(map(str, kinds)), "cast one")
    return None


def _over_array(
    checker: Checker, node: ast.For, iterated: ast.expr, index: ast.expr | None, target: ast.expr
) -> list[Statement]:
    """Walk hidden indices; each round begins with the assignment of the element."""
    scope = checker.scope
    array = check_expression(scope, iterated)
    if array is None:
        return _body_only(checker, node)
    span = scope.span(iterated)
    match array.type:
        case ViewType(element=element) | RefType(target=ArrayType(element=element), nullable=False) as kind:
            walked = scope.temporary(kind, span)
        case kind:
            scope.error(
                "C0417",
                iterated,
                f"`{kind}` cannot be walked",
                "`for` takes range, reversed(range), an array, or enumerate of an array",
                "walk the indices with `range`",
            )
            return _body_only(checker, node)
    counter = _variable(checker, index, U64) if index is not None else scope.temporary(U64, span)
    if counter is None:
        return _body_only(checker, node)
    read, at = Read(walked, span), Read(counter, span)
    if isinstance(kind, RefType) and isinstance(kind.target, ArrayType):
        stop: Expression = Constant(kind.target.length, U64, span)
        place = Element(place_of(read), at, element, span)
    else:
        stop = Length(read, U64, span)
        place = Element(read, at, element, span)
    checker.forget_assigned([node])
    first = assign_to(checker, target, load(place, scope.span(target)), scope.span(target))
    body, otherwise = _for_body(checker, node)
    rounds = ForRange(counter, Constant(0, U64, span), stop, 1, False, (*first, *body), otherwise, scope.span(node))
    return [Assign(walked, array, span), rounds]
