"""`match` over integers and enums: a `Switch`, or a chain of tests where cases have guards."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from exotool.compiler.blocks import Checker, handles
from exotool.compiler.conditions import check_condition
from exotool.compiler.dispatch import check_expression, check_operand, coerce
from exotool.compiler.tree import (
    Assign,
    Case,
    Compare,
    Comparison,
    Constant,
    Expression,
    If,
    Local,
    Logic,
    Read,
    Reason,
    Span,
    Statement,
    Switch,
    Trap,
)
from exotool.compiler.types import BOOL, EnumType, IntType


@dataclass(slots=True)
class _Way:
    """One `case`: its values, None for any; its guard; its body; what is known at its end."""

    values: tuple[int, ...] | None
    guard: Expression | None
    body: tuple[Statement, ...]
    after: frozenset[Local] | None
    span: Span


@handles(ast.Match)
def _match(checker: Checker, node: ast.Match) -> list[Statement]:
    scope = checker.scope
    value = check_expression(scope, node.subject)
    kind = value.type if value is not None else None
    if value is not None and not isinstance(kind, IntType | EnumType):
        scope.error(
            "C0421", node.subject, f"`match` over `{kind}`", "an integer or an enum is needed", "write `if` and `elif`"
        )
        kind = None
    seen: dict[int, ast.pattern] = {}
    everything = False
    ways: list[_Way] = []
    for case in node.cases:
        if everything:
            scope.error(
                "C0423", case.pattern, "this case is never reached", "an earlier one takes everything", "remove it"
            )
        way = _way(checker, case, kind if isinstance(kind, IntType | EnumType) else None, seen)
        if way is None:
            continue
        everything = everything or (way.values is None and way.guard is None)
        ways.append(way)
    if value is None or not isinstance(kind, IntType | EnumType):
        return []
    total = everything or (isinstance(kind, EnumType) and _check_all(checker, node, kind, seen))
    checker.meet(*(way.after for way in ways), None if total else scope.not_none)
    return _lower(checker, node, value, ways, everything=everything, total=total)


def _way(
    checker: Checker, case: ast.match_case, kind: IntType | EnumType | None, seen: dict[int, ast.pattern]
) -> _Way | None:
    scope = checker.scope
    values = _values(checker, case.pattern, kind, seen, guarded=case.guard is not None)
    guard = check_condition(scope, case.guard) if case.guard is not None else None
    body, after = checker.branch(case.body, guard.when_true if guard is not None else ())
    if values is None or (case.guard is not None and guard is None):
        return None
    return _Way(values or None, guard.value if guard is not None else None, body, after, scope.span(case.pattern))


def _values(
    checker: Checker,
    pattern: ast.pattern,
    kind: IntType | EnumType | None,
    seen: dict[int, ast.pattern],
    *,
    guarded: bool,
) -> tuple[int, ...] | None:
    """Return the values of a pattern; none for `_`, None after an error."""
    scope = checker.scope
    if kind is None:
        return None
    match pattern:
        case ast.MatchAs(pattern=None, name=None):
            return ()
        case ast.MatchOr(patterns=patterns):
            parts = [_values(checker, part, kind, seen, guarded=guarded) for part in patterns]
            if any(part == () for part in parts):
                return ()
            return None if None in parts else tuple(value for part in parts if part is not None for value in part)
        case ast.MatchValue(value=node):
            return _value(checker, node, pattern, kind, seen, guarded=guarded)
    what, way_out = "this pattern", "patterns are numbers, members of an enum, `A | B` and `_`"
    if isinstance(pattern, ast.MatchAs):
        what = f"the name `{pattern.name}`" if pattern.pattern is None else "`as`"
        way_out = "a bare name takes every value in Python: write `_`, or a constant with its module, `module.NAME`"
    elif isinstance(pattern, ast.MatchSingleton):
        what, way_out = f"`{pattern.value}`", "write `if`"
    scope.error("C0422", pattern, f"{what} in a pattern", "", way_out)
    return None


def _value(
    checker: Checker,
    node: ast.expr,
    pattern: ast.pattern,
    kind: IntType | EnumType | None,
    seen: dict[int, ast.pattern],
    *,
    guarded: bool,
) -> tuple[int, ...] | None:
    scope = checker.scope
    operand = check_operand(scope, node, kind)
    constant = coerce(scope, operand, kind) if operand is not None and kind is not None else None
    if constant is None:
        return None
    if not isinstance(constant, Constant) or constant.value is None:
        scope.error("C0422", pattern, "a value that is not known at compile time", "", "write `if`")
        return None
    value = int(constant.value)
    if value in seen:
        scope.error_with_notes(
            "C0423",
            pattern,
            "this case is never reached",
            f"the value {value} has a case already",
            [("it is taken", scope.span(seen[value]))],
            "remove it",
        )
        return None
    if not guarded:
        seen[value] = pattern
    return (value,)


def _check_all(checker: Checker, node: ast.Match, kind: EnumType, seen: dict[int, ast.pattern]) -> bool:
    """Report members of an enum that no case takes; a case with a guard does not count."""
    missing = [name for name, value in kind.members.items() if value not in seen]
    if missing:
        few = ", ".join(f"`{name}`" for name in missing[:4]) + (
            f" and {len(missing) - 4} more" if len(missing) > 4 else ""
        )
        checker.scope.error(
            "C0424",
            node.subject,
            f"`match` does not take every `{kind}`",
            f"{few} missing",
            "add a case for each, or `case _:`",
        )
    return True


def _lower(
    checker: Checker, node: ast.Match, value: Expression, ways: list[_Way], *, everything: bool, total: bool
) -> list[Statement]:
    scope = checker.scope
    span = scope.span(node)
    if all(way.guard is None for way in ways):
        cases = tuple(Case(way.values, way.body, way.span) for way in ways if way.values is not None)
        default = next((way.body for way in ways if way.values is None), () if not total else None)
        return [Switch(value, cases, default, span)]
    subject = scope.temporary(value.type, span)  # type: ignore[arg-type]
    rest: tuple[Statement, ...] = ()
    if total and not everything:
        rest = (Trap(Reason.ENUM, "", span),)
    for way in reversed(ways):
        test = _test(subject, way)
        rest = (If(test, way.body, rest, way.span),) if test is not None else way.body
    return [Assign(subject, value, span), *rest]


def _test(subject: Local, way: _Way) -> Expression | None:
    """Return what decides for a case, None if nothing stands in its way."""
    test: Expression | None = None
    for number in way.values or ():
        constant = Constant(number, subject.type, way.span)
        equal = Compare(Comparison.EQUAL, Read(subject, way.span), constant, BOOL, way.span)
        test = equal if test is None else Logic(False, test, equal, BOOL, way.span)
    if way.guard is None:
        return test
    return way.guard if test is None else Logic(True, test, way.guard, BOOL, way.span)
