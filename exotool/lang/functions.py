"""Decorators of functions, and the externs that tests give a Python body."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from exotool.lang.kinds import describe
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
        model = _models.get(symbol)
        return function(*arguments, **named) if model is None else _run(function, model, arguments, named)

    call.__kpy_symbol__ = symbol  # type: ignore[attr-defined]
    return call


def _run(function: Function, model: Function, arguments: tuple[Any, ...], named: dict[str, Any]) -> Any:
    """Call a model with arguments of the extern's types, and give its result the extern's type."""
    bound = inspect.signature(function).bind(*arguments, **named)
    bound.apply_defaults()
    annotations, namespace = function.__annotations__, function.__globals__
    values = [
        describe(annotations[name], namespace).coerce(value) if name in annotations else value
        for name, value in bound.arguments.items()
    ]
    result = model(*values)
    return describe(annotations["return"], namespace).coerce(result) if "return" in annotations else result


def set_model(symbol: str, model: Function | None) -> None:
    """Let calls of an extern run `model`; None gives it its own body back."""
    if model is None:
        _models.pop(symbol, None)
    else:
        _models[symbol] = model


def current_models() -> dict[str, Function]:
    """Return the bodies that externs have been given."""
    return dict(_models)


def replace_models(functions: dict[str, Function]) -> None:
    """Let these be all bodies that externs have been given."""
    _models.clear()
    _models.update(functions)


@contextmanager
def models(**functions: Function) -> Iterator[None]:
    """Give externs other bodies for the length of a `with`: `models(**bus.models(), cpu_pause=tick)`."""
    before = current_models()
    _models.update(functions)
    try:
        yield
    finally:
        replace_models(before)


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
