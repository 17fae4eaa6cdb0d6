"""Proofs as tests: each is run under CPython with random values, without z3.

    @given(st.randoms())
    def test_it(random):
        sample(program.proof_of_something, random)

Numbers are small, or near a power of two, as often as not, so that assumptions are met now and then.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

from exotool.lang.address_space import memory
from exotool.lang.arrays import Array, ArrayKind
from exotool.lang.kinds import BoolKind, EnumKind, Kind
from exotool.lang.proofs import Rejected, run_proof
from exotool.lang.state import save
from exotool.lang.structs import Struct, StructKind


def sample(proof: Callable[..., Any], chooser: random.Random) -> bool:
    """Run a proof once; False if it does not speak of the values. What it raises is a counterexample.

    Memory and statics are afterwards what they were before.
    """
    restore = save()
    try:
        run_proof(proof, RandomSource(chooser))
    except Rejected:
        return False
    finally:
        restore()
    return True


class RandomSource:
    """Chooses at random."""

    def __init__(self, chooser: random.Random) -> None:
        self._random = chooser

    def number(self, minimum: int, maximum: int) -> int:
        """Return an integer: half of them small, a quarter near a power of two."""
        way = self._random.randrange(4)
        if way < 2:
            found = self._random.randint(0, 8 if way else 100)
        elif way == 2:
            found = (1 << self._random.randint(0, maximum.bit_length())) + self._random.randint(-2, 2)
            found = -found if minimum < 0 and self._random.randrange(2) else found
        else:
            return self._random.randint(minimum, maximum)
        return min(max(found, minimum), maximum)

    def member(self, values: list[int]) -> int:
        """Return the value of any member."""
        return values[self._random.randrange(len(values))]

    def fill(self, what: Struct | Array) -> None:
        """Write random bytes, and values of their type where not every byte is one; now and then zeros."""
        kind = ArrayKind(what.element, what.length) if isinstance(what, Array) else StructKind(type(what))
        address = what.__kpy_address__
        memory.zero(address, kind.size)
        if self._random.randrange(4):
            memory.write_bytes(address, self._random.randbytes(kind.size))
        for place, restricted in _restricted(kind, address):
            if isinstance(restricted, EnumKind):
                members = sorted(int(value) for value in restricted.cls._value2member_map_)
                restricted.storage.store(place, self.member(members))
            else:
                memory.write(place, 1, self._random.randrange(2))


def _restricted(kind: Kind, address: int) -> Iterator[tuple[int, EnumKind | BoolKind]]:
    """Give the places of enums and bools in a struct or array."""
    match kind:
        case EnumKind() | BoolKind():
            yield address, kind
        case StructKind():
            kind.cls.__kpy_lay_out__()
            for field in kind.cls.__kpy_fields__.values():
                yield from _restricted(field.kind, address + field.offset)
        case ArrayKind(element=element, length=length):
            if next(_restricted(element, 0), None) is not None:
                for index in range(length):
                    yield from _restricted(element, address + index * element.size)
