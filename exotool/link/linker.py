"""The link, pass by pass: select, resolve, assign, scan, place, relocate, emit, verify, map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from exotool.allocation import give_back
from exotool.diagnostics import Collector, Diagnostic, Place, Severity, ToolError
from exotool.elf import ObjectFile, ProgramHeader
from exotool.elf.columns import Ints, Names
from exotool.elf.constants import EM_386, EM_NAMES, ET_DYN, ET_EXEC, PT_LOAD, SHF_ALLOC
from exotool.layout import Layout
from exotool.link.crossings import check_crossings
from exotool.link.ehframe import FrameHeader, FrameTable, drop_frames, read_frames
from exotool.link.emit import build_id_section, emit
from exotool.link.explain import Explainer, FindDefinition, FindMembers
from exotool.link.formats import wrap_elf32
from exotool.link.gc import Graph, collect
from exotool.link.got import Got, References, find_slots
from exotool.link.howto import Kind
from exotool.link.inputs import BUILD_ID_SECTION, Inputs, select
from exotool.link.iplt import START_SYMBOL, IndirectFunctions
from exotool.link.keep import kept_relocations, section_symbols
from exotool.link.layouter import Layouter, TableLayouter
from exotool.link.load import without_collector
from exotool.link.merge import merge
from exotool.link.model import Definition, ImageSymbol, ImageSymbols, InputSection, LinkOptions, OutputPlan, SegmentPlan
from exotool.link.notes import merge_properties
from exotool.link.pie import SelfRelocation
from exotool.link.place import MAX_MEMORY
from exotool.link.relocate import relocate
from exotool.link.relocations import Relocations, gather_relocations, of_kinds, word_size
from exotool.link.remarks import pass_on
from exotool.link.resolve import GOT_SYMBOL, add_section_bounds, resolve
from exotool.link.scan import Undefined, scan
from exotool.link.script import ScriptLayouter
from exotool.link.skeleton import Plan, finish_plan, number_sections
from exotool.link.symbols import Symbols
from exotool.link.symtab import image_symbols
from exotool.link.tls import relax_calls, thread_block, want_slots
from exotool.link.verify import load_reader, verify

NO_LAYOUT: Final = Layout(())
"""A script says itself what it takes and what it leaves out."""


DEBUG_PREFIX: Final = (".debug_", ".zdebug_", ".stab", ".gdb_index")
"""Sections that --strip-debug leaves out."""

HEADER_SYMBOL: Final = "__ehdr_start"
"""Where the file's header is in memory; 0 where it is not."""


@dataclass(frozen=True, slots=True)
class LinkedImage:
    """A linked image: the bytes of the ELF file, its maps, and the plan that it follows."""

    data: bytes
    build_id: str
    warnings: tuple[Diagnostic, ...]
    entry: int
    program_headers: tuple[ProgramHeader, ...]
    sections: tuple[OutputPlan, ...]
    symbols: Sequence[ImageSymbol]
    plan: Plan
    segments: list[SegmentPlan]
    inputs: Inputs
    collected: tuple[InputSection, ...] = ()
    """What --gc-sections left out."""
    why: tuple[str, ...] = ()
    """The answers to --why, line by line."""

    @property
    def map_text(self) -> str:
        """The map for people."""
        from exotool.link.mapfile import map_text

        return map_text(self.plan, self.segments, self.inputs, self.build_id)

    @property
    def map_json(self) -> bytes:
        """The map for programs."""
        from exotool.link.mapfile import map_json

        return map_json(self.plan, self.segments, self.inputs, self.build_id)


