"""Programs in environments of their own, made with capabilities only: an ELF file, frames, grants, mappings, a start.

All children of a program share the frames of its code and constants. What a child may write is its own: a copy of the
file's data, a stack, and its start page (libos/start.py), all in one run of frames that stays its maker's. The maker
has these mapped, too, in a window of its address space for each child.
"""

from collections.abc import Callable
from typing import Final

from exotool.lang import Array, Struct, array, i64, sizeof, u64
from kernel.abi.elf import CLASS64_LSB, ELF_MAGIC, ET_EXEC, PF_W, PF_X, PT_LOAD, ElfHeader, ProgramHeader
from kernel.abi.numbers import DERIVE, EXEC, GRANT, READ, WRITE
from kernel.errno import EINVAL, ENOEXEC
from libos.calls import (
    exo_cap_grant,
    exo_env_create,
    exo_env_destroy,
    exo_env_start,
    exo_env_wait,
    exo_map,
    exo_slice_bind,
    exo_unmap,
)
from libos.memory import PAGE_SIZE, alloc, copy_memory, drop, frames_of, pages_of
from libos.start import CHILD_MAGIC, StartPage

CHILDREN: Final = 8
WINDOWS: Final = 0x1000_0000  # of a maker, for its children's memory
WINDOW_PAGES: Final = 64
SHARED_PAGES: Final = CHILDREN * WINDOW_PAGES  # of a segment: all windows serve to fill it
STACK_PAGES: Final = 4
STACK_TOP: Final = 0x7000_0000
START_PAGE: Final = STACK_TOP  # one above the stack
SEGMENTS: Final = 4


class Segment(Struct):
    """A part of a program. `frames` is the capability of one that is shared; one that can be written has none."""

    va: u64
    pages: u64
    rights: u64
    contents: u64
    offset: u64
    size: u64
    frames: u64


class Program(Struct):
    """A program that can be started: what its ELF file says."""

    entry: u64
    count: u64
    private_pages: u64
    segments: Array[Segment] = array(SEGMENTS)


class Child(Struct):
    """A program that was started: its environment, its slice, its memory, and where that is mapped here."""

    number: u64
    env: u64
    slices: u64
    frames: u64
    window: u64
    start: u64

    def page(self) -> StartPage:
        """Return what maker and child share."""
        return StartPage.at(self.start)


class Gifts(Struct):
    """What a child is given, besides its memory: capabilities that its maker has, 0 for none."""

    console: u64
    zone: u64  # where it lives, with GRANT; 0: in the maker's
    slices: u64  # a SLICE capability that becomes its own
    itself: u64  # rights to its own environment
    value: u64  # not a capability: a number for it


def open_program(program: Program, file: u64, size: u64) -> i64:
    """Read the ELF file at `file` and make the frames that its children share; 0 or a negative errno.

    Whatever the file has, nothing beyond its `size` bytes is read. `close_program` gives back what was made, also when
    this fails. No child is to be there yet: the windows are in use.
    """
    header = ElfHeader.at(file)
    if size < sizeof(ElfHeader) or header.e_magic != ELF_MAGIC or header.e_class_data != CLASS64_LSB:
        return -ENOEXEC
    table = u64(header.e_phnum) * sizeof(ProgramHeader)
    if header.e_type != ET_EXEC or header.e_phoff > size or table > size - header.e_phoff:
        return -ENOEXEC
    program.entry = header.e_entry
    program.count = 0
    program.private_pages = 0
    for i in range(header.e_phnum):
        found = ProgramHeader.at(file + header.e_phoff + u64(i) * sizeof(ProgramHeader))
        if found.p_type != PT_LOAD or found.p_memsz == 0:
            continue
        if program.count == SEGMENTS or found.p_offset > size or found.p_filesz > size - found.p_offset:
            return -ENOEXEC
        if found.p_filesz > found.p_memsz or found.p_memsz > (SHARED_PAGES - 1) * PAGE_SIZE:
            return -ENOEXEC
        segment = program.segments[program.count]
        program.count += 1
        segment.offset = found.p_vaddr & (PAGE_SIZE - 1)
        segment.va = found.p_vaddr - segment.offset
        segment.pages = pages_of(segment.offset + found.p_memsz)
        segment.contents = file + found.p_offset
        segment.size = found.p_filesz
        segment.rights = READ
        segment.frames = 0
        if found.p_flags & PF_W != 0:
            segment.rights |= WRITE
            program.private_pages += segment.pages
        else:
            if found.p_flags & PF_X != 0:
                segment.rights |= EXEC
            problem = share(segment)
            if problem < 0:
                return problem
    return 0


