"""One CPU, until others are started."""

from exotool.lang import extern, u32, u64


@extern
def rdtsc() -> u64:
    """One CPU, until others are started."""
    return 0


@extern
def lapic_timer_start(count: u32) -> None:
    """One CPU, until others are started."""


def tsc_hz() -> u64:
    """One CPU, until others are started."""
    return 1_000_000_000


def now_ns() -> u64:
    """One CPU, until others are started."""
    return rdtsc()


def timer_start(hz: u32) -> None:
    """One CPU, until others are started."""
    lapic_timer_start(1_000_000_000 // hz)
