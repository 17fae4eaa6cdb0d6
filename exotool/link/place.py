"""Sizes -> addresses and file offsets: every section and segment gets its place in memory and in the file.

Nothing here depends on what the sections hold, so that the pass can run again when the GOT has grown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import Final

from exotool.diagnostics import Collector, Diagnostic, Note, Severity
from exotool.elf import ProgramHeader
from exotool.elf.constants import (
    PF_R,
    PF_W,
    PF_X,
    PT_GNU_STACK,
    PT_LOAD,
    PT_NOTE,
    PT_TLS,
    SHF_ALLOC,
    SHF_EXECINSTR,
    SHF_TLS,
    SHF_WRITE,
    SHT_NOBITS,
    SHT_NOTE,
    SHT_PROGBITS,
)
from exotool.link.model import Definition, InputSection, OutputPlan, SegmentPlan, align_up

EHDR_SIZE: Final = 64
PHDR_SIZE: Final = 56

PAGE: Final = 0x1000
"""p_align is a page at most: a loader that maps the file needs no more, and the addresses are as aligned as asked."""

PHYSICAL_LIMIT: Final = 1 << 52
"""No x86-64 processor has more physical address bits (Intel SDM volume 3A, 4.1.4)."""

MAX_PADDING: Final = 64 << 20
"""Zeros between the sections of an image's file, in bytes, before one has to ask whether that is meant."""

DEBUG_ALIGN: Final = 16
"""No section without memory needs more; a hostile object may ask for anything."""

MAX_MEMORY: Final = (1 << 32) - 1
"""The largest p_memsz: LIEF 1.0 cannot write more, and code in one place reaches 2 GiB around it anyway."""

CONTRIBUTORS: Final = 5
"""So many of a segment's largest sections are named when it is too large."""


def place(segments: list[SegmentPlan], debug: list[OutputPlan], errors: Collector) -> list[ProgramHeader]:
    """Set every address, offset and size, and return the program headers.

    Errors: L0401 no address for the first segment, L0402 an address against the segment's alignment, L0403 past the
    end of the address space, L0404 segments overlap, L0405 out of order, L0406 limit exceeded, L0407 too many zeros
    in the file, L0408 nothing to load, L0410 too large for a segment,
    L0411 writable and executable.
    """
    before: SegmentPlan | None = None
    for segment in segments:
        if not _place_segment(segment, before, errors):
            return []
        before = segment
    loaded = [segment for segment in segments if segment.p_memsz]
    if not loaded:
        message = "the image is empty: no object has anything to load"
        errors.add(Diagnostic("L0408", message, help=("give the link an object with code or data",)))
        return []
    _check_overlap(loaded, errors, "address", lambda s: s.p_vaddr)
    _check_overlap(loaded, errors, "physical address", lambda s: s.p_paddr)
    _check_order(loaded, errors)
    if errors.errors:
        return []
    notes = [run for segment in loaded for run in _note_runs(segment)]
    has_threads = any(output.sh_flags & SHF_TLS and output.sh_size for s in loaded for output in s.sections)
    end = _place_in_file(loaded, EHDR_SIZE + PHDR_SIZE * (len(loaded) + len(notes) + has_threads + 1))
    for output in debug:
        end = _place_debug(output, end)
    return [
        *(
            ProgramHeader(PT_LOAD, s.p_flags, s.p_offset, s.p_vaddr, s.p_paddr, s.p_filesz, s.p_memsz, s.p_align)
            for s in loaded
        ),
        *(_note_header(run) for run in notes),
        *((_thread_header(loaded),) if has_threads else ()),
        ProgramHeader(PT_GNU_STACK, PF_R | PF_W, 0, 0, 0, 0, 0, 16),
    ]


def place_boundaries(definitions: Iterable[Definition]) -> None:
    """Give the symbols of the layout their addresses."""
    for definition in definitions:
        if definition.boundary is not None:
            of, at_end = definition.boundary.of, definition.boundary.at_end
            start = of.p_vaddr if isinstance(of, SegmentPlan) else of.sh_addr
            definition.value = of.end if at_end else start


