"""The linker: objects and a typed layout -> an ELF image for x86_64, with its map.

`linker.link` is the list of the passes; each pass is a file of its name. May import `elf`, `project`, `diagnostics`
and `files`; LIEF and pyelftools are loaded by the passes that write and read back, so that errors come without them.
"""

from exotool.link.default import default_layout
from exotool.link.linker import LinkedImage, link

__all__ = ["LinkedImage", "default_layout", "link"]
