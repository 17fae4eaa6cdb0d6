"""Makes sets of objects of any size for measuring linkers: `python -m bench.synthetic FOLDER RELOCATIONS`.

Every object has a hundred functions, each in a section of its own, with twenty relocations as compilers make them:
calls and addresses of functions all over the set, through the GOT too, and a table of pointers. The same count gives
the same bytes.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path
from typing import Final

from exotool.elf import ObjectFile, Relocation, Section, Symbol, write_object
from exotool.elf.constants import SHF_ALLOC, SHF_EXECINSTR, SHF_WRITE, STB_GLOBAL, STT_FUNC, X86Reloc

FUNCTIONS: Final = 100
REFERENCES: Final = 20
_CALL: Final = (b"\xe8\0\0\0\0", 1, X86Reloc.R_X86_64_PLT32)
_LEA: Final = (b"\x48\x8d\x05\0\0\0\0", 3, X86Reloc.R_X86_64_PC32)
_GOT: Final = (b"\x48\x8b\x05\0\0\0\0", 3, X86Reloc.R_X86_64_REX_GOTPCRELX)
_CODE: Final = (*[_CALL] * 12, *[_LEA] * 4, *[_GOT] * 2)
"""The other two of the twenty are pointers in a table of data."""


def write_set(folder: Path, relocations: int) -> list[Path]:
    """Write a set with about so many relocations into a folder and return its objects, `_start` in the first."""
    folder.mkdir(parents=True, exist_ok=True)
    count = max(1, relocations // (FUNCTIONS * REFERENCES))
    chance = random.Random(relocations)
    paths = []
    for number in range(count):
        path = folder / f"{number:04}.o"
        path.write_bytes(write_object(_object(number, count, chance)))
        paths.append(path)
    return paths


def _object(number: int, count: int, chance: random.Random) -> ObjectFile:
    obj = ObjectFile(f"{number:04}.o")
    table = Section(".data.table", sh_flags=SHF_ALLOC | SHF_WRITE, sh_addralign=8, data=bytes(16 * FUNCTIONS))
    table.sh_size = len(table.data)
    numbers: dict[str, int] = {}

    def reference(name: str) -> int:
        if name not in numbers:
            numbers[name] = len(obj.symbols)
            obj.symbols.append(Symbol(name, bind=STB_GLOBAL))
        return numbers[name]

    def target() -> int:
        # Two of three references stay near, as calls do.
        other = number if chance.random() < 0.66 else chance.randrange(count)
        return reference(f"function_{other}_{chance.randrange(FUNCTIONS)}")

    for index in range(FUNCTIONS):
        code, rows = bytearray(), []
        for octets, offset, r_type in _CODE:
            rows.append(Relocation(len(code) + offset, r_type, target(), -4))
            code += octets
        code += b"\xc3"
        flags = SHF_ALLOC | SHF_EXECINSTR
        obj.sections.append(
            Section(f".text.f{index}", sh_flags=flags, sh_addralign=16, data=code, sh_size=len(code), relocations=rows)
        )
        symbol = obj.symbols[reference(f"function_{number}_{index}")]
        symbol.section, symbol.st_size, symbol.type = len(obj.sections) - 1, len(code), STT_FUNC
        for place in (16 * index, 16 * index + 8):
            table.relocations.append(Relocation(place, X86Reloc.R_X86_64_64, target(), 0))
    if number == 0:
        obj.symbols.append(Symbol("_start", 0, 0, STB_GLOBAL, STT_FUNC, 0, 1))
    obj.sections.append(table)
    return obj


if __name__ == "__main__":
    write_set(Path(sys.argv[1]), int(sys.argv[2]))
