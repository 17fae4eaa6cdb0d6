"""What user programs get of the table: stubs that make the calls, and what the fuzzer knows of their arguments."""

from __future__ import annotations

import textwrap
from typing import Final

from kernel.abi.table import STRUCTS, Abi, Argument, Call
from kernel.abi.wrap import WIDTH, bracketed, imported
from kernel.abi.write_kernel import MODULES, NOTICE

FUZZ_KINDS: Final = (
    *("number", "flags", "page", "pages", "address", "id", "capability", "environment", "buffer"),
    *("base", "limit", "any", "power", "code"),
)
_FUZZ: Final = {
    "stack": "address",
    "cap": "capability",
    "env": "environment",
    **dict.fromkeys(("in", "out", "user", "read", "write"), "buffer"),
}


def stubs(abi: Abi) -> str:
    """Return libos/calls.py."""
    calls = sorted((call for call in abi.calls if call.stub), key=lambda call: call.position)
    structs = sorted({STRUCTS[a.type] for call in calls for a in call.arguments if a.kind in ("in", "out", "user")})
    lines = [f'"""The system calls, as functions: docs/syscalls.md.\n\n{NOTICE}\n"""', ""]
    lines += ["from exotool.lang import extern, i64, u64"]
    modules: dict[str, list[str]] = {}
    for struct in structs:
        modules.setdefault(MODULES[struct], []).append(struct)
    for module in sorted(modules):
        lines += imported(module, modules[module])
    for call in calls:
        parameters = [_parameter(argument) for argument in call.arguments]
        lines += ["", "", "@extern", *bracketed(f"def exo_{call.name}(", parameters, ") -> i64:")]
        lines += [*_docstring(call), "    return 0"]
    return "\n".join(lines) + "\n"


def stub_code(abi: Abi) -> str:
    """Return libos/calls.S."""
    lines = [
        f"/* A function for each system call: the number, and the fourth argument where SYSCALL wants it. {NOTICE} */",
        '#include "calls.h"',
        '#include "user.h"',
        "",
        "\t.text",
    ]
    for call in abi.calls:
        if call.stub:
            lines.append(f"\tSTUB exo_{call.name}, SYS_{call.name.upper()}")
    return "\n".join(lines) + "\n"


def grammar(abi: Abi) -> str:
    """Return user/fuzz_table.py: for each call and argument three numbers, the kind and two that the kind explains."""
    lines = [
        '"""What the fuzzer knows of each system call, by its number.',
        "",
        "Three words an argument, six arguments a call: the kind, and its bounds (NUMBER), the bits there are (FLAGS),",
        "the greatest count (PAGES), the type (CAPABILITY) or the size in bytes (BUFFER; 0: another argument says).",
        "",
        NOTICE,
        '"""',
        "",
        "from typing import Final",
        "",
        "from exotool.lang import Array, array, u64",
        "",
        "NONE: Final = 0",
    ]
    lines += [f"{kind.upper()}: Final = {number + 1}" for number, kind in enumerate(FUZZ_KINDS)]
    lines += ["", "# fmt: off", "ARGUMENTS: Final[Array[u64]] = array(", "    ["]
    for call in abi.calls:
        lines.append(f"        # {call.number}: {call.name}")
        rows = [_fuzz(abi, argument) for argument in call.arguments]
        rows += [(0, 0, 0)] * (6 - len(rows))
        lines += [f"        {kind}, {first:#x}, {second:#x}," for kind, first, second in rows]
    lines += ["    ]", ")", "# fmt: on"]
    return "\n".join(lines) + "\n"


def _fuzz(abi: Abi, argument: Argument) -> tuple[int, int, int]:
    hint = argument.type if argument.kind == "number" else ""
    kind = FUZZ_KINDS.index(hint or _FUZZ.get(argument.kind, argument.kind)) + 1
    match argument.kind:
        case "number":
            return kind, argument.min, argument.max
        case "flags":
            return kind, abi.bits(argument.mask) or argument.max, 0
        case "pages":
            return kind, argument.max, 0
        case "cap":
            return kind, abi.bits((f"CAP_{argument.type}",)), 0
        case "in" | "out" | "user":
            return kind, 256, 0
        case _:
            return kind, 0, 0


def _parameter(argument: Argument) -> str:
    if argument.kind in ("in", "out", "user"):
        return f"{argument.name}: {STRUCTS[argument.type]}"
    return f"{argument.name}: u64"


def _docstring(call: Call) -> list[str]:
    """Return the summary, which is one line as long as possible, and what more the table says."""
    text = f'    """{call.doc}"""'
    if len(text) <= WIDTH:
        return [text]
    sentence, _, rest = call.doc.partition(". ")
    if not rest or len(sentence) > WIDTH - 8:
        raise ValueError(f"{call.name}: the first sentence of `doc` is too long")
    more = textwrap.wrap(rest, WIDTH - 4, initial_indent="    ", subsequent_indent="    ")
    return [f'    """{sentence}.', "", *more, '    """']
