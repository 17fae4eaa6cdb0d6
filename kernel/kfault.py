"""A failure on demand in Kernel Python, for exov6.fault=bounds: what a failed check of the compiler leads to."""

from exotool.lang import Array, array, export, u64
from kernel.bootinfo import memmap_count


@export
def fault_bounds() -> None:
    """Write behind the end of an array."""
    table: Array[u64] = array(8)
    table[memmap_count() + 8] = 1
