"""The functions in the machine code of an object or image, and which of them are used as values."""

from __future__ import annotations

import bisect
import re
import struct
from dataclasses import dataclass, field
from typing import Final

from exotool.compiler.stack_frames import Target
from exotool.diagnostics import Diagnostic, Place, ToolError
from exotool.elf.constants import (
    EM_X86_64,
    SHF_ALLOC,
    SHF_EXECINSTR,
    SHT_NOBITS,
    SHT_SYMTAB,
    STB_LOCAL,
    STT_FILE,
    STT_FUNC,
    STT_NOTYPE,
    STT_SECTION,
    X86Reloc,
)
from exotool.elf.reader import read_object

_STRIDE: Final = 1 << 32
"""Sections of an object have no addresses yet: section n is looked at as if it stood at n times this."""

_OVERLAP: Final = 4
"""Sections together may be this many times the size of the file: damaged tables could name the same bytes often."""

_EHDR: Final = struct.Struct("<16sHHIQQQIHHHHHH")
_SHDR: Final = struct.Struct("<IIQQQQIIQQ")
_SYM: Final = struct.Struct("<IBBHQQ")
_ET_REL: Final = 1
_RELATIVE: Final = frozenset({X86Reloc.R_X86_64_PC32, X86Reloc.R_X86_64_PLT32})
_VIA_GOT: Final = frozenset({X86Reloc.R_X86_64_GOTPCREL, X86Reloc.R_X86_64_GOTPCRELX, X86Reloc.R_X86_64_REX_GOTPCRELX})
_CALLS: Final = frozenset({0xE8, 0xE9})


@dataclass(slots=True)
class Function:
    """A function: its name, where it starts and ends, whether other objects see it, whether it is used as a value."""

    name: str
    start: int
    end: int
    exported: bool
    taken: bool = False


@dataclass(slots=True)
class Code:
    """All that the analysis needs of a file. `fixups` are the fields in code that relocations fill."""

    functions: list[Function] = field(default_factory=list)
    ranges: list[tuple[int, bytes]] = field(default_factory=list)
    fixups: dict[int, Target] = field(default_factory=dict)
    entry: int | None = None

    def bytes_of(self, function: Function) -> bytes:
        """Return a function's machine code."""
        for start, data in self.ranges:
            if start <= function.start < start + len(data):
                return data[function.start - start : function.end - start]
        return b""

    def at(self, address: int) -> Function | None:
        """Return the function that an address lies in."""
        index = bisect.bisect_right(self.functions, address, key=lambda f: f.start) - 1
        found = self.functions[index] if index >= 0 else None
        return found if found is not None and address < found.end else None


def read_code(data: bytes | memoryview, path: str) -> Code:
    """Return the code of an ELF64 object or image for x86_64.

    Raises `ToolError`: O01xx for what is no such file, C0604 for an image that is damaged or has no symbols.
    """
    data = bytes(data)
    if len(data) >= _EHDR.size and data[:6] == b"\x7fELF\x02\x01" and data[18:20] == EM_X86_64.to_bytes(2, "little"):
        e_type = int.from_bytes(data[16:18], "little")
        if e_type != _ET_REL:
            return _image(data, path)
    return _object(data, path)


# --- Objects ---------------------------------------------------------------------------------------------------------


def _object(data: bytes, path: str) -> Code:
    obj = read_object(data, path)
    if sum(len(s.data) for s in obj.sections if s.sh_flags & SHF_EXECINSTR) > _OVERLAP * len(data):
        raise _damaged(path)
    code = Code()
    executable = {}
    for index, section in enumerate(obj.sections):
        if section.sh_flags & SHF_EXECINSTR and not section.is_nobits:
            executable[index] = bytes(section.data)
            code.ranges.append((index * _STRIDE, executable[index]))
    symbols = [
        (s.section * _STRIDE + s.st_value, s.st_size, s.type, s.is_global, s.name)
        for s in obj.symbols
        if s.section in executable
    ]
    code.functions = _functions(symbols, code.ranges)
    for index, section in enumerate(obj.sections):
        if not section.is_alloc or section.name == ".eh_frame":
            continue
        content = executable.get(index)
        for relocation in section.relocations:
            symbol = obj.symbols[relocation.symbol]
            addend = relocation.r_addend
            place = index * _STRIDE + relocation.r_offset
            if relocation.r_type in _RELATIVE and content is not None:
                addend += 4
            target = Target(external=symbol.name)
            if symbol.section in executable:
                target = Target(symbol.section * _STRIDE + symbol.st_value + addend)
            elif symbol.section < len(obj.sections) and symbol.is_defined:
                continue
            if content is None:
                _take(code, target.address)
            elif relocation.r_type in _RELATIVE:
                code.fixups[place] = target
                if not _is_branch(content, relocation.r_offset):
                    _take(code, target.address)
            else:
                _take(
                    code,
                    symbol.section * _STRIDE + symbol.st_value if relocation.r_type in _VIA_GOT else target.address,
                )
    return code


