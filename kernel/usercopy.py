"""Memory of ring 3, as the kernel reads and writes it: only here, never by a plain pointer.

Each copy checks that the range is below USER_END, and a fault on the way ends it: ring 3 can unmap what it passed.
"""

from exotool.lang import Ptr, UserPtr, extern, u8, u64


@extern
def copy_in(to: Ptr[u8], from_: UserPtr[u8], size: u64) -> bool:
    """Copy from the current address space; False if part of it is not the user's to read."""
    return False


@extern
def copy_out(to: UserPtr[u8], from_: Ptr[u8], size: u64) -> bool:
    """Copy to the current address space; False if part of it is not the user's to write. Some may be written."""
    return False


@extern
def copy_out_upcall(to: UserPtr[u8], frame: Ptr[u8], info: u64, kind: u64) -> bool:
    """Write an Upcall (kernel/abi/types.py) to the current address space, as `copy_out`."""
    return False
