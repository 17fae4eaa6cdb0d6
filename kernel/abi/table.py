"""calls.toml as objects. A host program: no part of the kernel's image.

A mistake in the table is a `ValueError` that names the call, since only people who change the kernel see it.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

REGISTERS: Final = ("rdi", "rsi", "rdx", "r10", "r8", "r9")
KINDS: Final = (
    *("number", "flags", "page", "pages", "code", "stack"),
    *("id", "cap", "env"),
    *("in", "out", "user", "read", "write"),
)
STRUCTS: Final = {"Registers": "TrapFrame", "CapInfo": "CapInfo", "Repossession": "Repossession"}
U64_MAX: Final = (1 << 64) - 1
KEYS: Final = {
    "number": {"min", "max", "fuzz"},
    "flags": {"mask"},
    "pages": {"of", "max"},
    "code": {"zero"},
    "cap": {"type", "rights", "optional", "slot", "in", "needs"},
    "env": {"rights", "self"},
    "in": {"type"},
    "out": {"type"},
    "user": {"type"},
    "read": {"length"},
    "write": {"length"},
}


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument of a call; what a field means depends on `kind`, see the top of calls.toml."""

    name: str
    kind: str
    min: int
    max: int
    mask: tuple[str, ...]
    type: str
    rights: tuple[str, ...]
    optional: bool
    slot: bool
    within: str
    needs: str
    of: str
    length: str


@dataclass(frozen=True, slots=True)
class Call:
    """A system call. `number` is its number in RAX, `position` where it stands in the table."""

    name: str
    number: int
    position: int
    file: str
    fast: bool
    body: bool
    frame: bool
    stub: bool
    words: bool
    arguments: tuple[Argument, ...]
    results: tuple[str, ...]
    errors: tuple[tuple[str, str], ...]
    doc: str

    def argument(self, name: str) -> Argument:
        """Return the argument of a name."""
        return next(argument for argument in self.arguments if argument.name == name)


@dataclass(frozen=True, slots=True)
class Abi:
    """The whole table. `constants` are groups of names and values; `explain` says what some of them are."""

    calls: tuple[Call, ...]
    constants: dict[str, dict[str, int]]
    explain: dict[str, str]

    @property
    def fast_count(self) -> int:
        """Return how many calls are fast: theirs are the lowest numbers."""
        return sum(call.fast for call in self.calls)

    def bits(self, names: tuple[str, ...]) -> int:
        """Return the sum of some constants."""
        values = {name: value for group in self.constants.values() for name, value in group.items()}
        return sum(values[name] for name in names)


def read_table(path: Path) -> Abi:
    """Read and check the table."""
    data = tomllib.loads(path.read_text("utf-8"))
    rows: list[tuple[int, dict[str, Any]]] = list(enumerate(data.pop("call")))
    rows.sort(key=lambda row: not row[1].get("fast", False))
    calls = tuple(_call(number, position, row) for number, (position, row) in enumerate(rows))
    abi = Abi(calls, data.pop("constants"), data.pop("explain"))
    if data:
        raise ValueError(f"unknown tables: {', '.join(sorted(data))}")
    names = [call.name for call in calls]
    if len(set(names)) != len(names):
        raise ValueError("two calls have one name")
    for call in calls:
        _check(call, abi)
    return abi


def _call(number: int, position: int, row: dict[str, Any]) -> Call:
    name = row.pop("name")
    call = Call(
        name,
        number,
        position,
        row.pop("file"),
        row.pop("fast", False),
        row.pop("body", True),
        row.pop("frame", False),
        row.pop("stub", True),
        row.pop("words", False),
        tuple(_argument(name, argument) for argument in row.pop("args", [])),
        tuple(row.pop("results", [])),
        tuple(sorted(row.pop("errors", {}).items())),
        row.pop("doc"),
    )
    if row:
        raise ValueError(f"{name}: unknown keys {', '.join(sorted(row))}")
    if call.fast and call.frame:
        raise ValueError(f"{name}: a fast call has no frame")
    if len(call.arguments) > len(REGISTERS):
        raise ValueError(f"{name}: more than {len(REGISTERS)} arguments")
    return call


def _argument(call: str, row: dict[str, Any]) -> Argument:
    kind = row["kind"]
    if kind not in KINDS:
        raise ValueError(f"{call}: no kind `{kind}`")
    unknown = row.keys() - {"name", "kind"} - KEYS.get(kind, set())
    if unknown:
        raise ValueError(f"{call}: `{kind}` takes no {', '.join(sorted(unknown))}")
    mask = row.get("mask", ())
    return Argument(
        row["name"],
        kind,
        row.get("min", 1 if kind == "pages" else 0),
        mask if isinstance(mask, int) else row.get("max", U64_MAX),
        () if isinstance(mask, int) else tuple(mask),
        row.get("type", row.get("fuzz", "")),
        tuple(row.get("rights", ())),
        row.get("optional", row.get("self", row.get("zero", False))),
        row.get("slot", False),
        row.get("in", ""),
        row.get("needs", ""),
        row.get("of", ""),
        row.get("length", ""),
    )


def _check(call: Call, abi: Abi) -> None:
    """See that what arguments refer to is there."""
    names = [argument.name for argument in call.arguments]
    for argument in call.arguments:
        for other in (argument.within, argument.needs, argument.of, argument.length):
            if other and other not in names:
                raise ValueError(f"{call.name}: `{argument.name}` refers to `{other}`, which is no argument")
        if argument.kind in ("in", "out", "user") and argument.type not in STRUCTS:
            raise ValueError(f"{call.name}: no struct `{argument.type}`")
        if argument.kind == "cap" and f"CAP_{argument.type}" not in abi.constants["types"]:
            raise ValueError(f"{call.name}: no capability type `{argument.type}`")
        if argument.within and call.argument(argument.within).kind != "env":
            raise ValueError(f"{call.name}: `{argument.within}` is no environment")
        abi.bits(argument.mask)
        abi.bits(argument.rights)
