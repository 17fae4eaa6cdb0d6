"""Two ELF images that should be the same: where they differ, by section and symbol."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Final

MAX_DETAILS: Final = 20


@dataclass(frozen=True, slots=True)
class _Contents:
    """What is compared of an image: the bytes of every section, and the symbols that are at a section's offsets."""

    sections: dict[str, tuple[int, bytes]]
    symbols: list[tuple[int, int, str]]
    """Address, size and name, by address."""

    def symbol_at(self, address: int) -> str:
        """Return ` (name+0x10)` for an address inside a symbol, or nothing."""
        for value, size, name in reversed(self.symbols):
            if value <= address < value + size:
                return f" ({name}+{address - value:#x})"
        return ""


def describe_difference(first: bytes, second: bytes) -> list[str]:
    """Return a line for every section that differs, or for the first different byte of what is no ELF file."""
    if first == second:
        return []
    a, b = _contents(first), _contents(second)
    details = [] if a is None or b is None else _section_differences(a, b)
    if not details:
        offset = _first_difference(first, second)
        line = first.count(b"\n", 0, offset) + 1
        details = [
            f"first different byte at offset {offset:#x} (line {line} of a text), "
            f"lengths {len(first)} and {len(second)}"
        ]
    if len(details) > MAX_DETAILS:
        details[MAX_DETAILS:] = [f"{len(details) - MAX_DETAILS} more differences"]
    return details


def _section_differences(a: _Contents, b: _Contents) -> list[str]:
    details = [f"section {name} is only in one of them" for name in a.sections.keys() ^ b.sections.keys()]
    details.sort()
    for name, (address, one) in a.sections.items():
        if name not in b.sections or b.sections[name] == (address, one):
            continue
        other_address, other = b.sections[name]
        if address != other_address:
            details.append(f"section {name} is at {address:#x} and at {other_address:#x}")
        elif len(one) != len(other):
            details.append(f"section {name} has {len(one)} and {len(other)} bytes")
        if one != other:
            offset = _first_difference(one, other)
            count = sum(x != y for x, y in zip(one, other, strict=False)) + abs(len(one) - len(other))
            where = f"at {address + offset:#x}{a.symbol_at(address + offset)}" if address else f"at offset {offset:#x}"
            details.append(f"section {name} differs in {count} bytes, first {where}")
    return details


def _contents(data: bytes) -> _Contents | None:
    """Return the contents of an ELF file, or None for anything else."""
    if not data.startswith(b"\x7fELF"):
        return None
    from elftools.common.exceptions import ELFError
    from elftools.elf.elffile import ELFFile
    from elftools.elf.sections import SymbolTableSection

    sections: dict[str, tuple[int, bytes]] = {}
    symbols = []
    try:
        for section in ELFFile(io.BytesIO(data)).iter_sections():
            content = b"" if section["sh_type"] == "SHT_NOBITS" else section.data()
            sections[section.name] = (section["sh_addr"], content)
            if isinstance(section, SymbolTableSection):
                symbols += [(s["st_value"], s["st_size"], s.name) for s in section.iter_symbols() if s["st_size"]]
    except ELFError:
        return None
    return _Contents(sections, sorted(symbols))


def _first_difference(a: bytes, b: bytes) -> int:
    return next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
