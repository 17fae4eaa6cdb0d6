"""Diagnostics about nodes of the typed tree, which know their place but not the text that stands there."""

from __future__ import annotations

from exotool.compiler.tree import Program, Span
from exotool.diagnostics import Collector, Diagnostic, Note, Place


class Reporter:
    """Collects the errors of the flow analyses of one program."""

    def __init__(self, program: Program, collector: Collector) -> None:
        self._lines = {module.path: module.text.splitlines() for module in program.modules}
        self._collector = collector

    def place(self, span: Span) -> Place:
        """Return where a node stands, with its line; what goes over several lines is marked to the end of the first."""
        lines = self._lines.get(span.path, [])
        source = lines[span.line - 1] if 0 < span.line <= len(lines) else None
        end = span.end_column
        if span.end_line > span.line:
            end = len(source.rstrip()) + 1 if source is not None else 0
        return Place(span.path, span.line, span.column, end, source)

    def error(
        self, code: str, message: str, span: Span, label: str, *way_out: str, notes: tuple[Note, ...] = ()
    ) -> None:
        """Keep an error at the place of a node."""
        self._collector.add(Diagnostic(code, message, self.place(span), label, notes=notes, help=way_out))

    def note(self, message: str, span: Span) -> Note:
        """Return a note about another place."""
        return Note(message, Place(span.path, span.line, span.column))