def link(
    objects: Sequence[ObjectFile],
    layout: Layout | ScriptLayouter,
    entry: str,
    *,
    options: LinkOptions | None = None,
    find_definition: FindDefinition | None = None,
    find_members: FindMembers | None = None,
    source_root: Path | None = None,
    names: Names | None = None,
) -> LinkedImage:
    """Link objects by a layout into an x86_64 image that starts at the symbol `entry`.

    `find_definition` names the places in the project's sources that define a symbol which the objects lack;
    `find_members` those of archives; `source_root` is the folder that the paths in the objects' line tables are
    relative to; `names` are numbers that names have already. The objects' order decides what lies first in memory.
    Raises `ToolError` with all errors found, L0xxx.
    """
    with without_collector():
        explain = Explainer(objects, source_root, find_definition, find_members)
        return _link(objects, layout, entry, options or _options_of(layout), explain, names)


def _link(
    objects: Sequence[ObjectFile],
    layout: Layout | ScriptLayouter,
    entry: str,
    options: LinkOptions,
    explain: Explainer,
    names: Names | None,
) -> LinkedImage:
    errors = Collector()
    _check_machines(objects, explain.e_machine, errors)
    _check_options(options, explain.e_machine)
    layouter: Layouter
    if isinstance(layout, Layout):
        layouter = TableLayouter(layout)
        inputs = select(objects, layout, errors)
        symbols, commons = resolve(inputs, layouter.segments, explain, errors, names=names)
    else:
        layouter = layout
        inputs = select(objects, NO_LAYOUT, errors, discards=layout.discards, settled=layout.discarded)
        symbols, commons = resolve(
            inputs,
            [],
            explain,
            errors,
            layout.define,
            names=names,
            allow_multiple=options.allow_multiple_definition,
            wrap=options.wrap,
        )

    note = build_id_section() if options.build_id is not None else None
    if note is not None:
        if not layouter.loads(BUILD_ID_SECTION):
            note.sh_flags &= ~SHF_ALLOC
        symbols.add_section(note)
    relocations = gather_relocations(inputs, symbols, explain.e_machine)
    pass_on(inputs, relocations, explain, errors)
    relax_calls(relocations, explain, errors)
    frames = read_frames(symbols, relocations)
    collected, why = _collect(inputs, symbols, relocations, frames, layouter, entry, options)
    drop_frames(frames, symbols, relocations)
    merge_properties(inputs, explain.e_machine)
    header = FrameHeader(symbols, frames) if options.eh_frame_hdr and frames else None
    kept = [s for s in inputs.all() if s.is_alloc or options.strip == "none" or not s.name.startswith(DEBUG_PREFIX)]
    kept += [header.section] if header is not None else []
    layouter.add([*kept, *commons, *([note] if note is not None else [])], errors)
    if options.merge_strings:
        merge(symbols, relocations)
    add_section_bounds(symbols, [o for o in layouter.outputs if o.is_alloc or any(i.is_alloc for i in o.inputs)])

    image = _Image(layouter, symbols, relocations, options, explain, errors)
    undefined = scan(relocations, explain, errors)
    start = _check_names(undefined, symbols, entry, layouter, options, explain, errors)

    references = References(relocations, relax=options.relax, absolute=not options.pie)
    forms = find_slots(references, image.got, image.lay_out)
    block = thread_block(layouter.outputs)
    addresses = image.addresses()
    if forms is not None:
        check_crossings(layouter.crossings, layouter.outputs, relocations, explain, errors)
        layouter.check(entry, start, errors)
        _check_headers(layouter.headers, errors)
        stubbed = image.indirect.fill(addresses)
        if image.pie is not None:
            image.pie.fill(stubbed, addresses, image.got)
        relocate(relocations, layouter.outputs, stubbed, references, forms, image.got, block, explain, errors)
        if header is not None:
            header.fill(layouter.outputs)
    image.report(errors)
    errors.check()

    headed = number_sections(layouter.outputs)
    table = ImageSymbols.of(())
    if options.strip != "all":
        table = image_symbols(symbols, addresses, block, options.discard_locals)
    if options.emit_relocs and forms is not None:
        table = ImageSymbols.of(section_symbols(headed)) + table
        headed += kept_relocations(relocations, references, forms, addresses, headed, table)
    plan = finish_plan(start.address, layouter.headers, headed, table)
    plan.e_type = ET_DYN if options.pie else ET_EXEC
    # The writer needs as much memory as the tables of relocations and symbols took, which nobody asks for again.
    del image, relocations, references, forms, addresses, symbols, frames, header
    give_back()
    data, build_id = emit(plan, note, load_reader)
    verify(data, plan, note, build_id)
    if explain.e_machine == EM_386:
        data = wrap_elf32(data)
    return LinkedImage(
        data,
        build_id.hex(),
        tuple(errors.warnings),
        plan.e_entry,
        tuple(layouter.headers),
        tuple(headed),
        table,
        plan,
        layouter.segments,
        inputs,
        tuple(collected),
        tuple(why),
    )


