"""Memory: objects at addresses, each a row of cells, with what was written to them in order.

Each object stands apart from the others at a fixed address that has its alignment and no more, so that nothing follows
from where it stands. A cell is as wide as the object's alignment, 8 bytes at most; a narrower access is a part of one.
What was written at places that are not known is kept in order; a read asks which of the writes may have been there.
Content that is arbitrary gets a variable for each place that is read, and two places that may be one have equal
variables if they are: so no theory of arrays is needed.
"""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import z3

from exotool.compiler.tree import Span
from exotool.compiler.types import (
    ArrayType,
    AtomicType,
    BoolType,
    EnumType,
    StorageType,
    StructType,
    VolatileType,
    align_of,
    size_of,
)
from exotool.verify import terms
from exotool.verify.path import Failure, MustFork, NotModelled, Path
from exotool.verify.terms import Bits, Truth

STATICS: Final = 0xFFFF_FFFF_9000_0000
FRAMES: Final = 0xFFFF_FF80_0000_0000
_GAP: Final = 1 << 16
_MOST_CELLS: Final = 8192
"""Objects may be larger; but no single step reads, writes or compares with more cells than this."""


@dataclass(slots=True)
class _Write:
    """What was written: a whole layer of cells at known places, or one at a place that is not known."""

    known: dict[int, Bits] = field(default_factory=dict)
    offset: z3.BitVecRef | None = None
    value: Bits = 0


@dataclass(slots=True)
class Content:
    """What an object held before the writes: bytes, or anything; then `reads` has the variable of each place read."""

    data: bytes | None
    arbitrary: str = ""
    reads: list[tuple[Bits, z3.BitVecRef]] = field(default_factory=list)


@dataclass(eq=False, slots=True)
class Object:
    """A static, a struct or array of a frame, or memory that the proof provides."""

    name: str
    base: int
    size: int
    cell: int
    type: StorageType | None
    read_only: bool = False
    content: Content = field(default_factory=lambda: Content(None))
    writes: list[_Write] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Filling:
    """Content that was made arbitrary, from an offset on: the offsets that mattered, and the variables there."""

    object: Object
    start: Bits
    size: int
    cell: int
    reads: list[tuple[Bits, z3.BitVecRef]]


@dataclass(frozen=True, slots=True)
class Location:
    """Where an access goes."""

    object: Object
    offset: Bits


