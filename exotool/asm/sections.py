"""Sections: what their names mean, and the directives that switch between them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from exotool.asm.arguments import Arguments
from exotool.asm.expressions import Num, c_number
from exotool.asm.layout import MAX_SECTION, Align, AsmSection, Chunk, Data, Fill
from exotool.asm.source import AsmError
from exotool.elf.constants import (
    SHF_ALLOC,
    SHF_EXCLUDE,
    SHF_EXECINSTR,
    SHF_GROUP,
    SHF_LINK_ORDER,
    SHF_MERGE,
    SHF_STRINGS,
    SHF_TLS,
    SHF_WRITE,
    SHT_FINI_ARRAY,
    SHT_INIT_ARRAY,
    SHT_NOBITS,
    SHT_NOTE,
    SHT_PREINIT_ARRAY,
    SHT_PROGBITS,
    SHT_X86_64_UNWIND,
)

if TYPE_CHECKING:
    from exotool.asm.assembler import Assembler

_SHF_X86_64_LARGE: Final = 0x10000000
_SHF_GNU_RETAIN: Final = 0x200000
_FLAGS: Final = {
    "a": SHF_ALLOC,
    "w": SHF_WRITE,
    "x": SHF_EXECINSTR,
    "M": SHF_MERGE,
    "S": SHF_STRINGS,
    "T": SHF_TLS,
    "e": SHF_EXCLUDE,
    "o": SHF_LINK_ORDER,
    "l": _SHF_X86_64_LARGE,
    "R": _SHF_GNU_RETAIN,
    "G": SHF_GROUP,
}
_TYPES: Final = {
    "progbits": SHT_PROGBITS,
    "nobits": SHT_NOBITS,
    "note": SHT_NOTE,
    "init_array": SHT_INIT_ARRAY,
    "fini_array": SHT_FINI_ARRAY,
    "preinit_array": SHT_PREINIT_ARRAY,
    "unwind": SHT_X86_64_UNWIND,
}
_AX: Final = SHF_ALLOC | SHF_EXECINSTR
_AW: Final = SHF_ALLOC | SHF_WRITE
_KNOWN: Final = (
    (re.compile(r"\.text(\..*)?|\.init|\.fini|\.plt"), SHT_PROGBITS, _AX),
    (re.compile(r"\.data(\..*)?|\.data1|\.gnu\.linkonce\.d\..*"), SHT_PROGBITS, _AW),
    (re.compile(r"\.bss(\..*)?|\.gnu\.linkonce\.b\..*"), SHT_NOBITS, _AW),
    (re.compile(r"\.rodata(\..*)?|\.rodata1|\.eh_frame"), SHT_PROGBITS, SHF_ALLOC),
    (re.compile(r"\.tdata(\..*)?"), SHT_PROGBITS, _AW | SHF_TLS),
    (re.compile(r"\.tbss(\..*)?"), SHT_NOBITS, _AW | SHF_TLS),
    (re.compile(r"\.init_array(\..*)?"), SHT_INIT_ARRAY, _AW),
    (re.compile(r"\.fini_array(\..*)?"), SHT_FINI_ARRAY, _AW),
    (re.compile(r"\.preinit_array(\..*)?"), SHT_PREINIT_ARRAY, _AW),
    (re.compile(r"\.note\.GNU-stack"), SHT_PROGBITS, 0),
    (re.compile(r"\.note(\..*)?"), SHT_NOTE, 0),
)
_ARRAYS: Final = (SHT_INIT_ARRAY, SHT_FINI_ARRAY, SHT_PREINIT_ARRAY)
MAX_SECTIONS: Final = 60_000
ABSOLUTE: Final = "*ABS*"
"""The name of the section of `.struct`, which is in no object."""


def standard_sections(sections: dict[str, AsmSection]) -> None:
    """Create the three sections that every object has."""
    for name in (".text", ".data", ".bss"):
        sections[name] = AsmSection(name, *known_kind(name))


def known_kind(name: str) -> tuple[int, int]:
    """Return type and flags that a section's name implies; gABI chapter 4 "Special Sections"."""
    for pattern, sh_type, flags in _KNOWN:
        if pattern.fullmatch(name):
            return sh_type, flags
    return SHT_PROGBITS, 0


