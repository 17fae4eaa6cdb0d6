"""The smallest program: it says that it runs, and what it was given."""

from exotool.lang import export, u32
from kernel.abi.types import BootPage
from libos.console import cprintf


@export
def main(boot: BootPage) -> u32:
    """Greet."""
    cprintf(f"hello from ring 3: {boot.cpus} CPUs, a program of {boot.module_size} bytes\n")
    return 0