def _is_branch(content: bytes, offset: int) -> bool:
    """Tell whether the 32-bit field at `offset` is that of a call or jump."""
    if offset >= 1 and content[offset - 1] in _CALLS:
        return True
    return offset >= 2 and content[offset - 2] == 0x0F and content[offset - 1] & 0xF0 == 0x80


def _take(code: Code, address: int) -> None:
    function = code.at(address)
    if function is not None and function.start == address:
        function.taken = True


# --- Images ----------------------------------------------------------------------------------------------------------


def _image(data: bytes, path: str) -> Code:
    try:
        code = _image_tables(data)
    except struct.error:
        raise _damaged(path) from None
    if not code.functions:
        raise ToolError(
            Diagnostic(
                "C0604",
                "this image has no symbols of code",
                Place(path),
                label="needed to know where functions begin",
                help=("look at the image before its symbols are stripped",),
            )
        )
    return code


def _damaged(path: str) -> ToolError:
    return ToolError(Diagnostic("C0604", "the tables of this file do not fit it", Place(path), help=("make it again",)))


def _image_tables(data: bytes) -> Code:
    _, _, _, _, e_entry, _, e_shoff, _, _, _, _, _, e_shnum, _ = _EHDR.unpack_from(data, 0)
    if e_shoff > len(data):
        raise struct.error("the section headers lie behind the end")
    headers = [_SHDR.unpack_from(data, e_shoff + index * _SHDR.size) for index in range(e_shnum if e_shoff else 0)]
    if sum(header[5] for header in headers if header[1] != SHT_NOBITS) > _OVERLAP * len(data):
        raise struct.error("sections overlap")
    code = Code(entry=e_entry)
    values: list[bytes] = []
    executable = set()
    for index, (_, sh_type, flags, address, offset, size, *_) in enumerate(headers):
        if not flags & SHF_ALLOC or sh_type == SHT_NOBITS:
            continue
        content = data[offset : offset + size]
        if flags & SHF_EXECINSTR:
            executable.add(index)
            code.ranges.append((address, content))
        else:
            values.append(content)
    symbols = []
    for _, sh_type, _, _, offset, size, link, *_ in headers:
        if sh_type != SHT_SYMTAB or link >= len(headers):
            continue
        _, _, _, _, names_at, names_size, *_ = headers[link]
        names = data[names_at : names_at + names_size]
        for st_name, info, _, shndx, value, st_size in _SYM.iter_unpack(data[offset : offset + size // 24 * 24]):
            if shndx in executable and st_name < len(names):
                name = names[st_name : st_name + 4096].split(b"\0", 1)[0].decode("utf-8", "backslashreplace")
                symbols.append((value, st_size, info & 15, info >> 4 != STB_LOCAL, name))
    code.functions = _functions(symbols, code.ranges)
    for content in values:
        for width in (8, 4):
            usable = content[: len(content) // width * width]
            for (value,) in struct.iter_unpack("<Q" if width == 8 else "<I", usable):
                _take(code, value)
    for start, content in code.ranges:
        # lea reg, [rip + field] and mov reg, imm32: how code takes an address.
        for match in re.finditer(rb"[\x48\x4c]\x8d[\x05\x0d\x15\x1d\x25\x2d\x35\x3d](?=(....))", content, re.DOTALL):
            _take(code, start + match.end() + 4 + int.from_bytes(match[1], "little", signed=True))
        for match in re.finditer(rb"(?:[\x48\x49]\xc7[\xc0-\xc7]|[\xb8-\xbf])(?=(....))", content, re.DOTALL):
            _take(code, int.from_bytes(match[1], "little", signed=True) & 0xFFFF_FFFF_FFFF_FFFF)
            _take(code, int.from_bytes(match[1], "little"))
    return code


def _functions(symbols: list[tuple[int, int, int, bool, str]], ranges: list[tuple[int, bytes]]) -> list[Function]:
    """Return the functions, by address; code without a size (of assembly) goes on to the next one."""
    found: dict[int, tuple[int, bool, str]] = {}
    for start, size, kind, is_global, name in sorted(symbols, key=lambda s: (s[0], s[2] != STT_FUNC, not s[3], s[4])):
        if kind in (STT_SECTION, STT_FILE) or not name or name.startswith((".L", "$")):
            continue
        if kind not in (STT_FUNC, STT_NOTYPE):
            continue
        found.setdefault(start, (size, is_global, name))
    ends = sorted(start + len(data) for start, data in ranges)
    starts = sorted(found)
    functions = []
    for index, start in enumerate(starts):
        size, is_global, name = found[start]
        last = bisect.bisect_right(ends, start)
        if last == len(ends):
            continue
        following = starts[index + 1] if index + 1 < len(starts) else ends[last]
        limit = min(following, ends[last])
        functions.append(Function(name, start, min(start + size, limit) if size else limit, is_global))
    return functions
