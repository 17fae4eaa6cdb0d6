"""The arguments of system calls: what kernel/calls.py checks before a call's body runs."""

from exotool.lang import hot, i64, u32, u64
from kernel import caps
from kernel.abi.numbers import CAP_ENV
from kernel.captypes import errno_of, slot_of
from kernel.env import Env
from kernel.layout import PAGE_SHIFT, PAGE_SIZE, USER_END


def is_user(address: u64, size: u64) -> bool:
    """Tell whether a range lies in user space."""
    return address <= USER_END and size <= USER_END - address


def is_page(va: u64) -> bool:
    """Tell whether a page of user space starts at an address."""
    return va & (PAGE_SIZE - 1) == 0 and va < USER_END


def pages_fit(va: u64, count: u64) -> bool:
    """Tell whether there are so many pages, at least one, from an address of user space on."""
    return count != 0 and va < USER_END and count <= (USER_END - va) >> PAGE_SHIFT


@hot
def find_cap(env: u32, cap: u64, kind: u32, rights: u64) -> i64:
    """Return the slot of a capability in an environment's table, or what is wrong with it as a negative errno."""
    verdict = caps.cap_check(env, cap, kind, u32(rights), 0, 0)
    return i64(slot_of(cap)) if verdict == 0 else errno_of(verdict)


@hot
def find_env(me: Env, cap: u64, rights: u64) -> i64:
    """Return the number of the environment that a capability of the caller means, or a negative errno."""
    slot = find_cap(me.index, cap, CAP_ENV, rights)
    return slot if slot < 0 else i64(caps.cap_at(me.index, u32(slot)).base)
