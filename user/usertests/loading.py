"""Programs as ELF files: what is no program is refused, and nothing is lost by it."""

from typing import Final

from exotool.lang import Ptr, Struct, i64, u8, u64
from kernel.abi.elf import PT_LOAD, ElfHeader, ProgramHeader
from kernel.errno import ENOEXEC
from libos.memory import alloc_at, copy_memory, drop, pages_of
from libos.spawn import Program, close_program, open_program
from user.usertests.harness import check, equal, need, skip, test
from user.usertests.support import AREA, AREA_PAGES, NEVER

HEADERS: Final = 64 + 56 * 4  # bytes of the file that say what it is
ROUNDS: Final = 400


class File(Struct):
    """Where the file of this program is."""

    address: u64
    size: u64


file: File = File()
other: Program = Program()


def copied() -> u64:
    """Make a copy of this program's file that can be changed, at AREA; 0 if it is too large."""
    pages = pages_of(file.size)
    if pages > AREA_PAGES:
        skip("the file is too large")
        return 0
    frames = need(alloc_at(AREA, pages), "memory for the file")
    copy_memory(AREA, file.address, file.size)
    return frames


def opened(size: u64) -> i64:
    """Open the copy, and close it again."""
    result = open_program(other, AREA, size)
    close_program(other)
    return result


def the_file_itself() -> None:
    frames = copied()
    if frames != 0:
        equal(open_program(other, AREA, file.size), 0, "open")
        check(other.count >= 2, "segments")
        check(other.private_pages > 0, "some that can be written")
        for i in range(other.count):
            segment = other.segments[i]
            check(segment.frames == 0 or segment.rights & 2 == 0, "what is shared cannot be written")
            check(segment.rights & 6 != 6, "nothing is writable and executable")
        close_program(other)
        drop(frames)


def no_programs() -> None:
    frames = copied()
    if frames == 0:
        return
    header = ElfHeader.at(AREA)
    equal(opened(0), -ENOEXEC, "an empty file")
    equal(opened(63), -ENOEXEC, "a part of a header")
    equal(opened(64), -ENOEXEC, "a header alone")
    equal(opened(8192), -ENOEXEC, "the beginning of a file")
    header.e_magic ^= 1
    equal(opened(file.size), -ENOEXEC, "no ELF file")
    header.e_magic ^= 1
    header.e_type = 1
    equal(opened(file.size), -ENOEXEC, "an object file")
    header.e_type = 2
    header.e_class_data = 0x0101
    equal(opened(file.size), -ENOEXEC, "a file of 32 bits")
    header.e_class_data = 0x0102
    offset = header.e_phoff
    header.e_phoff = NEVER - 55
    equal(opened(file.size), -ENOEXEC, "program headers around the end of addresses")
    header.e_phoff = file.size - 55
    equal(opened(file.size), -ENOEXEC, "program headers over the end")
    header.e_phoff = offset
    count = header.e_phnum
    header.e_phnum = 0xFFFF
    equal(opened(file.size), -ENOEXEC, "more program headers than the file has room for")
    header.e_phnum = count
    equal(opened(file.size), 0, "the file as it was")
    drop(frames)


def bad_segments() -> None:
    frames = copied()
    if frames == 0:
        return
    header = ElfHeader.at(AREA)
    segment = ProgramHeader.at(AREA + header.e_phoff)
    equal(segment.p_type, PT_LOAD, "the first segment is loaded")
    at, size, memory = segment.p_offset, segment.p_filesz, segment.p_memsz
    segment.p_offset = file.size + 1
    equal(opened(file.size), -ENOEXEC, "contents behind the file")
    segment.p_offset = NEVER
    equal(opened(file.size), -ENOEXEC, "contents before the file")
    segment.p_offset = at
    segment.p_filesz = file.size
    equal(opened(file.size), -ENOEXEC, "more contents than the file has")
    segment.p_filesz = size
    segment.p_memsz = size - 1
    equal(opened(file.size), -ENOEXEC, "less memory than contents")
    segment.p_memsz = NEVER
    equal(opened(file.size), -ENOEXEC, "more memory than there is")
    segment.p_memsz = memory
    equal(opened(file.size), 0, "the file as it was")
    drop(frames)


def damaged_at_random() -> None:
    frames = copied()
    if frames == 0:
        return
    refused: u64 = 0
    state: u64 = 1234567
    for _ in range(ROUNDS):
        state = (state * 1103515245 + 12345) & 0x7FFF_FFFF
        where = (state >> 8) % HEADERS
        byte = Ptr[u8](AREA)
        before = byte[where]
        byte[where] = u8(state >> 16)
        if opened(file.size) != 0:
            refused += 1
        byte[where] = before
    check(refused > 0, "some are refused")
    equal(opened(file.size), 0, "the file as it was")
    drop(frames)


def run() -> None:
    """Run these tests."""
    test("load.file", the_file_itself)
    test("load.no_program", no_programs)
    test("load.segments", bad_segments)
    test("load.damaged", damaged_at_random)
