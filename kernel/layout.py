"""The address space of ring 0, and what the tables of the kernel can hold. The map as a picture: docs/kernel.md."""

from typing import Final

PAGE_SHIFT: Final = 12
PAGE_SIZE: Final = 4096

USERTOP: Final = 0x0000_8000_0000_0000
USER_END: Final = (
    USERTOP - PAGE_SIZE
)  # the last page stays empty: no SYSCALL can end at an address that is not canonical
PHYSBASE: Final = 0xFFFF_8000_0000_0000  # all RAM, by physical address
KSTACKS: Final = 0xFFFF_FF00_0000_0000  # the kernel stacks of environments
KERNBASE: Final = 0xFFFF_FFFF_8000_0000  # the image
DEVBASE: Final = 0xFFFF_FFFF_C000_0000  # device registers, uncached
DEVEND: Final = 0xFFFF_FFFF_C020_0000

KSTACK_SLOT: Final = 0x8000  # from one stack to the next: the lower half is the guard
KSTACK_SIZE: Final = 0x4000

CPUS: Final = 8
ENVS: Final = 256
