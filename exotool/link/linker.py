"""The link, pass by pass: select, resolve, assign, scan, place, relocate, emit, verify, map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from exotool.diagnostics import Collector, Diagnostic
from exotool.elf import ObjectFile
from exotool.elf.constants import SHF_ALLOC
from exotool.link.assign import Assigner, debug_outputs, segment_plans
from exotool.link.emit import build_id_section, emit
from exotool.link.explain import Explainer, FindDefinition
from exotool.link.got import Got, find_slots
from exotool.link.inputs import BUILD_ID_SECTION, select
from exotool.link.mapfile import map_json, map_text
from exotool.link.model import ImageSymbol, OutputPlan, ProgramHeader
from exotool.link.place import place, place_boundaries
from exotool.link.relocate import relocate, scan
from exotool.link.resolve import add_section_bounds, resolve
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
    segments = segment_plans(layout)
    inputs = select(objects, layout, errors)
    symbols, commons = resolve(inputs, segments, explain, errors)

    assigner = Assigner(segments, layout)
    note, got = build_id_section(), Got(None, {})
    in_memory = assigner.takes(BUILD_ID_SECTION)
    if not in_memory:
        note.sh_flags &= ~SHF_ALLOC
    live = inputs.all()
    assigner.add([s for s in [*live, *commons, note] if s.is_alloc], errors)
    debug = debug_outputs([s for s in [*live, note] if not s.is_alloc])
    add_section_bounds(symbols, inputs, [output for segment in segments for output in segment.sections])

    found = scan(inputs, symbols, explain, errors)
    known = [name for name, definition in symbols.globals.items() if not definition.is_weak_undefined]
    for name, references in found.undefined.items():
        errors.add(explain.undefined(name, references, known))
    start = symbols.globals.get(entry)
    if start is None or start.is_weak_undefined:
        errors.add(explain.no_entry(entry, known))

    placing = Collector()
    headers: list[ProgramHeader] = []

    def lay_out() -> bool:
        nonlocal placing, headers
        placing = Collector()
        made = got.grow()
        if made is not None:
            assigner.add([made], placing)
        headers = place(segments, debug, placing)
        place_boundaries(d for d in symbols.globals.values())
        return not placing.errors

    find_slots(found.got, got, lay_out)
    for diagnostic in placing.errors:
        errors.add(diagnostic)
    outputs = [*(output for segment in segments for output in segment.sections), *debug]
    if not placing.errors:
        relocate(inputs, outputs, symbols, got, explain, errors)
    errors.check()

    sections = number_sections(outputs)
    table = image_symbols(inputs, symbols)
    e_entry = start.address if start is not None else 0
    plan = finish_plan(e_entry, headers, sections, table)
    data, build_id = emit(plan, note)
    verify(data, plan, note, build_id)
    return LinkedImage(
        data,
        map_text(plan, segments, inputs, build_id.hex()),
        map_json(plan, segments, inputs, build_id.hex()),
        build_id.hex(),
        tuple(errors.warnings),
        e_entry,
        tuple(headers),
        tuple(sections),
        tuple(table),
    )
