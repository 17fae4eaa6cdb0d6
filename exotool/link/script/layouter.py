"""A script as the linker's layouter: it takes the input sections, and gives addresses, headers and symbols."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final

from exotool.diagnostics import Collector, Diagnostic, Severity, ToolError, did_you_mean
from exotool.elf import ProgramHeader
from exotool.elf.constants import EM_386, EM_X86_64, PF_W, PF_X, PT_LOAD
from exotool.link.inputs import WARNING_TEXTS
from exotool.link.model import Definition, InputSection, LinkOptions, OutputPlan, SegmentPlan
from exotool.link.script.evaluate import Evaluator, Phase, Surroundings, Value
from exotool.link.script.lexer import DISCARD, number_value
from exotool.link.script.match import Matcher, in_order, with_order
from exotool.link.script.orphans import LINKERS_OWN, NOWHERE, OrphanPlacer
from exotool.link.script.runs import Run
from exotool.link.script.segments import Mapping as SegmentMapping
from exotool.link.script.segments import SegmentMaker, check_overlap, segment_plans
from exotool.link.script.sizing import Sizer, Step
from exotool.link.script.state import (
    ALLOC,
    CODE,
    CONTENTS,
    DATA,
    DEFAULT_REGION,
    LOAD,
    NEVER_LOAD,
    READONLY,
    Output,
    RegionState,
    input_flags,
)
from exotool.link.script.statements import (
    depends_on_layout,
    expressions_of,
    follows_dot,
    move_inserts,
    orphan_report,
    reset_plan,
    segment_names,
)
from exotool.link.script.tree import (
    Ascii,
    Assertion,
    Assignment,
    Crossing,
    Data,
    Fill,
    InputPattern,
    Kind,
    Number,
    OutputStatement,
    Script,
    SetAddress,
    assignments,
    names_in,
)
from exotool.link.symbols import Globals

DEFAULT_ENTRY: Final = "start"
"""Where an image starts that nothing names an entry for, if there is such a symbol."""
COMMON: Final = "COMMON"
_REGION_FLAGS: Final = {"r": READONLY, "w": DATA, "x": CODE, "a": ALLOC, "i": LOAD, "l": LOAD}
SETTLING_ROUNDS: Final = 4
"""After so many rounds the number of program headers may only grow."""
MAX_ROUNDS: Final = 10
"""So often the number of program headers may change the place of what stands behind them."""


class ScriptLayouter:
    """Lays out by a script; `options` are those of the command line, `segment_starts` the addresses of -Ttext & co."""

    def __init__(self, script: Script, options: LinkOptions, segment_starts: Mapping[str, int] | None = None) -> None:
        self.script, self.options = script, options
        self.headers: list[ProgramHeader] = []
        self.crossings: Sequence[Crossing] = script.crossings
        self.segments: list[SegmentPlan] = []
        self.regions: list[RegionState] = [RegionState(DEFAULT_REGION)]
        self.uses_headers = False
        self.results: dict[int, int] = {}
        self._segment_starts = dict(segment_starts or {})
        self._start: Definition | None = None
        self._statements = move_inserts(script.statements)
        self._sections: list[InputSection] = []
        self._defined: dict[str, Definition] = {}
        self._for_expressions: list[Definition] = []
        self._steps: list[Step] = []
        self._kept: dict[int, Output] = {}
        self._orphans: dict[str, OutputPlan] = {}
        self._patterns: list[InputPattern] = []
        self._owner: list[OutputStatement] = []
        for statement in self._statements:
            if isinstance(statement, OutputStatement):
                for item in statement.contents:
                    if isinstance(item, InputPattern):
                        self._patterns.append(with_order(item, options.sort_section))
                        self._owner.append(statement)
        self._matcher = Matcher(self._patterns)
        self._disabled: frozenset[int] = frozenset()
        self.discarded: dict[str, bool] = {}
        self._header_count = len(script.phdrs) if script.has_phdrs else 2

    # What a map tells

    def printed_steps(self) -> Iterator[Output | Assignment | Assertion]:
        """Yield the steps, with the assignments of which nothing came where they stand in the script."""
        skipped: list[Assignment] = []
        before: dict[int, list[Assignment]] = {}
        for statement in self._statements:
            if isinstance(statement, Assignment) and not self._is_effective(statement):
                skipped.append(statement)
            elif isinstance(statement, Assignment | Assertion | OutputStatement):
                before[id(statement)], skipped = skipped, []
        for step in self._steps:
            yield from before.get(id(step.statement if isinstance(step, Output) else step), ())
            yield step
        yield from skipped

    # What the linker asks

    @property
    def outputs(self) -> list[OutputPlan]:
        """The output sections that came to be, in the order of the script."""
        return [step.plan for step in self._outputs() if step.exists and not step.is_excluded]

    def all_outputs(self) -> list[Output]:
        """Return the output sections that came to be, with all that the script says of them."""
        return [step for step in self._outputs() if step.exists and not step.is_excluded]

    def _outputs(self) -> Iterator[Output]:
        for step in self._steps:
            if isinstance(step, Output):
                yield step

    def discards(self, section: InputSection) -> bool:
        """Tell whether the first pattern that takes a section is one of /DISCARD/."""
        known = self.discarded.get(section.name)
        if known is not None:
            return known
        found = self._matcher.find(section, self._disabled)
        if section.name.startswith(WARNING_TEXTS):
            is_discarded = True
        elif found is None:
            is_discarded = self.options.orphans == "discard"
        else:
            is_discarded = self._owner[found[0]].name == DISCARD
        if section.name in self._matcher.settled(self._disabled):
            self.discarded[section.name] = is_discarded
        return is_discarded

    def keeps(self, section: InputSection) -> bool:
        """Tell whether a KEEP pattern takes a section, so that nobody needs to refer to it."""
        found = self._matcher.find(section, self._disabled)
        return found is not None and self._patterns[found[0]].keep

    def loads(self, name: str) -> bool:
        """Tell whether sections of this name have a place in memory, which all do that are not discarded."""
        first = next(iter(self._matcher.candidates(name)), None)
        return first is None or self._owner[first[0]].name != DISCARD

    def define(self, is_known: Callable[[str], bool], is_wanted: Callable[[str], bool]) -> Iterable[Definition]:
        """Return the symbols that the script gives a value; PROVIDE does so only for what is needed and missing."""
        asked_for = {*self.script.extern, *self.options.undefined, self.script.entry, self.options.entry}
        needed = set(asked_for)
        provided = []
        for statement in self._statements:
            inner = statement.contents if isinstance(statement, OutputStatement) else [statement]
            for item in inner:
                if isinstance(item, Assignment) and item.visibility.is_provide:
                    provided.append(item)
                elif isinstance(item, Assignment) and item.name != ".":
                    self._defined[item.name] = Definition(
                        item.name, by_script=True, is_hidden=item.visibility.is_hidden
                    )
            for expression in expressions_of(statement):
                needed |= set(names_in(expression))
        before = -1
        while before != len(self._defined):
            before = len(self._defined)
            for item in provided:
                is_needed = item.name in needed or is_wanted(item.name)
                if is_needed and not is_known(item.name) and item.name not in self._defined:
                    hidden = item.visibility.is_hidden
                    made = self._defined[item.name] = Definition(item.name, by_script=True, is_hidden=hidden)
                    if item.name not in asked_for and not is_wanted(item.name):
                        self._for_expressions.append(made)
                    needed |= set(names_in(item.value))
        return self._defined.values()

    def add(self, sections: Sequence[InputSection], errors: Collector) -> None:
        """Give sections their output section: by the first pattern, else as an orphan.

        Errors and warnings: L0301 an orphan, where the options ask for that.
        """
        if not self._sections and self.options.machine == EM_X86_64:
            first = next((section.obj for section in sections if section.index >= 0), None)
            own = (
                []
                if first is None
                else [InputSection(first, -1, name, kind, flags, 8, 0) for name, kind, flags in LINKERS_OWN]
            )
            behind = next((i for i, section in enumerate(sections) if section.obj is not first), len(sections))
            sections = [*sections[:behind], *own, *sections[behind:]]
        self._sections += sections
        self._build()
        self._choose_by_access()
        found: defaultdict[int, list[tuple[InputSection, int]]] = defaultdict(list)
        rest = []
        settled = self._matcher.settled(self._disabled)
        for section in self._sections:
            section.output = None
            if section.index >= 0 and section.name in settled:
                match = settled[section.name]
            elif section.index < 0 and not section.is_alloc:
                # The build-id stays in the file where the script wants no notes in memory.
                match = None
            else:
                match = self._matcher.find(section, self._disabled)
            if match is None:
                rest.append(section)
            else:
                found[match[0]].append((section, match[1]))
        ordered = {number: in_order(self._patterns[number], items) for number, items in found.items()}
        self._fill_in(ordered)
        self._place_orphans(rest, errors)
        for output in self._outputs():
            if output.name == ".text" and output.exists:
                # What is called .text is read-only, whatever is in it, but with -N writable.
                output.flags = output.flags & ~READONLY if self.options.omagic else output.flags | READONLY

    def place(self, symbols: Globals, errors: Collector) -> None:
        """Set all addresses, sizes, file offsets and program headers, and the values of the script's symbols.

        Errors: those of `sizing` and `segments`; L0408 nothing to load.
        """
        runs: dict[int, Run] = {}
        for number in range(MAX_ROUNDS):
            round_errors = Collector()
            sizer = self._sizer(runs)
            sizer.run(symbols, round_errors)
            self.uses_headers = sizer.evaluator.uses_headers
            maker = self._maker(sizer)
            outputs = [o for o in self.all_outputs() if o.size]
            if self.script.has_phdrs:
                mappings = maker.map_by_script(self.script.phdrs, list(self._outputs()), sizer.evaluator, round_errors)
                break
            mappings = maker.map_default(outputs, uses_headers=self.uses_headers, header_count=self._header_count)
            count = len(mappings) if number < SETTLING_ROUNDS else max(len(mappings), self._header_count)
            if count == self._header_count:
                break
            self._header_count = count
        for diagnostic in (*round_errors.warnings, *round_errors.errors):
            errors.add(diagnostic)
        if errors.errors:
            return
        self.results = sizer.evaluator.results
        self._set_symbols(symbols, sizer.evaluator.values)
        for definition in self._for_expressions:
            # Like GNU ld, which meets names while it computes: an expression that is not computed asks for nothing.
            definition.is_discarded = definition.name not in sizer.evaluator.asked
        self._finish(maker, mappings, outputs, errors)

    def start(self, entry: str) -> Definition:
        """Return a start at the number that `entry` is, else at the first byte of `.text`, as GNU ld has it."""
        self._start = Definition(entry, by_script=True)
        return self._start

    def check(self, entry: str, start: Definition, errors: Collector) -> None:
        """Warn (L0110) when the image would start where there is no code, and of segments that can do too much."""
        if start is self._start and number_value(entry) is None and entry != DEFAULT_ENTRY:
            message = f"the entry symbol `{entry}` is not defined"
            label = f"the image starts at {start.address:#x}, the first byte of `.text`, instead"
            errors.add(Diagnostic("L0514", message, label=label, severity=Severity.WARNING))
        elif not any(s.p_flags & PF_X and s.p_vaddr <= start.address < s.p_vaddr + s.p_memsz for s in self.segments):
            message = f"the entry symbol `{entry}` is at {start.address:#x}, which is in no segment with code"
            help_ = ("put it into a section of code: `.section .text`",)
            errors.add(Diagnostic("L0110", message, help=help_, severity=Severity.WARNING))
        for segment in self.segments:
            if self.options.warn_rwx and not self.options.omagic and segment.p_flags & PF_W and segment.p_flags & PF_X:
                names = ", ".join(f"`{section.name}`" for section in segment.sections[:6])
                errors.add(
                    Diagnostic(
                        "L0513",
                        f"a segment is writable and executable; in it are {names}",
                        help=("begin code and data on pages of their own, or link with --no-warn-rwx-segments",),
                        severity=Severity.WARNING,
                    )
                )

    # From statements to steps

    def _build(self) -> None:
        """Make the steps anew, with the same plans for the same output sections."""
        self.regions = self._make_regions()
        by_name = {region.name: region for region in self.regions}
        for alias, name in self.script.aliases.items():
            if name in by_name:
                by_name[alias] = by_name[name]
        self._by_name = by_name
        self._steps = []
        self._disabled = frozenset()
        used_starts = segment_names(self._statements)
        addresses = {
            s.section: s
            for s in self._statements
            if isinstance(s, SetAddress) and not (s.segment and s.segment in used_starts)
        }
        for statement in self._statements:
            if isinstance(statement, OutputStatement):
                set_address = addresses.pop(statement.name, None)
                if set_address is not None:
                    statement.address = set_address.value
                self._steps.append(self._new_output(statement))
            elif isinstance(statement, Assignment):
                if self._is_effective(statement):
                    self._steps.append(statement)
            elif isinstance(statement, Assertion):
                self._steps.append(statement)
        for set_address in addresses.values():
            made = OutputStatement(set_address.span, set_address.section, address=set_address.value)
            self._steps.append(self._new_output(made))

    def _is_effective(self, assignment: Assignment) -> bool:
        return assignment.name == "." or assignment.name in self._defined

    def _make_regions(self) -> list[RegionState]:
        """Return the regions with their origin and length, which can use only numbers and other regions."""
        regions = [RegionState(DEFAULT_REGION)]
        around = self._surroundings({}, {region.name: region for region in regions})
        evaluator = Evaluator(around, phase=Phase.FINAL)
        for assignment in assignments(self.script):
            if not list(names_in(assignment.value)) and not depends_on_layout(assignment.value):
                value = evaluator.fold(assignment.value)
                if value is not None:
                    evaluator.values[assignment.name] = value
        for region in self.script.regions:
            state = RegionState(region.name)
            state.origin = evaluator.absolute(region.origin, "the origin of a region") or 0
            state.length = evaluator.absolute(region.length, "the length of a region") or 0
            for letter in region.flags:
                state.flags |= _REGION_FLAGS[letter]
            for letter in region.not_flags:
                state.not_flags |= _REGION_FLAGS[letter]
            regions.append(state)
            around.regions[region.name] = state
        evaluator.errors.check()
        return regions

    def _region(self, name: str, statement: OutputStatement) -> RegionState:
        region = self._by_name.get(name)
        if region is None:
            help_ = did_you_mean(name, [n for n in self._by_name if n != DEFAULT_REGION])
            message = f"there is no region `{name}` in MEMORY"
            raise ToolError(Diagnostic("L0504", message, statement.span.place, help=help_))
        return region

    def _new_output(self, statement: OutputStatement) -> Output:
        known = self._kept.get(id(statement))
        plan = known.plan if known is not None else OutputPlan(statement.name)
        load_region = self._region(statement.load_region, statement) if statement.load_region else None
        if statement.region:
            region = self._region(statement.region, statement)
        elif load_region is not None and statement.address is None:
            region = load_region
        else:
            region = self.regions[0]
        reset_plan(plan)
        output = Output(statement, plan, region, load_region=load_region)
        self._kept[id(statement)] = output
        return output

    def _choose_by_access(self) -> None:
        """Switch off the statements with ONLY_IF_RO or ONLY_IF_RW whose sections are not all, or all, read-only."""
        if not any(owner.only_if for owner in self._owner):
            return
        asked: dict[int, dict[str, None]] = {}
        names = dict.fromkeys([section.name for section in self._sections])
        for name in names:
            for number, _ in self._matcher.candidates(name):
                if self._owner[number].only_if:
                    asked.setdefault(id(self._owner[number]), {})[name] = None
        wanted = {name for found in asked.values() for name in found}
        by_name: dict[str, list[InputSection]] = {name: [] for name in wanted}
        for section in self._sections if wanted else ():
            if section.name in wanted:
                by_name[section.name].append(section)
        for statement in self._statements:
            if not isinstance(statement, OutputStatement) or not statement.only_if:
                continue
            own = {number for number, owner in enumerate(self._owner) if owner is statement}
            read_only = True
            for section in (section for name in asked.get(id(statement), ()) for section in by_name[name]):
                match = self._matcher.find(section, self._disabled)
                if match is not None and match[0] in own and not input_flags(section) & READONLY:
                    read_only = False
            if read_only is not (statement.only_if == "ONLY_IF_RO"):
                self._disabled |= own
                self._kept[id(statement)].is_disabled = True

    def _fill_in(self, ordered: dict[int, list[InputSection]]) -> None:
        """Put the matched sections and everything else that a statement has into the output sections."""
        number = -1
        by_statement = {id(output.statement): output for output in self._outputs()}
        for statement in self._statements:
            if not isinstance(statement, OutputStatement):
                continue
            output = by_statement[id(statement)]
            for item in statement.contents:
                if isinstance(item, InputPattern):
                    number += 1
                    if output.is_disabled or output.name == DISCARD:
                        continue
                    output.add(ordered.get(number, []), item.keep)
                    output.children.append(item)
                elif output.name != DISCARD and not output.is_disabled:
                    self._fill_in_other(output, item)
        for output in by_statement.values():
            if output.statement.address is not None and not output.exists and output.statement not in self._statements:
                output.create(0)

    def _fill_in_other(self, output: Output, item: Assignment | Assertion | Data | Ascii | Fill) -> None:
        if isinstance(item, Assignment) and not self._is_effective(item):
            if not output.exists:
                output.create(0)
            # What defines nothing still stands between its neighbours.
            output.children.append(Assertion(item.span, Number(item.span, 1), ""))
            return
        if isinstance(item, Data | Ascii):
            kind = output.statement.kind
            flags = CONTENTS | ALLOC | LOAD
            if kind is Kind.NOT_ALLOCATED:
                flags = CONTENTS
            elif kind is Kind.NOLOAD:
                flags = NEVER_LOAD | ALLOC
            elif kind is Kind.READONLY:
                flags |= READONLY
            output.create(flags if output.exists else flags | READONLY)
        elif not output.exists:
            output.create(0)
        output.children.append(item)

    # Orphans

    def _place_orphans(self, rest: list[InputSection], errors: Collector) -> None:
        placer = OrphanPlacer(self._steps, self.regions[0], self._reuse_plan)
        reported: dict[str, list[InputSection]] = {}
        waiting: dict[tuple[int, str], list[InputSection]] = {}
        for section in rest:
            waiting.setdefault((id(section.obj), section.name), []).append(section)
        for section in rest:
            group = waiting[(id(section.obj), section.name)]
            group.remove(section)
            if section.name == COMMON and section.index < 0:
                self._common(section)
                continue
            placer.place(section, group)
            if section.index >= 0 and section.size:
                reported.setdefault(section.name, []).append(section)
        previous: Output | None = None
        for output in self._outputs():
            before, previous = previous, output
            if (
                before is not None
                and output.load_region is None
                and output.statement.load_address is None
                and output.statement.address is None
                and output.region is before.region
            ):
                output.load_region = before.load_region
        if self.options.orphans in ("warn", "error"):
            for name, group in reported.items():
                errors.add(
                    orphan_report(name, group, Severity.ERROR if self.options.orphans == "error" else Severity.WARNING)
                )

    def _reuse_plan(self, output: Output) -> None:
        """Let an orphan's output section be the same plan when the layout is made again."""
        plan = self._orphans.setdefault(output.name, output.plan)
        if plan is not output.plan and plan not in [o.plan for o in self._outputs()]:
            reset_plan(plan)
            plan.inputs = output.plan.inputs
            for section in plan.inputs:
                section.output = plan
            output.plan = plan

    def _common(self, section: InputSection) -> None:
        for output in self._outputs():
            if output.name == ".bss":
                output.add([section])
                return
        output = self._new_output(OutputStatement(NOWHERE, ".bss", is_orphan=True))
        self._steps.append(output)
        output.add([section])

    # Addresses

    def _surroundings(self, outputs: dict[str, Output], regions: dict[str, RegionState]) -> Surroundings:
        options = self.options
        return Surroundings(
            outputs,
            {output.plan: output for output in self._outputs()},
            regions,
            options.max_page_size,
            options.common_page_size,
            self._segment_starts,
            self._size_of_headers,
            options.relro,
        )

    def _sizer(self, runs: dict[int, Run]) -> Sizer:
        by_name: dict[str, Output] = {}
        for output in self._outputs():
            if output.name not in by_name or (output.exists and not by_name[output.name].exists):
                by_name[output.name] = output
        return Sizer(self._steps, self._surroundings(by_name, self._by_name), self.regions, runs)

    def _classes(self) -> tuple[int, int]:
        return (52, 32) if self.options.machine == EM_386 else (64, 56)

    def _size_of_headers(self) -> int:
        ehdr, phdr = self._classes()
        return ehdr + phdr * self._header_count

    def _maker(self, sizer: Sizer) -> SegmentMaker:
        data = sizer.evaluator.data
        relro = (data.base, data.relro_end) if sizer.around.relro and data.relro_end else None
        return SegmentMaker(self.options, *self._classes(), relro)

    def _finish(
        self, maker: SegmentMaker, mappings: list[SegmentMapping], outputs: list[Output], errors: Collector
    ) -> None:
        maker.place_in_file(mappings, outputs, errors)
        check_overlap(outputs, errors)
        for output in self._outputs():
            output.plan.segment = None
        self.segments = segment_plans(mappings)
        self.headers = [mapping.header for mapping in mappings]
        if not any(m.p_type == PT_LOAD and m.header.p_memsz for m in mappings):
            message = "the image is empty: the script gives nothing to load"
            errors.add(Diagnostic("L0408", message, help=("give the link an object with code or data",)))

    def _set_symbols(self, symbols: Globals, values: dict[str, Value]) -> None:
        homes = self._homes()
        self._set_start()
        for name, value in values.items():
            definition = symbols.get(name)
            if definition is not None and definition.by_script:
                definition.value = value.address
                section = value.section
                definition.home = section.plan if isinstance(section, Output) else homes.get(name)
        for definition in symbols.own:
            if definition.boundary is not None and isinstance(definition.boundary.of, OutputPlan):
                of = definition.boundary.of
                definition.value = of.end if definition.boundary.at_end else of.sh_addr

    def _set_start(self) -> None:
        if self._start is not None:
            number = number_value(self._start.name)
            text = next((o.vma for o in self.all_outputs() if o.name == ".text"), 0)
            self._start.value = number if number is not None else text

    def _homes(self) -> dict[str, OutputPlan]:
        """Return the section that each symbol which stands between sections is counted to: the one before it."""
        homes: dict[str, OutputPlan] = {}
        last: OutputPlan | None = None
        for step in self._steps:
            if isinstance(step, Output):
                if step.exists and step.is_alloc and step.size:
                    last = step.plan
            elif isinstance(step, Assignment) and step.name != "." and last is not None and follows_dot(step.value):
                homes[step.name] = last
        return homes