class Memory:
    """All objects of one execution."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._bases: list[int] = []
        self._objects: list[Object] = []
        self._next = {STATICS: STATICS, FRAMES: FRAMES}
        self._inside: dict[tuple[int, int], tuple[Location, z3.BitVecRef]] = {}
        self._variables = 0
        self._span = Span("", 0)

    # --- Objects -----------------------------------------------------------------------------------------------------

    def make(
        self, name: str, storage: StorageType, data: bytes | None, *, frame: bool = False, read_only: bool = False
    ) -> Object:
        """Make an object of a type; `data` None is all zero."""
        area = FRAMES if frame else STATICS
        align, size = align_of(storage), max(size_of(storage), 1)
        # An odd multiple of the alignment: no more can follow from the address than the type says.
        base = -(-self._next[area] // (2 * align)) * 2 * align + align
        self._next[area] = base + size + _GAP
        return self._insert(Object(name, base, size, min(align, 8), storage, read_only, Content(data)))

    def provide(self, base: int, size: int, span: Span) -> Object:
        """Make zeroed memory at an address."""
        self.path.act()
        if base == 0 or base % 8 or size % 8 or size == 0 or base + size > 1 << 64:
            raise NotModelled(span, "memory that is provided has an address other than 0 and a size in whole words")
        for other in self._objects:
            if base < other.base + other.size and other.base < base + size:
                raise NotModelled(span, f"the memory that is provided overlaps `{other.name}`")
        return self._insert(Object(f"memory at {base:#x}", base, size, 8, None))

    def forget(self, gone: Object) -> None:
        """Take an object away: its frame has ended."""
        index = self._bases.index(gone.base)
        del self._bases[index], self._objects[index]
        self._inside.clear()

    def _insert(self, made: Object) -> Object:
        index = bisect.bisect(self._bases, made.base)
        self._bases.insert(index, made.base)
        self._objects.insert(index, made)
        return made

    def at(self, address: int) -> Object | None:
        """Return the object that an address lies in."""
        index = bisect.bisect(self._bases, address) - 1
        if index >= 0 and address < self._bases[index] + self._objects[index].size:
            return self._objects[index]
        return None

    def variable(self, name: str, bits: int) -> z3.BitVecRef:
        """Return a variable that has any value."""
        self._variables += 1
        return z3.BitVec(f"{name}#{self._variables}", bits)

    # --- Where an access goes ----------------------------------------------------------------------------------------

    def locate(self, address: Bits, size: int, span: Span, *, sure: bool, calls: tuple[Span, ...]) -> Location:
        """Return the object and offset of an access; `sure` says that bounds have been checked on the way.

        What can lie outside of every object is a failure of the proof.
        """
        if isinstance(address, int):
            found = self.at(address)
            if found is None or address + size > found.base + found.size:
                self.path.act()
                self.path.require(False, _stray(span, calls))
                raise AssertionError("the way goes on behind a failure that is certain")
            return Location(found, address - found.base)
        key = (address.get_id(), size)
        kept = self._inside.get(key)
        if kept is not None:
            return kept[0]
        location = self._guess(address, size, span, sure=sure, calls=calls)
        if not self.path.guarded:
            self._inside[key] = (location, address)
        return location

    def _guess(self, address: z3.BitVecRef, size: int, span: Span, *, sure: bool, calls: tuple[Span, ...]) -> Location:
        """Find the object: a sum with a number that lies in one is meant to lie there; else there is a way for each."""
        base = _constant_part(address)
        found = self.at(base) if base else None
        if self.path.guarded and found is None:
            raise MustFork
        picked = 0
        if not self.path.guarded:
            # What is one number in all executions that go this way is taken as that number: it leads further.
            picked = self.path.pick(address)
            if self.path.always(terms.equal(address, picked)):
                return self.locate(picked, size, span, sure=False, calls=calls)
        while found is None:
            found = self.at(picked)
            if found is None:
                inside: Truth = False
                for other in self._objects:
                    inside = terms.either(inside, self._fits(other, terms.subtract(address, other.base), size))
                self.path.require(inside, _stray(span, calls))
            elif not self.path.branch(terms.below(terms.subtract(address, found.base), found.size)):
                found = None
            if found is None:
                picked = self.path.pick(address)
        offset = terms.subtract(address, found.base)
        if not sure:
            self.path.require(self._fits(found, offset, size), _stray(span, calls))
        return Location(found, offset)

    def _fits(self, target: Object, offset: Bits, size: int) -> Truth:
        return terms.negate(terms.below(target.size - size, offset)) if size <= target.size else False

    # --- Cells -------------------------------------------------------------------------------------------------------

    def load(self, location: Location, size: int, span: Span) -> Bits:
        """Return a little-endian number of `size` bytes."""
        self._span = span
        target, offset = location.object, location.offset
        cell = target.cell
        if size >= cell:
            self._aligned(offset, cell, span)
            value = self._read(target, offset)
            for index in range(1, size // cell):
                part = self._read(target, terms.add(offset, index * cell))
                value = terms.concat(part, 8 * cell, value, 8 * cell * index)
            return value
        start, low = self._within(offset, cell, size, span)
        return terms.extract(self._read(target, start), 8 * (low + size) - 1, 8 * low)

    def store(self, location: Location, size: int, value: Bits, span: Span) -> None:
        """Write a little-endian number of `size` bytes."""
        self.path.act()
        target, offset = location.object, location.offset
        if target.read_only:
            raise NotModelled(span, f"a write to `{target.name}`, which is read-only")
        cell = target.cell
        if size >= cell:
            self._aligned(offset, cell, span)
            for index in range(size // cell):
                part = terms.extract(value, 8 * cell * (index + 1) - 1, 8 * cell * index) if size > cell else value
                self._write(target, terms.add(offset, index * cell), part)
            return
        start, low = self._within(offset, cell, size, span)
        old = self._read(target, start)
        whole = value
        if low:
            whole = terms.concat(whole, 8 * size, terms.extract(old, 8 * low - 1, 0), 8 * low)
        if low + size < cell:
            high = terms.extract(old, 8 * cell - 1, 8 * (low + size))
            whole = terms.concat(high, 8 * (cell - low - size), whole, 8 * (low + size))
        self._write(target, start, whole)

    def _aligned(self, offset: Bits, cell: int, span: Span) -> None:
        if cell > 1 and terms.alignment(offset) < cell:
            low = terms.extract(offset, cell.bit_length() - 2, 0)
            if isinstance(low, int) or self.path.value(low, 1) != 0:
                raise NotModelled(span, f"an access that may not be aligned to {cell} bytes")

    def _within(self, offset: Bits, cell: int, size: int, span: Span) -> tuple[Bits, int]:
        """Return the offset of the cell, and where in it the smaller access is."""
        low = terms.extract(offset, cell.bit_length() - 2, 0)
        if not isinstance(low, int):
            found = self.path.value(low, cell)
            if found is None:
                raise AssertionError("a cell has more places than bytes")
            low = found
        if low + size > cell:
            raise NotModelled(span, f"an access of {size} bytes that is not aligned")
        return terms.subtract(offset, low), low

    def _read(self, target: Object, offset: Bits) -> Bits:
        """Return a cell: the newest of the writes that were there."""
        choices: list[tuple[Truth, Bits]] = []
        result: Bits | None = None
        for write in reversed(target.writes):
            if write.offset is None:
                if isinstance(offset, int):
                    result = write.known.get(offset)
                    if result is not None:
                        break
                    continue
                for place in sorted(write.known):
                    same = terms.equal(offset, place)
                    if same is not False:
                        choices.append((same, write.known[place]))
                continue
            same = terms.equal(offset, write.offset)
            if same is True:
                result = write.value
                break
            if same is not False:
                choices.append((same, write.value))
        if result is None:
            result = self._original(target, offset)
        for same, value in reversed(choices):
            result = terms.choose(same, value, result, 8 * target.cell)
        return result

    def _original(self, target: Object, offset: Bits) -> Bits:
        content, cell = target.content, target.cell
        if content.arbitrary:
            return self._arbitrary(target, offset)
        if content.data is None:
            return 0
        if isinstance(offset, int):
            return int.from_bytes(content.data[offset : offset + cell], "little")
        result: Bits = 0
        if target.size // cell > _MOST_CELLS:
            raise NotModelled(self._span, f"an index into `{target.name}` that is not known: it has too many cells")
        for place in range(0, target.size, cell):
            value = int.from_bytes(content.data[place : place + cell], "little")
            if value:
                result = terms.choose(terms.equal(offset, place), value, result, 8 * cell)
        return result

    def _arbitrary(self, target: Object, offset: Bits) -> Bits:
        """Return the variable of a place of arbitrary content; places that may be one hold one value if they are."""
        alike: list[tuple[Truth, z3.BitVecRef]] = []
        for place, variable in target.content.reads:
            same = terms.equal(offset, place)
            if same is True:
                return variable
            if same is not False:
                alike.append((same, variable))
        made = self.variable(target.content.arbitrary, 8 * target.cell)
        for same, variable in alike:
            self.path.axiom(terms.either(terms.negate(same), terms.equal(made, variable, 8 * target.cell)))
        target.content.reads.append((offset, made))
        return made

    def _write(self, target: Object, offset: Bits, value: Bits) -> None:
        if not isinstance(offset, int):
            target.writes.append(_Write(offset=offset, value=value))
            return
        if not target.writes or target.writes[-1].offset is not None:
            target.writes.append(_Write())
        target.writes[-1].known[offset] = value

    # --- Ranges ------------------------------------------------------------------------------------------------------

    def havoc(self, location: Location, size: int, storage: StorageType | None, span: Span) -> Filling:
        """Let a range hold anything that its type can."""
        self.path.act()
        target = location.object
        if location.offset == 0 and size == target.size:
            target.content, target.writes = Content(None, target.name), []
            reads = target.content.reads
        else:
            reads = []
            for place in self._places(location, size, span):
                made = self.variable(target.name, 8 * target.cell)
                reads.append((place, made))
                self._write(target, place, made)
        self._restrict(location, storage, span)
        return Filling(target, location.offset, size, target.cell, reads)

    def _restrict(self, location: Location, storage: StorageType | None, span: Span) -> None:
        """Let bools and enums hold their values only, as far as there are not too many of them."""
        if storage is None:
            return
        for offset, leaf in itertools.islice(_restricted(storage, 0), _MOST_CELLS // 8):
            at = Location(location.object, terms.add(location.offset, offset))
            bits = 8 * size_of(leaf)
            value = self.load(at, size_of(leaf), span)
            values = (0, 1) if isinstance(leaf, BoolType) else tuple(sorted(set(leaf.members.values())))
            allowed: Truth = False
            for one in values:
                allowed = terms.either(allowed, terms.equal(value, one & ((1 << bits) - 1), bits))
            self.path.axiom(allowed)

    def zero(self, location: Location, size: int, span: Span) -> None:
        """Set a range to 0."""
        self.path.act()
        target = location.object
        if location.offset == 0 and size == target.size:
            target.content, target.writes = Content(None), []
            return
        for place in self._places(location, size, span):
            self._write(target, place, 0)

    def copy(self, destination: Location, source: Location, size: int, span: Span) -> None:
        """Copy a range, as if all of it was read before anything is written."""
        self.path.act()
        if destination.object.cell != source.object.cell:
            step = min(destination.object.cell, source.object.cell)
            values = [self.load(_moved(source, n), step, span) for n in self._steps(size, step, span)]
            for index, value in enumerate(values):
                self.store(_moved(destination, index * step), step, value, span)
            return
        read = [self._read(source.object, place) for place in self._places(source, size, span)]
        for place, value in zip(self._places(destination, size, span), read, strict=True):
            self._write(destination.object, place, value)

    def _places(self, location: Location, size: int, span: Span) -> list[Bits]:
        self._span = span
        cell = location.object.cell
        self._aligned(location.offset, cell, span)
        return [terms.add(location.offset, step) for step in self._steps(size, cell, span)]

    def _steps(self, size: int, cell: int, span: Span) -> range:
        if size % cell or size // cell > _MOST_CELLS:
            raise NotModelled(span, f"{size} bytes at once, in cells of {cell}")
        return range(0, size, cell)


def _restricted(storage: StorageType, offset: int) -> Iterator[tuple[int, BoolType | EnumType]]:
    """Give the bools and enums in a type, with their offsets; none of a union, whose fields share bytes."""
    match storage:
        case StructType(fields=fields, union=False):
            for part in fields.values():
                yield from _restricted(part.type, offset + part.offset)
        case ArrayType(element=element, length=length):
            if next(_restricted(element, 0), None) is not None:
                for index in range(length):
                    yield from _restricted(element, offset + index * size_of(element))
        case (
            VolatileType(target=BoolType() | EnumType() as target)
            | AtomicType(target=BoolType() | EnumType() as target)
        ):
            yield offset, target
        case BoolType() | EnumType():
            yield offset, storage


def _constant_part(address: z3.BitVecRef) -> int:
    """Return the number in a sum, where z3's simplifier leaves it; 0 if there is none."""
    if address.decl().kind() == z3.Z3_OP_BADD:
        for child in address.children():
            value = terms.numeral(child)
            if value is not None:
                return value
    return 0


def _moved(location: Location, by: int) -> Location:
    return Location(location.object, terms.add(location.offset, by))


def _stray(span: Span, calls: tuple[Span, ...]) -> Failure:
    return Failure(None, "an access outside of the memory that the proof knows", span, calls, "stray")
