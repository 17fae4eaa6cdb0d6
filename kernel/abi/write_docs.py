"""docs/syscalls.md: the reference of the system calls, of the table."""

from __future__ import annotations

from typing import Final

from kernel.abi.table import REGISTERS, STRUCTS, U64_MAX, Abi, Argument, Call
from kernel.abi.write_kernel import signature

FILES: Final = {
    "misc": "What needs no capability, and the console",
    "env": "Environments",
    "memory": "Memory",
    "cap": "Capabilities",
    "ipc": "Upcalls, control transfer, doors, notifications",
    "device": "Interrupts, ports, time",
    "zone": "Zones",
}

HEAD: Final = """\
# System calls of ExoV6

Generated from `kernel/abi/calls.toml` by `python -m kernel.abi.generate`; do not edit. The same table makes the
checks that run before a call's body (`kernel/calls.py`), the stubs of user programs (`libos/calls.py`,
`libos/calls.S`) and the grammar of the fuzzer (`user/fuzz_table.py`).

## Convention

`SYSCALL` with the number in RAX and the arguments in RDI RSI RDX R10 R8 R9. RAX has the result, or an error as a
negative number from `kernel/errno.py`. RCX, R11 and the registers of arguments are lost; RBX, RBP, RSP and R12 to R15
are kept. An unknown number gives `ENOSYS`. Calls with the numbers below {fast} run without a trap frame: they never
block or switch.

A capability's id is its slot with the slot's generation above it (`generation << 32 | slot`), so that the id of one
that is gone never means another. Ids are looked up in the caller's table, unless it says otherwise.

Arguments are checked in this order: numbers and addresses, then environments and capabilities as they stand in the
call, then what is copied from user space. The errors of all calls:

| error | what is wrong with an argument |
|---|---|
| `EINVAL` | a number, an unknown flag, or an address that is not of user space or not of a page |
| `EFAULT` | memory of user space that cannot be read or written |
| `EBADF` | an id that was never given out |
| `ESTALE` | a capability that was revoked or dropped |
| `EOWNERDEAD` | a capability of something that does not exist any more |
| `EPROTOTYPE` | a capability of another type |
| `EACCES` | a capability without the rights |
| `ERANGE` | a range that is not within the capability's |
| `EXDEV` | a capability of another zone |

`cap_validate` returns these seven reasons of capabilities as 1 to 7, in this order.
"""


def reference(abi: Abi) -> str:
    """Return docs/syscalls.md."""
    for call in abi.calls:
        if call.file not in FILES:
            raise ValueError(f"{call.name}: no part of the reference is called `{call.file}`")
    lines = [HEAD.format(fast=abi.fast_count)]
    for file, title in FILES.items():
        lines.append(f"## {title}\n")
        if any(call.file == file and call.body for call in abi.calls):
            lines.append(f"Bodies: `kernel/sys_{file}.py`.\n")
        for call in sorted((call for call in abi.calls if call.file == file), key=lambda call: call.position):
            lines += _call(call)
    lines += _constants(abi)
    return "\n".join(lines).rstrip("\n") + "\n"


def _call(call: Call) -> list[str]:
    names = ", ".join(argument.name for argument in call.arguments)
    lines = [f"### `{call.name}({names})` · {call.number}\n", f"{call.doc}\n"]
    if not call.body:
        lines.append("Not there yet: `ENOSYS`.\n")
    for register, argument in zip(REGISTERS, call.arguments, strict=False):
        if argument.kind != "number" or not call.words:
            lines.append(f"- `{argument.name}` ({register.upper()}): {_meaning(argument)}")
    if call.words:
        lines.append("- the others: words, passed on as they are")
    for result in call.results:
        lines.append(f"- result: {result}")
    for name, why in call.errors:
        lines.append(f"- `{name}`: {why}")
    lines.append(f"- body: `{signature(call)}`")
    lines.append("")
    return lines


def _meaning(argument: Argument) -> str:
    rights = " and ".join(argument.rights)
    with_rights = f" with {rights}" if rights else ""
    match argument.kind:
        case "number":
            if argument.min == 0 and argument.max == U64_MAX:
                return "any number"
            if argument.max == U64_MAX:
                return f"at least {argument.min}"
            return f"{argument.min} to {_number(argument.max)}"
        case "flags":
            return "any of " + (", ".join(f"`{name}`" for name in argument.mask) or f"the bits {_number(argument.max)}")
        case "page":
            return "address of a page of user space"
        case "pages":
            return f"pages from `{argument.of}` on, 1 to {argument.max}"
        case "code":
            return "address of code" + (", or 0" if argument.optional else "")
        case "stack":
            return "end of a stack"
        case "id":
            return "a capability of any type"
        case "cap":
            needs = f" with the rights that `{argument.needs}` names" if argument.needs else with_rights
            where = f", in the table of `{argument.within}`" if argument.within else ""
            return f"{argument.type} capability{needs}{where}" + (", or 0" if argument.optional else "")
        case "env":
            return f"ENV capability{with_rights}" + ("; 0: the caller itself" if argument.optional else "")
        case "in" | "user":
            return f"a `{STRUCTS[argument.type]}` that is read"
        case "out":
            return f"a `{STRUCTS[argument.type]}` that is written"
        case "read":
            return f"buffer of `{argument.length}` bytes that is read"
        case _:
            return f"buffer of `{argument.length}` bytes that is written"


def _constants(abi: Abi) -> list[str]:
    lines = ["## Constants\n", "In `kernel/abi/numbers.py`.\n"]
    for group, values in abi.constants.items():
        lines += [f"| {group} | value | meaning |", "|---|---|---|"]
        lines += [f"| `{name}` | {_number(value)} | {abi.explain.get(name, '')} |" for name, value in values.items()]
        lines.append("")
    return lines


def _number(value: int) -> str:
    return str(value) if value < 1024 else f"{value:#x}"
