"""What a program gets to run inside of a Python process: ways in, ways out, and the end of a trap, as LLVM text.

Both ways have one shape: `i32 f(u64 *arguments, u64 *results)`, a register in each 64 bits. The way in keeps a jump
buffer; a trap, or an exception in an extern's Python function, jumps there over the program's frames, never over
Python's: each call from Python has a buffer of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from exotool.compiler.lower_context import NATIVE_TRAP_FUNCTION, ModuleContext, parameter_registers, prototype
from exotool.compiler.lower_statements import Statements
from exotool.compiler.lower_text import quoted
from exotool.compiler.lower_types import Register, Value, registers
from exotool.compiler.tree import Function
from exotool.compiler.types import NeverType

BUFFER: Final = "native.buffer"
TRAP: Final = "native.trap"
TRAPPED: Final = 1
RAISED: Final = 2
RETURNED: Final = 3
"""How a call ended other than well: a trap, an exception of an extern, an extern that must not return but did."""

_JUMP_BUFFER_WORDS: Final = 64
"""More than any C library's jmp_buf: 25 words with glibc on x86_64, 39 on arm64, 48 with macOS."""


def way_in(index: int) -> str:
    """Return the symbol by which Python calls the function of that number."""
    return f"native.call.{index}"


def way_out(symbol: str) -> str:
    """Return the symbol of the slot that holds the address of an extern's Python function."""
    return f"native.extern.{symbol}"


def glue(functions: Sequence[Function]) -> Callable[[ModuleContext], list[str]]:
    """Return what writes the ways into `functions`, and out of the externs that the module turns out to call."""

    def supplement(context: ModuleContext) -> list[str]:
        text = [
            f"@{BUFFER} = global ptr null, align 8",
            f"@{TRAP} = global [3 x i64] zeroinitializer, align 8",
            "declare i32 @_setjmp(ptr) returns_twice nounwind",
            "declare void @longjmp(ptr, i32) noreturn nounwind",
        ]
        context.declarations.pop(NATIVE_TRAP_FUNCTION, None)
        text += _trap_function()
        for index, function in enumerate(functions):
            text += _enter(context, function, index)
        for symbol, function in context.external.items():
            context.declarations.pop(symbol, None)
            text += _leave(context, function)
        return text

    return supplement


def _trap_function() -> list[str]:
    return [
        f"define internal void @{NATIVE_TRAP_FUNCTION}(ptr nonnull %record, i64 %a, i64 %b) noreturn cold noinline {{",
        "  %number = ptrtoint ptr %record to i64",
        f"  store i64 %number, ptr @{TRAP}",
        f"  store i64 %a, ptr getelementptr (i8, ptr @{TRAP}, i64 8)",
        f"  store i64 %b, ptr getelementptr (i8, ptr @{TRAP}, i64 16)",
        f"  %buffer = load ptr, ptr @{BUFFER}",
        f"  call void @longjmp(ptr %buffer, i32 {TRAPPED})",
        "  unreachable",
        "}",
    ]


def _enter(context: ModuleContext, function: Function, index: int) -> list[str]:
    writer = Statements(context, function)
    buffer = writer.slot("i64", _JUMP_BUFFER_WORDS, align=16)
    outer = writer.value(f"load ptr, ptr @{BUFFER}")
    writer.emit(f"store ptr {buffer}, ptr @{BUFFER}")
    ending = writer.value(f"call i32 @_setjmp(ptr {buffer}) returns_twice")
    go, stopped = writer.fresh("go"), writer.fresh("stopped")
    writer.branch(writer.value(f"icmp eq i32 {ending}, 0"), go, stopped)
    writer.start(go)
    arguments = _load_registers(writer, "%arguments", parameter_registers(function))
    result = _call(writer, context, function, arguments)
    _store_registers(writer, "%results", registers(function.result), result)
    writer.emit(f"store ptr {outer}, ptr @{BUFFER}")
    writer.end("ret i32 0")
    writer.start(stopped)
    writer.emit(f"store ptr {outer}, ptr @{BUFFER}")
    writer.end(f"ret i32 {ending}")
    head = f"define i32 @{way_in(index)}(ptr %arguments, ptr %results) noinline nounwind"
    return [f"{head} {{", *writer.body(), "}"]


def _call(writer: Statements, context: ModuleContext, function: Function, arguments: Value) -> Value:
    cycle = context.counters.get(function)
    callee = context.function_address(function) if cycle is None else context.nested_address(function)
    hidden = [f"i32 {int(member is function)}" for member in cycle or ()]
    return writer.call_with(callee, hidden, parameter_registers(function), arguments, function.result)


def _leave(context: ModuleContext, function: Function) -> list[str]:
    slot = f"@{quoted(way_out(function.symbol))}"
    writer = Statements(context, function)
    parts = parameter_registers(function)
    given = registers(function.result)
    arguments = writer.slot("i64", max(len(parts), 1))
    results = writer.slot("i64", max(len(given), 1))
    _store_registers(writer, arguments, parts, tuple(f"%a{i}" for i in range(len(parts))))
    callee = writer.value(f"load ptr, ptr {slot}")
    ending = writer.value(f"call i32 {callee}(ptr {arguments}, ptr {results})")
    raised, returned = writer.fresh("raised"), writer.fresh("returned")
    writer.branch(writer.value(f"icmp eq i32 {ending}, 0"), returned, raised)
    writer.start(raised)
    _jump(writer, RAISED)
    writer.start(returned)
    if isinstance(function.result, NeverType):
        _jump(writer, RETURNED)
    else:
        writer.give_back(_load_registers(writer, results, given))
    head = prototype(function, f"@{quoted(function.symbol)}", names=True)
    return [
        f"{slot} = global ptr null, align 8",
        f"define internal {head} noinline {context.attributes()} {{",
        *writer.body(),
        "}",
    ]


def _jump(writer: Statements, ending: int) -> None:
    buffer = writer.value(f"load ptr, ptr @{BUFFER}")
    writer.emit(f"call void @longjmp(ptr {buffer}, i32 {ending})")
    writer.end("unreachable")


def _load_registers(writer: Statements, array: str, parts: Sequence[Register]) -> Value:
    values = []
    for index, part in enumerate(parts):
        word = writer.value(f"load i64, ptr {_word(writer, array, index)}")
        if part.llvm == "ptr":
            word = writer.value(f"inttoptr i64 {word} to ptr")
        elif part.llvm != "i64":
            word = writer.value(f"trunc i64 {word} to {part.llvm}")
        values.append(word)
    return tuple(values)


def _store_registers(writer: Statements, array: str, parts: Sequence[Register], values: Value) -> None:
    for index, (part, operand) in enumerate(zip(parts, values, strict=True)):
        word = operand
        if part.llvm == "ptr":
            word = writer.value(f"ptrtoint ptr {operand} to i64")
        elif part.llvm != "i64":
            word = writer.value(f"zext {part.llvm} {operand} to i64")
        writer.emit(f"store i64 {word}, ptr {_word(writer, array, index)}")


def _word(writer: Statements, array: str, index: int) -> str:
    return writer.value(f"getelementptr i64, ptr {array}, i64 {index}")
