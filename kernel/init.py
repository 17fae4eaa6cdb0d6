"""The first environment: what it is given, and what its end means.

It gets everything: a capability for each resource of the machine that is not memory, a quota of all memory, one slice
of the first CPU. Whatever else there will be gets its rights from it. Its exit status is the outcome of the run.
"""

from typing import Final

from exotool.lang import Ptr, addressof, symbol_address, u32, u64
from kernel import caps, zone
from kernel.abi.types import BOOT_MAGIC, BOOT_PAGE_VERSION, CMDLINE_MAX, BootPage
from kernel.bootinfo import cmdline_text, in_ram, module, module_count
from kernel.caps import tables
from kernel.captypes import ALL_RIGHTS, CONSOLE, ENV, FRAMES, IRQ, PORTS, SLICE, ZONE, slot_of
from kernel.console import kprint
from kernel.device import IRQS
from kernel.door import doors
from kernel.env import Env, enter_at, env_at, envs
from kernel.errno import ENOEXEC
from kernel.kalloc import frame_up
from kernel.layout import PAGE_SIZE
from kernel.life import env_new
from kernel.loader import copy_memory, give_frames, load
from kernel.objects import door_epochs
from kernel.paging import READ, WRITE, phys
from kernel.sched import SLICES, make_ready, slice_bind
from kernel.smp import cpu_count
from kernel.timer import tsc_hz

STACK_TOP: Final = 0x7FFF_FFF0_0000
STACK_PAGES: Final = 16
BOOT_PAGE: Final = STACK_TOP


def env_init() -> None:
    """Tell assembly where the tables are."""
    Ptr[u64](symbol_address("env_base"))[0] = addressof(envs)
    Ptr[u64](symbol_address("table_base"))[0] = addressof(tables)
    Ptr[u64](symbol_address("door_base"))[0] = addressof(doors)
    Ptr[u64](symbol_address("door_epoch_base"))[0] = addressof(door_epochs)


def module_frames() -> u64:
    """Return how many frames the first module has: they count as those of the first zone."""
    file = module(0)
    return frame_up(file.start + file.size) - (file.start >> 12)


def root(env: Env, kind: u32, base: u64, limit: u64) -> u64:
    """Give the first environment the first capability for a resource."""
    ident = caps.cap_new(env.index, kind, ALL_RIGHTS, base, limit, zone.ROOT)
    assert ident >= 0, "no slot for the first capabilities"
    return u64(ident)


def start_init() -> bool:
    """Make and start the first environment from the first module; False, and the reason printed, if that cannot be."""
    made = env_new(zone.ROOT)
    assert made == 0, "the first environment is not number 0"
    env = env_at(0)
    file = module(0)
    if file.start & (PAGE_SIZE - 1) != 0 or not in_ram(file.start, file.size):
        kprint(f"init: the module at {file.start:#x}, {file.size} bytes, is not in RAM from the start of a page on\n")
        return False
    entry = load(env, file.start, file.size)
    if entry < 0:
        if entry == -ENOEXEC:
            kprint("init: the module is no program for this kernel: it needs a whole ELF64 file, ET_EXEC, x86-64\n")
        else:
            kprint(
                f"init: the module cannot be loaded, for lack of memory or by where it wants to be: error {-entry}\n"
            )
        return False
    stack = give_frames(env, STACK_TOP - STACK_PAGES * PAGE_SIZE, STACK_PAGES, READ | WRITE)
    page = give_frames(env, BOOT_PAGE, 1, READ)
    if stack < 0 or page < 0:
        kprint("init: no memory for its stack\n")
        return False
    boot = BootPage.at(phys(u64(page) << 12))
    fill_boot_page(env, boot, file.start, file.size)
    enter_at(env, u64(entry), STACK_TOP, BOOT_PAGE)
    slice_bind(0, 0, env.index, caps.ref_of(env.index, slot_of(boot.slices)))
    make_ready(env)
    return True


def fill_boot_page(env: Env, boot: BootPage, start: u64, size: u64) -> None:
    """Make the first capabilities, and write down which they are."""
    boot.magic = BOOT_MAGIC
    boot.version = BOOT_PAGE_VERSION
    boot.cpus = cpu_count()
    boot.tsc_hz = tsc_hz()
    boot.env = root(env, ENV, env.index, u64(env.index) + 1)
    boot.console = root(env, CONSOLE, 0, 1)
    boot.irqs = root(env, IRQ, 0, IRQS)
    boot.ports = root(env, PORTS, 0, 1 << 16)
    boot.slices = root(env, SLICE, 0, u64(cpu_count()) * SLICES)
    boot.zone = root(env, ZONE, zone.ROOT, zone.ROOT + 1)
    zone.grow(zone.ROOT, module_frames())
    boot.module = root(env, FRAMES, start >> 12, frame_up(start + size))
    boot.disk = 0
    boot.module_size = size
    boot.modules = module_count()
    boot.index = env.index
    text, length = cmdline_text()
    copy_memory(addressof(boot.cmdline), u64(text), min(length, CMDLINE_MAX - 1))
