"""The kernel image is looked at before QEMU gets it: most of what is wrong there QEMU answers with silence.

What QEMU does with `-kernel FILE` (hw/i386/x86.c, multiboot.c): a file with a Multiboot 1 header boots by that; else an
ELF file with a PVH note does, and a Linux bzImage by its own protocol. Every error here is one that was seen to hang,
crash or confuse QEMU 7.2.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, NoReturn

from exotool.diagnostics import Collector, Diagnostic, Place, ToolError
from exotool.elf import ProgramHeader
from exotool.elf.constants import (
    ELFCLASS32,
    ELFCLASS64,
    ELFDATA2LSB,
    EM_386,
    EM_NAMES,
    EM_X86_64,
    ET_DYN,
    ET_EXEC,
    ET_NAMES,
    PF_X,
    PT_LOAD,
    PT_NOTE,
    XEN_ELFNOTE_PHYS32_ENTRY,
)

_EHDR64: Final = struct.Struct("<16sHHIQQQIHHHHHH")
_EHDR32: Final = struct.Struct("<16sHHIIIIIHHHHHH")
_PHDR64: Final = struct.Struct("<IIQQQQQQ")
_PHDR32: Final = struct.Struct("<IIIIIIII")
_NHDR: Final = struct.Struct("<III")
_PVH_NAME: Final = b"Xen\0"
_PVH_NOTES: Final = tuple(_NHDR.pack(len(_PVH_NAME), size, XEN_ELFNOTE_PHYS32_ENTRY) + _PVH_NAME for size in (4, 8))

PT_INTERP: Final = 3

MULTIBOOT_MAGIC: Final = 0x1BADB002
MULTIBOOT_SEARCH: Final = 8192
MULTIBOOT_KLUDGE: Final = 0x10000
"""Flag of a Multiboot 1 header that has load addresses of its own, so that QEMU does not look at the ELF class."""

LOW_MEMORY_HOLES: Final = ((0, 0x90000), (0x9FC00, 0x100000))
"""Where firmware, its data and its stack overwrite what was loaded, or where there is no RAM."""

_MAGICS: Final = {
    b"MZ": "a DOS, PE or EFI file",
    b"!<arch>\n": "an archive of objects",
    b"\x1f\x8b": "compressed with gzip",
    b"(\xb5/\xfd": "compressed with zstd",
    b"\xfd7zXZ": "compressed with xz",
    b"\xcf\xfa\xed\xfe": "a Mach-O file",
    b"#!": "a script",
}

PVH_HELP: Final = (
    "the note is owner `Xen`, type 18, and the physical address of the 32-bit entry point in 4 or 8 bytes, in a "
    "section `.note.Xen` that is covered by a PT_NOTE segment"
)


@dataclass(frozen=True, slots=True)
class KernelImage:
    """An image that QEMU will take: its segments, and how it boots (`pvh`, `multiboot` or `linux`).

    `entry` is the physical address of the PVH entry point.
    """

    segments: tuple[ProgramHeader, ...]
    protocol: str
    entry: int | None = None


def check_image(data: bytes, path: str, memory: int, *, needs_pvh: bool = True) -> KernelImage:
    """Return what QEMU will load for a guest with `memory` bytes of RAM.

    An image that is not for QEMU's `-kernel` needs no PVH note: its protocol is "" if it has no other that QEMU knows.
    Raises `ToolError` with everything that is wrong: R0101 not ELF, R0102 wrong class, machine or kind, R0103 damaged,
    R0104 no PVH note, R0105 the PVH note is hidden from QEMU, R0106 entry point outside the image, R0107 memory size
    below file size, R0108 beyond RAM, R0109 below 1 MiB, R0110 segments overlap, R0111 Multiboot 1 header in an ELF64.
    """
    return _Checker(data, path, memory, needs_pvh=needs_pvh).check()


class _Checker:
    def __init__(self, data: bytes, path: str, memory: int, *, needs_pvh: bool = True) -> None:
        self.data = data
        self.needs_pvh = needs_pvh
        self.place = Place(path)
        self.path = path
        self.memory = memory
        self.errors = Collector()

    def fail(self, code: str, message: str, *help_: str) -> NoReturn:
        raise ToolError(Diagnostic(code, message, self.place, help=help_))

    def error(self, code: str, message: str, *help_: str, label: str = "") -> None:
        self.errors.add(Diagnostic(code, message, self.place, label=label, help=help_))

    def damaged(self, what: str) -> NoReturn:
        self.fail("R0103", f"`{self.path}` is damaged: {what}", "link it again")

    def check(self) -> KernelImage:
        if self.data[:4] != b"\x7fELF":
            if is_bzimage(self.data):
                return KernelImage((), "linux")
            if (multiboot_flags(self.data) or 0) & MULTIBOOT_KLUDGE:
                return KernelImage((), "multiboot")
        headers = self.program_headers(self.check_identity())
        if any(h.p_type == PT_INTERP for h in headers):
            self.fail("R0102", f"`{self.path}` is a program for an operating system (it asks for a dynamic linker)")
        segments = tuple(h for h in headers if h.p_type == PT_LOAD and h.p_memsz | h.p_filesz)
        flags = multiboot_flags(self.data)
        if self.needs_pvh and flags is not None and flags & MULTIBOOT_KLUDGE:
            return KernelImage(segments, "multiboot")
        if not segments:
            self.fail("R0103", f"`{self.path}` has nothing to load (no PT_LOAD segment)", "link it as an executable")
        self.check_segments(segments)
        entry = None
        if not self.needs_pvh:
            self.errors.check()
            return KernelImage(segments, "")
        if flags is None:
            entry = self.check_pvh(headers, segments)
        elif self.data[4] == ELFCLASS64:
            self.error(
                "R0111",
                f"`{self.path}` is ELF64 and has a Multiboot 1 header, which QEMU refuses",
                "QEMU obeys a Multiboot 1 header before the PVH note: take the header out, or",
                "give it flag 0x10000 with load addresses",
            )
        self.errors.check()
        return KernelImage(segments, "pvh" if flags is None else "multiboot", entry)

    def check_identity(self) -> int:
        """Return the ELF class of the file, once it is known to be an executable for this machine."""
        data = self.data
        if data[:4] != b"\x7fELF":
            found = next((what for magic, what in _MAGICS.items() if data.startswith(magic)), "")
            if not data:
                found = "empty"
            self.fail(
                "R0101",
                f"`{self.path}` is {found + ', ' if found else ''}not an ELF kernel image",
                "boot the linked image, such as build/kernel.elf",
            )
        if len(data) < _EHDR32.size:
            self.damaged("it ends inside the ELF header")
        e_type, e_machine = struct.unpack_from("<HH", data, 16)
        if data[5] != ELFDATA2LSB or (data[4], e_machine) not in ((ELFCLASS64, EM_X86_64), (ELFCLASS32, EM_386)):
            machine = EM_NAMES.get(e_machine, f"machine {e_machine}")
            bits = {ELFCLASS32: "ELF32", ELFCLASS64: "ELF64"}.get(data[4], f"ELF class {data[4]}")
            order = "" if data[5] == ELFDATA2LSB else ", not little-endian"
            self.fail("R0102", f"`{self.path}` is {bits} for {machine}{order}, not ELF64 for x86_64 or ELF32 for i386")
        if e_type not in (ET_EXEC, ET_DYN):
            kind = ET_NAMES.get(e_type, f"type {e_type}")
            self.fail("R0102", f"`{self.path}` is an ELF {kind}, not an executable", "link it first: `exotool link`")
        return data[4]

    def program_headers(self, ei_class: int) -> list[ProgramHeader]:
        ehdr, phdr = (_EHDR64, _PHDR64) if ei_class == ELFCLASS64 else (_EHDR32, _PHDR32)
        if len(self.data) < ehdr.size:
            self.damaged("it ends inside the ELF header")
        fields = ehdr.unpack_from(self.data)
        phoff, phentsize, phnum = fields[5], fields[9], fields[10]
        if phnum and phentsize != phdr.size:
            self.damaged(f"program headers are {phentsize} bytes, not {phdr.size}")
        if phoff + phnum * phdr.size > len(self.data):
            self.damaged("the program headers lie behind its end")
        headers = []
        for index, raw in enumerate(phdr.iter_unpack(self.data[phoff : phoff + phnum * phdr.size])):
            if ei_class == ELFCLASS32:
                p_type, offset, vaddr, paddr, filesz, memsz, flags, align = raw
                raw = (p_type, flags, offset, vaddr, paddr, filesz, memsz, align)
            header = ProgramHeader._make(raw)
            if header.p_type in (PT_LOAD, PT_NOTE) and header.p_offset + header.p_filesz > len(self.data):
                self.damaged(f"segment {index} lies behind its end; the file is cut off")
            headers.append(header)
        return headers

    def check_segments(self, segments: tuple[ProgramHeader, ...]) -> None:
        for s in segments:
            start, end = s.p_paddr, s.p_paddr + s.p_memsz
            where = f"the segment at {s.p_vaddr:#x} (physical {start:#x}..{end:#x})"
            if s.p_memsz < s.p_filesz:
                self.error(
                    "R0107",
                    f"{where} takes {s.p_memsz:#x} bytes in memory, less than its {s.p_filesz:#x} bytes in the file",
                    "QEMU would hang without a word: p_memsz must be at least p_filesz",
                )
            elif end > self.memory:
                self.error(
                    "R0108",
                    f"{where} does not fit into {self.memory >> 20} MiB of RAM",
                    f"give the machine more memory: `--memory {-(-end >> 20) + 1}M`"
                    if end < 1 << 40
                    else "p_paddr must be a physical address: set the load address in the layout",
                )
            elif any(start < high and end > low for low, high in LOW_MEMORY_HOLES):
                self.error(
                    "R0109",
                    f"{where} lies below 1 MiB, where the firmware overwrites it",
                    "load the kernel at 0x100000 or above, and copy what must be lower at run time",
                )
        ordered = sorted(segments, key=lambda s: s.p_paddr)
        for below, above in pairwise(ordered):
            if below.p_paddr + below.p_memsz > above.p_paddr:
                self.error(
                    "R0110",
                    f"the segments at {below.p_vaddr:#x} and {above.p_vaddr:#x} overlap in physical memory",
                    "move one of them in the layout",
                    label=f"{below.p_paddr:#x}..{below.p_paddr + below.p_memsz:#x} and "
                    f"{above.p_paddr:#x}..{above.p_paddr + above.p_memsz:#x}",
                )

    def check_pvh(self, headers: list[ProgramHeader], segments: tuple[ProgramHeader, ...]) -> int | None:
        notes = [h for h in headers if h.p_type == PT_NOTE and h.p_filesz]
        for note in notes:
            if note.p_align == 0:
                self.error(
                    "R0105",
                    f"the PT_NOTE segment at {note.p_vaddr:#x} has p_align 0, on which QEMU crashes (SIGFPE)",
                    "set p_align to 4",
                )
        entry: int | None = None
        for note in notes:
            content = self.data[note.p_offset : note.p_offset + note.p_filesz]
            found = pvh_entry(content)
            if found is not None and note.p_align > 4:
                self.error(
                    "R0105",
                    f"the PVH note stands in a PT_NOTE segment with p_align {note.p_align}, where QEMU misses it",
                    "give .note.Xen a PT_NOTE segment of its own with p_align 4; .note.gnu.property in the same one "
                    "makes it 8 (assemble with -mx86-used-note=no)",
                )
                return None
            entry = found if entry is None else entry
        if entry is not None:
            self.check_entry(entry, segments)
        elif has_pvh_note(self.data):
            self.error(
                "R0105",
                f"`{self.path}` has a PVH note, but no PT_NOTE segment covers it, so that QEMU does not find it",
                "add a PT_NOTE program header for the section .note.Xen",
            )
        else:
            self.error(
                "R0104", f"`{self.path}` has no PVH note, without which QEMU cannot boot an ELF kernel", PVH_HELP
            )
        return entry

    def check_entry(self, entry: int, segments: tuple[ProgramHeader, ...]) -> None:
        if any(s.p_flags & PF_X and s.p_paddr <= entry < s.p_paddr + s.p_memsz for s in segments):
            return
        virtual = any(s.p_vaddr <= entry < s.p_vaddr + s.p_memsz for s in segments)
        self.error(
            "R0106",
            f"the PVH note's entry point {entry:#x} is in no executable segment",
            "it must be a physical address: subtract the kernel's base"
            if virtual
            else "it must be the physical address of the 32-bit entry point",
        )


def has_pvh_note(data: bytes) -> bool:
    """Tell whether a PVH note is anywhere in a file, perhaps where it is not found."""
    return any(note in data for note in _PVH_NOTES)


def is_bzimage(data: bytes) -> bool:
    """Tell whether a file has a setup header of Linux's x86 boot protocol (Documentation/arch/x86/boot.rst)."""
    return data[0x1FE:0x200] == b"\x55\xaa" and data[0x202:0x206] == b"HdrS"