def check_entry(name: str, start: Definition, segments: list[SegmentPlan], errors: Collector) -> None:
    """Warn (L0110) when the image would start where there is no code; GRUB refuses such an image."""
    if not start.is_weak_undefined and not any(
        s.p_flags & PF_X and s.p_vaddr <= start.address < s.p_vaddr + s.p_memsz for s in segments
    ):
        errors.add(
            Diagnostic(
                "L0110",
                f"the entry symbol `{name}` is at {start.address:#x}, which is in no segment with code",
                help=("put it into a section of code: `.section .text`",),
                severity=Severity.WARNING,
            )
        )


def _place_segment(segment: SegmentPlan, before: SegmentPlan | None, errors: Collector) -> bool:
    """Place a segment in memory; False when the ones behind it cannot be placed."""
    spec = segment.spec
    aligns = [i.sh_addralign for o in segment.sections for i in o.inputs if i.size]
    if spec.vaddr is not None:
        segment.p_vaddr = spec.vaddr
    elif before is not None:
        segment.p_vaddr = align_up(before.end, max(spec.align, *aligns) if aligns else spec.align)
    else:
        help_ = "give it a `vaddr`, and a `paddr` where it is loaded elsewhere"
        errors.add(Diagnostic("L0401", f"the first segment, `{segment.name}`, has no address", help=(help_,)))
        return False
    if spec.paddr is not None:
        segment.p_paddr = spec.paddr
    else:
        segment.p_paddr = segment.p_vaddr + (before.p_paddr - before.p_vaddr if before else 0)
    segment.p_align = min(spec.align, PAGE)
    cursor = segment.p_vaddr
    for output in segment.sections:
        cursor = _place_output(output, cursor)
    segment.p_memsz = cursor - segment.p_vaddr
    if cursor > 1 << 64:
        errors.add(
            Diagnostic(
                "L0403",
                f"segment `{segment.name}` goes past the end of the address space",
                label=f"{segment.p_memsz:#x} bytes from {segment.p_vaddr:#x}",
                notes=_contributors(segment),
                help=("give the segment a lower `vaddr`",),
            )
        )
        return False
    if segment.p_memsz:
        _check_segment(segment, errors)
    _decide_types(segment, errors)
    return True


def _place_output(output: OutputPlan, cursor: int) -> int:
    """Place an output section at or behind `cursor`; return the address behind it."""
    filled = [section for section in output.inputs if section.size]
    own = output.spec.align if output.spec else 1
    output.sh_addralign = max([own, *(section.sh_addralign for section in filled)])
    output.sh_addr = align_up(cursor, output.sh_addralign)
    at = output.sh_addr
    for section in output.inputs:
        if section.size:
            at = align_up(at, section.sh_addralign)
        section.offset = at - output.sh_addr
        at += section.size
    output.sh_size = at - output.sh_addr
    kept = SHF_WRITE | SHF_ALLOC | SHF_EXECINSTR | SHF_TLS
    output.sh_flags = SHF_ALLOC
    for section in filled:
        output.sh_flags |= section.sh_flags & kept
    # Memory of thread-local variables without contents is each thread's own: in the image others lie in its place.
    takes_none = output.sh_flags & SHF_TLS and all(section.is_nobits for section in filled)
    return at if output.sh_size and not takes_none else cursor


