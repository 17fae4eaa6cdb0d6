"""One source file: its bytes become text and a syntax tree, within limits that no input can exceed."""

from __future__ import annotations

import ast
import re
import warnings
from dataclasses import dataclass
from typing import Final

from exotool.compiler.tree import Span
from exotool.diagnostics import Diagnostic, Place, ToolError

MAX_SOURCE: Final = 1 << 20
"""Bytes of one source file; the largest file of a kernel is a twentieth of this."""

MAX_DEPTH: Final = 160
"""Nested syntax nodes. The passes recurse over the tree: about six Python frames a level, see `frontend`."""

_COOKIE = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_NEWLINE = re.compile(r"\r\n|\r|\n")


@dataclass(slots=True)
class Source:
    """A file as read: `path` as shown in messages, its text, its lines without newlines, and its syntax tree."""

    path: str
    text: str
    lines: list[str]
    tree: ast.Module

    def span(self, node: ast.AST) -> Span:
        """Return where a node stands, its columns in characters (the syntax tree counts bytes of UTF-8)."""
        line: int = getattr(node, "lineno", 1)
        end: int = getattr(node, "end_lineno", None) or line
        start_byte: int = getattr(node, "col_offset", 0)
        end_byte: int = getattr(node, "end_col_offset", None) or start_byte
        return Span(self.path, line, self._column(line, start_byte), end, self._column(end, end_byte))

    def _column(self, line: int, byte: int) -> int:
        text = self.lines[line - 1] if 0 < line <= len(self.lines) else ""
        return byte + 1 if text.isascii() else len(text.encode()[:byte].decode("utf-8", "replace")) + 1

    def place(self, span: Span) -> Place:
        """Return a span as the place of a diagnostic; a span of several lines is shown to the end of its first."""
        text = self.lines[span.line - 1] if 0 < span.line <= len(self.lines) else None
        end = span.end_column
        if span.end_line > span.line:
            end = len(text or "") + 1
        return Place(self.path, span.line, span.column, end, text)


def parse_source(path: str, data: bytes) -> Source:
    """Parse a file.

    Raises `ToolError` C0101 for bytes that are not a text that Python reads, C0102 for a file that is too large or too
    deeply nested, C0103 for a syntax error.
    """
    if len(data) > MAX_SOURCE:
        raise ToolError(
            Diagnostic("C0102", f"source `{path}` is larger than {MAX_SOURCE >> 20} MiB", Place(path), help=(_SPLIT,))
        )
    text = _decode(path, data)
    lines = _NEWLINE.split(text)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text, path, feature_version=(3, 11))
    except SyntaxError as error:
        raise ToolError(_syntax_error(path, lines, error)) from None
    except (RecursionError, MemoryError):
        raise ToolError(_too_deep(path, None)) from None
    except ValueError as error:
        raise ToolError(Diagnostic("C0103", f"Python cannot read this: {error}", Place(path))) from None
    source = Source(path, text, lines, tree)
    deepest = _beyond_depth(tree)
    if deepest is not None:
        raise ToolError(_too_deep(path, source.place(source.span(deepest))))
    return source


def parse_expression(text: str) -> ast.expr | None:
    """Parse a quoted annotation; None when it is no expression, or a long one."""
    if len(text) > 1000:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            node = ast.parse(text, mode="eval", feature_version=(3, 11)).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return node if sum(1 for _ in ast.walk(node)) <= 100 else None


_SPLIT = "split it into modules"


def _decode(path: str, data: bytes) -> str:
    for number, line in enumerate(data.split(b"\n", 2)[:2], 1):
        cookie = _COOKIE.match(line)
        name = cookie[1].decode().lower().replace("_", "-") if cookie else "utf-8"
        if name not in ("utf-8", "utf8", "ascii", "us-ascii"):
            place = Place(path, number, 1, len(line) + 1, line.decode("utf-8", "replace"))
            raise ToolError(
                Diagnostic("C0101", f"a source in the encoding `{name}`", place, help=("save it as UTF-8",))
            )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line_number = data.count(b"\n", 0, error.start) + 1
        line_text = data.split(b"\n")[line_number - 1]
        column = len(data[data.rfind(b"\n", 0, error.start) + 1 : error.start].decode("utf-8", "replace")) + 1
        place = Place(path, line_number, column, column + 1, line_text.decode("utf-8", "replace"))
        message = f"byte {data[error.start]:#04x} is not UTF-8"
        raise ToolError(Diagnostic("C0101", message, place, help=("save it as UTF-8",))) from None
    null = text.find("\0")
    if null >= 0:
        line_number = text.count("\n", 0, null) + 1
        column = null - text.rfind("\n", 0, null)
        raise ToolError(Diagnostic("C0101", "a null character in the source", Place(path, line_number, column)))
    return text


def _syntax_error(path: str, lines: list[str], error: SyntaxError) -> Diagnostic:
    line = error.lineno or 0
    text = lines[line - 1] if 0 < line <= len(lines) else None
    column = error.offset or 0
    end = error.end_offset or 0 if error.end_lineno in (None, line) else len(text or "") + 1
    message = error.msg[:1].lower() + error.msg[1:]
    return Diagnostic("C0103", f"syntax error: {message}", Place(path, line, max(column, 0), max(end, 0), text))


def _too_deep(path: str, place: Place | None) -> Diagnostic:
    message = f"nested more than {MAX_DEPTH} levels deep"
    return Diagnostic("C0102", message, place or Place(path), help=("give parts of it names of their own",))


def _beyond_depth(tree: ast.Module) -> ast.AST | None:
    """Return a node that is nested deeper than `MAX_DEPTH`; an `elif` is one level deeper than its `if`."""
    pending: list[tuple[ast.AST, int]] = [(tree, 0)]
    while pending:
        node, depth = pending.pop()
        if depth > MAX_DEPTH:
            return node
        pending += [(child, depth + 1) for child in ast.iter_child_nodes(node)]
    return None
