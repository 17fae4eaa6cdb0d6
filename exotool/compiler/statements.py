"""Statements of a function's body -> the typed tree.

`loops`, `matching`, `assignment` have handlers of their own; `refused` says why a statement is not in the language.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

from exotool.compiler import assignment, loops, matching
from exotool.compiler.blocks import Checker, handles
from exotool.compiler.calls import check_effect
from exotool.compiler.conditions import check_condition
from exotool.compiler.dispatch import check_expression
from exotool.compiler.names import StaticName
from exotool.compiler.scope import Scope
from exotool.compiler.tree import Assign, Constant, If, Reason, Return, Scoped, Statement, Trap, Unary, UnaryOperator
from exotool.compiler.types import BOOL, NeverType, NoneType, RefType, StructType

__all__ = ["assignment", "check_body", "loops", "matching"]


def check_body(scope: Scope, nodes: Sequence[ast.stmt]) -> tuple[Statement, ...]:
    """Check the body of a function and return it as typed statements. Errors are in the unit's report."""
    return Checker(scope).block(nodes)


@handles(ast.If)
def _if(checker: Checker, node: ast.If) -> list[Statement]:
    scope = checker.scope
    test = check_condition(scope, node.test)
    then, after_then = checker.branch(node.body, test.when_true if test else ())
    otherwise, after_otherwise = checker.branch(node.orelse, test.when_false if test else ())
    checker.meet(after_then, after_otherwise)
    return [If(test.value, then, otherwise, scope.span(node))] if test else []


@handles(ast.Pass)
def _pass(_checker: Checker, _node: ast.Pass) -> list[Statement]:
    return []


@handles(ast.Expr)
def _expression(checker: Checker, node: ast.Expr) -> list[Statement]:
    """Check a call for its effect; docstrings and `...` are nothing."""
    scope = checker.scope
    value = node.value
    if isinstance(value, ast.Constant) and (isinstance(value.value, str) or value.value is ...):
        return []
    return list(check_effect(scope, value) or ())


@handles(ast.Return)
def _return(checker: Checker, node: ast.Return) -> list[Statement]:
    scope = checker.scope
    result = scope.owner().result
    if isinstance(result, NeverType):
        scope.error("C0428", node, "`return` in a function that does not return", "it is declared `-> NoReturn`")
        return checker.stop(node)
    if node.value is None or (
        isinstance(node.value, ast.Constant) and node.value.value is None and isinstance(result, NoneType)
    ):
        if not isinstance(result, NoneType):
            scope.error("C0427", node, "`return` without a value", f"the result is `{result}`", "return one")
            return checker.stop(node)
        return [Return(None, scope.span(node))]
    if isinstance(result, NoneType):
        scope.error(
            "C0427",
            node.value,
            "a function without a result returns a value",
            "it is declared `-> None`",
            "declare the type",
        )
        return checker.stop(node)
    value = check_expression(scope, node.value, result)
    return [Return(value, scope.span(node))] if value is not None else checker.stop(node)


@handles(ast.Assert)
def _assert(checker: Checker, node: ast.Assert) -> list[Statement]:
    scope = checker.scope
    message = ""
    match node.msg:
        case None:
            pass
        case ast.Constant(value=str(text)) if "\0" not in text:
            message = text
        case _:
            scope.error("C0426", node.msg, "the message of an assertion is a literal", "", "print the values before")
    test = check_condition(scope, node.test)
    if test is None:
        return []
    span = scope.span(node)
    trap = Trap(Reason.ASSERTION, message, span)
    if isinstance(test.value, Constant):
        return [] if test.value.value else [trap]
    scope.not_none |= frozenset(test.when_true)
    return [If(Unary(UnaryOperator.NOT, test.value, BOOL, span), (trap,), (), span)]


@handles(ast.Global)
def _global(checker: Checker, node: ast.Global) -> list[Statement]:
    scope = checker.scope
    for name in node.names:
        entity = scope.module.find(name)
        if name in scope.bindings:
            scope.error(
                "C0429", node, f"`{name}` is used before it is said to be global", "", "move `global` to the top"
            )
        elif not isinstance(entity, StaticName):
            scope.error(
                "C0429", node, f"`{name}` is no static of this module", "", f"write `{name}: u64 = 0` at its top"
            )
        else:
            scope.global_names.add(name)
    return []


@handles(ast.With)
def _with(checker: Checker, node: ast.With) -> list[Statement]:
    """Nest the managers of one `with`, as Python does."""
    return _managed(checker, node, node.items)


def _managed(checker: Checker, node: ast.With, items: Sequence[ast.withitem]) -> list[Statement]:
    scope = checker.scope
    if not items:
        return list(checker.block(node.body))
    item = items[0]
    at = item.context_expr
    manager = check_expression(scope, at)
    if manager is None or not isinstance(manager.type, RefType) or not isinstance(manager.type.target, StructType):
        if manager is not None:
            scope.error(
                "C0425", at, f"`with` needs a struct, not `{manager.type}`", "", "give it `__enter__` and `__exit__`"
            )
        if item.optional_vars is not None:
            assignment.poison(checker, item.optional_vars)
        _managed(checker, node, items[1:])
        return []
    span = scope.span(at)
    local = scope.temporary(manager.type, span)
    name = f" manager {len(scope.owner().locals)}"
    scope.bindings[name] = local
    enter, leave = _method_call(at, name, "__enter__"), _method_call(at, name, "__exit__")
    found: list[Statement] = [Assign(local, manager, span)]
    if item.optional_vars is None:
        found += check_effect(scope, enter) or ()
    else:
        value = check_expression(scope, enter)
        if value is None:
            assignment.poison(checker, item.optional_vars)
        else:
            found += assignment.assign_to(checker, item.optional_vars, value, span)
    cleanup = check_effect(scope, leave) or ()
    body = tuple(_managed(checker, node, items[1:]))
    return [*found, Scoped(body, cleanup, scope.span(node))]


def _method_call(at: ast.expr, manager: str, method: str) -> ast.Call:
    """Return `manager.method()` as if it stood at the expression after `with`."""
    call = ast.Call(ast.Attribute(ast.Name(manager, ast.Load()), method, ast.Load()), [], [])
    for part in ast.walk(call):
        ast.copy_location(part, at)
    return call