def load_segments(data: bytes, path: str) -> tuple[ProgramHeader, ...]:
    """Return the segments of an ELF file with the symbols of an image; raises `ToolError` R0101 to R0103."""
    checker = _Checker(data, path, 0)
    return tuple(h for h in checker.program_headers(checker.check_identity()) if h.p_type == PT_LOAD)


def multiboot_flags(data: bytes) -> int | None:
    """Return the flags of a Multiboot 1 header (specification 0.6.96, section 3.1.1), or None if there is none."""
    head = data[: min(len(data), MULTIBOOT_SEARCH) & ~3]
    words = struct.unpack(f"<{len(head) // 4}I", head)
    for magic, flags, checksum in zip(words, words[1:], words[2:], strict=False):
        if magic == MULTIBOOT_MAGIC and (magic + flags + checksum) & 0xFFFFFFFF == 0:
            return int(flags)
    return None


def pvh_entry(notes: bytes) -> int | None:
    """Return the entry point of the first PVH note among ELF notes with 4-byte alignment, or None."""
    offset = 0
    while offset + _NHDR.size <= len(notes):
        namesz, descsz, type_ = _NHDR.unpack_from(notes, offset)
        name = offset + _NHDR.size
        desc = name + (namesz + 3 & ~3)
        if type_ == XEN_ELFNOTE_PHYS32_ENTRY and notes[name : name + namesz] == _PVH_NAME and descsz in (4, 8):
            return int.from_bytes(notes[desc : desc + descsz], "little")
        offset = desc + (descsz + 3 & ~3)
    return None