def _decide_types(segment: SegmentPlan, errors: Collector) -> None:
    """Choose sh_type, and how much of the segment is in the file: all up to the last section with contents."""
    data_size = 0
    segment.p_filesz = 0
    in_file = False
    for output in reversed(segment.sections):
        filled = [section for section in output.inputs if section.size]
        if not filled:
            continue
        types = {section.sh_type for section in filled}
        output.sh_type = types.pop() if len(types) == 1 else SHT_PROGBITS
        if output.is_nobits and in_file and not output.sh_flags & SHF_TLS:
            output.sh_type = SHT_PROGBITS
        if not output.is_nobits and not in_file:
            in_file = True
            segment.p_filesz = output.end - segment.p_vaddr
        data_size += sum(section.size for section in filled if not section.is_nobits)
    padding = segment.p_filesz - data_size
    if padding > MAX_PADDING:
        errors.add(
            Diagnostic(
                "L0407",
                f"the file would hold {padding} bytes of zeros in segment `{segment.name}`",
                label=f"{data_size} bytes of it have contents, and {MAX_PADDING >> 20} MiB of zeros are allowed",
                notes=_contributors(segment),
                help=("put sections without contents (`.bss`) last, or into a segment of their own",),
            )
        )


def _check_segment(segment: SegmentPlan, errors: Collector) -> None:
    spec = segment.spec
    for key, value in (("vaddr", segment.p_vaddr), ("paddr", segment.p_paddr)):
        if value % spec.align:
            errors.add(
                Diagnostic(
                    "L0402",
                    f"`{key}` of segment `{segment.name}` is {value:#x}, which its `align` does not allow",
                    label=f"needs a multiple of {spec.align:#x}",
                    help=(f"{value & -spec.align:#x} and {align_up(value, spec.align):#x} are the nearest",),
                )
            )
    if not 0 <= segment.p_paddr <= PHYSICAL_LIMIT - segment.p_memsz:
        errors.add(
            Diagnostic(
                "L0403",
                f"segment `{segment.name}` would be loaded at physical address {segment.p_paddr:#x}, where no x86-64 "
                "processor has memory",
                help=("give the segment the `paddr` that it is loaded at",),
            )
        )
    if segment.p_flags & PF_W and segment.p_flags & PF_X:
        errors.add(
            Diagnostic(
                "L0411",
                f"segment `{segment.name}` is writable and executable",
                help=("put code and data into segments of their own",),
            )
        )
    if segment.p_memsz > MAX_MEMORY:
        errors.add(
            Diagnostic(
                "L0410",
                f"segment `{segment.name}` takes {segment.p_memsz} bytes of memory, and 4 GiB are too many for one",
                notes=_contributors(segment),
                help=("take such memory from what the boot loader reports as free",),
            )
        )
    if spec.limit is not None and segment.p_memsz > spec.limit:
        errors.add(
            Diagnostic(
                "L0406",
                f"segment `{segment.name}` is {segment.p_memsz - spec.limit} bytes larger than its limit",
                label=f"{segment.p_memsz} bytes of {spec.limit}",
                notes=_contributors(segment),
                help=("make the largest smaller, or raise `limit` in the layout",),
            )
        )


def _contributors(segment: SegmentPlan) -> tuple[Note, ...]:
    """Return the largest input sections of a segment as notes."""
    sections = [section for output in segment.sections for section in output.inputs if section.size]
    largest = sorted(sections, key=lambda section: -section.size)[:CONTRIBUTORS]
    return tuple(Note(f"{section.size} bytes: {section}") for section in largest)


def _check_overlap(
    segments: list[SegmentPlan], errors: Collector, kind: str, start: Callable[[SegmentPlan], int]
) -> None:
    ordered = sorted(segments, key=start)
    lower = ordered[0]
    for upper in ordered[1:]:
        end = start(lower) + lower.p_memsz
        if end > start(upper):
            errors.add(
                Diagnostic(
                    "L0404",
                    f"segments `{lower.name}` and `{upper.name}` overlap by {end - start(upper)} bytes",
                    label=f"the same {kind}",
                    notes=tuple(
                        Note(f"`{s.name}` takes {start(s):#x}..{start(s) + s.p_memsz - 1:#x}") for s in (lower, upper)
                    ),
                    help=(f"move `{upper.name}` to {align_up(end, upper.spec.align):#x} or higher",),
                )
            )
        lower = max(lower, upper, key=lambda s: start(s) + s.p_memsz)


