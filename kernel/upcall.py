"""Upcalls: the kernel enters an environment at its handler, on the handler's stack, with the registers laid down there.

They nest: an upcall within an upcall goes below it on the same stack, up to `upcall_limit` deep. What asks for
attention only (slices, revocation, notifications) waits until none is open. An environment whose fault cannot be
delivered is killed: there is nobody to go on.
"""

from typing import Final

from exotool.lang import Ptr, UserPtr, addressof, hot, inline, sizeof, u8, u32, u64
from kernel.env import Env, myproc
from kernel.trapframe import FL_AC, FL_DF, FL_TF, TrapFrame
from kernel.usercopy import copy_in, copy_out_upcall

EXCEPTION: Final = 1
PAGE_FAULT: Final = 2
SLICE_END: Final = 3
REVOCATION: Final = 4
NOTIFICATION: Final = 5
TYPES: Final = 5

RED_ZONE: Final = 128  # below RSP, the program's own: System V ABI, 3.2.2


UPCALL_SIZE: Final = sizeof(TrapFrame) + 16  # kernel/abi/types.py: Upcall


@inline
def wanted(env: Env, kind: u32) -> bool:
    """Tell whether an environment takes upcalls of a type."""
    return env.upcall_entry != 0 and (env.upcall_mask >> kind) & 1 != 0


@hot
def deliver(env: Env, frame: TrapFrame, kind: u32, info: u64) -> bool:
    """Let an environment, the current one, go on in its handler; False if that cannot be."""
    if not wanted(env, kind) or env.upcall_depth >= env.upcall_limit:
        return False
    top = env.upcall_stack if env.upcall_depth == 0 else frame.rsp - RED_ZONE
    if top < UPCALL_SIZE + 16:
        return False
    to = (top - UPCALL_SIZE) & ~u64(15)
    if not copy_out_upcall(UserPtr[u8](to), Ptr[u8](addressof(frame)), info, kind):
        return False
    env.upcall_depth += 1
    frame.rip = env.upcall_entry
    frame.rsp = to - 8  # as after a call
    frame.rdi = kind
    frame.rsi = to
    frame.rflags &= ~u64(FL_TF | FL_DF | FL_AC)
    return True


def request(env: Env, kind: u32) -> bool:
    """Have an upcall delivered when the environment next returns to ring 3 with none open; False if it takes none."""
    if not wanted(env, kind):
        return False
    env.attention |= u32(1) << kind
    return True


def deliver_pending(frame: TrapFrame) -> None:
    """Deliver what waits for the current environment to have no upcall open. One at a time: the next comes after it."""
    env = myproc()
    if env.upcall_depth != 0:
        return
    for kind in range(SLICE_END, TYPES + 1):
        if (env.attention >> u32(kind)) & 1 != 0:
            env.attention &= ~(u32(1) << u32(kind))
            info: u64 = 0
            if kind == NOTIFICATION:
                info = env.notified
                env.notified = 0
            if deliver(env, frame, u32(kind), info):
                return


@hot
def resume(frame: TrapFrame, saved: UserPtr[u8]) -> bool:
    """Go on with registers that ring 3 gives, such as those that an upcall has laid down; False if there are none."""
    if not copy_in(Ptr[u8](addressof(frame)), saved, sizeof(TrapFrame)):
        return False
    frame.for_user()
    env = myproc()
    if env.upcall_depth != 0:
        env.upcall_depth -= 1
    return True
