"""Statements of a script -> addresses and sizes, by walking over them as GNU ld does.

The first walk finds which output sections are empty: those take no part. The second gives addresses: what comes later
is not known in it, and of a size that is asked for too early it takes what the first walk found. The last evaluates
everything once more with all addresses known, checks what the script asserts and fills in what it stores. Sections are
placed again, one to three times more, where DATA_SEGMENT_ALIGN and its companions find that pages can be saved or must
be aligned.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import Final

from exotool.diagnostics import Collector, Diagnostic, Note, Severity
from exotool.link.model import ADDRESS_MASK, Definition, InputSection, align_up
from exotool.link.script.evaluate import ABSOLUTE, DataPhase, DataSegment, Evaluator, Phase, Surroundings, align_to
from exotool.link.script.runs import MAX_SECTION, Run, gap_bytes, place_run, store_gaps
from exotool.link.script.state import ALLOC, CODE, DATA, KEEP, LOAD, READONLY, Output, Placed, RegionState
from exotool.link.script.tree import (
    Ascii,
    Assertion,
    Assignment,
    Binary,
    Call,
    Conditional,
    Data,
    Expression,
    Fill,
    Kind,
    Name,
    Number,
    parts_of,
)

Step = Assignment | Assertion | Output

CONTRIBUTORS: Final = 5
"""So many of the largest input sections are named when a region is too small."""

MAX_CONTENTS: Final = 1 << 30
"""No section with contents in the file is larger than this."""


class Sizer:
    """Walks over the steps of a script; `evaluator` keeps the script's symbols between walks."""

    def __init__(
        self, steps: Sequence[Step], around: Surroundings, regions: Sequence[RegionState], runs: dict[int, Run]
    ) -> None:
        """Take `runs`, those of walks before over sections of the same sizes."""
        self.steps = steps
        self.around = around
        self.regions = regions
        self.default = regions[0]
        self.evaluator = Evaluator(around)
        self.errors = Collector()
        self._warned: set[str] = set()
        self._runs = runs

    def run(self, symbols: Mapping[str, Definition], errors: Collector) -> None:
        """Give addresses and sizes to all output sections, and values to the script's symbols.

        Errors: L0503 a value that is needed before it is known, L0504 an unknown name, L0505 an assertion that does
        not hold, L0506 the location counter goes backwards, L0507 a region is too small, L0508 a section without a
        region, L0509 a section that is too large.
        """
        self.errors = errors
        self._warned.clear()
        evaluator = self.evaluator
        evaluator.globals = symbols
        evaluator.values.clear()
        self._walk(Phase.MARK)
        self._strip()
        self.around.relro = self.around.relro and self._has_relro()
        evaluator.data = DataSegment()
        self._walk(Phase.SIZE)
        self._segment_of_data()
        for step in self.steps:
            if isinstance(step, Output):
                step.settle()
        self._final()
        for diagnostic in (*evaluator.errors.warnings, *evaluator.errors.errors):
            errors.add(diagnostic)
        self._check_regions()

    # The walk that gives addresses

    def _walk(self, phase: Phase) -> None:
        evaluator = self.evaluator
        evaluator.phase, evaluator.dot, evaluator.section = phase, 0, ABSOLUTE
        evaluator.errors = Collector()
        evaluator.assigned.clear()
        for region in self.regions:
            region.current, region.last, region.is_reported = region.origin, None, False
        for step in self.steps:
            if isinstance(step, Output):
                step.vma_known = step.lma_known = False
                if phase is Phase.MARK:
                    step.plan.sh_size = 0
                    step.is_ignored = step.has_symbols = step.is_excluded = False
                    step.flags = step.flags | KEEP if step.keeps_input else step.flags & ~KEEP
                step.size_before, step.plan.sh_size = step.size, 0
        for step in self.steps:
            if isinstance(step, Output):
                self._output(step)
                continue
            evaluator.section = ABSOLUTE
            if isinstance(step, Assignment):
                if step.name == ".":
                    self._move(step)
                else:
                    evaluator.assign(step)
            self.default.current = evaluator.dot

    def _move(self, step: Assignment) -> None:
        """Carry out an assignment to the location counter."""
        evaluator = self.evaluator
        evaluator.assigning_dot = True
        value = evaluator.fold(step.value)
        evaluator.assigning_dot = False
        section = evaluator.section
        if (
            evaluator.phase is Phase.MARK
            and isinstance(section, Output)
            and not (value is not None and value.value == 0 and _is_nothing(step.value))
        ):
            section.flags |= KEEP
        if value is None:
            if evaluator.phase is not Phase.MARK and not evaluator.errors.errors:
                help_ = "it may use only sections and symbols that stand before it"
                evaluator.error(
                    "L0503", "the location counter depends on what is not known at this point", step.span, help_=help_
                )
            return
        target = value.value + (value.section.vma if value.section is not None else section.vma) & ADDRESS_MASK
        if isinstance(section, Output):
            if target < evaluator.dot:
                evaluator.error(
                    "L0506",
                    f"the location counter goes backwards inside of `{section.name}`",
                    step.span,
                    f"from {evaluator.dot:#x} to {target:#x}",
                    "inside of an output section a number counts from the section's start",
                )
                return
            if target - section.vma > MAX_SECTION:
                self._too_large(section, target - section.vma)
                return
        evaluator.dot = target

    def _output(self, output: Output) -> None:
        evaluator, statement = self.evaluator, output.statement
        if output.is_disabled:
            return
        evaluator.section = ABSOLUTE
        if statement.address is not None:
            value = evaluator.absolute(statement.address, f"the address of output section `{output.name}`")
            if value is not None:
                evaluator.dot = value
        if not output.exists:
            return
        before = start = evaluator.dot
        alignment = 1
        if statement.align is not None:
            output.alignment = max(output.alignment, self._power(statement.align, output))
        if statement.address is None:
            if output.region.is_default and output.flags & (ALLOC | LOAD):
                output.region = self._region_for(output)
            self._check_has_region(output)
            start = output.region.current
            alignment = output.alignment
        elif statement.align is not None:
            alignment = self._power(statement.align, output)
        aligned = align_up(start, alignment) & ADDRESS_MASK
        moved = aligned - start & ADDRESS_MASK
        output.plan.sh_addr = evaluator.dot = aligned
        self._contents(output)
        output.vma_known = True
        if not output.is_ignored:
            evaluator.dot = output.vma
        evaluator.section = ABSOLUTE
        self._load_address(output, alignment, moved)
        if output.is_ignored:
            evaluator.dot = before
            return
        evaluator.dot = output.vma + (0 if output.is_tbss else output.size) & ADDRESS_MASK
        if statement.dot_after is not None:
            after = evaluator.absolute(statement.dot_after, "the end of an overlay")
            evaluator.dot = after if after is not None else evaluator.dot
        if output.flags & (ALLOC | LOAD):
            output.region.current = evaluator.dot
            if (
                output.load_region is not None
                and output.load_region is not output.region
                and (output.flags & LOAD or statement.align_with_input)
            ):
                output.load_region.current = output.lma + (0 if output.is_tbss else output.size)

    def _power(self, expression: Expression, output: Output) -> int:
        value = self.evaluator.absolute(expression, f"the alignment of `{output.name}`")
        if value is None or value == 0:
            return 1
        return 1 << (value - 1).bit_length()

    def _region_for(self, output: Output) -> RegionState:
        flags = output.flags
        if flags & (ALLOC | READONLY | CODE) == ALLOC:
            flags |= DATA
        for region in self.regions[1:]:
            if region.flags & flags and not region.not_flags & flags:
                return region
        return self.default

    def _check_has_region(self, output: Output) -> None:
        if (
            self.evaluator.phase is Phase.SIZE
            and len(self.regions) > 1
            and output.region is self.default
            and not output.is_ignored
            and output.is_alloc
            and not output.is_tbss
            and output.name not in self._warned
        ):
            self._warned.add(output.name)
            names = ", ".join(region.name for region in self.regions[1:])
            self.errors.add(
                Diagnostic(
                    "L0508",
                    f"output section `{output.name}` has no region of MEMORY",
                    output.statement.span.place,
                    help=(f"put `> REGION` behind its `}}`; there are {names}",),
                )
            )

    def _load_address(self, output: Output, alignment: int, moved: int) -> None:
        evaluator, statement, region = self.evaluator, output.statement, output.region
        if statement.load_address is not None:
            lma = evaluator.absolute(statement.load_address, f"the load address of `{output.name}`")
            output.lma = lma if lma is not None else 0
        elif output.load_region is not None:
            lma = output.load_region.current
            if statement.align_with_input:
                lma += moved
            else:
                if output.load_region is not output.region:
                    alignment = self._power(statement.align, output) if statement.align is not None else 1
                lma = align_up(lma, alignment)
            output.lma = lma
        elif region.last is not None and output.is_alloc:
            last = region.last
            if output.vma < last.vma and output.size and output.vma + output.size <= last.vma:
                output.lma = output.vma
            else:
                if statement.kind is Kind.OVERLAY and not statement.is_overlay_first:
                    lma = last.lma + last.size
                else:
                    lma = output.vma + last.lma - last.vma
                output.lma = align_up(lma & ADDRESS_MASK, alignment)
        else:
            output.lma = output.vma
        output.lma &= ADDRESS_MASK
        output.lma_known = True
        last_vma = region.last.vma if region.last is not None else 0
        if output.load_region is None and (
            statement.is_overlay_first
            or (
                output.is_alloc
                and (not output.is_ignored or statement.load_address is not None)
                and (
                    output.size != 0
                    or (region.last is None and output.vma != output.lma)
                    or (region.last is not None and output.vma >= last_vma)
                )
            )
        ):
            region.last = output

    # Inside of an output section

    def _contents(self, output: Output) -> None:
        evaluator, statement = self.evaluator, output.statement
        evaluator.section = output
        output.subalign = self._power(statement.subalign, output) if statement.subalign is not None else 0
        fill = self._fill(statement.fill) if statement.fill is not None else b""
        output.placed = []
        for child in output.children:
            if isinstance(child, list):
                self._inputs(output, child, fill)
                continue
            before = evaluator.dot
            if isinstance(child, Assignment):
                self._assignment_inside(output, child, fill)
            elif isinstance(child, Data | Ascii):
                size = child.size if isinstance(child, Data) else len(child.data)
                output.placed.append(Placed(child, before - output.vma, size))
                evaluator.dot += size
            elif isinstance(child, Fill):
                fill = self._fill(child.value)
                output.placed.append(Placed(child, before - output.vma, fill=fill))
            else:
                output.placed.append(Placed(child, before - output.vma))
            if not output.is_ignored:
                output.plan.sh_size = max(output.size, evaluator.dot - output.vma)

    def _assignment_inside(self, output: Output, child: Assignment, fill: bytes) -> None:
        evaluator = self.evaluator
        before = evaluator.dot
        output.placed.append(Placed(child, before - output.vma))
        if child.name != ".":
            evaluator.assign(child)
            output.has_symbols = True
            return
        self._move(child)
        if evaluator.dot != before:
            output.placed.append(Placed(None, before - output.vma, evaluator.dot - before, fill))
            if output.statement.kind is not Kind.NOT_ALLOCATED:
                output.flags |= ALLOC

    def _inputs(self, output: Output, sections: list[InputSection], fill: bytes) -> None:
        """Place input sections that follow each other; those that lie where they would come stay as they are."""
        evaluator, base = self.evaluator, output.vma
        start = evaluator.dot - base
        if output.is_ignored:
            self._runs.pop(id(sections), None)
            for section in sections:
                section.offset = start
            return
        run = self._runs.get(id(sections))
        if run is None or not run.is_at(start, base, output.subalign):
            run = self._runs[id(sections)] = place_run(sections, start, base, output.subalign)
        output.alignment = max(output.alignment, run.alignment)
        last = output.placed[-1] if output.placed else None
        if run.begins_with_gap and last is not None and last.item is None and id(sections[0]) in output.orphans:
            # GNU ld joins the gap before an orphan with the one before that, and fills only the second.
            last.fill = b"\0"
        output.placed.append(Placed(run, start, run.end - start, fill))
        evaluator.dot = base + run.end
        output.plan.sh_size = run.end
        if run.too_large:
            self._too_large(output, run.too_large)

    def _too_large(self, output: Output, size: int) -> None:
        if self.evaluator.phase is not Phase.MARK and output.name not in self._warned:
            self._warned.add(output.name)
            self.errors.add(
                Diagnostic(
                    "L0509",
                    f"output section `{output.name}` would take {size:#x} bytes",
                    output.statement.span.place,
                    help=("inside of an output section a number counts from the section's start, not from 0",),
                )
            )

    def _fill(self, expression: Expression) -> bytes:
        """Return what a fill stands for: the bytes of a hexadecimal number as it is written, else 4 bytes."""
        if isinstance(expression, Number) and expression.digits:
            digits = expression.digits
            return bytes.fromhex("0" * (len(digits) % 2) + digits)
        value = self.evaluator.fold(expression)
        return ((value.value if value is not None else 0) & 0xFFFFFFFF).to_bytes(4, "big")

    # What the walks find out

    def _strip(self) -> None:
        """Take out the sections that came out empty, except those that the script wants to keep."""
        for step in self.steps:
            if isinstance(step, Output) and step.exists:
                step.is_excluded = not step.size and not step.flags & KEEP
                step.is_ignored = step.is_excluded and not step.has_symbols

    def _has_relro(self) -> bool:
        """Tell whether anything lies between DATA_SEGMENT_ALIGN and DATA_SEGMENT_RELRO_END, or the end without it."""
        inside = False
        for step in self.steps:
            if isinstance(step, Assignment):
                called = {part.function for part in parts_of(step.value) if isinstance(part, Call)}
                if "DATA_SEGMENT_RELRO_END" in called:
                    break
                inside |= "DATA_SEGMENT_ALIGN" in called
            elif inside and isinstance(step, Output) and step.exists and step.is_alloc and step.size:
                return True
        return False

    def _segment_of_data(self) -> None:
        """Place everything again when that saves a page between code and data, or aligns what is read-only later."""
        data = self.evaluator.data
        if data.phase is not DataPhase.END_SEEN:
            data.phase = DataPhase.DONE
            return
        if self.around.relro and data.relro_end:
            first_base = data.base
            wanted = self._relro_base(data)
            self._walk(Phase.SIZE)
            if data.relro_end > wanted:
                data.base = first_base
                self._walk(Phase.SIZE)
            return
        first, last = -data.base & data.page - 1, data.end & data.page - 1
        if first and last and (data.base ^ data.end) & -data.page and first + last <= data.page:
            data.phase = DataPhase.ADJUST
        else:
            data.phase = DataPhase.DONE
        self._walk(Phase.SIZE)

    def _relro_base(self, data: DataSegment) -> int:
        """Move the start of the data up so that what is read-only after relocation ends at a page's end."""
        end = align_to(data.relro_end, data.relro_page)
        wanted = end - data.relro_offset
        for step in reversed(self.steps):
            if (
                isinstance(step, Output)
                and step.exists
                and step.is_alloc
                and not step.is_excluded
                and data.base <= step.vma < data.relro_end - data.relro_offset
            ):
                wanted = wanted - (0 if step.is_tbss else step.size) & -step.alignment
        data.phase, data.base = DataPhase.RELRO_ADJUST, wanted
        return end

    # The last walk

    def _final(self) -> None:
        evaluator = self.evaluator
        found = evaluator.errors
        evaluator.phase, evaluator.dot, evaluator.section = Phase.FINAL, 0, ABSOLUTE
        evaluator.errors = Collector()
        evaluator.assigned.clear()
        for step in self.steps:
            evaluator.section = ABSOLUTE
            if isinstance(step, Output):
                if not step.is_disabled:
                    self._final_output(step)
            elif isinstance(step, Assertion):
                self._assert(step)
            elif step.name == ".":
                self._move(step)
                evaluator.results[id(step)] = evaluator.dot
            else:
                evaluator.assign(step)
        shown = {d.place for d in evaluator.errors.errors}
        for diagnostic in (*found.warnings, *(d for d in found.errors if d.place not in shown)):
            evaluator.errors.add(diagnostic)

    def _final_output(self, output: Output) -> None:
        evaluator = self.evaluator
        if not output.exists:
            return
        before, data = evaluator.dot, None
        if not output.plan.is_nobits:
            if output.size > MAX_CONTENTS:
                self._too_large(output, output.size)
                return
            data = bytearray(output.size)
        output.plan.background = data
        for placed, behind in zip_longest(output.placed, output.placed[1:]):
            gap = behind.size if behind is not None and behind.item is None else 0
            evaluator.section = output
            evaluator.dot = output.vma + placed.at
            item = placed.item
            if isinstance(item, Assertion):
                self._assert(item)
            elif isinstance(item, Assignment):
                if item.name != ".":
                    evaluator.assign(item)
                else:
                    evaluator.results[id(item)] = evaluator.dot + gap
            elif data is not None:
                self._store(output, placed, data)
        evaluator.dot = before
        if not output.is_ignored:
            evaluator.dot = output.vma + (0 if output.is_tbss else output.size) & ADDRESS_MASK
            if output.statement.dot_after is not None:
                evaluator.section = ABSOLUTE
                after = evaluator.absolute(output.statement.dot_after, "the end of an overlay")
                evaluator.dot = after if after is not None else evaluator.dot

    def _store(self, output: Output, placed: Placed, data: bytearray) -> None:
        item, at = placed.item, placed.at
        if isinstance(item, Ascii):
            data[at : at + placed.size] = item.data
        elif isinstance(item, Data):
            self.evaluator.section = ABSOLUTE
            value = self.evaluator.absolute(item.value, "a value that is stored") or 0
            self.evaluator.results[id(item)] = value
            data[at : at + item.size] = (value & (1 << 8 * item.size) - 1).to_bytes(item.size, "little")
        elif item is None:
            data[at : at + placed.size] = gap_bytes(placed.size, placed.fill, bool(output.flags & CODE))
        elif isinstance(item, Run):
            store_gaps(item, placed.fill, bool(output.flags & CODE), data)

    def _assert(self, assertion: Assertion) -> None:
        evaluator = self.evaluator
        value = evaluator.fold(assertion.condition)
        if value is not None:
            evaluator.results[id(assertion)] = value.value
        if value is not None and not value.value:
            label = ""
            condition = assertion.condition
            if isinstance(condition, Binary):
                left, right = evaluator.fold(condition.left), evaluator.fold(condition.right)
                if left is not None and right is not None:
                    label = f"{left.value:#x} {condition.operator} {right.value:#x} is not so"
            message = assertion.message or "an assertion of the script does not hold"
            evaluator.error("L0505", message, condition.span, label)

    # Regions

    def _check_regions(self) -> None:
        used: dict[str, list[Output]] = {}
        for step in self.steps:
            if isinstance(step, Output) and step.exists and not step.is_excluded and step.is_alloc:
                if not step.region.is_default:
                    used.setdefault(step.region.name, []).append(step)
                if step.load_region is not None and step.load_region is not step.region and step.flags & LOAD:
                    used.setdefault(step.load_region.name, []).append(step)
        for region in self.regions[1:]:
            outputs = used.get(region.name, [])
            spans = [(o.vma if o.region is region else o.lma, 0 if o.is_tbss else o.size, o) for o in outputs]
            over = [(start, size, o) for start, size, o in spans if not _inside(region, start, size)]
            if over:
                self.errors.add(_overflow(region, spans, over))