def _check_order(segments: list[SegmentPlan], errors: Collector) -> None:
    """PT_LOAD entries must ascend by p_vaddr (gABI chapter 5, "Program Header")."""
    for before, segment in pairwise(segments):
        if segment.end <= before.p_vaddr:
            errors.add(
                Diagnostic(
                    "L0405",
                    f"segment `{segment.name}` lies below segment `{before.name}`, which stands before it",
                    label=f"{segment.p_vaddr:#x} is below {before.p_vaddr:#x}",
                    help=("write the segments of the layout in the order of their addresses",),
                )
            )


def _place_in_file(segments: list[SegmentPlan], cursor: int) -> int:
    """Set the file offsets, each congruent to its address modulo p_align; return the offset behind the last."""
    for segment in segments:
        if segment.p_filesz:
            segment.p_offset = cursor + (segment.p_vaddr - cursor) % segment.p_align
            cursor = segment.p_offset + segment.p_filesz
        else:
            segment.p_offset = cursor - (cursor - segment.p_vaddr) % segment.p_align
            if segment.p_offset < 0:
                segment.p_offset += segment.p_align
        for output in segment.sections:
            distance = segment.p_filesz if output.is_nobits else output.sh_addr - segment.p_vaddr
            output.sh_offset = segment.p_offset + distance
    return cursor


def _place_debug(output: OutputPlan, cursor: int) -> int:
    output.sh_type = output.inputs[0].sh_type if output.inputs[0].sh_type != SHT_NOBITS else SHT_PROGBITS
    output.sh_addralign = 1
    at = 0
    for section in output.inputs:
        align = min(section.sh_addralign, DEBUG_ALIGN)
        output.sh_addralign = max(output.sh_addralign, align)
        section.offset = align_up(at, align)
        at = section.offset + section.size
    output.sh_size = at
    output.sh_offset = align_up(cursor, output.sh_addralign)
    return output.sh_offset + output.sh_size


def _thread_header(segments: list[SegmentPlan]) -> ProgramHeader:
    """Return the PT_TLS that describes what every thread gets a copy of."""
    outputs = [o for s in segments for o in s.sections if o.sh_flags & SHF_TLS and o.sh_size]
    first, contents = outputs[0], [output for output in outputs if not output.is_nobits]
    filesz = contents[-1].end - first.sh_addr if contents else 0
    paddr = first.sh_addr
    if first.segment is not None:
        paddr += first.segment.p_paddr - first.segment.p_vaddr
    return ProgramHeader(
        PT_TLS,
        PF_R,
        first.sh_offset,
        first.sh_addr,
        paddr,
        filesz,
        max(output.end for output in outputs) - first.sh_addr,
        max(output.sh_addralign for output in outputs),
    )


def _note_runs(segment: SegmentPlan) -> list[list[InputSection]]:
    """Return the notes of a segment in runs that one PT_NOTE can describe: of one alignment and without gaps.

    A reader steps from note to note by p_align, so that notes of 4 and of 8 must not stand in one PT_NOTE.
    """
    runs: list[list[InputSection]] = []
    for output in segment.sections:
        for section in output.inputs:
            if section.sh_type != SHT_NOTE or not section.size:
                continue
            last = runs[-1][-1] if runs else None
            if (
                last is not None
                and _note_align(last) == _note_align(section)
                and section.address == align_up(last.address + last.size, _note_align(section))
            ):
                runs[-1].append(section)
            else:
                runs.append([section])
    return runs


def _note_align(section: InputSection) -> int:
    return 8 if section.sh_addralign >= 8 else 4


def _note_header(run: list[InputSection]) -> ProgramHeader:
    first, last, output = run[0], run[-1], run[0].output
    if output is None or output.segment is None:
        raise ValueError("a note without a place")
    size = last.address + last.size - first.address
    distance = first.address - output.segment.p_vaddr
    return ProgramHeader(
        PT_NOTE,
        PF_R,
        output.segment.p_offset + distance,
        first.address,
        output.segment.p_paddr + distance,
        size,
        size,
        _note_align(first),
    )
