"""The kernel's only loader: the first environment, from the ELF file that the boot loader put into memory as a module.

All further programs are loaded by programs. Each segment gets frames of its own in a row, and the environment a
capability for them, by which they are mapped: what the first environment has, it holds like anything that it will ask
for. Tool Interface Standard: ELF, version 1.2; System V ABI, AMD64 supplement, 5.1.
"""

from typing import Final

from exotool.lang import extern, i64, sizeof, u64
from kernel import zone
from kernel.abi.elf import CLASS64_LSB, ELF_MAGIC, EM_X86_64, ET_EXEC, PF_W, PF_X, PT_LOAD, ElfHeader, ProgramHeader
from kernel.caps import cap_at, cap_new
from kernel.captypes import ALL_RIGHTS, FRAMES, slot_of
from kernel.env import Env, fill
from kernel.errno import ENOEXEC, ENOMEM
from kernel.kalloc import NONE, kalloc_run
from kernel.layout import PAGE_SIZE, USER_END
from kernel.paging import EXEC, READ, WRITE, phys
from kernel.space import map_pages

MAX_SEGMENT: Final = 1 << 30


@extern("memcpy")
def copy_memory(to: u64, from_: u64, size: u64) -> u64:
    """Copy memory."""
    return to


def load(env: Env, start: u64, size: u64) -> i64:
    """Load the file of `size` bytes at physical address `start`. Returns the entry, -ENOEXEC, -ENOMEM or -EINVAL."""
    if size < sizeof(ElfHeader):
        return -ENOEXEC
    header = ElfHeader.at(phys(start))
    if header.e_magic != ELF_MAGIC or header.e_class_data != CLASS64_LSB:
        return -ENOEXEC
    if header.e_type != ET_EXEC or header.e_machine != EM_X86_64 or header.e_phentsize != sizeof(ProgramHeader):
        return -ENOEXEC
    table = u64(header.e_phnum) * sizeof(ProgramHeader)
    if header.e_phoff > size or table > size - header.e_phoff or header.e_entry >= USER_END:
        return -ENOEXEC
    for i in range(header.e_phnum):
        segment = ProgramHeader.at(phys(start + header.e_phoff + u64(i) * sizeof(ProgramHeader)))
        if segment.p_type == PT_LOAD and segment.p_memsz != 0:
            problem = load_segment(env, start, size, segment)
            if problem != 0:
                return problem
    return i64(header.e_entry)


def load_segment(env: Env, start: u64, size: u64, segment: ProgramHeader) -> i64:
    """Load one segment: frames, contents, mapping."""
    if segment.p_offset > size or segment.p_filesz > size - segment.p_offset or segment.p_filesz > segment.p_memsz:
        return -ENOEXEC
    if segment.p_vaddr >= USER_END or segment.p_memsz > MAX_SEGMENT or segment.p_memsz > USER_END - segment.p_vaddr:
        return -ENOEXEC
    skew = segment.p_vaddr & (PAGE_SIZE - 1)
    count = (skew + segment.p_memsz + PAGE_SIZE - 1) >> 12
    rights: u64 = READ
    if segment.p_flags & PF_W != 0:
        rights |= WRITE
    if segment.p_flags & PF_X != 0:
        rights |= EXEC
    first = give_frames(env, segment.p_vaddr - skew, count, rights)
    if first < 0:
        return first
    to = phys(u64(first) << 12)
    fill(to, 0, count * PAGE_SIZE)
    copy_memory(to + skew, phys(start + segment.p_offset), segment.p_filesz)
    return 0


def give_frames(env: Env, va: u64, count: u64, rights: u64) -> i64:
    """Give an environment frames of its own, mapped at `va`. Returns the first one's number, or a negative errno."""
    if not zone.charge(env.zone, count):
        return -ENOMEM
    first = kalloc_run(count, 1)
    if first == NONE:
        return -ENOMEM
    ident = cap_new(env.index, FRAMES, ALL_RIGHTS, first, first + count, env.zone)
    if ident < 0:
        return ident
    slot = slot_of(u64(ident))
    problem = map_pages(env, cap_at(env.index, slot), slot, va, first, count, rights)
    return problem if problem < 0 else i64(first)