def switch(asm: Assembler, chunk: Chunk) -> None:
    """Make a chunk the current one."""
    asm.previous, asm.chunk = asm.chunk, chunk


def structure(asm: Assembler, args: Arguments) -> None:
    """`.struct offset`, `.offset offset`: labels that follow are numbers, and only space may be between them."""
    offset = 0 if args.at_end else asm.absolute(args, "the offset")
    args.finish()
    if not 0 <= offset < MAX_SECTION:
        raise args.fault("the offset of a structure is between 0 and 2^30")
    chunk = AsmSection(ABSOLUTE, SHT_NOBITS).chunk(0)
    chunk.items.append(Fill(asm.statement, Num(offset), b"\0", offset))
    switch(asm, chunk)


def structure_offset(asm: Assembler, start: int, end: int) -> int:
    """Return the place in the structure that `.struct` began; `AsmError` A0305 when it depends on what follows."""
    chunk, counted, offset = asm.structure
    if chunk is not asm.chunk:
        counted = offset = 0
    for item in asm.chunk.items[counted:]:
        if isinstance(item, Align):
            item.size = item.wanted(offset)
        elif not isinstance(item, Data) and not (isinstance(item, Fill) and isinstance(item.count, Num)):
            raise AsmError("A0305", "the sizes in a structure must be numbers that are known here", start, end)
        offset += item.size
    asm.structure = (asm.chunk, len(asm.chunk.items), offset)
    return offset


def subsection_number(asm: Assembler, args: Arguments) -> int:
    """Take a subsection's number if one is given."""
    if args.at_end:
        return 0
    number = asm.absolute(args, "the subsection")
    args.finish()
    if not 0 <= number <= 8192:
        raise args.fault("a subsection is between 0 and 8192")
    return number


def standard(asm: Assembler, args: Arguments) -> None:
    """`.text`, `.data`, `.bss` with an optional subsection."""
    section = asm.sections[args.directive]
    switch(asm, section.chunk(subsection_number(asm, args)))


def subsection(asm: Assembler, args: Arguments) -> None:
    """`.subsection n`."""
    switch(asm, asm.chunk.section.chunk(subsection_number(asm, args)))


def section(asm: Assembler, args: Arguments) -> None:
    """`.section name, "flags", @type, entsize`."""
    chunk = named_section(asm, args)
    switch(asm, chunk)


def push_section(asm: Assembler, args: Arguments) -> None:
    """`.pushsection name, ...`: as `.section`, and `.popsection` comes back."""
    from exotool.asm.assembler import State

    if len(asm.stack) > 1000:
        raise args.fault("`.pushsection` is nested too deeply")
    saved = State(asm.chunk, asm.previous)
    chunk = named_section(asm, args)
    asm.stack.append(saved)
    switch(asm, chunk)


def pop_section(asm: Assembler, args: Arguments) -> None:
    """`.popsection`."""
    args.finish()
    if not asm.stack:
        raise args.fault("`.popsection` without `.pushsection`")
    state = asm.stack.pop()
    asm.chunk, asm.previous = state.chunk, state.previous


def previous(asm: Assembler, args: Arguments) -> None:
    """`.previous`: back to the section before the last switch."""
    args.finish()
    switch(asm, asm.previous)


def named_section(asm: Assembler, args: Arguments) -> Chunk:
    """Return the chunk that the arguments of `.section` name, creating the section at its first mention."""
    start = args.position
    name = args.word("a section name")
    sh_type, flags = known_kind(name)
    entsize = (4 if asm.elf32 else 8) if sh_type in _ARRAYS else 0
    fresh = AsmSection(name, sh_type, flags, entsize)
    given = False
    number = 0
    if args.comma():
        if args.has_string():
            given = True
            attributes(asm, args, fresh)
        elif args.peek() in "@%":
            given = True
            fresh.sh_type = section_type(args)
        else:
            number = subsection_number(asm, args)
    args.finish()
    found = asm.sections.get(fresh.key)
    if found is None and not given:
        found = asm.grouped.get(name)
    if found is None:
        if len(asm.sections) >= MAX_SECTIONS:
            raise args.fault("there are too many sections")
        found = asm.sections[fresh.key] = fresh
        if fresh.key != name:
            asm.grouped.setdefault(name, fresh)
    elif given:
        check_same(found, fresh, start, args)
    return found.chunk(number)


