"""What a verdict says to people: the failure at its place, the calls that lead there, and the values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from exotool.compiler.tree import REASON_TEXT, Function, Program, Span
from exotool.compiler.types import (
    ArrayType,
    AtomicType,
    BitsType,
    BoolType,
    EnumType,
    IntType,
    StorageType,
    StructType,
    Type,
    VolatileType,
    size_of,
)
from exotool.diagnostics import Diagnostic, Note, Place
from exotool.verify.explore import Choice, Content, Refuted, Unknown, Unsupported, Vacuous
from exotool.verify.find import full_name
from exotool.verify.replay import Ending, agrees

_MOST_VALUES: Final = 24


def place_of(program: Program, span: Span) -> Place:
    """Return a span as the place of a diagnostic."""
    text = next((module.text for module in program.modules if module.path == span.path), "")
    lines = text.splitlines()
    source = lines[span.line - 1] if 0 < span.line <= len(lines) else None
    end = span.end_column if span.end_line in (0, span.line) else len(source or "") + 1
    return Place(span.path, span.line, span.column, end, source)


def refutation(program: Program, proof: Function, refuted: Refuted, ending: Ending | None) -> list[Diagnostic]:
    """Return what to say of a counterexample, and of its replay."""
    failure = refuted.failure
    name = full_name(proof)
    code = {"trap": "V0201", "stray": "V0202", "unroll": "V0203", "no trap": "V0204"}[failure.kind]
    reason = failure.message
    if failure.reason is not None and reason != REASON_TEXT[failure.reason]:
        reason = f"{REASON_TEXT[failure.reason]}: {reason}"
    notes = [Note("called", place_of(program, span)) for span in reversed(failure.calls)]
    notes += [Note(f"with {text}") for text in values(refuted)]
    help_: tuple[str, ...] = ()
    if failure.kind == "unroll":
        help_ = ("`assume` what bounds the loop, or give the proof more rounds: @proof(unroll=N)",)
    elif failure.kind == "stray":
        help_ = ("memory is statics, locals and what `provide_memory` gives; `assume` what keeps the access there",)
    elif ending is not None and agrees(ending, refuted):
        notes.append(Note("these values end the same way under CPython"))
    found = [
        Diagnostic(
            code, f"`{name}` is refuted: {reason}", place_of(program, failure.span), notes=tuple(notes), help=help_
        )
    ]
    if failure.kind in ("trap", "no trap") and ending is not None and not agrees(ending, refuted):
        found.append(_disagreement(program, proof, refuted, ending))
    return found


def _disagreement(program: Program, proof: Function, refuted: Refuted, ending: Ending) -> Diagnostic:
    how = {
        "trap": f"traps {ending.reason} at line {ending.line}",
        "returned": "ends without a trap",
        "rejected": "does not fulfil an assumption",
        "fault": f"faults at line {ending.line}: {ending.text}",
        "time": "does not end in time",
        "error": f"cannot be run: {ending.text}",
    }[ending.kind]
    return Diagnostic(
        "V0207",
        f"under CPython the counterexample of `{full_name(proof)}` {how}",
        place_of(program, refuted.failure.span),
        help=("a proof must not depend on where a static stands; else this is a fault of exotool",),
    )


def vacuity(program: Program, proof: Function, verdict: Vacuous) -> Diagnostic:
    """Return what to say of a proof that proves nothing."""
    what = "no execution fulfils what it assumes" if verdict.nothing else "no execution reaches this assertion"
    place = place_of(program, verdict.span)
    return Diagnostic("V0205", f"`{full_name(proof)}` proves nothing: {what}", place, help=("assume less",))


def unknown(program: Program, proof: Function, verdict: Unknown, limit: float) -> Diagnostic:
    """Return what to say when time was up."""
    return Diagnostic(
        "V0206",
        f"`{full_name(proof)}` is not decided after {limit:g} seconds",
        place_of(program, proof.span),
        f"{verdict.ways} ways through it are proved",
        help=("split the proof, assume more, or allow more time: --time-limit SECONDS",),
    )


def died(program: Program, proof: Function) -> Diagnostic:
    """Return what to say when the process that worked at a proof ended."""
    message = f"the process that proved `{full_name(proof)}` was ended, perhaps for its memory"
    return Diagnostic("V0206", message, place_of(program, proof.span), help=("fewer at once: --jobs 1",))


def unsupported(program: Program, proof: Function, verdict: Unsupported) -> Diagnostic:
    """Return what to say of what is not modelled."""
    notes = tuple(Note("called", place_of(program, span)) for span in reversed(verdict.calls))
    reason = verdict.reason
    place = place_of(program, reason.span)
    message = f"`{full_name(proof)}` needs what is not modelled: {reason.what}"
    return Diagnostic("V0301", message, place, notes=notes, help=reason.help)


# --- Values ----------------------------------------------------------------------------------------------------------


def values(refuted: Refuted, limit: int | None = _MOST_VALUES) -> list[str]:
    """Return what a counterexample chooses, one text for each thing."""
    found = [text for choice in refuted.choices for text in _texts(choice)]
    found += [f'symbol_address("{name}") = {value:#x}' for name, value in refuted.symbols]
    if limit is not None and len(found) > limit:
        found[limit:] = [f"{len(found) - limit} more values; --json has all"]
    return found


def _texts(choice: Choice) -> list[str]:
    if not isinstance(choice.value, Content):
        return [f"{choice.name} = {show(choice.value, choice.type)}"]
    texts = []
    content = choice.value
    for offset, size, value in content.cells:
        start = offset if content.whole is None else offset + content.start
        for name, at, kind in parts(content.whole or choice.type, content.name, start, size):
            bits = value >> (8 * (at - start)) & ((1 << (8 * size_of(kind))) - 1)
            texts.append(f"{name} = {show(bits, kind)}")
    return texts


def show(value: int, kind: Type) -> str:
    """Return a value as its type has it."""
    match kind:
        case BoolType():
            return str(value != 0)
        case EnumType(members=members, storage=storage):
            number = storage.wrap(value)
            return next((f"{kind}.{name}" for name, one in members.items() if one == number), str(number))
        case IntType():
            number = kind.wrap(value)
            return f"{number} ({number:#x})" if number > 9 else str(number)
        case BitsType():
            return f"{kind}({value:#x})"
    return f"{value:#x}"


def parts(kind: Type, name: str, start: int, size: int) -> Iterator[tuple[str, int, StorageType]]:
    """Give the scalars of a type that lie in a range of its bytes: name, offset, type."""
    yield from _parts(kind, name, 0, start, start + size)  # type: ignore[arg-type]


def _parts(kind: StorageType, name: str, at: int, start: int, end: int) -> Iterator[tuple[str, int, StorageType]]:
    if at >= end or at + size_of(kind) <= start:
        return
    match kind:
        case StructType(fields=fields):
            for part in fields.values():
                yield from _parts(part.type, f"{name}.{part.name}", at + part.offset, start, end)
        case ArrayType(element=element, length=length):
            step = max(size_of(element), 1)
            for index in range(max(0, (start - at) // step), min(length, -(-(end - at) // step))):
                yield from _parts(element, f"{name}[{index}]", at + index * step, start, end)
        case VolatileType(target=target) | AtomicType(target=target):
            yield from _parts(target, name, at, start, end)
        case _ if start <= at and at + size_of(kind) <= end:
            yield name, at, kind
