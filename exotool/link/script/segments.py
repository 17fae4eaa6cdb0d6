"""Output sections -> program headers and file offsets, as GNU ld makes them (bfd/elf.c).

Without PHDRS, sections are taken in the order of their load addresses, and a new segment begins where one page would
have to be two things at once, or where a page would be left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from exotool.diagnostics import Collector, Diagnostic, Note, did_you_mean
from exotool.elf import ProgramHeader
from exotool.elf.constants import (
    PF_R,
    PF_W,
    PF_X,
    PT_GNU_STACK,
    PT_LOAD,
    PT_NOTE,
    SHF_EXECINSTR,
    SHF_TLS,
    SHF_WRITE,
    SHT_NOTE,
)
from exotool.layout import Segment
from exotool.link.model import LinkOptions, SegmentPlan, align_up
from exotool.link.script.evaluate import Evaluator
from exotool.link.script.state import CODE, LOAD, READONLY, THREAD_LOCAL, Output
from exotool.link.script.tree import Kind, Number, Phdr

PT_PHDR: Final = 6
PT_TLS: Final = 7
PT_DYNAMIC: Final = 2
PT_GNU_EH_FRAME: Final = 0x6474E550
PT_GNU_RELRO: Final = 0x6474E552
PT_GNU_PROPERTY: Final = 0x6474E553

MAX_FILE: Final = 1 << 30
"""An image of more bytes in the file is taken for a mistake in its addresses."""

NON_ALLOC_ALIGN: Final = 16


@dataclass(slots=True, eq=False)
class Mapping:
    """One program header to be, and the sections in it."""

    p_type: int
    outputs: list[Output] = field(default_factory=list)
    name: str = ""
    flags: int | None = None
    vaddr: int = 0
    paddr: int | None = None
    filehdr: bool = False
    phdrs: bool = False
    header: ProgramHeader = field(default_factory=lambda: ProgramHeader(0, 0, 0, 0, 0, 0, 0, 0))


@dataclass(slots=True)
class SegmentMaker:
    """Cuts output sections into segments. `ehdr_size` and `phdr_size` are those of the file's class."""

    options: LinkOptions
    ehdr_size: int
    phdr_size: int
    relro: tuple[int, int] | None = None

    @property
    def page(self) -> int:
        """The size that offsets and addresses agree in: 1 for images that nobody pages in (-n, -N)."""
        return 1 if self.options.nmagic or self.options.omagic else self.options.max_page_size

    def map_default(self, outputs: Sequence[Output], *, uses_headers: bool, header_count: int) -> list[Mapping]:
        """Return the program headers of a script without PHDRS."""
        loaded = sorted((o for o in outputs if o.is_alloc), key=_load_order)
        headers_fit = uses_headers and self.page > 1
        size = self.ehdr_size + self.phdr_size * header_count
        if loaded and self.page > 1 and loaded[0].lma & self.page - 1 >= size & self.page - 1:
            headers_fit = headers_fit or loaded[0].lma >= size
        mappings: list[Mapping] = []
        writable = executable = False
        for number, output in enumerate(loaded):
            if not number or self._cut(loaded[number - 1], output, writable, executable):
                mappings.append(Mapping(PT_LOAD))
                writable = executable = False
            mappings[-1].outputs.append(output)
            writable |= not output.flags & READONLY
            executable |= bool(output.flags & CODE)
        if mappings and headers_fit:
            if self.page > 1 and self.options.separate_code and loaded[0].flags & CODE:
                # What is no code may not lie in a page of code: the headers get one of their own.
                start, load = loaded[0].vma - size & -self.page, loaded[0].lma - size & -self.page
                mappings.insert(0, Mapping(PT_LOAD, vaddr=start, paddr=load))
            mappings[0].filehdr = mappings[0].phdrs = True
        # A segment that holds only .tbss has nothing to load.
        mappings = [m for m in mappings if m.filehdr or any(not o.is_tbss for o in m.outputs)]
        mappings += self._notes(outputs)
        tls = [o for o in outputs if o.flags & THREAD_LOCAL]
        if tls:
            mappings.append(Mapping(PT_TLS, tls))
        mappings += [Mapping(PT_GNU_PROPERTY, [o]) for o in outputs if o.name == ".note.gnu.property" and o.is_alloc]
        mappings += [Mapping(PT_DYNAMIC, [o]) for o in outputs if o.name == ".dynamic" and o.is_alloc]
        if self.options.eh_frame_hdr:
            mappings += [Mapping(PT_GNU_EH_FRAME, [o]) for o in outputs if o.name == ".eh_frame_hdr" and o.is_alloc]
        if self.options.executable_stack is not None:
            flags = PF_R | PF_W | PF_X * self.options.executable_stack
            mappings.append(Mapping(PT_GNU_STACK, flags=flags))
        if self.relro is not None and self.page > 1:
            start, end = self.relro
            loads = [m for m in mappings if m.p_type == PT_LOAD and m.outputs]
            data = next((m for m in loads if start <= m.outputs[0].vma < end), None)
            if data is not None and any(not o.plan.is_nobits for o in data.outputs):
                inside = [o for o in data.outputs if o.vma + (0 if o.is_tbss else o.size) <= end]
                mappings.append(Mapping(PT_GNU_RELRO, inside, flags=PF_R))
        return mappings

    def _cut(self, last: Output, output: Output, writable: bool, executable: bool) -> bool:
        """Tell whether a section must begin a new segment behind `last`."""
        page = self.page
        size = 0 if last.is_tbss else last.size
        end = last.lma + size
        if last.lma - last.vma != output.lma - output.vma or output.lma < end:
            return True
        if page > 1 and size and (end - 1 & -page) == (output.lma & -page):
            return last.region is not output.region
        if align_up(end, self.options.max_page_size) + self.options.max_page_size <= output.lma:
            return True
        if not last.flags & (LOAD | THREAD_LOCAL) and output.flags & LOAD:
            return True
        if page > 1:
            if self.options.separate_code and executable != bool(output.flags & CODE):
                return True
            if not writable and not output.flags & READONLY:
                return True
        return last.region is not output.region

    def _notes(self, outputs: Sequence[Output]) -> list[Mapping]:
        found: list[Mapping] = []
        previous: Output | None = None
        for output in outputs:
            if output.plan.sh_type != SHT_NOTE or not output.flags & LOAD:
                previous = None
                continue
            align = output.alignment
            if (
                previous is not None
                and previous.alignment == align
                and align_up(previous.lma + previous.size, align) == output.lma
            ):
                found[-1].outputs.append(output)
            else:
                found.append(Mapping(PT_NOTE, [output]))
            previous = output
        return found

    def map_by_script(
        self, phdrs: Sequence[Phdr], outputs: Sequence[Output], evaluator: Evaluator, errors: Collector
    ) -> list[Mapping]:
        """Return the program headers that PHDRS lists. Error: L0510 a section is put into one that is not there."""
        mappings = []
        by_name: dict[str, Mapping] = {}
        for phdr in phdrs:
            kind = phdr.p_type.value if isinstance(phdr.p_type, Number) else evaluator.absolute(phdr.p_type, "a type")
            mapping = Mapping(kind or 0, [], phdr.name, filehdr=phdr.filehdr, phdrs=phdr.phdrs)
            if phdr.flags is not None:
                mapping.flags = (evaluator.absolute(phdr.flags, "the flags of a segment") or 0) & 0xFFFFFFFF
            if phdr.at is not None:
                mapping.paddr = evaluator.absolute(phdr.at, "the load address of a segment")
            mappings.append(mapping)
            by_name[phdr.name] = mapping
        ahead = next((o.statement.segments for o in outputs if o.statement.segments), None)
        current = ahead
        for output in outputs:
            if output.statement.segments:
                current = output.statement.segments
            elif not output.is_alloc or output.statement.kind is Kind.NOLOAD:
                continue
            for name in current or ():
                found = by_name.get(name)
                if found is not None:
                    if output.exists and output.size and not output.is_excluded:
                        found.outputs.append(output)
                elif name != "NONE" and output.statement.segments:
                    help_ = did_you_mean(name, by_name) or (f"PHDRS has {', '.join(by_name)}",)
                    message = f"output section `{output.name}` is put into segment `{name}`, which PHDRS does not list"
                    errors.add(Diagnostic("L0510", message, output.statement.span.place, help=help_))
        return mappings

    # File offsets

    def place_in_file(self, mappings: list[Mapping], outputs: Sequence[Output], errors: Collector) -> int:
        """Set all file offsets and headers; return the offset behind the last section.

        Errors: L0407 the file would be too large, L0511 no room for the headers where the script wants them.
        """
        at = self.ehdr_size + self.phdr_size * len(mappings)
        in_file: set[int] = set()
        loads = [m for m in mappings if m.p_type == PT_LOAD]
        loads.sort(key=lambda m: (not m.filehdr, m.paddr if m.paddr is not None else _first_lma(m)))
        for mapping in loads:
            at = self._load(mapping, at, in_file, errors)
        for output in outputs:
            if id(output) not in in_file:
                plan = output.plan
                align = min(output.alignment, NON_ALLOC_ALIGN) if not output.is_alloc else output.alignment
                plan.sh_offset = align_up(at, align) if not plan.is_nobits else at
                if not plan.is_nobits:
                    at = plan.sh_offset + plan.sh_size
        if at > MAX_FILE:
            largest = sorted((o for o in outputs if not o.plan.is_nobits), key=lambda o: -o.size)[:3]
            errors.add(
                Diagnostic(
                    "L0407",
                    f"the file would have {at} bytes",
                    notes=tuple(Note(f"`{o.name}` has {o.size} bytes at {o.lma:#x}") for o in largest),
                    help=("look for a gap between the addresses of sections in one segment",),
                )
            )
            return at
        for mapping in mappings:
            if mapping.p_type != PT_LOAD:
                self._other(mapping, len(mappings), loads)
        return at

    def _load(self, mapping: Mapping, at: int, in_file: set[int], errors: Collector) -> int:
        outputs = mapping.outputs
        align = max([self.page, *(o.alignment for o in outputs)])
        p_align = self.page if self.page > 1 else max([1, *(o.alignment for o in outputs)])
        if not outputs:
            size = at if mapping.filehdr or mapping.phdrs else 0
            mapping.header = ProgramHeader(
                PT_LOAD, self._flags(mapping), 0, mapping.vaddr, mapping.paddr or 0, size, size, p_align
            )
            return at
        has_contents = any(not o.plan.is_nobits for o in outputs)
        vaddr, paddr = outputs[0].vma, mapping.paddr if mapping.paddr is not None else outputs[0].lma
        start = at
        at += (vaddr - at) % align
        offset, filesz, memsz = at, 0, 0
        if mapping.filehdr or mapping.phdrs:
            offset = 0 if mapping.filehdr else self.ehdr_size
            distance = at - offset
            if vaddr < distance or (mapping.paddr is None and paddr < distance):
                self._no_room(mapping, distance, errors)
                return at
            vaddr -= distance
            paddr -= distance if mapping.paddr is None else 0
            filesz = memsz = distance
        elif not has_contents:
            offset = at % max(align, 1)
        for output in outputs:
            at, filesz, memsz = self._section(output, at, (paddr, filesz, memsz), errors)
            in_file.add(id(output))
        mapping.header = ProgramHeader(
            PT_LOAD, self._flags(mapping), offset, vaddr, paddr, filesz, memsz, max(p_align, 1)
        )
        return at if has_contents or mapping.filehdr else start

    def _section(self, output: Output, at: int, sizes: tuple[int, int, int], errors: Collector) -> tuple[int, int, int]:
        """Place one section of a segment; return the next offset, and p_filesz and p_memsz so far."""
        paddr, filesz, memsz = sizes
        plan = output.plan
        if plan.is_nobits and plan.sh_flags & SHF_TLS:
            plan.sh_offset = at
            return at, filesz, memsz
        gap = output.lma - (paddr + memsz)
        if gap < 0:
            errors.add(
                Diagnostic(
                    "L0512",
                    f"output section `{output.name}` would be loaded over what stands before it in its segment",
                    output.statement.span.place,
                    label=f"it is loaded at {output.lma:#x}, and the segment has come to {paddr + memsz:#x}",
                    help=("put it into a segment of its own, or give it a higher load address",),
                )
            )
            gap = 0
        memsz += gap
        if not plan.is_nobits:
            if filesz + gap < memsz:
                gap = memsz - filesz
            at += gap
            filesz += gap
        plan.sh_offset = at
        if not plan.is_nobits:
            at += plan.sh_size
            filesz += plan.sh_size
        return at, filesz, memsz + plan.sh_size

    def _no_room(self, mapping: Mapping, distance: int, errors: Collector) -> None:
        first = mapping.outputs[0]
        errors.add(
            Diagnostic(
                "L0511",
                f"there is no room for the headers of the file before `{first.name}`",
                first.statement.span.place,
                label=f"it begins at {first.vma:#x}, and {distance:#x} bytes must be in front of it",
                help=("begin at a higher address, or take FILEHDR and PHDRS out of the segment",),
            )
        )

    def _other(self, mapping: Mapping, count: int, loads: list[Mapping]) -> None:
        """Make a header that describes what another one loads."""
        flags = self._flags(mapping)
        outputs = mapping.outputs
        if mapping.p_type == PT_GNU_STACK:
            size = self.options.stack_size
            mapping.header = ProgramHeader(PT_GNU_STACK, flags, 0, 0, 0, 0, size, 16)
            return
        if mapping.p_type == PT_PHDR or (mapping.phdrs and not outputs):
            holder = next((m for m in loads if m.filehdr or m.phdrs), None)
            distance = self.ehdr_size - (holder.header.p_offset if holder is not None else 0)
            vaddr = holder.header.p_vaddr + distance if holder is not None else 0
            paddr = holder.header.p_paddr + distance if holder is not None else 0
            size = self.phdr_size * count
            mapping.header = ProgramHeader(mapping.p_type, flags, self.ehdr_size, vaddr, paddr, size, size, 8)
            return
        if not outputs:
            mapping.header = ProgramHeader(mapping.p_type, flags, 0, 0, mapping.paddr or 0, 0, 0, 1)
            return
        first, last = outputs[0], outputs[-1]
        solid = [o for o in outputs if not o.plan.is_nobits]
        filesz = solid[-1].plan.sh_offset + solid[-1].size - first.plan.sh_offset if solid else 0
        memsz = last.vma + last.size - first.vma
        align = max(o.alignment for o in outputs)
        if mapping.p_type == PT_GNU_RELRO and self.relro is not None:
            memsz, align = self.relro[1] - first.vma, 1
        paddr = mapping.paddr if mapping.paddr is not None else first.lma
        mapping.header = ProgramHeader(
            mapping.p_type, flags, first.plan.sh_offset, first.vma, paddr, filesz, memsz, align
        )

    def _flags(self, mapping: Mapping) -> int:
        if mapping.flags is not None:
            return mapping.flags
        flags = PF_R if mapping.outputs or mapping.filehdr or mapping.phdrs else 0
        for output in mapping.outputs:
            flags |= PF_W * bool(output.plan.sh_flags & SHF_WRITE) | PF_X * bool(output.plan.sh_flags & SHF_EXECINSTR)
        return flags


