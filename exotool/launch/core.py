"""Guest memory dumps as ELF cores, read: segments of physical memory, and the registers of every CPU.

QEMU's `dump-guest-memory` writes them (target/i386/arch_dump.c), and so do libvirt and others. For each CPU there is a
note NT_PRSTATUS as of a Linux process, and a note of owner `QEMU` with the control registers and descriptor tables. A
core that exotool wrote has a note of owner `exotool` besides, with what was known of the boot (see `coredump`).

A core is input like any other: every offset and size is checked, and no more is read than what is asked for.
"""

from __future__ import annotations

import bisect
import dataclasses
import json
import struct
from collections.abc import Iterator
from typing import Any, BinaryIO, Final, NamedTuple, NoReturn

from exotool.diagnostics import Diagnostic, Place, ToolError
from exotool.elf import ProgramHeader
from exotool.elf.constants import ELFCLASS64, EM_386, EM_X86_64, PT_LOAD, PT_NOTE
from exotool.launch.paging import walk_memory
from exotool.launch.registers import CR0_PE, CR0_PG, CR4_PAE, EFER_LMA, Cpu

ET_CORE: Final = 4
NT_PRSTATUS: Final = 1
OWNER: Final = b"exotool\0"
"""Owner of the note with what exotool knows of the boot: type 1, JSON."""

MAX_NOTES: Final = 8 << 20
"""Bytes of notes that are looked at; a CPU takes 800."""

MAX_CPUS: Final = 4096
PAGE: Final = 4096

EHDR: Final = struct.Struct("<16sHHIQQQIHHHHHH")
PHDR: Final = struct.Struct("<IIQQQQQQ")
NHDR: Final = struct.Struct("<III")

_PRSTATUS64: Final = (336, 112, "<27Q")
_PRSTATUS32: Final = (144, 72, "<17I")
"""Size of struct elf_prstatus, offset and form of its pr_reg: linux/elfcore.h, asm/user_64.h and asm/user_32.h."""

_QEMU: Final = struct.Struct("<II18Q")
_SEGMENT: Final = struct.Struct("<IIIIQ")
_CONTROL: Final = struct.Struct("<5Q")
_GENERAL: Final = (
    *("rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rsp", "rbp"),
    *("r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15"),
)
_SEGMENTS: Final = ("cs", "ds", "es", "fs", "gs", "ss", "ldt", "tr", "gdt", "idt")
_USER64: Final = (
    *("r15", "r14", "r13", "r12", "rbp", "rbx", "r11", "r10", "r9", "r8", "rax", "rcx", "rdx", "rsi", "rdi"),
    *("orig_rax", "rip", "cs", "rflags", "rsp", "ss"),
)
_USER32: Final = (
    *("rbx", "rcx", "rdx", "rsi", "rdi", "rbp", "rax", "ds", "es", "fs", "gs"),
    *("orig_rax", "rip", "cs", "rflags", "rsp", "ss"),
)
_DESCRIPTOR_L: Final = 1 << 21
"""The L bit of a code segment, as in the upper half of its descriptor: Intel SDM volume 3, 3.4.5."""


class Note(NamedTuple):
    """One ELF note."""

    owner: bytes
    type: int
    desc: bytes


