"""All relocations of the link as one table of columns, in the order of the objects and of their tables."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import Final

import numpy as np
import numpy.typing as npt

from exotool.elf import Relocation
from exotool.elf.columns import NO_ROWS, Ints, Rows, runs
from exotool.elf.constants import EM_386, SHF_ALLOC
from exotool.link.howto import Howto, Kind, howto
from exotool.link.inputs import Inputs
from exotool.link.model import InputSection
from exotool.link.symbols import Symbols

Flags = npt.NDArray[np.bool_]


@dataclass(slots=True)
class Relocations:
    """One row a relocation of a live section.

    `section` is the number of the section, `symbol` that of the symbol, `entity` what it stands for (`Symbols`).
    Passes that take a relocation out of the way set its `kind` to NONE.
    """

    section: Ints
    offset: Ints
    type: Ints
    symbol: Ints
    entity: Ints
    addend: Ints
    kind: Ints
    size: Ints
    how: Howto
    is_alloc: Flags
    sections: list[InputSection]
    symbols: Symbols

    def __len__(self) -> int:
        return len(self.section)

    def row(self, index: int) -> tuple[InputSection, Relocation]:
        """Return a row as its object has it, for messages."""
        number = int(self.symbol[index])
        _, inside = self.symbols.owner(number)
        r = Relocation(int(self.offset[index]), int(self.type[index]), inside, int(self.addend[index]))
        return self.sections[self.section[index]], r

    def places(self, rows: Ints) -> Ints:
        """Return the addresses of the fields of some rows."""
        return self.section_addresses()[self.section[rows]] + self.offset[rows]

    def section_addresses(self) -> Ints:
        """Return the addresses of all sections, as signed numbers."""
        return self.symbols.section_addresses().astype(np.int64)


_LARGEST_TYPE: Final = (1 << 31) - 1


def gather_relocations(inputs: Inputs, symbols: Symbols, e_machine: int) -> Relocations:
    """Return the relocations of all live sections."""
    parts: list[Rows] = []
    numbers: list[Ints] = []
    counts: list[Ints] = []
    bases: list[int] = []
    behind = 0
    for headers, live, base in zip(inputs.tables, inputs.live, symbols.base, strict=True):
        # The live sections of all objects are numbered one after the other.
        own, behind = np.arange(behind, behind + len(live), dtype=np.int32), behind + len(live)
        indices = np.fromiter(live, np.int64, len(live))
        count = headers.count[indices]
        has_rows = count > 0
        first, count = headers.first[indices][has_rows], count[has_rows]
        if not len(count):
            continue
        is_one = bool((first[1:] == first[:-1] + count[:-1]).all())
        taken = slice(int(first[0]), int(first[-1] + count[-1])) if is_one else runs(first, count)
        parts.append(headers.relocations[taken])
        numbers.append(own[has_rows])
        counts.append(count)
        bases.append(base)
    parts = parts or [NO_ROWS]
    section = np.repeat(np.concatenate(numbers), np.concatenate(counts)) if numbers else np.empty(0, np.int32)
    symbol = np.concatenate([part["symbol"] for part in parts]).view(np.int32)
    symbol += np.repeat(np.array(bases or [0], np.int32), [len(part) for part in parts])
    r_type = np.minimum(np.concatenate([part["r_type"] for part in parts]), _LARGEST_TYPE).astype(np.int32)
    how: Howto = howto(e_machine)
    rows_of = how.rows(r_type).astype(np.intp)
    loaded = np.array([s.sh_flags for s in symbols.sections], np.uint64) & SHF_ALLOC != 0
    return Relocations(
        section,
        np.concatenate([part["r_offset"] for part in parts]).view(np.int64),
        r_type,
        symbol,
        symbols.entity[symbol],
        np.concatenate([part["r_addend"] for part in parts]),
        how.kind.astype(np.int8)[rows_of],
        how.size.astype(np.int8)[rows_of],
        how,
        np.ones(len(section), np.bool_) if loaded.all() else loaded[section],
        symbols.sections,
        symbols,
    )


def word_size(e_machine: int) -> int:
    """Return the bytes of an address."""
    return 4 if e_machine == EM_386 else 8


def of_kinds(relocations: Relocations, *kinds: Kind) -> Flags:
    """Tell for each relocation whether it is of one of these kinds."""
    # Comparing numbers of a byte is so fast that a table would take longer to look into.
    chosen = np.zeros(len(relocations), np.bool_)
    for kind in kinds:
        chosen |= relocations.kind == kind
    return chosen


def contents_at(relocations: Relocations, rows: Ints) -> tuple[npt.NDArray[np.uint8], Ints]:
    """Return the contents of the sections that some rows are in, joined, and where each row's field is there."""
    is_asked = np.zeros(len(relocations.sections), np.bool_)
    is_asked[relocations.section[rows]] = True
    numbers = np.flatnonzero(is_asked)
    parts = [relocations.sections[number].data for number in numbers.tolist()]
    starts = np.zeros(len(is_asked), np.int64)
    starts[numbers] = list(accumulate(map(len, parts[:-1]), initial=0)) if parts else []
    joined = np.frombuffer(b"".join(parts) or bytes(1), np.uint8)
    return joined, starts[relocations.section[rows]] + relocations.offset[rows]