def _check_machines(objects: Sequence[ObjectFile], e_machine: int, errors: Collector) -> None:
    """Report objects that are not for the machine of the first one (L0204)."""
    for obj in objects:
        if obj.e_machine != e_machine:
            errors.add(
                Diagnostic(
                    "L0204",
                    f"`{obj.path}` is for {EM_NAMES[obj.e_machine]}, and `{objects[0].path}` for {EM_NAMES[e_machine]}",
                    Place(obj.path),
                    help=("32-bit code that belongs into a 64-bit image is assembled with `.code32` for x86_64",),
                )
            )
    errors.check()


def _options_of(layout: Layout | ScriptLayouter) -> LinkOptions:
    """Return the options of a link for which nobody gave any."""
    return LinkOptions(build_id="sha1", merge_strings=False) if isinstance(layout, Layout) else layout.options


def _check_options(options: LinkOptions, e_machine: int) -> None:
    if options.pie and e_machine == EM_386:
        raise ToolError(Diagnostic("L0113", "-pie is for x86_64", help=("link with -no-pie",)))
    if options.emit_relocs and e_machine == EM_386:
        message = "--emit-relocs is for x86_64: i386 keeps addends where the image now has addresses"
        raise ToolError(Diagnostic("L0113", message, help=("leave out --emit-relocs",)))


def _check_headers(headers: Sequence[ProgramHeader], errors: Collector) -> None:
    """Report segments that a file cannot describe: scripts can ask for any address (L0403, L0410)."""
    for number, h in enumerate(headers):
        if h.p_memsz > MAX_MEMORY:
            message = f"segment {number} takes {h.p_memsz} bytes of memory, and 4 GiB are too many for one"
            errors.add(
                Diagnostic("L0410", message, help=("take such memory from what the boot loader reports as free",))
            )
        for address in (h.p_vaddr, h.p_paddr):
            if not 0 <= address <= (1 << 64) - abs(h.p_memsz) or min(h) < 0:
                message = f"segment {number} would lie at {address:#x}, outside of the address space"
                errors.add(Diagnostic("L0403", message, help=("give its first section another address",)))
    errors.check()


def _collect(
    inputs: Inputs,
    symbols: Symbols,
    relocations: Relocations,
    frames: list[FrameTable],
    layouter: Layouter,
    entry: str,
    options: LinkOptions,
) -> tuple[list[InputSection], list[str]]:
    """Find out what is referred to, if that is asked for; return what was left out, and the answers to --why."""
    if not options.gc_sections and not options.why:
        return [], []
    graph = Graph(inputs, symbols, relocations, frames)
    names = (entry, *options.undefined, *options.require_defined)
    graph.walk(graph.roots(names, layouter.keeps, exported=options.gc_keep_exported))
    why = [line for name in options.why for line in graph.why(name)]
    return (collect(graph, inputs) if options.gc_sections else []), why