class Core:
    """A core that is open: `cpus`, `story` (what exotool knew of the boot; empty in cores of others), and memory.

    `cpus` have no control registers and descriptor tables (`has_control` is False) where the core has no notes of QEMU.
    """

    def __init__(self, file: BinaryIO, path: str) -> None:
        """Read headers and notes; raises `ToolError` R0230 when the file is no core, R0231 when it is damaged."""
        self._file, self._path = file, path
        self.size = file.seek(0, 2)
        headers = self._headers()
        self.segments = self._physical_segments(headers)
        self._starts = [segment.p_paddr for segment in self.segments]
        self.notes = [note for header in headers if header.p_type == PT_NOTE for note in self._notes(header)]
        self.story = _story(self.notes)
        self.cpus, self.has_control = self._cpus(self.notes)

    def physical(self, address: int, size: int) -> bytes:
        """Return up to `size` bytes of physical memory, up to where the core has none."""
        parts: list[bytes] = []
        while size > 0:
            index = bisect.bisect_right(self._starts, address) - 1
            found = self.segments[index]
            if index < 0 or address >= found.p_paddr + found.p_filesz:
                break
            count = min(size, found.p_paddr + found.p_filesz - address)
            parts.append(self._read(found.p_offset + address - found.p_paddr, count))
            address, size = address + count, size - count
        return b"".join(parts)

    def virtual(self, cpu: Cpu, address: int, size: int) -> bytes:
        """Return up to `size` bytes at a virtual address of a CPU, up to where nothing is mapped."""
        if not cpu.values.get("cr0", 0) & CR0_PG:
            return self.physical(address, size)
        parts: list[bytes] = []
        while size > 0:
            walk = walk_memory(cpu, address, self.physical)
            if walk is None or walk.physical is None:
                break
            count = min(size, PAGE - address % PAGE)
            part = self.physical(walk.physical, count)
            parts.append(part)
            if len(part) < count:
                break
            address, size = address + count, size - count
        return b"".join(parts)

    def _read(self, offset: int, size: int) -> bytes:
        self._file.seek(offset)
        return self._file.read(size)

    def _headers(self) -> list[ProgramHeader]:
        data = self._read(0, EHDR.size)
        if data[:4] != b"\x7fELF" or len(data) < EHDR.size:
            self._fail("R0230", f"`{self._path}` is not an ELF core")
        if data[4] != ELFCLASS64 or data[5] != 1:
            self._fail("R0230", f"`{self._path}` is not a little-endian ELF64 core", "QEMU writes ELF64 for x86_64")
        _, e_type, self.machine, _, _, e_phoff, _, _, _, e_phentsize, e_phnum, *_ = EHDR.unpack(data)
        if e_type != ET_CORE:
            self._fail(
                "R0230",
                f"`{self._path}` is an ELF file, but not a core (e_type {e_type})",
                "an image is for `--kernel`",
            )
        if self.machine not in (EM_X86_64, EM_386):
            self._fail("R0230", f"`{self._path}` is not a core of an x86 machine (e_machine {self.machine})")
        if e_phentsize != PHDR.size or not e_phnum or e_phoff + e_phnum * PHDR.size > self.size:
            self._damaged("its program headers are not inside of the file")
        table = self._read(e_phoff, e_phnum * PHDR.size)
        return [ProgramHeader(*fields) for fields in PHDR.iter_unpack(table)]

    def _physical_segments(self, headers: list[ProgramHeader]) -> list[ProgramHeader]:
        """Return the segments by their physical addresses, without those that others cover."""
        found: list[ProgramHeader] = []
        loads = (h for h in headers if h.p_type == PT_LOAD and h.p_filesz)
        for header in sorted(loads, key=lambda h: (h.p_paddr, -h.p_filesz)):
            if header.p_offset + header.p_filesz > self.size:
                self._damaged(f"memory at {header.p_paddr:#x} is beyond the end of the file, which was cut off")
            if not found or header.p_paddr + header.p_filesz > found[-1].p_paddr + found[-1].p_filesz:
                found.append(header)
        if not found:
            self._damaged("it has no memory")
        return found

    def _notes(self, header: ProgramHeader) -> Iterator[Note]:
        if header.p_offset + header.p_filesz > self.size or header.p_filesz > MAX_NOTES:
            self._damaged("its notes are not inside of the file")
        data = self._read(header.p_offset, header.p_filesz)
        at = 0
        while at + NHDR.size <= len(data):
            namesz, descsz, type_ = NHDR.unpack_from(data, at)
            name = at + NHDR.size
            desc = name + (namesz + 3 & ~3)
            at = desc + (descsz + 3 & ~3)
            if desc + descsz > len(data):
                self._damaged("a note is longer than what holds it")
            yield Note(data[name : name + namesz], type_, data[desc : desc + descsz])

    def _cpus(self, notes: list[Note]) -> tuple[list[Cpu], bool]:
        known = [self._qemu_cpu(n, note.desc) for n, note in enumerate(n for n in notes if n.owner == b"QEMU\0")]
        statuses = [note for note in notes if note.type == NT_PRSTATUS and note.owner == b"CORE\0"]
        if max(len(known), len(statuses)) > MAX_CPUS:
            self._damaged(f"it has notes for {max(len(known), len(statuses))} CPUs")
        if known:
            states = self.story.get("cpus", [])
            return [_with_state(cpu, states) for cpu in known], True
        cpus = [self._process_cpu(number, note.desc) for number, note in enumerate(statuses)]
        if not cpus:
            self._damaged("it has no registers of a CPU")
        return cpus, False

    def _qemu_cpu(self, number: int, desc: bytes) -> Cpu:
        needed = _QEMU.size + len(_SEGMENTS) * _SEGMENT.size + _CONTROL.size
        if len(desc) < needed:
            self._damaged(f"QEMU's note for CPU {number} has {len(desc)} bytes, and needs {needed}")
        _, _, *general, rip, rflags = _QEMU.unpack_from(desc)
        segments = {
            name: _SEGMENT.unpack_from(desc, _QEMU.size + index * _SEGMENT.size) for index, name in enumerate(_SEGMENTS)
        }
        cr0, _, cr2, cr3, cr4 = _CONTROL.unpack_from(desc, needed - _CONTROL.size)
        values = dict(zip(_GENERAL, general, strict=True)) | {"cr0": cr0, "cr2": cr2, "cr3": cr3, "cr4": cr4}
        # EFER is not in the note, but the core's machine says whether the first CPU had LMA set.
        is_long = self.machine == EM_X86_64 and bool(cr0 & CR0_PG and cr4 & CR4_PAE)
        values["efer"] = EFER_LMA if is_long else 0
        table = {name: (segments[name][4], segments[name][1]) for name in ("gdt", "idt", "tr")}
        code = segments["cs"]
        return Cpu(
            number,
            rip,
            rflags & 0xFFFFFFFF,
            code[0] & 3 if cr0 & CR0_PE else 0,
            False,
            is_long and bool(code[2] & _DESCRIPTOR_L),
            values,
            {name: segments[name][0] & 0xFFFF for name in ("cs", "ss", "tr")},
            table["idt"],
            table["gdt"],
            table["tr"],
        )

    def _process_cpu(self, number: int, desc: bytes) -> Cpu:
        is_64bit = len(desc) == _PRSTATUS64[0]
        size, offset, form = _PRSTATUS64 if is_64bit else _PRSTATUS32
        if len(desc) != size:
            self._damaged(f"the NT_PRSTATUS note of CPU {number} has {len(desc)} bytes")
        user = dict(zip(_USER64 if is_64bit else _USER32, struct.unpack_from(form, desc, offset), strict=False))
        values: dict[str, int] = {name: user[name] for name in _GENERAL if name in user}
        selectors = {name: user[name] & 0xFFFF for name in ("cs", "ss")}
        return Cpu(
            number, user["rip"], user["rflags"] & 0xFFFFFFFF, user["cs"] & 3, False, is_64bit, values, selectors, (0, 0)
        )

    def _fail(self, code: str, message: str, *help_: str) -> NoReturn:
        raise ToolError(Diagnostic(code, message, Place(self._path), help=help_))

    def _damaged(self, what: str) -> NoReturn:
        self._fail("R0231", f"the core `{self._path}` is damaged: {what}")


