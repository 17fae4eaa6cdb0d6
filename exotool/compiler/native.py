"""A program in this very process: LLVM's MCJIT makes machine code of the module, ctypes calls it.

For tests that CPython is too slow for, with the same values. A trap raises `exotool.lang.traps.Trap`; an extern is a
Python function, and what it raises comes out of the call that led to it. The processor's own faults (a wild pointer)
end the process, as they end a kernel.
"""

from __future__ import annotations

import ctypes
import platform
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from exotool.compiler.backend import load_llvm, optimise, parse_module, target_machine
from exotool.compiler.deep import deep_recursion
from exotool.compiler.lower import lower_program
from exotool.compiler.lower_context import ModuleContext, parameter_registers
from exotool.compiler.lower_options import X86_64_KERNEL, Machine, Options, options_for
from exotool.compiler.native_glue import RAISED, TRAP, TRAPPED, glue, way_in, way_out
from exotool.compiler.native_values import Memory, word_count
from exotool.compiler.tree import Function, Program
from exotool.diagnostics import Diagnostic, Place, ToolError
from exotool.lang.traps import Reason, Trap
from exotool.project import Overflow, Profile, Shift

Extern = Callable[..., Any]


class _TrapRecord(ctypes.Structure):
    """What `__kpy_trap` gets; see `lower_context`."""

    _fields_ = (
        ("file", ctypes.c_char_p),
        ("message", ctypes.c_char_p),
        ("line", ctypes.c_uint32),
        ("column", ctypes.c_uint32),
        ("reason", ctypes.c_uint32),
        ("flags", ctypes.c_uint32),
    )


@dataclass(frozen=True, slots=True)
class NativeFunction:
    """A function of a native program, to be called like one of Python's, positionally."""

    program: NativeProgram
    function: Function
    entry: Any

    def __call__(self, *arguments: object) -> Any:
        """Call it. Raises `Trap`, what an extern raised, and `TypeError` or `OverflowError` for wrong arguments."""
        function, memory = self.function, self.program.memory
        if len(arguments) != len(function.parameters):
            raise TypeError(f"{function.name} takes {len(function.parameters)} arguments, not {len(arguments)}")
        words: list[int] = []
        for value, parameter in zip(arguments, function.parameters, strict=True):
            words += memory.to_registers(value, parameter.type, f"`{parameter.name}`")
        count = word_count(function.result)
        given = (ctypes.c_uint64 * max(len(words), 1))(*words)
        results = (ctypes.c_uint64 * max(count, 1))()
        ending = self.entry(ctypes.addressof(given), ctypes.addressof(results))
        if ending:
            raise self.program.ending(ending)
        return memory.from_registers(results[:count], function.result)


