"""The link map, for people (`kernel.map`) and for programs (`kernel.map.json`): what lies where, and whose it is."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Iterator
from typing import Any, Final

from exotool.elf.constants import SHN_UNDEF, STB_GLOBAL, STB_WEAK, STT_FILE, STT_FUNC, STT_OBJECT
from exotool.link.assign import letters
from exotool.link.inputs import Inputs
from exotool.link.model import ImageSymbol, InputSection, OutputPlan, SegmentPlan
from exotool.link.skeleton import Plan

MAP_SCHEMA: Final = 1
_BINDS: Final = {STB_GLOBAL: "global", STB_WEAK: "weak"}
_TYPES: Final = {STT_FUNC: "function", STT_OBJECT: "object"}


def map_text(plan: Plan, segments: list[SegmentPlan], inputs: Inputs, build_id: str) -> str:
    """Return the map as text: columns of addresses, sizes, sections, objects and symbols."""
    lines = [f"entry     {plan.e_entry:#018x}", f"build-id  {build_id}", ""]
    lines.append(
        f"{'segment':<12} flags {'address':<18} {'physical':<18} {'file offset':>11} {'in file':>10} in memory"
    )
    for s in segments:
        if s.p_memsz:
            lines.append(
                f"{s.name:<12} {letters(s.p_flags):<5} {s.p_vaddr:#018x} {s.p_paddr:#018x} {s.p_offset:#11x} "
                f"{s.p_filesz:#10x} {s.p_memsz:#9x}"
            )
    lines += ["", f"{'address':<18} {'size':>10} section / object / symbol"]
    table = _SymbolTable(plan)
    last_alloc = True
    for output in plan.sections:
        lines += [""] * (output.is_alloc or last_alloc) + [
            f"{output.sh_addr:#018x} {output.sh_size:#10x} {output.name}"
        ]
        last_alloc = output.is_alloc
        if not output.is_alloc:
            continue
        inside = table.of(output)
        at = 0
        for section in output.inputs:
            if not section.size:
                continue
            lines.append(f"{section.address:#018x} {section.size:#10x}   {section.name:<20} {section.obj.path}")
            while at < len(inside) and inside[at].st_value < section.address + section.size:
                lines.append(_symbol_line(inside[at]))
                at += 1
        lines += [_symbol_line(symbol) for symbol in inside[at:]]
    if inputs.discarded:
        lines += ["", f"{'':18} {'size':>10} left out"]
        for left_out in inputs.discarded:
            if left_out.size:
                path, reason = left_out.obj.path, left_out.reason
                lines.append(f"{'':18} {left_out.size:#10x}   {left_out.name:<20} {path}: {reason}")
    return "\n".join(lines) + "\n"


def map_json(plan: Plan, segments: list[SegmentPlan], inputs: Inputs, build_id: str) -> bytes:
    """Return the map as JSON; addresses are texts, because JSON's readers may round numbers of 64 bits."""
    names = {output.index: output.name for output in plan.sections}
    document = {
        "schema": MAP_SCHEMA,
        "entry": f"{plan.e_entry:#x}",
        "build_id": build_id,
        "segments": [
            {
                "name": s.name,
                "flags": letters(s.p_flags),
                "vaddr": f"{s.p_vaddr:#x}",
                "paddr": f"{s.p_paddr:#x}",
                "offset": s.p_offset,
                "filesz": s.p_filesz,
                "memsz": s.p_memsz,
                "limit": s.spec.limit,
            }
            for s in segments
            if s.p_memsz
        ],
        "sections": [
            {
                "name": output.name,
                "segment": output.segment.name if output.segment else None,
                "flags": output.letters,
                "address": f"{output.sh_addr:#x}",
                "offset": output.sh_offset,
                "size": output.sh_size,
                "inputs": [_input_json(section) for section in output.inputs if section.size],
            }
            for output in plan.sections
        ],
        "symbols": list(_symbols_json(plan, names)),
        "discarded": [
            {"name": section.name, "object": section.obj.path, "size": section.size, "reason": section.reason}
            for section in inputs.discarded
            if section.size
        ],
    }
    lines = [f"{json.dumps(key)}: {_json_lines(value)}" for key, value in document.items()]
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode()


def _json_lines(value: object) -> str:
    """Return a value as JSON; of a list every item has a line of its own, for `diff` and `grep`."""
    if not isinstance(value, list):
        return json.dumps(value)
    return "[\n" + ",\n".join(json.dumps(item) for item in value) + "\n]"


class _SymbolTable:
    """The symbols with an address, by section and address."""

    def __init__(self, plan: Plan) -> None:
        kept = [s for s in plan.symbols if s.type != STT_FILE and s.shndx > 0]
        kept.sort(key=lambda s: (s.shndx, s.st_value))
        self.symbols = kept
        self.keys = [s.shndx for s in kept]

    def of(self, output: OutputPlan) -> list[ImageSymbol]:
        return self.symbols[bisect_left(self.keys, output.index) : bisect_left(self.keys, output.index + 1)]


def _symbol_line(symbol: ImageSymbol) -> str:
    size = f"{symbol.st_size:#10x}" if symbol.st_size else f"{'':10}"
    return f"{symbol.st_value:#018x} {size}       {symbol.name}"


def _input_json(section: InputSection) -> dict[str, Any]:
    return {"name": section.name, "object": section.obj.path, "address": f"{section.address:#x}", "size": section.size}


def _symbols_json(plan: Plan, names: dict[int, str]) -> Iterator[dict[str, Any]]:
    file = ""
    for s in plan.symbols:
        if s.type == STT_FILE:
            file = s.name
        elif s.shndx != SHN_UNDEF:
            yield {
                "name": s.name,
                "address": f"{s.st_value:#x}",
                "size": s.st_size,
                "bind": _BINDS.get(s.bind, "local"),
                "type": _TYPES.get(s.type, "none"),
                "section": names.get(s.shndx),
                "file": file if s.bind not in _BINDS else None,
            }
