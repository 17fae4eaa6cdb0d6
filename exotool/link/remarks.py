"""Sections `.gnu.warning.SYMBOL`: what a library has to say to those who use a symbol (GNU ld manual, "Options")."""

from __future__ import annotations

from typing import Final

import numpy as np

from exotool.diagnostics import Collector
from exotool.elf.columns import section_table
from exotool.elf.constants import SHN_UNDEF
from exotool.link.explain import Explainer
from exotool.link.inputs import WARNING_TEXTS, Inputs
from exotool.link.relocations import Relocations
from exotool.link.symbols import NAMELESS

LONGEST: Final = 1000
"""So much of a text is printed."""


def pass_on(inputs: Inputs, relocations: Relocations, explain: Explainer, errors: Collector) -> None:
    """Print the texts about symbols that other objects refer to, once for each symbol. Warning: L0117."""
    texts: dict[str, str] = {}
    for left in inputs.discarded:
        if left.name.startswith(WARNING_TEXTS):
            said = bytes(section_table(left.obj).content(left.number)[:LONGEST]).rstrip(b"\0\n ")
            texts.setdefault(left.name.removeprefix(WARNING_TEXTS), said.decode("utf-8", "replace"))
    if not texts:
        return
    symbols = relocations.symbols
    names = np.where(symbols.index == SHN_UNDEF, symbols.name, NAMELESS)[relocations.symbol]
    for name, text in texts.items():
        number = symbols.names.get(name)
        rows = np.flatnonzero(names == number).tolist() if number is not None else []
        if rows:
            errors.add(explain.remark(*relocations.row(rows[0]), name, text))
