"""Typed tree -> the text of LLVM modules: one for the whole program, or one for each source module.

Everything in a module stands in the order of the program, so the same tree gives the same text.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from exotool.compiler.debuginfo import DebugInfo
from exotool.compiler.lower_context import ModuleContext, nested_symbol, parameter_registers, prototype
from exotool.compiler.lower_cycles import call_cycles
from exotool.compiler.lower_globals import define_global
from exotool.compiler.lower_options import Machine, Options
from exotool.compiler.lower_statements import Statements
from exotool.compiler.lower_text import quoted
from exotool.compiler.lower_types import result_shape
from exotool.compiler.tree import Function, Global, Module, Program
from exotool.diagnostics import Collector, Diagnostic, Place

Supplement = Callable[[ModuleContext], Sequence[str]]
"""Writes more of a module once all of its functions stand."""


def lower_program(
    program: Program,
    options: Options,
    machine: Machine,
    supplement: Supplement = lambda _: (),
    symbols: dict[str, int] | None = None,
) -> dict[str, str]:
    """Return LLVM modules by name: a single one named "" for a whole program, else one for each source module.

    `symbols` are the values of linker symbols where no linker follows.
    """
    _refuse_proofs(program)
    counters = call_cycles(program.functions)
    if options.whole_program:
        return {"": _module("", program, program.modules, options, machine, counters, supplement, symbols)}
    return {
        module.name: _module(module.name, program, [module], options, machine, counters, supplement, symbols)
        for module in program.modules
    }


def _refuse_proofs(program: Program) -> None:
    """Raise `ToolError` C0703 for what has a meaning in proofs only: `assume` in a kernel would do nothing."""
    collector = Collector()
    lines = {module.path: module.text.splitlines() for module in program.modules}
    for function in program.functions:
        span = function.proof_word or (function.span if function.proof or function.model_of else None)
        if span is not None:
            source = lines[span.path][span.line - 1]
            end = span.end_column if span.end_line == span.line else 0
            place = Place(span.path, span.line, span.column, end, source)
            help_ = ("keep proofs in files of their own, which the image's sources do not name",)
            collector.add(Diagnostic("C0703", "a proof cannot be compiled", place, "for `exotool verify`", help=help_))
    collector.check()


def _module(
    name: str,
    program: Program,
    modules: Sequence[Module],
    options: Options,
    machine: Machine,
    counters: dict[Function, tuple[Function, ...]],
    supplement: Supplement,
    symbols: dict[str, int] | None,
) -> str:
    names = {module.name for module in modules}
    functions = [f for f in program.functions if f.module in names and f.body is not None and not f.external]
    variables = [g for g in program.globals if g.module in names]
    defined: set[Function | Global] = {*functions, *variables}
    debug = DebugInfo(modules, optimised=options.optimised) if options.debug else None
    context = ModuleContext(options, machine, debug, defined, counters)
    context.symbols = symbols
    text = [
        f"source_filename = {quoted(name or 'program')}",
        f'target datalayout = "{machine.data_layout}"',
        f'target triple = "{machine.triple}"',
        "",
    ]
    for variable in variables:
        text.append(define_global(context, variable))
    bodies: list[str] = []
    for function in functions:
        bodies += define_function(context, function)
    text += context.constants
    text += bodies
    text += supplement(context)
    if debug is not None and debug.used:
        context.declarations["llvm.dbg.declare"] = "declare void @llvm.dbg.declare(metadata, metadata, metadata)"
    text += context.declarations.values()
    text.append('!0 = !{!"branch_weights", i32 2000, i32 1}')
    if debug is not None:
        text += debug.finish()
    return "\n".join(text) + "\n"


def define_function(context: ModuleContext, function: Function) -> list[str]:
    """Return the definition of a function; one of a call cycle that has callers from outside gets a second one."""
    cycle = context.counters.get(function)
    writer = Statements(context, function)
    symbol = function.symbol if cycle is None else nested_symbol(function)
    subprogram = _begin(context, writer, function)
    writer.function_body(function.body or (), None if cycle is None else cycle.index(function))
    linkage = context.linkage(exported=function.exported and cycle is None)
    head = prototype(function, f"@{quoted(symbol)}", counters=len(cycle or ()), names=True)
    lines = [f"define {linkage} {head} {_attributes(context, function)}{subprogram} {{", *writer.body(), "}", ""]
    if cycle is not None and (function.exported or function.address_taken):
        lines += _entry_to_cycle(context, function)
    return lines


def _begin(context: ModuleContext, writer: Statements, function: Function) -> str:
    """Give the writer its debug scope; return the attachment of the definition."""
    if context.debug is None:
        return ""
    writer.scope = context.debug.function(function)
    return f" !dbg {writer.scope}"


def _entry_to_cycle(context: ModuleContext, function: Function) -> list[str]:
    """Return the function that callers from outside of its call cycle get: no activations are counted yet."""
    writer = Statements(context, function)
    subprogram = _begin(context, writer, function)
    writer.at(function.span)
    cycle = context.counters[function]
    shape = result_shape(function.result)
    hidden = [f"i32 {int(member is function)}" for member in cycle]
    passed = [
        " ".join(filter(None, (part.llvm, "noundef", part.attributes, f"%a{index}")))
        for index, part in enumerate(parameter_registers(function))
    ]
    target = " ".join(filter(None, (shape.attributes, shape.llvm)))
    call = f"call {target} {context.nested_address(function)}({', '.join([*hidden, *passed])})"
    if shape.registers:
        writer.end(f"ret {shape.llvm} {writer.value(call)}")
    else:
        writer.emit(call)
        writer.end("ret void")
    head = prototype(function, f"@{quoted(function.symbol)}", names=True)
    linkage, attributes = context.linkage(exported=function.exported), _attributes(context, function)
    return [f"define {linkage} {head} {attributes}{subprogram} {{", *writer.body(), "}", ""]


def _attributes(context: ModuleContext, function: Function) -> str:
    parts = [context.attributes()]
    if function.noinline:
        parts.append("noinline")
    elif function.inline:
        parts.append("alwaysinline")
    if context.options.optimised:
        parts.append("hot" if function.hot else "optsize")
    parts.append(f'"frame-pointer"="{"non-leaf" if context.options.optimised else "all"}"')
    if function.section:
        parts.append(f"section {quoted(function.section)}")
    return " ".join(parts)
