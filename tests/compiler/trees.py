"""Typed trees written by hand, for tests of what comes after the checker."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

from exotool.compiler.lower_types import value_type
from exotool.compiler.native import NativeProgram, load_native
from exotool.compiler.tree import (
    Assign,
    Binary,
    BinaryOperator,
    Compare,
    Comparison,
    Constant,
    Convert,
    Expression,
    Function,
    Global,
    Local,
    Module,
    Program,
    Read,
    Return,
    Span,
    Statement,
)
from exotool.compiler.types import BOOL, U64, ResultType, ValueType
from exotool.project import Profile

PATH = "kernel/m.py"
_lines = itertools.count(1)


def at(line: int = 0, column: int = 1) -> Span:
    return Span(PATH, line or next(_lines) % 1000 + 1, column)


def parameter(name: str, kind: ValueType) -> Local:
    return Local(name, kind, at(), parameter=True)


def local(name: str, kind: ValueType) -> Local:
    return Local(name, kind, at())


def const(value: int | bool | None, kind: ValueType = U64) -> Constant:
    return Constant(value, kind, at())


def read(variable: Local) -> Read:
    return Read(variable, at())


def assign(variable: Local, value: Expression) -> Assign:
    return Assign(variable, value, at())


def binary(operator: str, left: Expression, right: Expression) -> Binary:
    return Binary(BinaryOperator(operator), left, right, value_type(left), at())


def compare(operator: str, left: Expression, right: Expression) -> Compare:
    return Compare(Comparison(operator), left, right, BOOL, at())


def convert(value: Expression, kind: ValueType) -> Convert:
    return Convert(value, kind, at())


def give(value: Expression | None = None) -> Return:
    return Return(value, at())


def function(
    name: str,
    parameters: Sequence[Local],
    result: ResultType,
    body: Sequence[Statement] | None,
    *,
    exported: bool = False,
    wrapping: bool = False,
    module: str = "m",
) -> Function:
    return Function(
        name,
        name if exported or body is None else f"{module}.{name}",
        module,
        tuple(parameters),
        result,
        at(),
        tuple(body) if body is not None else None,
        external=body is None,
        exported=exported,
        wrapping=wrapping,
    )


def program(functions: Sequence[Function], variables: Sequence[Global] = ()) -> Program:
    names = dict.fromkeys([*(f.module for f in functions), *(g.module for g in variables)])
    modules = [Module(name, f"kernel/{name}.py", "") for name in names]
    return Program(modules, list(functions), list(variables))


def native(
    functions: Sequence[Function],
    variables: Sequence[Global] = (),
    profile: Profile = "dev",
    externs: dict[str, Callable[..., object]] | None = None,
    **options: str,
) -> NativeProgram:
    return load_native(program(functions, variables), profile, externs=externs, **options)  # type: ignore[arg-type]