def prstatus(cpu: Cpu) -> bytes:
    """Return a CPU's registers as the x86-64 form of NT_PRSTATUS."""
    values = cpu.values | cpu.selectors | {"rip": cpu.rip, "rflags": cpu.rflags}
    size, offset, form = _PRSTATUS64
    user = [values.get(name, 0) for name in _USER64]
    registers = struct.pack(form, *user, *[0] * (27 - len(user)))
    number = struct.pack("<I", cpu.number + 1)  # pr_pid: gdb's number for the thread
    return (bytes(32) + number).ljust(offset, b"\0") + registers.ljust(size - offset, b"\0")


def _story(notes: list[Note]) -> dict[str, Any]:
    """Return what exotool's own note says; nothing when there is none, or when it is not one of ours."""
    for note in notes:
        if note.owner == OWNER and note.type == 1:
            try:
                found = json.loads(note.desc)
            except (ValueError, RecursionError):
                return {}
            return found if isinstance(found, dict) else {}
    return {}


def _with_state(cpu: Cpu, states: Any) -> Cpu:
    """Return a CPU with what QEMU's note lacks: EFER, and whether it was halted."""
    state = states[cpu.number] if isinstance(states, list) and cpu.number < len(states) else None
    if not isinstance(state, dict):
        return cpu
    efer = state.get("efer")
    values = cpu.values | ({"efer": efer} if isinstance(efer, int) and 0 <= efer < 1 << 64 else {})
    return dataclasses.replace(cpu, values=values, halted=bool(state.get("halted")))
