"""Questions about the statements of a script that need no addresses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from exotool.diagnostics import Diagnostic, Place, Severity, ToolError, did_you_mean
from exotool.link.model import InputSection, OutputPlan
from exotool.link.script.tree import (
    Assertion,
    Assignment,
    Call,
    Data,
    Expression,
    Fill,
    Insert,
    Name,
    OutputStatement,
    Statement,
    parts_of,
)


def move_inserts(statements: Sequence[Statement]) -> list[Statement]:
    """Carry out INSERT: the statements before it go behind or in front of an output section that stands later.

    Raises `ToolError` L0504 when there is no such section.
    """
    found = list(statements)
    for insert in [s for s in statements if isinstance(s, Insert)]:
        at = found.index(insert)
        moved = found[at - insert.moved : at]
        del found[at - insert.moved : at + 1]
        where = next(
            (i for i, s in enumerate(found) if isinstance(s, OutputStatement) and s.name == insert.section), None
        )
        if where is None:
            names = [s.name for s in found if isinstance(s, OutputStatement)]
            message = f"INSERT names output section `{insert.section}`, which no script has"
            raise ToolError(Diagnostic("L0504", message, insert.span.place, help=did_you_mean(insert.section, names)))
        where += insert.after
        found[where:where] = moved
    return found


def orphan_report(name: str, group: list[InputSection], severity: Severity) -> Diagnostic:
    """Say that a section has no place in the script, and where it went."""
    size = sum(section.size for section in group)
    paths = sorted({section.obj.path for section in group})
    others = f" and {len(paths) - 3} more" if len(paths) > 3 else ""
    output = group[0].output
    where = f"it was put into output section `{output.name}`" if output is not None else ""
    return Diagnostic(
        "L0301",
        f"section `{name}` has no place in the script",
        Place(group[0].obj.path),
        label=f"{size} bytes in {', '.join(paths[:3])}{others}",
        help=(f"name it in an output section: `*({name})`, or in `/DISCARD/`",)
        if severity is Severity.ERROR
        else (where,),
        severity=severity,
    )


def reset_plan(plan: OutputPlan) -> None:
    """Empty the plan of an output section, which the layout is about to make again."""
    plan.inputs = []
    plan.sh_addr = plan.sh_size = 0
    plan.sh_addralign = 1
    plan.segment, plan.background = None, None


def expressions_of(statement: Statement) -> Iterator[Expression]:
    """Yield the expressions of a statement, except those of PROVIDE."""
    if isinstance(statement, Assignment):
        if not statement.visibility.is_provide:
            yield statement.value
    elif isinstance(statement, Assertion):
        yield statement.condition
    elif isinstance(statement, OutputStatement):
        for expression in (statement.address, statement.load_address, statement.align, statement.subalign):
            if expression is not None:
                yield expression
        for item in statement.contents:
            if isinstance(item, Data | Fill) or (isinstance(item, Assignment) and not item.visibility.is_provide):
                yield item.value
            elif isinstance(item, Assertion):
                yield item.condition


def depends_on_layout(expression: Expression) -> bool:
    """Tell whether an expression asks for anything but numbers and symbols."""
    return any(
        (isinstance(part, Name) and part.name == ".")
        or (isinstance(part, Call) and part.function not in ("MAX", "MIN"))
        for part in parts_of(expression)
    )


def follows_dot(expression: Expression) -> bool:
    """Tell whether a value is the location counter, perhaps aligned or moved a little."""
    return any(
        (isinstance(part, Name) and part.name == ".")
        or (isinstance(part, Call) and part.function == "ALIGN" and len(part.arguments) == 1)
        for part in parts_of(expression)
    ) and not any(isinstance(part, Call) and part.function == "ABSOLUTE" for part in parts_of(expression))


def segment_names(statements: Sequence[Statement]) -> set[str]:
    """Return the names that SEGMENT_START is asked for."""
    return {
        part.word
        for statement in statements
        for expression in expressions_of(statement)
        for part in parts_of(expression)
        if isinstance(part, Call) and part.function == "SEGMENT_START"
    }
