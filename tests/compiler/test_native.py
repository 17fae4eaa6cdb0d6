"""The native mode's own errors, its values, and that nothing in it is for one kind of host only."""

from __future__ import annotations

import ctypes
import gc
import threading
from dataclasses import replace

import pytest

from exotool.compiler import native_glue
from exotool.compiler.backend import load_llvm, optimise, parse_module
from exotool.compiler.emit import compile_unit, lower_units
from exotool.compiler.lower import lower_program
from exotool.compiler.lower_options import Machine, options_for
from exotool.compiler.tree import (
    Call,
    Element,
    Evaluate,
    Global,
    GlobalPlace,
    Intrinsic,
    IntrinsicOperator,
    Load,
    While,
)
from exotool.compiler.types import BOOL, I8, NEVER, U8, U16, U64, ArrayType, EnumType, TupleType, ViewType
from exotool.diagnostics import ToolError
from exotool.lang.traps import Reason, Trap
from exotool.project import PROFILES, Profile

from .trees import at, binary, const, function, give, native, parameter, program, read


def test_an_extern_without_a_function_and_a_symbol_without_a_value() -> None:
    n = parameter("n", U64)
    outside = function("outside", [n], U64, None)
    call = function("f", [n], U64, [give(Call(outside, (read(n),), at()))])
    with pytest.raises(ToolError) as caught:
        native([call, outside])
    (error,) = caught.value.diagnostics
    assert (error.code, error.message) == ("C0701", "the extern `outside` has no Python function")
    end = Intrinsic(IntrinsicOperator.SYMBOL_ADDRESS, (), U64, at(), symbol="__bss_end")
    with pytest.raises(ToolError) as caught:
        native([function("f", [], U64, [give(end)])])
    (error,) = caught.value.diagnostics
    assert (error.code, error.message) == ("C0702", "the symbol `__bss_end` has no value without a linker")
    assert error.help == ('give one: symbols={"__bss_end": 0x…}',)


def test_an_extern_that_must_not_return() -> None:
    stop = function("stop", [], NEVER, None)
    leave = function("f", [], U64, [])
    leave.body = (Evaluate(Call(stop, (), at()), at()),)
    made = native([leave, stop], externs={"stop": lambda: None})
    with pytest.raises(Trap, match="an extern that does not return has returned"):
        made.function("m.f")()


def test_arguments_are_checked_as_cpython_would() -> None:
    color = EnumType("Color", "m", U8, {"RED": 1})
    a, b, c = parameter("a", I8), parameter("b", BOOL), parameter("c", color)
    t, v = parameter("t", TupleType((U8, BOOL))), parameter("v", ViewType(U16))
    made = native([function("f", [a, b, c, t, v], U64, [give(const(1))])])
    words = (ctypes.c_uint16 * 2)()
    f = made.function("m.f")
    good = (-128, True, 1, (255, False), words)
    assert f(*good) == 1
    for index, value, error, message in (
        (0, 128, OverflowError, "`a` must fit i8, and 128 does not"),
        (0, True, TypeError, "`a` must be an int, not True"),
        (1, 1, TypeError, "`b` must be a bool, not 1"),
        (2, 2, ValueError, "`c` must be a member of Color, and 2 is none"),
        (3, (256, True), OverflowError, "item 0 of `t` must fit u8, and 256 does not"),
        (3, (1,), TypeError, "`t` must be a tuple of 2, not (1,)"),
        (4, bytearray(4), TypeError, "`v` must be a ctypes array for Array[u16]"),
    ):
        arguments = [*good]
        arguments[index] = value
        with pytest.raises(error) as caught:
            f(*arguments)
        assert message in str(caught.value)
    with pytest.raises(TypeError, match="f takes 5 arguments, not 1"):
        f(1)
    with pytest.raises(KeyError):
        made.function("m.g")


def test_programs_come_and_go_and_traps_do_not_mix() -> None:
    n = parameter("n", U64)
    kept = []
    for step in range(20):
        made = native([function("f", [n], U64, [give(binary("//", const(step), read(n)))])])
        kept.append(made.function("m.f"))
        with pytest.raises(Trap) as caught:
            kept[-1](0)
        assert caught.value.reason is Reason.DIVISION
        del made
        gc.collect()
    assert [f(1) for f in kept] == list(range(20))


def test_threads_take_turns() -> None:
    n = parameter("n", U64)
    f = native([function("f", [n], U64, [give(binary("//", const(1000), read(n)))])]).function("m.f")
    wrong: list[object] = []

    def work() -> None:
        for number in range(2000):
            try:
                if f(number % 5) != 1000 // (number % 5):
                    wrong.append(number)
            except (Trap, ZeroDivisionError) as error:
                if number % 5:
                    wrong.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


@pytest.mark.parametrize(
    "triple", ["aarch64-unknown-linux-gnu", "arm64-apple-macosx14.0.0", "x86_64-apple-macosx14.0.0"]
)
@pytest.mark.parametrize("profile", PROFILES)
def test_the_same_text_is_code_for_every_host(triple: str, profile: Profile) -> None:
    llvm = load_llvm()
    options = replace(options_for(profile), whole_program=True, debug=False)
    target = llvm.Target.from_triple(triple).create_target_machine(
        cpu="generic", reloc="default", codemodel="jitdefault", jit=True
    )
    machine = Machine(triple, "generic", "", str(target.target_data), "default", "jitdefault", freestanding=False)
    i = parameter("i", U8)
    data = Global("data", "m.data", "m", ArrayType(U16, 9), at())
    outside = function("outside", [i], TupleType((U8, BOOL)), None)
    element = Load(Element(GlobalPlace(data, at()), read(i), U16, at()), U16, at())
    functions = [
        function("f", [i], U16, [give(element)]),
        outside,
        function("g", [i], TupleType((U8, BOOL)), [give(Call(outside, (read(i),), at()))]),
    ]
    write = native_glue.glue([functions[0], functions[2]])
    (text,) = lower_program(program(functions, [data]), options, machine, write, {}).values()
    module = parse_module(text)
    if profile == "release":
        optimise(module, target)
    assert len(target.emit_object(module)) > 500


def test_a_program_may_have_the_trap_function_itself() -> None:
    n, r = parameter("n", U64), parameter("r", U64)
    trap = function("__kpy_trap", [r, n, n], NEVER, [While(const(True, BOOL), (), (), at())], exported=True)
    divide = function("f", [n], U64, [give(binary("//", const(1), read(n)))], exported=True)
    with pytest.raises(Trap, match="division by zero"):
        native([trap, divide]).function("f")(0)
    for profile in PROFILES:
        (unit,) = lower_units(program([trap, divide]), options_for(profile)).units
        assert not compile_unit(unit, options_for(profile)).errors
