"""System calls: the clock, the console, what the kernel lets everybody know. docs/syscalls.md."""

from typing import Final

from exotool.lang import Array, Ptr, UserPtr, addressof, array, i64, u8, u32, u64
from kernel import caps, zone
from kernel import env as environments
from kernel.abi import numbers
from kernel.captypes import Capability
from kernel.console import getc, put_text
from kernel.cpu import mycpu
from kernel.door import doors_free
from kernel.env import Env
from kernel.errno import EAGAIN, EFAULT, EINVAL
from kernel.kalloc import frames
from kernel.layout import ENVS
from kernel.smp import cpu_count, cpu_ticks
from kernel.timer import now_ns, tsc_hz
from kernel.usercopy import copy_in

LINE: Final = 4096

line: Array[u8] = array(LINE)  # under the big lock
frames_total: u64 = 0


def count_frames() -> None:
    """Remember how many frames there are to give out."""
    global frames_total
    frames_total = frames.count


def sys_null(me: Env) -> i64:
    """Do nothing."""
    return 0


def sys_info(me: Env, what: u64, index: u64) -> i64:
    """Tell a number."""
    match what:
        case numbers.INFO_CPUS:
            return i64(cpu_count())
        case numbers.INFO_CPU:
            return i64(mycpu().index)
        case numbers.INFO_FRAMES_TOTAL:
            return i64(frames_total)
        case numbers.INFO_FRAMES_FREE:
            return i64(frames.count)
        case numbers.INFO_TSC_HZ:
            return i64(tsc_hz())
        case numbers.INFO_TICKS:
            return i64(cpu_ticks(u32(index))) if index < cpu_count() else -EINVAL
        case numbers.INFO_ENV_INDEX:
            return me.index
        case numbers.INFO_ENV_EPOCH:
            return me.epoch
        case numbers.INFO_ENVS:
            return ENVS
        case numbers.INFO_ENVS_FREE:
            return i64(ENVS - environments.env_count)
        case numbers.INFO_ZONE:
            return me.zone
        case numbers.INFO_ZONE_USED:
            return i64(zone.used(me.zone))
        case numbers.INFO_ZONE_QUOTA:
            return i64(zone.quota(me.zone))
        case numbers.INFO_ZONES_FREE:
            return i64(zone.free_count())
        case numbers.INFO_DOORS_FREE:
            return i64(doors_free())
        case numbers.INFO_CAPS_USED:
            return caps.table_used(me.index)
        case numbers.INFO_CAPS_FREE:
            return caps.table_free(me.index)
        case numbers.INFO_CAPS_FRAMES:
            return caps.table_frames(me.index)
        case _:
            return -EINVAL


def sys_clock(me: Env) -> i64:
    """Tell the time since the boot in nanoseconds."""
    return i64(now_ns())


def sys_write(me: Env, console: Capability, buffer: UserPtr[u8], length: u64) -> i64:
    """Print text, at most a page at once."""
    size = min(length, LINE)
    if not copy_in(Ptr[u8](addressof(line)), buffer, size):
        return -EFAULT
    put_text(Ptr[u8](addressof(line)), size)
    return i64(size)


def sys_read(me: Env, console: Capability) -> i64:
    """Take a byte that has come on the console."""
    byte = getc()
    return byte if byte >= 0 else -EAGAIN