def attributes(asm: Assembler, args: Arguments, fresh: AsmSection) -> None:
    """Take flags, type, entry size and what else the flags ask for."""
    start = args.position
    text = args.string().decode(errors="replace")
    end = args.position
    fresh.sh_flags = 0
    number = re.match(r"0[xX][0-9a-fA-F]{1,16}|0[0-7]{0,20}|[1-9][0-9]{0,19}", text)
    if number:
        fresh.sh_flags = c_number(number[0]) & 0xFFFFFFFF
        text = text[number.end() :]
    for letter in text:
        if letter == "?":
            current = asm.chunk.section
            fresh.group, fresh.is_comdat = current.group, current.is_comdat
            fresh.sh_flags |= SHF_GROUP if current.group else 0
            continue
        if letter not in _FLAGS:
            raise args.fault(f"unknown section flag `{letter}`", start, end)
        fresh.sh_flags |= _FLAGS[letter]
    if args.comma() and not args.at_end:
        if args.peek() in '@%"' or args.peek().isalpha():
            fresh.sh_type = section_type(args)
        else:
            raise args.fault("expected a section type such as `@progbits`", args.position, len(args.text))
    elif "progbits" not in args.text and known_kind(fresh.name)[1] == 0:
        fresh.sh_type = known_kind(fresh.name)[0]
    if fresh.sh_flags & SHF_MERGE:
        if not args.comma():
            raise args.fault('the flag "M" needs an entry size', start, end)
        size = asm.absolute(args, "the entry size")
        if not 0 < size < 1 << 31:
            raise args.fault("the entry size must be positive", start, end)
        fresh.sh_entsize = size
    if fresh.sh_flags & SHF_LINK_ORDER:
        if not args.comma():
            raise args.fault('the flag "o" needs a section to follow', start, end)
        fresh.link_order = args.word("a section name")
        fresh.link_origin = asm.statement
    if fresh.sh_flags & SHF_GROUP and "?" not in text:
        if not args.comma():
            raise args.fault('the flag "G" needs the name of a group', start, end)
        fresh.group = args.word("the name of a group")
        saved = args.position
        fresh.is_comdat = args.comma() and args.word("`comdat`") == "comdat"
        if not fresh.is_comdat:
            args.position = saved
    if args.comma():
        if args.word("`unique`") != "unique" or not args.comma():
            raise args.fault("expected `unique` and a number", args.position, len(args.text))
        fresh.unique = asm.absolute(args, "the number")


def section_type(args: Arguments) -> int:
    """Take `@type`, `%type` or a number."""
    args.skip("@") or args.skip("%")
    start = args.position
    word = args.word("a section type")
    if word in _TYPES:
        return _TYPES[word]
    if re.fullmatch(r"0[xX][0-9a-fA-F]{1,8}|0[0-7]{0,10}|[1-9]\d{0,8}", word):
        return c_number(word) & 0xFFFFFFFF
    raise args.fault(f"unknown section type `{word}`", start, args.position)


def check_same(found: AsmSection, fresh: AsmSection, start: int, args: Arguments) -> None:
    """Require that a section keeps its attributes."""
    for what, old, new in (
        ("flags", found.sh_flags, fresh.sh_flags),
        ("type", found.sh_type, fresh.sh_type),
        ("entry size", found.sh_entsize, fresh.sh_entsize),
    ):
        if old != new:
            raise AsmError(
                "A0205",
                f"section `{found.name}` has other {what} than before",
                start,
                len(args.text),
                f"{hex(old)} before, {hex(new)} here",
            )