def _load_order(output: Output) -> tuple[int, int, bool, int]:
    behind = not output.flags & (LOAD | THREAD_LOCAL) and output.size != 0
    return output.lma, output.vma, behind, output.size if output.flags & LOAD else 0


def _first_lma(mapping: Mapping) -> int:
    return mapping.outputs[0].lma if mapping.outputs else 0


def segment_plans(mappings: Sequence[Mapping]) -> list[SegmentPlan]:
    """Return the segments for the maps, and tell each output section which one loads it."""
    plans = []
    for number, mapping in enumerate(m for m in mappings if m.p_type == PT_LOAD):
        h = mapping.header
        plan = SegmentPlan(Segment(mapping.name or f"load{number}", h.p_flags, ()))
        plan.p_offset, plan.p_vaddr, plan.p_paddr = h.p_offset, h.p_vaddr, h.p_paddr
        plan.p_filesz, plan.p_memsz, plan.p_align = h.p_filesz, h.p_memsz, h.p_align
        for output in mapping.outputs:
            plan.sections.append(output.plan)
            output.plan.segment = output.plan.segment or plan
        plans.append(plan)
    return plans


def check_overlap(outputs: Sequence[Output], errors: Collector) -> None:
    """Report sections that share memory (L0404), by address and by load address; those of an overlay may."""
    alloc = [o for o in outputs if o.is_alloc and o.size and not o.is_tbss]
    for kind in ("address", "load address"):
        spans = sorted((o.vma if kind == "address" else o.lma, o.size, i, o) for i, o in enumerate(alloc))
        reach = 0
        before: Output | None = None
        for start, size, _, output in spans:
            if kind == "load address" and not output.flags & LOAD:
                continue
            if before is not None and start < reach and not _may_overlap(before, output, kind):
                end = min(reach, start + size)
                errors.add(
                    Diagnostic(
                        "L0404",
                        f"sections `{before.name}` and `{output.name}` overlap by {end - start} bytes",
                        output.statement.span.place if not output.statement.is_orphan else None,
                        label=f"the same {kind}: {start:#x}..{end - 1:#x}",
                        help=("give one of them another address, or put them into an OVERLAY",),
                    )
                )
            if start + size > reach:
                reach, before = start + size, output


def _may_overlap(a: Output, b: Output, kind: str) -> bool:
    return kind == "address" and a.statement.kind is Kind.OVERLAY and b.statement.kind is Kind.OVERLAY
