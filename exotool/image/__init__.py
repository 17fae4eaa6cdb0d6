"""Boot images: a linked kernel with its command line and modules -> a BIOS disk, a hybrid ISO, or a UEFI disk.

`make_image` is the whole way: `payload` (kernel, command line, modules and the hand-over code as one blob), then the
loader that finds it on the medium (`bios`, `pe`), then the medium (`disk`, `iso`, `uefi` with `fat`). The
loaders are assembly, in loader/. `booting` makes the image of one boot. May import `asm` (for the loaders), `launch`
(whose check of a kernel holds here too), `elf`, `diagnostics` and `files`.
"""

from __future__ import annotations

from exotool.image.make import FORMATS, Format, make_image
from exotool.image.payload import Module

__all__ = ["FORMATS", "Format", "Module", "make_image"]