def _check_names(
    undefined: dict[str, Undefined],
    symbols: Symbols,
    entry: str,
    layouter: Layouter,
    options: LinkOptions,
    explain: Explainer,
    errors: Collector,
) -> Definition:
    """Report what is undefined, and return the entry; in its absence something that stands for it till the end."""
    if options.unresolved != "ignore":
        severity = Severity.WARNING if options.unresolved == "warn" else Severity.ERROR
        for name, found in undefined.items():
            told = explain.undefined(name, found.references, found.count, symbols.known())
            errors.add(replace(told, severity=severity))
    for name in options.require_defined:
        definition = symbols.globals.get(name)
        if definition is None or definition.is_weak_undefined:
            errors.add(Diagnostic("L0114", f"`{name}` is not defined, and --require-defined asks for it"))
    start = symbols.globals.get(entry)
    if start is None or start.is_weak_undefined:
        instead = layouter.start(entry)
        if instead is not None:
            return instead
        errors.add(explain.no_entry(entry, symbols.known()))
        return Definition(entry, is_weak_undefined=True)
    return start


class _Image:
    """The image while its layout is found: once, or again when the GOT has grown."""

    def __init__(
        self,
        layouter: Layouter,
        symbols: Symbols,
        relocations: Relocations,
        options: LinkOptions,
        explain: Explainer,
        errors: Collector,
    ) -> None:
        """Make the sections that the relocations ask for. Error: L0102 an indirect function that nobody resolves."""
        self.layouter, self.symbols, self.relocations = layouter, symbols, relocations
        self.assigning, self.placing = Collector(), Collector()
        self.waiting: list[InputSection] = []
        self.indirect = IndirectFunctions(relocations)
        asked = options.pie or symbols.wants(START_SYMBOL) or START_SYMBOL in symbols.globals
        for entity in self.indirect.entities.tolist() if not asked else ():
            definition = symbols.definition(entity)
            if definition is not None:
                errors.add(explain.indirect(definition))
        self._add(*self.indirect.make(symbols, with_table=not options.pie))
        self.indirect.define_bounds(symbols)
        self.pie: SelfRelocation | None = None
        if options.pie:
            self.pie = SelfRelocation(relocations, self.indirect, explain, errors)
            self._add(*self.pie.sections)
            self.pie.define(symbols)
        self.got = Got(symbols, word_size(explain.e_machine))
        want_slots(relocations, self.got)
        self.got.is_wanted = bool(of_kinds(relocations, Kind.GOT_PC, Kind.GOT_REL, Kind.SLOT).any())
        if GOT_SYMBOL not in symbols.globals and symbols.wants(GOT_SYMBOL) and self.got.is_wanted:
            self._add(self.got.make())
            symbols.define(Definition(GOT_SYMBOL, section=self.got.section, is_hidden=True))
        self.file_header = Definition(HEADER_SYMBOL, is_hidden=True)
        if symbols.lacks(HEADER_SYMBOL):
            symbols.define(self.file_header)
        # What is defined by now was not when the relocations were gathered.
        relocations.entity = symbols.entity[relocations.symbol]

    def _add(self, *sections: InputSection | None) -> None:
        """Let sections be in the next layout: to add some takes as long as to add all."""
        self.waiting += [section for section in sections if section is not None]

    def lay_out(self) -> Ints | None:
        """Give everything its place; return the addresses of all entities, or None when that went wrong."""
        self._add(self.got.make())
        if self.waiting:
            self.layouter.add(self.waiting, self.assigning)
            self.waiting = []
        self.got.grow()
        if self.pie is not None:
            self.pie.grow(self.got)
        self.placing = Collector()
        self.symbols.move()
        self.layouter.place(self.symbols.globals, self.placing)
        if self.placing.errors or self.assigning.errors:
            return None
        loaded = (h.p_vaddr for h in self.layouter.headers if h.p_type == PT_LOAD and h.p_offset == 0)
        self.file_header.value = next(loaded, 0)
        return self.indirect.redirected(self.addresses())

    def addresses(self) -> Ints:
        """Return the address of every entity, as a signed number."""
        return self.symbols.addresses().view(np.int64)

    def report(self, errors: Collector) -> None:
        """Add what went wrong in the last layout."""
        for collector in (self.assigning, self.placing):
            for diagnostic in (*collector.warnings, *collector.errors):
                errors.add(diagnostic)
