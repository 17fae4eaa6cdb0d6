"""Directives that decide what is read: conditions, macros, repetitions, files, modes, messages."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final

from exotool.asm.arguments import Arguments
from exotool.asm.macro import Macro, Parameter, parse_header, split_arguments, squeeze
from exotool.asm.source import AsmError, Condition

if TYPE_CHECKING:
    from exotool.asm.assembler import Assembler

_Directive = Callable[["Assembler", Arguments], None]

MAX_REPEAT: Final = 1 << 24


def _open(asm: Assembler, args: Arguments, test: Callable[[], bool]) -> None:
    """Begin a condition; in text that is left out, it is not even evaluated."""
    outer = not asm.skipping
    condition = Condition(False, False, outer, args.statement.origin)
    asm.conditions.append(condition)
    if outer:
        condition.taken = True  # an error in the expression leaves both branches out
        condition.active = condition.taken = test()


def if_number(test: Callable[[int], bool], asm: Assembler, args: Arguments) -> None:
    """`.if`, `.ifne`, `.ifgt` and so on: compare a number with zero."""

    def evaluate() -> bool:
        value = asm.absolute(args, "the condition")
        args.finish()
        return test(value)

    _open(asm, args, evaluate)


def if_defined(wanted: bool, asm: Assembler, args: Arguments) -> None:
    """`.ifdef`, `.ifndef`: a symbol counts when it has a place or a value."""

    def evaluate() -> bool:
        name = args.name("a symbol")
        args.finish()
        symbol = asm.symbols.names.get(name)
        known = symbol is not None and (symbol.is_defined or symbol.common is not None)
        return (known or name in asm.aliases) == wanted

    _open(asm, args, evaluate)


def if_blank(wanted: bool, asm: Assembler, args: Arguments) -> None:
    """`.ifb`, `.ifnb`."""
    _open(asm, args, lambda: (not args.rest()) == wanted)


def if_same(wanted: bool, asm: Assembler, args: Arguments) -> None:
    """`.ifc a, b`: compare texts; quotes around one protect its commas."""

    def evaluate() -> bool:
        text = squeeze(args.rest())
        match = re.fullmatch(r"\s*('[^']*'|[^,]*?)\s*,\s*('[^']*'|.*?)\s*", text, re.DOTALL)
        if match is None:
            raise args.fault(f"`{args.directive}` needs two texts")
        one, two = (part[1:-1] if len(part) > 1 and part[0] == part[-1] == "'" else part for part in match.groups())
        return (one == two) == wanted

    _open(asm, args, evaluate)


def if_equal_strings(wanted: bool, asm: Assembler, args: Arguments) -> None:
    """`.ifeqs "a", "b"`."""

    def evaluate() -> bool:
        one = args.string()
        args.expect(",", "between the strings")
        two = args.string()
        args.finish()
        return (one == two) == wanted

    _open(asm, args, evaluate)


def else_if(asm: Assembler, args: Arguments) -> None:
    """`.elseif`."""
    if not asm.conditions or asm.conditions[-1].has_else:
        raise AsmError("A0232", "`.elseif` without `.if`")
    condition = asm.conditions[-1]
    condition.active = False
    if condition.outer and not condition.taken:
        condition.taken = True
        value = asm.absolute(args, "the condition")
        args.finish()
        condition.active = condition.taken = value != 0


def else_(asm: Assembler, _args: Arguments) -> None:
    """`.else`."""
    if not asm.conditions or asm.conditions[-1].has_else:
        raise AsmError("A0232", "`.else` without `.if`")
    condition = asm.conditions[-1]
    condition.has_else = True
    condition.active = condition.outer and not condition.taken
    condition.taken = True


def end_if(asm: Assembler, _args: Arguments) -> None:
    """`.endif`."""
    if not asm.conditions:
        raise AsmError("A0232", "`.endif` without `.if`")
    asm.conditions.pop()


CONDITIONALS: Final[dict[str, _Directive]] = {
    ".if": partial(if_number, lambda value: value != 0),
    ".ifne": partial(if_number, lambda value: value != 0),
    ".ifeq": partial(if_number, lambda value: value == 0),
    ".ifge": partial(if_number, lambda value: value >= 0),
    ".ifgt": partial(if_number, lambda value: value > 0),
    ".ifle": partial(if_number, lambda value: value <= 0),
    ".iflt": partial(if_number, lambda value: value < 0),
    ".ifdef": partial(if_defined, True),
    **dict.fromkeys((".ifndef", ".ifnotdef"), partial(if_defined, False)),
    ".ifb": partial(if_blank, True),
    ".ifnb": partial(if_blank, False),
    ".ifc": partial(if_same, True),
    ".ifnc": partial(if_same, False),
    ".ifeqs": partial(if_equal_strings, True),
    ".ifnes": partial(if_equal_strings, False),
    ".elseif": else_if,
    ".else": else_,
    ".endif": end_if,
}


def macro(asm: Assembler, args: Arguments) -> None:
    """`.macro name parameters` ... `.endm`."""
    begin = asm.statement
    header: AsmError | None = None
    name = ""
    parameters: list[Parameter] = []
    try:
        name, parameters = parse_header(args.text, args.position, asm.expander.alternate)
    except AsmError as error:
        header = error
    body = asm.body((".macro",), (".endm", ".endmacro"), "`.macro`")
    asm.statement = begin
    if header is not None:
        raise header
    if name in asm.macros:
        raise AsmError("A0221", f"macro `{name}` is already defined", help=("`.purgem` removes a macro",))
    asm.macros[name] = Macro(name, parameters, body, begin.origin)


def purge_macro(asm: Assembler, args: Arguments) -> None:
    """`.purgem name`."""
    start = args.position
    name = args.name("a macro").lower()
    args.finish()
    if asm.macros.pop(name, None) is None:
        raise args.fault(f"there is no macro `{name}`", start, args.position)


def exit_macro(asm: Assembler, _args: Arguments) -> None:
    """`.exitm`."""
    asm.leave_macro()


_LOOPS: Final = (".rept", ".irp", ".irpc", ".rep", ".irep", ".irepc")


def repeat(asm: Assembler, args: Arguments) -> None:
    """`.rept count` ... `.endr`."""
    begin = asm.statement
    fault: AsmError | None = None
    count = 0
    try:
        count = asm.absolute(args, "the count")
        args.finish()
    except AsmError as error:
        fault = error
    body = asm.body(_LOOPS, (".endr",), "`.rept`")
    asm.statement = begin
    if fault is not None:
        raise fault
    if count < 0:
        asm.warn(AsmError("A0414", f"repeat count {count} is negative; nothing is repeated"))
        return
    if count * max(1, len(body)) > MAX_REPEAT:
        raise AsmError("A0223", f"{count} repetitions of {len(body)} statements are too many")
    expansion = asm.expansion("`.rept`", begin)
    asm.push_text(asm.expander.copy(body, count, expansion), expansion)


def repeat_over(characters: bool, asm: Assembler, args: Arguments) -> None:
    """`.irp name, values` and `.irpc name, characters`."""
    begin = asm.statement
    what = "`.irpc`" if characters else "`.irp`"
    fault: AsmError | None = None
    name, values = "", [""]
    try:
        args.skip("\\")
        name = args.name("a parameter")
        args.comma()
        text = args.rest()
        if characters:
            values = list(text[1:-1] if text[:1] == text[-1:] == '"' else "".join(text.split())) or [""]
        else:
            values = split_arguments(text, asm.expander.alternate, asm.absolute_text) or [""]
    except AsmError as error:
        fault = error
    body = asm.body(_LOOPS, (".endr",), what)
    asm.statement = begin
    if fault is not None:
        raise fault
    expansion = asm.expansion(what, begin)
    asm.push_text(asm.expander.repeat(body, ({name: value} for value in values), expansion), expansion)


def stray(opener: str, _asm: Assembler, args: Arguments) -> None:
    """`.endm` and `.endr` that close nothing."""
    raise AsmError("A0224", f"`{args.directive}` without `{opener}`")


def alternate(value: bool, asm: Assembler, args: Arguments) -> None:
    """`.altmacro`, `.noaltmacro`."""
    args.finish()
    asm.expander.alternate = value


def include(asm: Assembler, args: Arguments) -> None:
    """`.include "file"`."""
    name = args.string("a file name in quotes").decode(errors="replace")
    args.finish()
    asm.push_file(asm.files.include(name, asm.statement.origin.outermost))


def mode(bits: int, asm: Assembler, args: Arguments) -> None:
    """`.code16`, `.code32`, `.code64`."""
    args.finish()
    if bits == 64 and asm.elf32:
        raise args.fault("`.code64` is not available in an i386 object", code="A0406")
    asm.mode = bits
    asm.gcc16 = args.directive == ".code16gcc"


def syntax(intel: bool, asm: Assembler, args: Arguments) -> None:
    """`.att_syntax`, `.intel_syntax`, with `prefix` or `noprefix` for register names."""
    word = args.rest()
    if word not in ("", "prefix", "noprefix"):
        raise args.fault("expected `prefix` or `noprefix`", args.start, len(args.text))
    prefix = word == "prefix" or (word == "" and not intel)
    asm.intel, asm.naked = intel, not prefix


def message(kind: str, asm: Assembler, args: Arguments) -> None:
    """`.error`, `.warning`, `.print`, `.err`, `.fail`: messages of the source itself."""
    text = (
        args.string().decode(errors="replace")
        if args.has_string()
        else args.rest() or f"`{args.directive}` was reached"
    )
    if kind == "print":
        asm.messages.append(text)
        return
    error = AsmError("A0211" if kind == "error" else "A0212", text)
    if kind == "warning":
        asm.warn(error)
    else:
        raise error


def end(asm: Assembler, _args: Arguments) -> None:
    """`.end`: nothing behind it is read."""
    asm.ended = True


DIRECTIVES: Final[dict[str, _Directive]] = {
    ".macro": macro,
    ".purgem": purge_macro,
    ".exitm": exit_macro,
    **dict.fromkeys((".endm", ".endmacro"), partial(stray, ".macro")),
    ".rept": repeat,
    ".rep": repeat,
    ".irp": partial(repeat_over, False),
    ".irpc": partial(repeat_over, True),
    ".endr": partial(stray, ".rept"),
    ".altmacro": partial(alternate, True),
    ".noaltmacro": partial(alternate, False),
    ".include": include,
    ".code16": partial(mode, 16),
    ".code16gcc": partial(mode, 16),
    ".code32": partial(mode, 32),
    ".code64": partial(mode, 64),
    ".att_syntax": partial(syntax, False),
    ".intel_syntax": partial(syntax, True),
    ".error": partial(message, "error"),
    ".err": partial(message, "error"),
    ".warning": partial(message, "warning"),
    ".print": partial(message, "print"),
    ".end": end,
}
