"""One CPU, until others are started."""

from exotool.lang import extern, u8, u32


@extern("lapic_eoi")
def eoi() -> None:
    """One CPU, until others are started."""


def irq_mask(irq: u32) -> None:
    """One CPU, until others are started."""


def irq_unmask(irq: u32) -> None:
    """One CPU, until others are started."""


def irq_route(irq: u32, vector: u8, cpu: u32) -> bool:
    """One CPU, until others are started."""
    return False
