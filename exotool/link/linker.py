"""The link, pass by pass: select, resolve, assign, scan, place, relocate, emit, verify, map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from exotool.diagnostics import Collector, Diagnostic
from exotool.elf import ObjectFile, ProgramHeader
from exotool.elf.constants import SHF_ALLOC
from exotool.link.emit import build_id_section, emit
from exotool.link.explain import Explainer, FindDefinition
from exotool.link.got import Got, find_slots
from exotool.link.inputs import BUILD_ID_SECTION, select
from exotool.link.layouter import Layouter, TableLayouter
from exotool.link.mapfile import map_json, map_text
from exotool.link.model import Definition, ImageSymbol, OutputPlan
from exotool.link.relocate import Scan, relocate, scan
from exotool.link.resolve import Symbols, add_section_bounds, resolve
from exotool.link.skeleton import finish_plan, number_sections
from exotool.link.symtab import image_symbols
from exotool.link.verify import verify
from exotool.project import Layout


@dataclass(frozen=True, slots=True)
class LinkedImage:
    """A linked image: the bytes of the ELF file, its maps, and the plan that it follows."""

    data: bytes
    map_text: str
    map_json: bytes
    build_id: str
    warnings: tuple[Diagnostic, ...]
    entry: int
    program_headers: tuple[ProgramHeader, ...]
    sections: tuple[OutputPlan, ...]
    symbols: tuple[ImageSymbol, ...]


def link(
    objects: Sequence[ObjectFile],
    layout: Layout,
    entry: str,
    *,
    find_definition: FindDefinition | None = None,
    source_root: Path | None = None,
) -> LinkedImage:
    """Link objects by a layout into an x86_64 image that starts at the symbol `entry`.

    `find_definition` names the places in the project's sources that define a symbol which the objects lack;
    `source_root` is the folder that the paths in the objects' line tables are relative to. The objects' order decides
    what lies first in memory. Raises `ToolError` with all errors found, L0xxx.
    """
    errors = Collector()
    explain = Explainer(objects, source_root, find_definition)
    layouter = TableLayouter(layout)
    inputs = select(objects, layout, errors)
    symbols, commons = resolve(inputs, layouter.segments, explain, errors)

    note = build_id_section()
    if not layouter.loads(BUILD_ID_SECTION):
        note.sh_flags &= ~SHF_ALLOC
    layouter.add([*inputs.all(), *commons, note], errors)
    add_section_bounds(symbols, inputs, [output for output in layouter.outputs if output.is_alloc])

    found = scan(inputs, symbols, explain, errors)
    start = _check_names(found, symbols, entry, explain, errors)

    image = _Image(layouter, symbols, Got(None, {}))
    if find_slots(found.got, image.got, image.lay_out):
        layouter.check(entry, start, errors)
        relocate(inputs, layouter.outputs, symbols, image.got, explain, errors)
    image.report(errors)
    errors.check()

    headed = number_sections(layouter.outputs)
    table = image_symbols(inputs, symbols)
    plan = finish_plan(start.address, layouter.headers, headed, table)
    data, build_id = emit(plan, note)
    verify(data, plan, note, build_id)
    return LinkedImage(
        data,
        map_text(plan, layouter.segments, inputs, build_id.hex()),
        map_json(plan, layouter.segments, inputs, build_id.hex()),
        build_id.hex(),
        tuple(errors.warnings),
        plan.e_entry,
        tuple(layouter.headers),
        tuple(headed),
        tuple(table),
    )


def _check_names(found: Scan, symbols: Symbols, entry: str, explain: Explainer, errors: Collector) -> Definition:
    """Report what is undefined, and return the entry; in its absence something that stands for it till the end."""
    known = [name for name, definition in symbols.globals.items() if not definition.is_weak_undefined]
    for name, references in found.undefined.items():
        errors.add(explain.undefined(name, references, known))
    start = symbols.globals.get(entry)
    if start is None or start.is_weak_undefined:
        errors.add(explain.no_entry(entry, known))
        return Definition(entry, is_weak_undefined=True)
    return start


class _Image:
    """The image while its layout is found: once, or again when the GOT has grown."""

    def __init__(self, layouter: Layouter, symbols: Symbols, got: Got) -> None:
        self.layouter, self.symbols, self.got = layouter, symbols, got
        self.assigning, self.placing = Collector(), Collector()

    def lay_out(self) -> bool:
        """Give everything its place; tell whether that went well."""
        made = self.got.grow()
        if made is not None:
            self.layouter.add([made], self.assigning)
        self.placing = Collector()
        self.layouter.place(self.symbols.globals, self.placing)
        return not self.placing.errors and not self.assigning.errors

    def report(self, errors: Collector) -> None:
        """Add what went wrong in the last layout."""
        for collector in (self.assigning, self.placing):
            for diagnostic in (*collector.warnings, *collector.errors):
                errors.add(diagnostic)
