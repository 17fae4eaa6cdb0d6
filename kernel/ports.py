"""I/O ports in the hands of environments: bound once, then used by IN and OUT without the kernel.

The bitmap in the TSS of a CPU (Intel SDM vol. 1, 19.5.2) is that of the environment that runs there. Almost none has
bound ports; for one that has, its ranges are opened and closed with each switch.
"""

from typing import Final

from exotool.lang import Ptr, i64, u8, u32
from kernel.cpu import mycpu
from kernel.env import PORT_RANGES, Env
from kernel.errno import EBUSY, ENOSPC

TSS_BITMAP: Final = 0x68  # where it starts in the TSS


def ports_bind(env: Env, slot: u32, first: u32, last: u32) -> i64:
    """Open a range of ports to an environment. -EBUSY if the capability has done so, -ENOSPC if there is no room."""
    place: u32 = PORT_RANGES
    for i in range(PORT_RANGES):
        if env.port_slots[i] == slot:
            return -EBUSY
        if env.port_slots[i] == 0:
            place = u32(i)
    if place == PORT_RANGES:
        return -ENOSPC
    env.ports[place] = first << 16 | last
    env.port_slots[place] = slot
    env.port_count += 1
    ports_show(env)
    return 0


def ports_unbind(env: Env, slot: u32) -> bool:
    """Close what a capability has opened; False if there is nothing."""
    for i in range(PORT_RANGES):
        if env.port_slots[i] == slot:
            ports_hide(env)
            env.port_slots[i] = 0
            env.port_count -= 1
            ports_show(env)
            return True
    return False


def ports_set(env: Env, closed: bool) -> None:
    """Open or close an environment's ports on this CPU, if it runs here."""
    if env.port_count == 0 or env.cpu != mycpu().index:
        return
    bitmap = Ptr[u8](mycpu().tss + TSS_BITMAP)
    for i in range(PORT_RANGES):
        if env.port_slots[i] != 0:
            for port in range(env.ports[i] >> 16, (env.ports[i] & 0xFFFF) + 1):
                if closed:
                    bitmap[port >> 3] |= u8(1) << u8(port & 7)
                else:
                    bitmap[port >> 3] &= ~(u8(1) << u8(port & 7))


def ports_show(env: Env) -> None:
    """Open an environment's ports on the CPU that it runs on, which is this one."""
    ports_set(env, False)


def ports_hide(env: Env) -> None:
    """Close them."""
    ports_set(env, True)
