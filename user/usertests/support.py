"""What the tests have in common: the first program's rights, faults that are caught, children."""

from collections.abc import Callable
from typing import Final

from exotool.lang import Array, Struct, addressof, array, extern, i64, symbol_address, u8, u32, u64
from kernel.abi.numbers import DERIVE, EXEC, GRANT, READ, UPCALL_EXCEPTION, UPCALL_PAGE_FAULT, WRITE
from kernel.abi.types import BootPage, Upcall
from libos.calls import exo_cap_derive, exo_clock, exo_map, exo_upcall_set, exo_yield
from libos.spawn import CHILDREN, Child, Gifts, Program, spawn, wait_for
from libos.start import StartPage
from libos.upcalls import handlers, upcall_entry
from user.usertests.harness import equal, need

ALL: Final = 255
PAGE: Final = 4096
AREA: Final = 0x2000_0000  # two MiB of address space for tests to map in; its page table stays
AREA_PAGES: Final = 512
UNMAPPED: Final = AREA + 511 * PAGE
KERNEL_TEXT: Final = 0xFFFF_FFFF_8010_0000
KERNEL_RAM: Final = 0xFFFF_8000_0010_0000
NOT_CANONICAL: Final = 0x0000_9000_0000_0000
NEVER: Final = 0xFFFF_FFFF_FFFF_FFFF
FAULTED: Final = 0xFFFF_FFFF_FFFF_FFFF
FAULTS: Final = (1 << UPCALL_EXCEPTION) | (1 << UPCALL_PAGE_FAULT)
UPCALL_STACK: Final = 8192
SECOND: Final = 1_000_000_000
PATIENCE: Final = 20 * SECOND  # an emulator on a busy computer is slow
SLICES: Final = 64
TRAP_FLAG: Final = 0x100

# What the handler of upcalls does.
RECOVER: Final = 0  # go on behind the probe
MAP: Final = 1  # map the frame at the address that faulted, and try again
NOTE: Final = 2  # go on as if nothing had been
CHANGE: Final = 3  # give RAX a value, and go on behind an instruction of two bytes
FAULT_AGAIN: Final = 4  # fault in the handler, once
LEAVE: Final = 5  # give up the call of a probe wherever it is


class Given(Struct):
    """The first capabilities of the first program."""

    env: u64
    console: u64
    irqs: u64
    ports: u64
    slices: u64
    zone: u64
    cpus: u64


class Watch(Struct):
    """What the handler of upcalls is to do, and what it has seen last."""

    action: u32
    count: u32
    kind: u32
    depth: u32
    deepest: u32
    trapno: u64
    err: u64
    info: u64
    rip: u64
    rsp: u64
    rax: u64
    frames: u64


given: Given = Given()
watch: Watch = Watch()
program: Program = Program()
children: Array[Child] = array(CHILDREN)
upcall_stack: Array[u8] = array(UPCALL_STACK)


@extern
def has_nx() -> u64:
    """Tell whether the CPU can forbid execution."""
    return 1


@extern
def probe_call(function: u64, a: u64, b: u64) -> u64:
    """Call a probe; all ones if it faults."""
    return 0


@extern
def probe_read(address: u64) -> u64:
    """Read a word."""
    return 0


@extern
def probe_write(address: u64, value: u64) -> u64:
    """Write a word."""
    return 0


@extern
def probe_recover() -> None:
    """Where a probe goes on that has faulted."""


def as_mapped(rights: u64) -> u64:
    """Return the rights that a page has: without NX all that can be read can be executed."""
    return rights if has_nx() != 0 else rights | EXEC


def take_rights(boot: BootPage) -> None:
    """Remember what the kernel has given."""
    given.env = boot.env
    given.console = boot.console
    given.irqs = boot.irqs
    given.ports = boot.ports
    given.slices = boot.slices
    given.zone = boot.zone
    given.cpus = boot.cpus