class NativeProgram:
    """A program in memory. `externs` gives a Python function for each extern's symbol that the program calls."""

    def __init__(
        self,
        program: Program,
        options: Options,
        externs: Mapping[str, Extern] | None = None,
        symbols: Mapping[str, int] | None = None,
    ) -> None:
        self.memory = Memory()
        self._functions = [f for f in program.functions if f.body is not None and not f.external]
        self._globals = {g.symbol: g for g in program.globals} | {f"{g.module}.{g.name}": g for g in program.globals}
        self._numbers = {f.symbol: i for i, f in enumerate(self._functions)}
        self._numbers |= {f"{f.module}.{f.name}": i for i, f in enumerate(self._functions)}
        self._raised: BaseException | None = None
        self._called: list[Function] = []
        text = self._text(program, options, dict(symbols or {}))
        self._engine = _engine(text, options)
        self._callbacks = [self._set_extern(function, externs or {}) for function in self._called]
        self._trap = (ctypes.c_uint64 * 3).from_address(self._engine.get_global_value_address(TRAP))

    def function(self, name: str) -> NativeFunction:
        """Return a function by its ELF symbol or its dotted name; raises `KeyError`."""
        number = self._numbers[name]
        # Python's lock stays held: the program has one jump buffer, and its externs need the lock anyway.
        prototype = ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
        entry = prototype(self._engine.get_function_address(way_in(number)))
        return NativeFunction(self, self._functions[number], entry)

    def variable(self, name: str) -> Any:
        """Return a static, by symbol or dotted name, as a ctypes object at its address; raises `KeyError`."""
        variable = self._globals[name]
        address = self._engine.get_global_value_address(variable.symbol)
        return self.memory.type(variable.type).from_address(address)

    def ending(self, code: int) -> BaseException:
        """Return the exception for a call that did not end well."""
        if code == RAISED and self._raised is not None:
            raised, self._raised = self._raised, None
            return raised
        if code != TRAPPED:
            return Trap(Reason.UNREACHABLE, "an extern that does not return has returned")
        record = _TrapRecord.from_address(self._trap[0])
        message, path = record.message.decode(), record.file.decode("utf-8", "surrogateescape")
        return Trap(Reason(record.reason), message, path, record.line, record.column)

    def _text(self, program: Program, options: Options, symbols: dict[str, int]) -> str:
        write_glue = glue(self._functions)

        def supplement(context: ModuleContext) -> list[str]:
            lines = write_glue(context)
            self._called = list(context.external.values())
            if context.missing:
                raise ToolError(
                    *(
                        Diagnostic(
                            "C0702",
                            f"the symbol `{symbol}` has no value without a linker",
                            help=(f'give one: symbols={{"{symbol}": 0x…}}',),
                        )
                        for symbol in dict.fromkeys(context.missing)
                    )
                )
            return lines

        with deep_recursion():
            (text,) = lower_program(program, options, host_machine(options), supplement, symbols).values()
        return text

    def _set_extern(self, function: Function, externs: Mapping[str, Extern]) -> Any:
        """Let an extern's slot lead to its Python function; raises `ToolError` C0701 without one."""
        python = externs.get(function.symbol) or externs.get(f"{function.module}.{function.name}")
        if python is None:
            raise ToolError(
                Diagnostic(
                    "C0701",
                    f"the extern `{function.symbol}` has no Python function",
                    Place(function.span.path, function.span.line, function.span.column),
                    help=(f'give one: externs={{"{function.symbol}": …}}',),
                )
            )
        callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)(self._callback(function, python))
        slot = ctypes.c_uint64.from_address(self._engine.get_global_value_address(way_out(function.symbol)))
        slot.value = ctypes.cast(callback, ctypes.c_void_p).value or 0
        return callback

    def _callback(self, function: Function, python: Extern) -> Callable[[int, int], int]:
        count = len(parameter_registers(function))

        def call(given: int, results: int) -> int:
            words = (ctypes.c_uint64 * max(count, 1)).from_address(given)
            try:
                arguments, at = [], 0
                for parameter in function.parameters:
                    size = word_count(parameter.type)
                    arguments.append(self.memory.from_registers(words[at : at + size], parameter.type))
                    at += size
                result = python(*arguments)
                if word_count(function.result):
                    self._give(results, function, result)
            except BaseException as error:  # noqa: BLE001 - the call that led here raises it again
                self._raised = error
                return RAISED
            return 0

        return call

    def _give(self, results: int, function: Function, result: object) -> None:
        kind: Any = function.result
        words = self.memory.to_registers(result, kind, f"the result of `{function.name}`")
        ctypes.memmove(results, (ctypes.c_uint64 * len(words))(*words), 8 * len(words))


def load_native(
    program: Program,
    profile: Profile = "dev",
    *,
    overflow: Overflow | None = None,
    shift: Shift | None = None,
    externs: Mapping[str, Extern] | None = None,
    symbols: Mapping[str, int] | None = None,
) -> NativeProgram:
    """Return a checked program as machine code of this process, as `profile` makes it.

    Raises `ToolError` C0701 for an extern without a Python function and C0702 for a linker symbol without a value.
    """
    options = replace(options_for(profile, overflow, shift), whole_program=True, debug=False, open_statics=True)
    return NativeProgram(program, options, externs, symbols)


def host_machine(options: Options) -> Machine:
    """Return the machine that this process runs on, with the same restrictions as a kernel's where it is x86_64."""
    llvm = load_llvm()
    triple = llvm.get_process_triple()
    x86_64 = platform.machine().lower() in ("x86_64", "amd64")
    cpu, features = (X86_64_KERNEL.cpu, X86_64_KERNEL.features) if x86_64 else ("generic", "")
    made = llvm.Target.from_triple(triple).create_target_machine(
        cpu=cpu, features=features, opt=2 if options.optimised else 0, reloc="default", codemodel="jitdefault", jit=True
    )
    return Machine(triple, cpu, features, str(made.target_data), "default", "jitdefault", freestanding=False)


def _engine(text: str, options: Options) -> Any:
    llvm = load_llvm()
    machine = target_machine(host_machine(options), options, jit=True)
    module = parse_module(text)
    if options.optimised:
        optimise(module, machine)
    engine = llvm.create_mcjit_compiler(module, machine)
    engine.finalize_object()
    return engine
