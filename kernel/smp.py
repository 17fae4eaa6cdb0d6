"""One CPU, until others are started."""

from exotool.lang import u32
from kernel.cpu import mycpu


def cpu_count() -> u32:
    """CPUs."""
    return 1


def kick_cpu(cpu: u32) -> None:
    """Kick."""


def tlb_shootdown() -> None:
    """Flush."""


def tlb_shootdown_global() -> None:
    """Flush."""


def cpu_ticks(cpu: u32) -> u32:
    """Ticks."""
    return u32(mycpu().ticks)
