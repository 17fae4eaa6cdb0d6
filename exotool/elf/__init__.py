"""ELF object files and images as data: the one model that the assembler, the linker and the launcher share.

Everything here is named as the System V ABI (gABI) and its x86-64 supplement (psABI) name it. May import
`diagnostics` and `files` only.
"""

from exotool.elf.objects import Group, ObjectFile, ProgramHeader, Relocation, Section, Symbol
from exotool.elf.reader import read_object
from exotool.elf.writer import write_object

__all__ = ["Group", "ObjectFile", "ProgramHeader", "Relocation", "Section", "Symbol", "read_object", "write_object"]