def share(segment: Segment) -> i64:
    """Make the frames of a segment that cannot be written."""
    frames = alloc(segment.pages)
    if frames < 0:
        return frames
    segment.frames = u64(frames)
    problem = exo_map(0, segment.frames, WINDOWS, 0, segment.pages, READ | WRITE)
    if problem < 0:
        return problem
    copy_memory(WINDOWS + segment.offset, segment.contents, segment.size)
    return exo_unmap(0, WINDOWS, segment.pages)


def close_program(program: Program) -> None:
    """Give the frames back that children share."""
    for i in range(program.count):
        if program.segments[i].frames != 0:
            drop(program.segments[i].frames)


def spawn(program: Program, child: Child, entry: Callable[[u64], u64], gifts: Gifts) -> i64:
    """Start a program at a function; 0 or a negative errno.

    `child.number`, less than CHILDREN, says which window is its. What fails leaves nothing behind.
    """
    problem = prepare(program, child, gifts)
    if problem == 0:
        problem = begin(program, child, entry)
    if problem < 0:
        discard(child)
    return problem


def begin(program: Program, child: Child, entry: Callable[[u64], u64]) -> i64:
    """Start a child that was prepared."""
    page = child.page()
    page.entry = entry
    return exo_env_start(child.env, program.entry, STACK_TOP, START_PAGE)


def prepare(program: Program, child: Child, gifts: Gifts) -> i64:
    """Make a child that is not started yet. What fails is to be discarded."""
    child.frames = 0
    child.slices = gifts.slices
    child.window = WINDOWS + child.number * WINDOW_PAGES * PAGE_SIZE
    env = exo_env_create(gifts.zone)
    child.env = 0
    if env < 0:
        return env
    child.env = u64(env)
    pages = program.private_pages + STACK_PAGES + 1
    if pages > WINDOW_PAGES:
        return -EINVAL
    frames = alloc(pages)
    if frames < 0:
        return frames
    child.frames = u64(frames)
    problem = exo_map(0, child.frames, child.window, 0, pages, READ | WRITE)
    if problem == 0:
        problem = give_memory(program, child, gifts.zone)
    if problem == 0:
        problem = give_rights(child, gifts)
    return problem


def give_memory(program: Program, child: Child, zone: u64) -> i64:
    """Map a child's memory: what is shared, then what is its own, with the contents that a program begins with."""
    base, limit = frames_of(child.frames)
    private = exo_cap_grant(child.env, child.frames, base, limit, READ | WRITE | DERIVE | GRANT, zone)
    if private < 0:
        return private
    at: u64 = 0
    for i in range(program.count):
        segment = program.segments[i]
        if segment.frames != 0:
            problem = map_shared(segment, child.env, zone)
        else:
            copy_memory(child.window + at * PAGE_SIZE + segment.offset, segment.contents, segment.size)
            problem = exo_map(child.env, u64(private), segment.va, at, segment.pages, segment.rights)
            at += segment.pages
        if problem < 0:
            return problem
    child.start = child.window + (at + STACK_PAGES) * PAGE_SIZE
    child.page().memory = u64(private)
    return exo_map(child.env, u64(private), STACK_TOP - STACK_PAGES * PAGE_SIZE, at, STACK_PAGES + 1, READ | WRITE)


def map_shared(segment: Segment, env: u64, zone: u64) -> i64:
    """Let a child see a segment that all children share."""
    base, limit = frames_of(segment.frames)
    granted = exo_cap_grant(env, segment.frames, base, limit, segment.rights, zone)
    if granted < 0:
        return granted
    return exo_map(env, u64(granted), segment.va, 0, segment.pages, segment.rights)


def give_rights(child: Child, gifts: Gifts) -> i64:
    """Write a child's start page, and give it what it is to have."""
    page = child.page()
    page.magic = CHILD_MAGIC
    page.value = gifts.value
    if gifts.console != 0:
        console = exo_cap_grant(child.env, gifts.console, 0, 1, READ | WRITE, gifts.zone)
        if console < 0:
            return console
        page.console = u64(console)
    if gifts.itself != 0:
        base, limit = frames_of(child.env)
        itself = exo_cap_grant(child.env, child.env, base, limit, gifts.itself, gifts.zone)
        if itself < 0:
            return itself
        page.env = u64(itself)
    return exo_slice_bind(child.slices, child.env) if child.slices != 0 else 0


def wait_for(child: Child) -> i64:
    """Wait until a child has ended, take back what it had, and return its status."""
    status = exo_env_wait(child.env)
    discard(child)
    return status


def discard(child: Child) -> None:
    """End a child if it lives, and take back what it had."""
    if child.env != 0:
        exo_env_destroy(child.env)
        drop(child.env)
        child.env = 0
    if child.frames != 0:
        drop(child.frames)
        child.frames = 0
    if child.slices != 0:
        drop(child.slices)
        child.slices = 0
