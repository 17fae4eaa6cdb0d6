"""What has no effect but its value and its traps: it can be evaluated for both outcomes of a condition at once."""

from __future__ import annotations

from typing import Final

from exotool.compiler.flow_walk import walk
from exotool.compiler.tree import (
    AtomicOperation,
    Break,
    Call,
    CallPointer,
    Continue,
    Copy,
    CopyView,
    Evaluate,
    ForRange,
    Function,
    Intrinsic,
    IntrinsicOperator,
    Scoped,
    Store,
    Switch,
    Update,
    While,
    Zero,
)

PROOF_WORDS: Final = (
    IntrinsicOperator.ASSUME,
    IntrinsicOperator.ARBITRARY,
    IntrinsicOperator.HAVOC,
    IntrinsicOperator.PROVIDE_MEMORY,
)
_EFFECTS: Final = (
    *(CallPointer, AtomicOperation, Store, Update, Zero, Copy, CopyView, Evaluate),
    *(While, ForRange, Break, Continue, Switch, Scoped),
)


class Effects:
    """What is known of the functions of a program."""

    def __init__(self) -> None:
        self._pure: dict[Function, bool] = {}

    def is_plain(self, node: object) -> bool:
        """Tell whether an expression has no effect; it may call functions that have none."""
        return not any(self._acts(part) for part in walk([node]))

    def is_pure(self, function: Function) -> bool:
        """Tell whether a function only computes: no loop, no write, no call of one that does more."""
        found = self._pure.get(function)
        if found is None:
            self._pure[function] = False  # what calls itself is not pure
            computes = function.body is not None and not function.external and not function.recursion
            found = computes and not any(self._acts(part) for part in walk(function.body or ()))
            self._pure[function] = found
        return found

    def _acts(self, node: object) -> bool:
        if isinstance(node, Intrinsic):
            return node.operator in PROOF_WORDS
        if isinstance(node, Call):
            return not self.is_pure(node.function)
        return isinstance(node, _EFFECTS)
