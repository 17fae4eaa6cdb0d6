"""Statements that Kernel Python does not have: each with what it would need, and what to write instead."""

from __future__ import annotations

import ast
from typing import Final, NamedTuple

from exotool.compiler.scope import Scope
from exotool.compiler.tree import Span


class Refusal(NamedTuple):
    """Why a kind of statement is refused: the words of its error."""

    code: str
    message: str
    label: str
    help: str


_ASYNC: Final = Refusal(
    "C0408",
    "`async` is not in Kernel Python",
    "needs an event loop and a heap",
    "write a state machine in a struct, with a function that takes it one step on",
)
_TRY: Final = Refusal(
    "C0401",
    "`try` is not in Kernel Python",
    "there are no exceptions to catch",
    "return a status or `T | None` for what can fail; `with` cleans up on every way out",
)

REFUSED: Final[dict[type[ast.stmt], Refusal]] = {
    ast.Try: _TRY,
    ast.TryStar: _TRY,
    ast.Raise: Refusal(
        "C0402",
        "`raise` is not in Kernel Python",
        "there are no exceptions",
        'return a status; for what must never happen write `assert False, "why"`',
    ),
    ast.FunctionDef: Refusal(
        "C0403",
        "a function inside of a function",
        "needs a closure, and that a heap",
        "move it to the top of the module and give it what it uses as parameters",
    ),
    ast.ClassDef: Refusal(
        "C0404", "a class inside of a function", "types are of the module", "move it to the top of the module"
    ),
    ast.Import: Refusal(
        "C0405", "an import inside of a function", "nothing is loaded at run time", "move it to the top of the module"
    ),
    ast.ImportFrom: Refusal(
        "C0405", "an import inside of a function", "nothing is loaded at run time", "move it to the top of the module"
    ),
    ast.Delete: Refusal(
        "C0406", "`del` is not in Kernel Python", "variables and storage are not freed one by one", "leave it out"
    ),
    ast.Nonlocal: Refusal(
        "C0407",
        "`nonlocal` is not in Kernel Python",
        "there are no functions inside of functions",
        "pass a reference to a struct",
    ),
    ast.AsyncFunctionDef: _ASYNC,
    ast.AsyncFor: _ASYNC,
    ast.AsyncWith: _ASYNC,
}


def refuse(scope: Scope, node: ast.stmt) -> None:
    """Report a statement that the language does not have, in all versions of Python's grammar."""
    refusal = REFUSED.get(type(node)) or Refusal(
        "C0409",
        "a statement that Kernel Python does not have",
        type(node).__name__,
        "see docs/language.md for those that it has",
    )
    scope.error(refusal.code, _head(scope, node), refusal.message, refusal.label, refusal.help)


def _head(scope: Scope, node: ast.stmt) -> Span:
    """Return where the first line of a statement stands: its body is no part of the error."""
    span = scope.span(node)
    inner = [part for part in ast.iter_child_nodes(node) if isinstance(part, ast.stmt)]
    if not inner or span.end_line == span.line:
        return span
    text = scope.module.source.lines[span.line - 1]
    return Span(span.path, span.line, span.column, span.line, len(text.rstrip()) + 1)
