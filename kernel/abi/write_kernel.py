"""What the kernel gets of the table: numbers, the table of functions, and for each call the checks before its body.

A call's checks stand in this order: numbers and addresses, then environments and capabilities as the arguments stand,
then what is copied in. So an error means the same in every call.
"""

from __future__ import annotations

import re
from typing import Final

from kernel.abi.table import KINDS, REGISTERS, STRUCTS, U64_MAX, Abi, Argument, Call
from kernel.abi.wrap import bracketed, imported

NOTICE: Final = "Generated from kernel/abi/calls.toml by `python -m kernel.abi.generate`; do not edit."
MODULES: Final = {"TrapFrame": "kernel.trapframe", "CapInfo": "kernel.abi.types", "Repossession": "kernel.abi.types"}
INDENT: Final = "    "


def numbers(abi: Abi) -> str:
    """Return kernel/abi/numbers.py."""
    lines = [
        f'"""What the kernel and its programs call by number.\n\n{NOTICE}\n"""',
        "",
        "from typing import Final",
        "",
    ]
    for group in abi.constants.values():
        lines += [f"{name}: Final = {_number(value)}" for name, value in group.items()]
        lines.append("")
    lines += [f"SYS_{call.name.upper()}: Final = {call.number}" for call in abi.calls]
    lines.append(f"SYS_CALLS: Final = {len(abi.calls)}")
    return "\n".join(lines) + "\n"


def header(abi: Abi) -> str:
    """Return kernel_asm/calls.h."""
    lines = [f"/* The numbers of system calls. {NOTICE} */", ""]
    lines += [f"#define SYS_{call.name.upper()}\t{call.number}" for call in abi.calls]
    lines += [f"#define SYS_FAST_COUNT\t{abi.fast_count}", f"#define NCALLS\t{len(abi.calls)}"]
    return "\n".join(lines) + "\n"


def call_table(abi: Abi) -> str:
    """Return kernel_asm/calltable.S."""
    lines = [
        f"/* Where the entry goes for each number: the functions of kernel/calls.py. {NOTICE} */",
        '#include "asm.h"',
        '#include "calls.h"',
        "",
        "\t.section .rodata",
        "OBJECT syscall_table, (NCALLS*8)",
    ]
    lines += [f"\t.quad\tcall_{call.name}" for call in abi.calls]
    return "\n".join(lines) + "\n"


def dispatchers(abi: Abi) -> str:
    """Return kernel/calls.py."""
    bodies: list[str] = []
    for call in abi.calls:
        bodies += ["", "", *_dispatcher(abi, call)]
    text = "\n".join(bodies)
    return "\n".join([*_head(abi, text), text]) + "\n"


def signature(call: Call) -> str:
    """Return how the body of a call is declared."""
    return f"def sys_{call.name}({', '.join(_parameters(call))}) -> i64"


def _parameters(call: Call) -> list[str]:
    parameters = ["me: Env"]
    if call.frame:
        parameters.append("frame: TrapFrame")
    for argument in () if call.words else call.arguments:
        parameters += _parameter(argument)
    if call.words:
        parameters += [
            part for argument in call.arguments if argument.kind != "number" for part in _parameter(argument)
        ]
    return parameters


def _parameter(argument: Argument) -> list[str]:
    match argument.kind:
        case "cap":
            kind = "Capability | None" if argument.optional else "Capability"
            slot = [f"{argument.name}_slot: u32"] if argument.slot else []
            return [f"{argument.name}: {kind}", *slot]
        case "env":
            return [f"{argument.name}: Env"]
        case "in" | "out":
            return [f"{argument.name}: {STRUCTS[argument.type]}"]
        case "user" | "read" | "write":
            return [f"{argument.name}: UserPtr[u8]"]
        case _:
            return [f"{argument.name}: u64"]


