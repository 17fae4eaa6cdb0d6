"""Static storage: initial bytes, addresses among them, sections."""

from __future__ import annotations

from exotool.compiler.lower_context import ModuleContext
from exotool.compiler.lower_text import quoted, string_constant
from exotool.compiler.tree import Global
from exotool.compiler.types import POINTER_SIZE, align_of, size_of


def define_global(context: ModuleContext, variable: Global) -> str:
    """Return the definition of a static."""
    linkage = context.linkage(exported=variable.exported or context.options.open_statics)
    kind, value = _initial(context, variable)
    section = f", section {quoted(variable.section)}" if variable.section else ""
    debug = context.debug.global_variable(variable) if context.debug is not None else ""
    word = "constant" if variable.read_only else "global"
    return (
        f"@{quoted(variable.symbol)} = {linkage} {word} {kind} {value}{section}, align {align_of(variable.type)}{debug}"
    )


def _initial(context: ModuleContext, variable: Global) -> tuple[str, str]:
    """Return LLVM type and value of the initial content."""
    size = size_of(variable.type)
    data = variable.data
    if data is None and not variable.relocations:
        return f"[{size} x i8]", "zeroinitializer"
    data = bytes(size) if data is None else data
    if not variable.relocations:
        return f"[{size} x i8]", string_constant(data)
    kinds: list[str] = []
    values: list[str] = []
    at = 0
    for offset, target, addend in sorted(variable.relocations, key=lambda relocation: relocation[0]):
        if offset > at:
            kinds.append(f"[{offset - at} x i8]")
            values.append(f"{kinds[-1]} {string_constant(data[at:offset])}")
        base = context.global_address(target) if isinstance(target, Global) else context.function_address(target)
        kinds.append("ptr")
        values.append(f"ptr getelementptr (i8, ptr {base}, i64 {addend})" if addend else f"ptr {base}")
        at = offset + POINTER_SIZE
    if size > at:
        kinds.append(f"[{size - at} x i8]")
        values.append(f"{kinds[-1]} {string_constant(data[at:])}")
    return f"<{{{', '.join(kinds)}}}>", f"<{{{', '.join(values)}}}>"
