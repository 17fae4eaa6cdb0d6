"""The vocabulary of Kernel Python, and its life under CPython: typed integers, simulated memory, structs and pointers.

`from exotool.lang import ...` is what programs write. `integers`, `structs`, `arrays`, `pointers`, `bits`, `atomics`,
`text`, `intrinsics` and `functions` say what the words mean; `memory` and `frames` are where values live; `loader`
takes files as Kernel Python, with `transform`, `inference` and `runtime`; `devices` are models of hardware;
`pytest_plugin` does it all for tests. Imports the standard library only.
"""

from exotool.lang.address_space import memory
from exotool.lang.arrays import Array, array
from exotool.lang.atomics import Atomic, Order, fence
from exotool.lang.bitrecords import Bits, bit, bits, stored_as
from exotool.lang.functions import export, extern, hot, inline, models, noinline, recursive, section, wrapping
from exotool.lang.integers import i8, i16, i32, i64, settings, u8, u16, u32, u64
from exotool.lang.intrinsics import (
    addressof,
    byteswap,
    checked_add,
    checked_mul,
    checked_sub,
    copy,
    count_leading_zeros,
    count_trailing_zeros,
    offsetof,
    popcount,
    rotate_left,
    sizeof,
    symbol_address,
)
from exotool.lang.kinds import Ref, Volatile
from exotool.lang.pointers import Ptr, UserPtr, user_address
from exotool.lang.proofs import arbitrary, assume, havoc, model, proof, provide_memory
from exotool.lang.structs import Struct
from exotool.lang.text import fprint
from exotool.lang.traps import Fault, KernelTypeError, Reason, Trap

__all__ = [
    "Array",
    "Atomic",
    "Bits",
    "Fault",
    "KernelTypeError",
    "Order",
    "Ptr",
    "Reason",
    "Ref",
    "Struct",
    "Trap",
    "UserPtr",
    "Volatile",
    "addressof",
    "arbitrary",
    "array",
    "assume",
    "bit",
    "bits",
    "byteswap",
    "checked_add",
    "checked_mul",
    "checked_sub",
    "copy",
    "count_leading_zeros",
    "count_trailing_zeros",
    "export",
    "extern",
    "fence",
    "fprint",
    "havoc",
    "hot",
    "i8",
    "i16",
    "i32",
    "i64",
    "inline",
    "memory",
    "model",
    "models",
    "noinline",
    "offsetof",
    "popcount",
    "proof",
    "provide_memory",
    "recursive",
    "rotate_left",
    "section",
    "settings",
    "sizeof",
    "stored_as",
    "symbol_address",
    "u8",
    "u16",
    "u32",
    "u64",
    "user_address",
    "wrapping",
]