def _inside(region: RegionState, start: int, size: int) -> bool:
    return region.origin <= start and start - region.origin + size <= region.length


def _overflow(
    region: RegionState, spans: list[tuple[int, int, Output]], over: list[tuple[int, int, Output]]
) -> Diagnostic:
    end = max(start + size for start, size, _ in over)
    excess = end - region.origin - region.length
    sections = [s for _, _, output in spans for s in output.plan.inputs if s.size]
    largest = sorted(sections, key=lambda section: -section.size)[:CONTRIBUTORS]
    first = over[0][2]
    message = f"region `{region.name}` overflows by {excess} bytes"
    if excess <= 0:
        message = f"output section `{first.name}` begins below region `{region.name}`"
    return Diagnostic(
        "L0507",
        message,
        first.statement.span.place,
        label=f"{region.name} is {region.origin:#x}..{region.origin + region.length - 1:#x}, "
        f"`{first.name}` takes {over[0][0]:#x}..{over[0][0] + over[0][1]:#x}",
        notes=tuple(Note(f"{section.size} bytes: {section}") for section in largest),
        help=("make the largest smaller, or raise LENGTH in MEMORY",) if excess > 0 else (),
        severity=Severity.ERROR,
    )


def _is_nothing(expression: Expression) -> bool:
    """Tell whether an assignment to `.` is one of those that do not keep an empty section: 0, `. + 0` and the like."""
    if isinstance(expression, Number | Name):
        return True
    if isinstance(expression, Binary) and expression.operator == "+":
        return (
            isinstance(expression.left, Name) and expression.left.name == "." and isinstance(expression.right, Number)
        )
    return (
        isinstance(expression, Call)
        and expression.function == "ALIGN"
        and len(expression.arguments) == 1
        and isinstance(expression.arguments[0], Conditional)
    )
