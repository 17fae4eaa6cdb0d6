"""What capabilities have bound, and how it is taken back: called when a capability ends (kernel/caps.py)."""

from exotool.lang import i64, u32, u64
from kernel.captypes import Capability


def unbind(env: u32, slot: u32, cap: Capability) -> None:
    """Take back all that a capability of an environment has bound."""


def release(cap: Capability) -> None:
    """Take back the resource of a first capability."""
