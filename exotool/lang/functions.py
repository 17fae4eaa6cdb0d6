"""Decorators of functions, and the externs that tests give a Python body."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from exotool.lang.traps import KernelTypeError, Reason, Trap

Function = Callable[..., Any]

_models: Final[dict[str, Function]] = {}


def _identity(function: Any = None) -> Any:
    return function


def noinline(function: Any) -> Any:
    """Keep the function's calls calls."""
    return function


def hot(function: Any) -> Any:
    """Optimise the function for speed instead of size."""
    return function


def inline(function: Any) -> Any:
    """Put the function into its callers."""
    return function


def wrapping(function: Any) -> Any:
    """Let the arithmetic of the function wrap; the loader, which sees the body, makes it so."""
    return function


def section(name: str) -> Any:
    """Put the function into a section."""
    if not isinstance(name, str):
        raise KernelTypeError('write @section("name")')
    return _identity


def export(what: Any) -> Any:
    """Keep the function, or static, under its bare name, or the one given, for other objects."""
    return _identity if isinstance(what, str) else what


def extern(what: Any) -> Any:
    """Declare what another object defines. The body is its model; a test can put another one in its place."""
    if isinstance(what, str):
        return lambda function: _extern(function, what)
    return _extern(what, what.__name__)


def _extern(function: Function, symbol: str) -> Function:
    @functools.wraps(function)
    def call(*arguments: Any, **named: Any) -> Any:
        __tracebackhide__ = True
        return _models.get(symbol, function)(*arguments, **named)

    call.__kpy_symbol__ = symbol  # type: ignore[attr-defined]
    return call


def set_model(symbol: str, model: Function | None) -> None:
    """Let calls of an extern run `model`; None gives it its own body back."""
    if model is None:
        _models.pop(symbol, None)
    else:
        _models[symbol] = model


@contextmanager
def models(**functions: Function) -> Iterator[None]:
    """Give externs other bodies for the length of a `with`: `models(inb=bus.read8, outb=bus.write8)`."""
    before = dict(_models)
    _models.update(functions)
    try:
        yield
    finally:
        _models.clear()
        _models.update(before)


def recursive(*, depth: int) -> Any:
    """Allow `depth` nested activations of the function; one more traps RECURSION."""

    def decorate(function: Function) -> Function:
        active = 0

        @functools.wraps(function)
        def call(*arguments: Any, **named: Any) -> Any:
            __tracebackhide__ = True
            nonlocal active
            if active >= depth:
                raise Trap(Reason.RECURSION)
            active += 1
            try:
                return function(*arguments, **named)
            finally:
                active -= 1

        return call

    return decorate