def on_upcall(kind: u32, address: u64) -> None:
    """Handle an upcall as `watch` says."""
    upcall = Upcall.at(address)
    frame = upcall.frame
    watch.count += 1
    watch.kind = kind
    watch.trapno = frame.trapno
    watch.err = frame.err
    watch.info = upcall.info
    watch.rip = frame.rip
    watch.rsp = frame.rsp
    watch.depth += 1
    watch.deepest = max(watch.deepest, watch.depth)
    if watch.action == RECOVER:
        if symbol_address("probe_start") <= frame.rip < symbol_address("probe_end"):
            frame.rip = addressof(probe_recover)
    elif watch.action == MAP:
        exo_map(0, watch.frames, upcall.info & ~u64(PAGE - 1), 0, 1, READ | WRITE)
    elif watch.action == CHANGE:
        frame.rax = watch.rax
        frame.rip += 2
    elif watch.action == FAULT_AGAIN:
        watch.action = RECOVER
        probe_call(addressof(probe_read), UNMAPPED, 0)
        frame.rip = addressof(probe_recover)
    elif watch.action == LEAVE:
        frame.rip = addressof(probe_recover)
        frame.rflags &= ~u64(TRAP_FLAG)
    watch.depth -= 1


def catch(action: u32, mask: u64, depth: u64) -> None:
    """Have upcalls handled from now on."""
    watch.action = action
    watch.count = 0
    watch.depth = 0
    watch.deepest = 0
    handlers.upcall = on_upcall
    top = (addressof(upcall_stack) + UPCALL_STACK) & ~u64(15)
    equal(exo_upcall_set(addressof(upcall_entry), top, mask, depth), 0, "upcall_set")


def catch_faults() -> None:
    """Have probes recover."""
    catch(RECOVER, FAULTS, 4)


def read_fails(address: u64) -> bool:
    """Tell whether reading an address faults. `watch` has how."""
    watch.count = 0
    probe_call(addressof(probe_read), address, 0)
    return watch.count != 0


def write_fails(address: u64, value: u64) -> bool:
    """Tell whether writing to an address faults."""
    watch.count = 0
    probe_call(addressof(probe_write), address, value)
    return watch.count != 0


def slice_for(cpu: u64, number: u64) -> u64:
    """Return a capability for one slice of a CPU, of which number 0 is the first program's."""
    at = cpu * SLICES + number
    return need(exo_cap_derive(given.slices, at, at + 1, READ | WRITE | DERIVE | GRANT), "derive a slice")


def start_on(cpu: u64, number: u64, entry: Callable[[u64], u64], value: u64) -> bool:
    """Start a child on a CPU; `value` and its own ENV capability are in its start page."""
    return start_in(0, cpu, number, entry, value)


def start_in(zone: u64, cpu: u64, number: u64, entry: Callable[[u64], u64], value: u64) -> bool:
    """Start a child in a zone."""
    child = children[number]
    child.number = number
    gifts = Gifts(console=given.console, zone=zone, slices=slice_for(cpu, number + 1), itself=ALL, value=value)
    problem = spawn(program, child, entry, gifts)
    equal(problem, 0, "start a child")
    return problem == 0


def start(number: u64, entry: Callable[[u64], u64], value: u64) -> bool:
    """Start a child on the first CPU."""
    return start_on(0, number, entry, value)


def join(number: u64) -> i64:
    """Wait for the end of a child and return its status."""
    return wait_for(children[number])


def page_of(number: u64) -> StartPage:
    """Return what a child shares with the first program."""
    return children[number].page()


def comes(number: u64, word: u64, value: u64) -> bool:
    """Let others run until a word of a child's start page has a value; False after a long time."""
    page = page_of(number)
    end = exo_clock() + PATIENCE
    while page.words[word] != value:
        if exo_clock() > end:
            return False
        exo_yield(0)
    return True


def goes_on(number: u64, word: u64) -> bool:
    """Let others run until a word of a child's start page changes; False if it does not within a long time."""
    page = page_of(number)
    before = page.words[word]
    end = exo_clock() + PATIENCE
    while page.words[word] == before:
        if exo_clock() > end:
            return False
        exo_yield(0)
    return True


def stands_still(number: u64, word: u64) -> bool:
    """Let others run for a while; tell whether a word of a child's start page stays as it is."""
    page = page_of(number)
    exo_yield(0)
    before = page.words[word]
    end = exo_clock() + SECOND // 20
    turns: u64 = 0
    while exo_clock() < end or turns < 10:
        exo_yield(0)
        turns += 1
    return page.words[word] == before


def told(page: u64, word: u64) -> bool:
    """Wait until the maker has set a word; False after a long time."""
    mine = StartPage.at(page)
    end = exo_clock() + PATIENCE
    while mine.words[word] == 0:
        if exo_clock() > end:
            return False
        exo_yield(0)
    return True