def _head(abi: Abi, text: str) -> list[str]:
    """Return what stands above the functions: only what they need."""
    written = [call for call in abi.calls if call.body]

    def used(names: list[str]) -> list[str]:
        return [name for name in names if re.search(rf"\b{name}\b", text)]

    structs = [name for name in STRUCTS if f"{_buffer(name)})" in text]
    imports: dict[str, list[str]] = {
        "exotool.lang": used(["Ptr", "UserPtr", "addressof", "export", "i64", "sizeof", "u8", "u32", "u64"]),
        "kernel.arguments": used(["find_cap", "find_env", "is_page", "is_user", "pages_fit"]),
        "kernel.caps": used(["cap_at"]),
        "kernel.captypes": used(["Capability"]),
        "kernel.env": used(["env_at", "myproc"]),
        "kernel.errno": used(["EFAULT", "EINVAL", "ENOSYS"]),
        "kernel.trapframe": used(["TrapFrame"]),
        "kernel.usercopy": used(["copy_in", "copy_out"]),
    }
    names = {name for group in ("rights", "types", "flags") for name in abi.constants[group]}
    imports["kernel.abi.numbers"] = used(sorted(names))
    for name in structs:
        imports.setdefault(MODULES[STRUCTS[name]], []).append(STRUCTS[name])
    for call in written:
        imports.setdefault(f"kernel.sys_{call.file}", []).append(f"sys_{call.name}")
    lines = [
        '"""What the entry of system calls calls: the checks of each call\'s arguments, then its body.',
        "",
        NOTICE,
        '"""',
        "",
    ]
    for module in sorted(imports):
        if imports[module]:
            lines += imported(module, imports[module])
    if structs:
        lines.append("")
        lines.append("# Under the big lock.")
        lines += [f"{_buffer(name)}: {STRUCTS[name]} = {STRUCTS[name]}()" for name in structs]
    return lines


def _buffer(struct: str) -> str:
    return f"{struct.lower()}_buffer"


def _dispatcher(abi: Abi, call: Call) -> list[str]:
    """Return the function of a call."""
    if call.fast:
        parameters = [f"{_raw(argument)}: u64" for argument in call.arguments] if call.body else []
        lines = bracketed(f"def call_{call.name}(", parameters, ") -> i64:")
    else:
        lines = [f"def call_{call.name}(frame: TrapFrame) -> i64:"]
    names = ", ".join(argument.name for argument in call.arguments)
    lines = ["@export", *lines, f'{INDENT}"""{call.name}({names})."""']
    if not call.body:
        return [*lines, f"{INDENT}return -ENOSYS"]
    body: list[str] = []
    if not call.fast:
        registers = dict(zip((argument.name for argument in call.arguments), REGISTERS, strict=False))
        body += [
            f"{_raw(argument)} = frame.{registers[argument.name]}"
            for argument in call.arguments
            if not (call.words and argument.kind == "number")
        ]
    arguments = [a for a in call.arguments if not (call.words and a.kind == "number")]
    for argument in arguments:
        body += _check_number(abi, call, argument)
    body.append("me = myproc()")
    for argument in arguments:
        body += _resolve(abi, argument)
    body += _finish(call, arguments)
    return lines + [INDENT + line for line in body]


def _raw(argument: Argument) -> str:
    """Return the name of what the program gave."""
    return argument.name if argument.kind in _PLAIN else f"{argument.name}_given"


_PLAIN: Final = frozenset(KINDS) - {"cap", "env", "in", "out", "user", "read", "write"}


