"""A failed boot's memory -> an ELF core for `exotool debug --core`, gdb and others.

QEMU writes the dump, by physical addresses, to a file that has no name yet. What it lacks is added behind it, so that
nothing has to be moved: a new table of program headers, and a note with what exotool knows of the boot.

- For each run of pages that the first CPU's page tables map there is a segment at the virtual address, with the same
  place in the file: gdb looks memory up by p_vaddr. QEMU can write such segments too, but only instead of the others.
- The segments by physical addresses, which `crash` and others look for by p_paddr, get a p_vaddr that no program can
  have, so that a null pointer does not read the first page of RAM: `PHYSICAL` and the physical address.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import shlex
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from exotool.diagnostics import JSON_SCHEMA
from exotool.elf import ProgramHeader
from exotool.elf.constants import EM_X86_64, PT_LOAD, PT_NOTE
from exotool.files import NewFile, unwritten
from exotool.launch.core import NHDR, NT_PRSTATUS, OWNER, PHDR, Core, prstatus
from exotool.launch.options import BootOptions
from exotool.launch.outcome import Outcome
from exotool.launch.paging import mapped_pages
from exotool.launch.registers import CR0_PG, Cpu

if TYPE_CHECKING:
    from exotool.launch.session import Evidence

PHYSICAL: Final = 1 << 62
"""Where the core has the segments by physical addresses among its virtual ones: not canonical, whatever the paging."""

MAX_RUNS: Final = 16384
"""Segments at virtual addresses; what is mapped beyond them is found by physical addresses only."""

_E_PHOFF: Final = 32
_E_MACHINE: Final = 18
_E_PHNUM: Final = 56


@contextlib.contextmanager
def core_file(path: Path | None) -> Iterator[NewFile | None]:
    """Yield the file for a core; raises `ToolError` T0105 when it cannot be created."""
    if path is None:
        yield None
        return
    try:
        new = NewFile(path)
    except OSError as error:
        raise unwritten(path, error) from None
    with new:
        yield new


def keep_core(core: NewFile, evidence: Evidence, outcome: Outcome, options: BootOptions, image: bytes) -> str:
    """Give the core of a failed boot its name, and return what to say about it.

    Raises `ToolError` T0105 when it cannot be written.
    """
    path = core.path
    if outcome.kind == "success":
        return f"no core was written to `{path}`: the boot succeeded"
    if evidence.core_error:
        return f"no core was written to `{path}`: {evidence.core_error}"
    story = {
        "schema": JSON_SCHEMA,
        "image": options.kernel.name,
        "sha256": hashlib.sha256(image).hexdigest(),
        "outcome": outcome.kind,
        "message": outcome.message,
        "exceptions": outcome.exception_lines(),
        "instructions": list(outcome.instructions),
        "notes": list(outcome.notes),
        "console": list(outcome.serial),
        "cpus": [{"efer": cpu.values.get("efer", 0), "halted": cpu.halted} for cpu in evidence.cpus],
    }
    try:
        complete(core.file, str(path), story)
        core.commit()
    except OSError as error:
        raise unwritten(path, error) from None
    return f"core: {shlex.join(['exotool', 'debug', '--core', str(path), '--kernel', str(options.kernel)])}"


def complete(file: BinaryIO, path: str, story: dict[str, Any]) -> None:
    """Add segments at virtual addresses and a note with `story` to a core that QEMU wrote."""
    core = Core(file, path)
    notes = b"".join(note(b"CORE\0", NT_PRSTATUS, prstatus(cpu)) for cpu in core.cpus)
    notes += b"".join(note(*n) for n in core.notes if n.owner != b"CORE\0")
    notes += note(OWNER, 1, json.dumps(story).encode())
    at = file.seek(0, 2) + 7 & ~7
    headers = [ProgramHeader(PT_NOTE, 0, at, 0, 0, len(notes), len(notes), 0)]
    runs = list(virtual_segments(core, core.cpus[0])) if core.cpus[0].values.get("cr0", 0) & CR0_PG else []
    headers += runs
    base = PHYSICAL if runs else 0
    headers += [segment._replace(p_vaddr=base + segment.p_paddr) for segment in core.segments]
    notes += bytes(-len(notes) % 8)
    file.seek(at)
    file.write(notes)
    for header in headers:
        file.write(PHDR.pack(*header))
    for offset, form, value in (
        (_E_PHOFF, "<Q", at + len(notes)),
        (_E_PHNUM, "<H", len(headers)),
        (_E_MACHINE, "<H", EM_X86_64),
    ):
        file.seek(offset)
        file.write(struct.pack(form, value))
    file.flush()


def note(owner: bytes, type_: int, desc: bytes) -> bytes:
    """Return an ELF note, padded to 4 bytes."""
    head = NHDR.pack(len(owner), len(desc), type_) + owner
    return head + bytes(-len(head) % 4) + desc + bytes(-len(desc) % 4)


def virtual_segments(core: Core, cpu: Cpu) -> Iterator[ProgramHeader]:
    """Yield a segment for each run of pages that a CPU maps to memory of the core, by ascending virtual addresses."""
    count, run = 0, (0, 0, 0)
    for page in mapped_pages(cpu, core.physical):
        if run[2] and page[0] == run[0] + run[2] and page[1] == run[1] + run[2]:
            run = (run[0], run[1], run[2] + page[2])
            continue
        for header in _clipped(core, *run):
            yield header
            count += 1
        if count >= MAX_RUNS:
            return
        run = page
    yield from _clipped(core, *run)


def _clipped(core: Core, virtual: int, physical: int, size: int) -> Iterator[ProgramHeader]:
    """Yield what of a run of pages the core has."""
    for s in core.segments:
        start, end = max(physical, s.p_paddr), min(physical + size, s.p_paddr + s.p_filesz)
        if start < end:
            at = s.p_offset + start - s.p_paddr
            yield ProgramHeader(PT_LOAD, 7, at, virtual + start - physical, start, end - start, end - start, 0)
