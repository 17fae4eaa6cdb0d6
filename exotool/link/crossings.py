"""NOCROSSREFS: references between output sections that a script forbids (ld manual, "Miscellaneous Commands")."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from exotool.diagnostics import Collector
from exotool.elf.columns import Ints
from exotool.link.explain import Explainer
from exotool.link.howto import Kind
from exotool.link.model import Definition, OutputPlan
from exotool.link.relocations import Relocations
from exotool.link.scan import first_rows
from exotool.link.script.tree import Crossing
from exotool.link.symbols import NO_SECTION

_ELSEWHERE = -1


def check_crossings(
    crossings: Sequence[Crossing],
    outputs: Sequence[OutputPlan],
    relocations: Relocations,
    explain: Explainer,
    errors: Collector,
) -> None:
    """Report references from a section of a list to another one of it. Error: L0116."""
    if not crossings or not len(relocations):
        return
    numbers = {id(output): number for number, output in enumerate(outputs)}
    source = _homes(relocations, numbers)[relocations.section]
    target = _targets(relocations, numbers)
    for crossing in crossings:
        listed = [number for number, output in enumerate(outputs) if output.name in crossing.sections]
        reached = listed if not crossing.to_first else [n for n in listed if outputs[n].name == crossing.sections[0]]
        wrong = np.isin(source, listed) & np.isin(target, reached) & (source != target)
        wrong &= relocations.kind != Kind.NONE
        for row in first_rows(wrong, errors):
            names = outputs[source[row]].name, outputs[target[row]].name
            errors.add(explain.crossing(*relocations.row(row), *names, crossing.span.place))


def _homes(relocations: Relocations, numbers: Mapping[int, int]) -> Ints:
    """Return the number of the output section of each input section, and at the end that of no section."""
    homes = [numbers.get(id(section.output), _ELSEWHERE) for section in relocations.sections]
    return np.array([*homes, _ELSEWHERE], np.int64)


def _targets(relocations: Relocations, numbers: Mapping[int, int]) -> Ints:
    """Return the number of the output section that each relocation refers to."""
    symbols = relocations.symbols
    of_symbols = _homes(relocations, numbers)[np.maximum(symbols.section, NO_SECTION)]

    def of_own(definition: Definition) -> int:
        if definition.section is not None:
            return numbers.get(id(definition.section.output), _ELSEWHERE)
        if definition.boundary is not None:
            return numbers.get(id(definition.boundary.of), _ELSEWHERE)
        return numbers.get(id(definition.home), _ELSEWHERE)

    return np.concatenate([of_symbols, symbols.of_own(of_own), [_ELSEWHERE]])[relocations.entity]
