"""--gc-sections: keeps the sections that something kept refers to, from the entry and what the layout keeps on.

References are edges of a graph whose nodes are sections; a frame record adds one from its function to the function's
exception table. The same walk answers --why.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Final

import numpy as np

from exotool.elf.columns import Ints, runs
from exotool.elf.constants import (
    SHF_GNU_RETAIN,
    SHF_LINK_ORDER,
    SHT_FINI_ARRAY,
    SHT_INIT_ARRAY,
    SHT_NOTE,
    SHT_PREINIT_ARRAY,
)
from exotool.link.ehframe import FrameTable, is_frame_section
from exotool.link.howto import Kind
from exotool.link.inputs import Inputs
from exotool.link.model import InputSection
from exotool.link.relocations import Flags, Relocations
from exotool.link.symbols import LEFT_OUT, Symbols

_KEPT_TYPES: Final = (SHT_INIT_ARRAY, SHT_FINI_ARRAY, SHT_PREINIT_ARRAY, SHT_NOTE)
_KEPT_NAMES: Final = (".init", ".fini", ".ctors", ".dtors", ".jcr", ".init_array", ".fini_array", ".preinit_array")

Keeps = Callable[[InputSection], bool]


class Graph:
    """Which section refers to which, and the sections that are kept for their own sake."""

    def __init__(
        self, inputs: Inputs, symbols: Symbols, relocations: Relocations, frames: Iterable[FrameTable]
    ) -> None:
        self.symbols, self.relocations = symbols, relocations
        own = [d.section.number if d.section is not None else -1 for d in symbols.own]
        self._home = np.concatenate([symbols.section, np.array([*own, -1], np.int64)])
        is_frame = np.array([is_frame_section(s) for s in symbols.sections], np.bool_)
        target = self._home[relocations.entity] if len(relocations) else np.empty(0, np.int64)
        rows = np.flatnonzero(
            relocations.is_alloc & (relocations.kind != Kind.NONE) & (target >= 0) & ~is_frame[relocations.section]
            if len(relocations)
            else np.empty(0, np.bool_)
        )
        extra = [*self._frame_edges(frames), *_group_edges(inputs), *_order_edges(inputs)]
        pairs = np.array(extra, np.int64).reshape(-1, 2)
        self.source: Ints = np.concatenate([relocations.section[rows], pairs[:, 0]])
        self.target: Ints = np.concatenate([target[rows], pairs[:, 1]])
        self.row: Ints = np.concatenate([rows, np.full(len(pairs), -1, np.int64)])
        order = np.argsort(self.source, kind="stable")
        self.source, self.target, self.row = self.source[order], self.target[order], self.row[order]
        self.first: Ints = np.searchsorted(self.source, np.arange(len(symbols.sections) + 1))
        self.parent: Ints = np.full(len(symbols.sections), -1, np.int64)
        self.reached: Flags = np.zeros(len(symbols.sections), np.bool_)

    def _frame_edges(self, frames: Iterable[FrameTable]) -> Iterable[tuple[int, int]]:
        for table in frames:
            for record in table.records:
                if not record.is_fde or not record.rows:
                    continue
                function = int(self._home[self.relocations.entity[record.rows[0]]])
                for row in (*record.rows[1:], *table.records[record.cie].rows):
                    home = int(self._home[self.relocations.entity[row]])
                    if function >= 0 and home >= 0:
                        yield function, home

    def roots(self, names: Collection[str], keeps: Keeps, *, exported: bool) -> list[int]:
        """Return the numbers of the sections that are kept for their own sake."""
        symbols = self.symbols
        found = dict.fromkeys(s.number for s in symbols.sections if s.is_alloc and _is_root(s, keeps))
        wanted = symbols.globals if exported else names
        for name in wanted:
            definition = symbols.globals.get(name)
            if definition is not None and definition.section is not None:
                found[definition.section.number] = None
        bounds = {
            name.removeprefix(prefix)
            for name in symbols.names.texts()
            for prefix in ("__start_", "__stop_")
            if name.startswith(prefix) and (symbols.wants(name) or name in symbols.globals)
        }
        found |= dict.fromkeys(s.number for s in symbols.sections if s.name in bounds)
        return list(found)

    def walk(self, roots: list[int]) -> None:
        """Mark all that the roots reach, nearest first, each with the edge that it was reached by."""
        frontier = np.array(roots, np.int64)
        self.reached[frontier] = True
        while len(frontier):
            edges = runs(self.first[frontier], self.first[frontier + 1] - self.first[frontier])
            edges = edges[~self.reached[self.target[edges]]]
            frontier, where = np.unique(self.target[edges], return_index=True)
            self.parent[frontier] = edges[where]
            self.reached[frontier] = True

    def why(self, name: str) -> list[str]:
        """Return the chain of references that keeps a symbol, from the root to it, one line a step."""
        definition = self.symbols.globals.get(name)
        if definition is None:
            return [f"`{name}` is not defined"]
        if definition.section is None:
            return [f"`{name}` is an address, not in a section"]
        number, lines = definition.section.number, [f"`{name}` is in {definition.section}"]
        if not self.reached[number]:
            return [*lines, "nothing that is kept refers to it"]
        while (edge := int(self.parent[number])) >= 0:
            number = int(self.source[edge])
            row = int(self.row[edge])
            by = f"refers to `{self.symbols.text(int(self.relocations.symbol[row]))}`" if row >= 0 else "needs it"
            lines.append(f"{self.symbols.sections[number]} {by}")
        lines.append("which is kept for its own sake: the entry, KEEP, -u, or a table that is run at the start")
        return lines[::-1]


def _is_root(section: InputSection, keeps: Keeps) -> bool:
    return (
        section.index < 0
        or section.sh_type in _KEPT_TYPES
        or bool(section.sh_flags & SHF_GNU_RETAIN)
        or is_frame_section(section)
        or section.name.startswith(_KEPT_NAMES)
        or keeps(section)
    )


def _group_edges(inputs: Inputs) -> Iterable[tuple[int, int]]:
    """Yield edges in a ring through the members of each group, which are kept or dropped as one (gABI)."""
    for obj, live in zip(inputs.objects, inputs.live, strict=True):
        for group in obj.groups:
            members = [live[m].number for m in group.members if m in live and live[m].is_alloc]
            yield from zip(members, members[1:] + members[:1], strict=True)


def _order_edges(inputs: Inputs) -> Iterable[tuple[int, int]]:
    """Yield an edge from each section to those that only describe it (SHF_LINK_ORDER)."""
    for table, live in zip(inputs.tables, inputs.live, strict=True):
        for index, section in live.items():
            if section.sh_flags & SHF_LINK_ORDER:
                described = live.get(int(table.raw["sh_link"][index]))
                if described is not None:
                    yield described.number, section.number


def collect(graph: Graph, inputs: Inputs) -> list[InputSection]:
    """Take the sections that were not reached out of the link; return them, in the order of the objects."""
    symbols, relocations = graph.symbols, graph.relocations
    dead = np.array([s.is_alloc for s in symbols.sections], np.bool_) & ~graph.reached
    numbers = set(np.flatnonzero(dead).tolist())
    removed = []
    for live in inputs.live:
        for index in [index for index, section in live.items() if section.number in numbers]:
            removed.append(live.pop(index))
            inputs.leave_out(removed[-1], "nothing refers to it (--gc-sections)")
    symbols.section[np.append(dead, [False, False])[symbols.section]] = LEFT_OUT
    symbols.update()
    relocations.kind[dead[relocations.section]] = Kind.NONE
    return removed
