"""What a build asks of the compiler: the target, the profile, and which checks stand in the code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from exotool.project import Overflow, Profile, Shift


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine that code is made for. Everything is explicit: nothing comes from the host by itself."""

    triple: str
    cpu: str
    features: str
    data_layout: str
    relocation: str = "static"
    code_model: str = "kernel"
    freestanding: bool = True


# The data layout is LLVM's own for the triple; `backend` refuses to go on when LLVM says otherwise.
X86_64_KERNEL: Final = Machine(
    "x86_64-unknown-none-elf",
    "x86-64",
    "-mmx,-sse,-sse2,-avx,+soft-float",
    "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128",
)


@dataclass(frozen=True, slots=True)
class Options:
    """How a program is lowered.

    `whole_program` makes everything that is not exported internal to one object; else a module's functions and statics
    are hidden symbols that the objects of the other modules reach. `open_statics` lets others than the program read and
    write all of its statics. Bounds, null, enum and division checks are in every
    build.
    """

    profile: Profile = "dev"
    overflow: Overflow = "trap"
    shift: Shift = "trap"
    whole_program: bool = True
    debug: bool = True
    open_statics: bool = False

    @property
    def optimised(self) -> bool:
        """Tell whether LLVM's optimiser runs."""
        return self.profile == "release"


def options_for(profile: Profile, overflow: Overflow | None = None, shift: Shift | None = None) -> Options:
    """Return the options of a profile, with its own treatment of overflow and shifts unless they are given."""
    if profile == "dev":
        return Options("dev", overflow or "trap", shift or "trap", whole_program=False)
    return Options("release", overflow or "wrap", shift or "mask", whole_program=True)