def _check_number(abi: Abi, call: Call, argument: Argument) -> list[str]:
    """Return the checks that need no table."""
    raw = _raw(argument)
    match argument.kind:
        case "number":
            tests = [f"{raw} < {_number(argument.min)}"] if argument.min else []
            tests += [f"{raw} > {_number(argument.max)}"] if argument.max != U64_MAX else []
            return _refuse(" or ".join(tests), "EINVAL") if tests else []
        case "flags":
            bits = " | ".join(argument.mask) or _number(argument.max)
            return _refuse(f"{raw} & ~u64({bits}) != 0", "EINVAL")
        case "page":
            return _refuse(f"not is_page({raw})", "EINVAL")
        case "pages":
            return _refuse(f"{raw} > {argument.max} or not pages_fit({argument.of}, {raw})", "EINVAL")
        case "code" | "stack":
            return _refuse(f"not is_user({raw}, 0)", "EINVAL")
        case "in" | "out" | "user":
            return _refuse(f"not is_user({raw}, sizeof({STRUCTS[argument.type]}))", "EFAULT")
        case "read" | "write":
            return _refuse(f"not is_user({raw}, {argument.length})", "EFAULT")
        case _:
            return []


def _refuse(condition: str, errno: str) -> list[str]:
    return [f"if {condition}:", f"{INDENT}return -{errno}"]


def _resolve(abi: Abi, argument: Argument) -> list[str]:
    """Return what makes an argument that which the body takes."""
    name, raw = argument.name, _raw(argument)
    match argument.kind:
        case "env":
            index = f"{name}_index"
            found = f"find_env(me, {raw}, {_rights(argument)})"
            if argument.optional:
                found = f"i64(me.index) if {raw} == 0 else {found}"
            return [f"{index} = {found}", *_pass_on(index), f"{name} = env_at(u32({index}))"]
        case "cap":
            table = f"{argument.within or 'me'}.index"
            slot = f"{name}_slot"
            needs = argument.needs or _rights(argument)
            lines = [f"{slot} = find_cap({table}, {raw}, CAP_{argument.type}, {needs})", *_pass_on(slot)]
            at = f"cap_at({table}, u32({slot}))"
            if not argument.optional:
                return [*lines, f"{name} = {at}"]
            inner = [f"{INDENT}{line}" for line in [*lines, f"{name} = {at}"]]
            return [f"{name}: Capability | None = None", f"if {raw} != 0:", *inner]
        case "in":
            buffer = _buffer(argument.type)
            size = f"sizeof({STRUCTS[argument.type]})"
            return [
                f"if not copy_in(Ptr[u8](addressof({buffer})), UserPtr[u8]({raw}), {size}):",
                f"{INDENT}return -EFAULT",
            ]
        case _:
            return []


def _rights(argument: Argument) -> str:
    return " | ".join(argument.rights) or "0"


def _pass_on(variable: str) -> list[str]:
    return [f"if {variable} < 0:", f"{INDENT}return {variable}"]


def _finish(call: Call, arguments: list[Argument]) -> list[str]:
    """Return the call of the body, and the copy of what it gives."""
    given = ["me"] + (["frame"] if call.frame else [])
    for argument in arguments:
        match argument.kind:
            case "in" | "out":
                given.append(_buffer(argument.type))
            case "user" | "read" | "write":
                given.append(f"UserPtr[u8]({_raw(argument)})")
            case "cap":
                given += [argument.name] + ([f"u32({argument.name}_slot)"] if argument.slot else [])
            case _:
                given.append(argument.name)
    out = next((argument for argument in arguments if argument.kind == "out"), None)
    if out is None:
        return _statement(call, "return ", given)
    buffer, kind = _buffer(out.type), STRUCTS[out.type]
    return [
        *_statement(call, "result = ", given),
        "if result < 0:",
        f"{INDENT}return result",
        f"if not copy_out(UserPtr[u8]({_raw(out)}), Ptr[u8](addressof({buffer})), sizeof({kind})):",
        f"{INDENT}return -EFAULT",
        "return result",
    ]


def _statement(call: Call, start: str, given: list[str]) -> list[str]:
    return bracketed(f"{start}sys_{call.name}(", given, ")")


def _number(value: int) -> str:
    """Return a number as people write it: the large ones in hexadecimal, in groups of four."""
    return str(value) if value < 1024 else f"0x{value:_X}"
