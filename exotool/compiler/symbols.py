"""Symbols that other objects see: each has one definition, one type, and a result that two registers hold."""

from __future__ import annotations

from exotool.compiler.scope import Unit
from exotool.compiler.tree import Function
from exotool.compiler.types import TupleType, ViewType, leaves

MAX_RESULTS = 2
"""Scalars that a function of the C ABI returns in registers (System V psABI for x86_64, section 3.2.3)."""


def check_symbols(unit: Unit) -> None:
    """Report symbols with two definitions or two types, and results that the C ABI has no registers for."""
    first: dict[str, Function] = {}
    for function in unit.program.functions:
        if not function.exported and not function.external:
            continue
        _check_result(unit, function)
        known = first.setdefault(function.symbol, function)
        if known is function:
            continue
        where = f"the other one is in line {known.span.line} of {known.span.path}"
        if function.exported and known.exported:
            _error(unit, function, "C0238", f"symbol `{function.symbol}` is defined twice", where, "export one of them")
        elif function.type != known.type:
            _error(
                unit,
                function,
                "C0239",
                f"symbol `{function.symbol}` is declared with two types",
                f"`{function.type}` here, `{known.type}` in line {known.span.line} of {known.span.path}",
                "import the one declaration",
            )
        elif function.exported:
            first[function.symbol] = function


def _check_result(unit: Unit, function: Function) -> None:
    if not isinstance(function.result, TupleType):
        return
    count = sum(2 if isinstance(leaf, ViewType) else 1 for leaf in leaves(function.result))
    if count > MAX_RESULTS:
        _error(
            unit,
            function,
            "C0240",
            f"`{function.symbol}` returns {count} machine words",
            "two registers hold the result of a function that other objects call",
            "write the rest through a reference to a struct",
        )


def _error(unit: Unit, function: Function, code: str, message: str, label: str, way_out: str) -> None:
    unit.error(unit.modules[function.module], code, function.span, message, label, (way_out,))
