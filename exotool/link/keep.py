"""--emit-relocs: the relocations that were applied, in the image too, for tools that move a kernel afterwards.

They say what the image's bytes mean now: where an instruction was rewritten, the type is that of its new field. A local
symbol is named by its section and the distance in it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from exotool.elf.columns import RELOCATION, Ints
from exotool.elf.constants import SHF_INFO_LINK, SHT_RELA, STB_LOCAL, STT_SECTION, STV_DEFAULT, X86Reloc
from exotool.link.got import Form, References
from exotool.link.howto import Kind
from exotool.link.model import ImageSymbol, OutputPlan, align_up
from exotool.link.relocations import Relocations
from exotool.link.symbols import UNDEFINED

_ALIGN = 8
_ROW = 24


def section_symbols(sections: Sequence[OutputPlan]) -> list[ImageSymbol]:
    """Return a symbol for each section of the image."""
    return [
        ImageSymbol("", section.sh_addr, 0, STB_LOCAL, STT_SECTION, STV_DEFAULT, section.index) for section in sections
    ]


def kept_relocations(
    relocations: Relocations,
    references: References,
    forms: Ints,
    addresses: Ints,
    sections: Sequence[OutputPlan],
    table: Sequence[ImageSymbol],
) -> list[OutputPlan]:
    """Return a `.rela` section for each section with relocations; `table` begins with the symbols of all sections."""
    symbols = relocations.symbols
    in_image = np.full(symbols.count + len(symbols.own) + 1, -1, np.int64)
    for index, kept_symbol in enumerate(table, 1):
        if kept_symbol.bind != STB_LOCAL:
            in_image[symbols.meaning_of(kept_symbol.name)] = index
    home = np.array([s.output.index if s.output is not None else 0 for s in symbols.sections] + [0, 0], np.int64)
    starts = np.array([0, *(section.sh_addr for section in sections)], np.uint64).astype(np.int64)
    r_type, offset, addend = _types(relocations, references, forms)
    places = relocations.section_addresses()[relocations.section] + offset
    entity = relocations.entity
    own_section = np.array([d.home.index if d.home is not None else 0 for d in symbols.own] + [0], np.int64)
    section_of = np.concatenate([home[symbols.section], own_section])[entity]
    symbol = np.where(entity == UNDEFINED, 0, in_image[entity])
    by_section = symbol < 0
    symbol[by_section] = section_of[by_section]
    addend[by_section] += addresses[entity[by_section]] - starts[section_of[by_section]]
    output = home[relocations.section]
    made = []
    kept = (relocations.kind != Kind.NONE) & (output > 0) & (r_type != X86Reloc.R_X86_64_NONE)
    for plan in sections:
        rows = np.flatnonzero(kept & (output == plan.index))
        if not len(rows) or plan.is_nobits:
            continue
        data = np.zeros(len(rows), RELOCATION)
        data["r_offset"], data["r_type"] = places[rows].astype(np.uint64), r_type[rows]
        data["symbol"], data["r_addend"] = symbol[rows], addend[rows]
        data = data[np.argsort(data["r_offset"], kind="stable")]
        name = f".rela{plan.name}"
        made.append(
            OutputPlan(
                name,
                sh_type=SHT_RELA,
                sh_flags=SHF_INFO_LINK,
                sh_addralign=_ALIGN,
                sh_entsize=_ROW,
                sh_size=data.nbytes,
                data=bytearray(data.tobytes()),
                relocates=plan,
            )
        )
    at = max((s.sh_offset + s.sh_size for s in sections if not s.is_nobits), default=0)
    for index, plan in enumerate(made, len(sections) + 1):
        plan.index, plan.sh_offset = index, align_up(at, _ALIGN)
        at = plan.sh_offset + plan.sh_size
    return made


def _types(relocations: Relocations, references: References, forms: Ints) -> tuple[Ints, Ints, Ints]:
    """Return type, offset and addend of each relocation as the rewritten instructions have them."""
    r_type, offset, addend = relocations.type.copy(), relocations.offset.copy(), relocations.addend.copy()
    rows = references.rows
    direct = rows[np.isin(forms, (Form.CALL, Form.JMP, Form.LEA))]
    r_type[direct] = X86Reloc.R_X86_64_PC32
    offset[rows[forms == Form.JMP]] -= 1
    immediate = forms == Form.IMMEDIATE
    r_type[rows[immediate & references.is_wide]] = X86Reloc.R_X86_64_32S
    r_type[rows[immediate & ~references.is_wide]] = X86Reloc.R_X86_64_32
    addend[rows[immediate]] = 0
    kind = relocations.kind
    for each in (Kind.TLS_GD, Kind.TLS_IE, Kind.TLS_DESC):
        chosen = (kind == each) & relocations.is_alloc
        r_type[chosen] = X86Reloc.R_X86_64_TPOFF32
        addend[chosen] += 4
    offset[(kind == Kind.TLS_GD) & relocations.is_alloc] += 8
    r_type[np.isin(kind, (Kind.TLS_LD, Kind.TLS_DESC_CALL)) & relocations.is_alloc] = X86Reloc.R_X86_64_NONE
    r_type[(kind == Kind.DTP_REL) & relocations.is_alloc] = X86Reloc.R_X86_64_TPOFF32
    return r_type, offset, addend
