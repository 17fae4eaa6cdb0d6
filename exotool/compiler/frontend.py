"""The front end as one call: files -> checked program."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from pathlib import Path

from exotool.compiler import constants, declare, expressions, functions, initial, statements
from exotool.compiler.annotations import any_type
from exotool.compiler.deep import deep_recursion
from exotool.compiler.flow import check_flow
from exotool.compiler.modules import Loader
from exotool.compiler.names import (
    AliasName,
    BitsName,
    ConstantName,
    EnumName,
    FunctionName,
    ModuleNames,
    StaticName,
    StructName,
)
from exotool.compiler.scope import Scope, Unit
from exotool.compiler.symbols import check_symbols
from exotool.compiler.tree import Module, Program
from exotool.compiler.types import StructType

__all__ = ["check_program", "expressions"]


def check_program(paths: Sequence[Path], root: Path) -> Program:
    """Read the given source files and everything they import, and check all of it.

    `root` is the folder that dotted module names start from: `root/kernel/alloc.py` is `kernel.alloc`. Paths in
    messages and debug information are relative to it. The program is the same whatever the order of `paths` is, except
    that modules which do not import each other stand in that order.

    Raises `ToolError` with every diagnostic found (C01xx to C05xx).
    """
    unit = Unit()
    with deep_recursion():
        loader = Loader(unit, root)
        for path in paths:
            loader.load_path(path)
        for module in loader.order:
            _declare(unit, module)
        for module in loader.order:
            _define(unit, module)
        while unit.queue:
            body = unit.queue.popleft()
            body.scope.owner().body = statements.check_body(body.scope, body.nodes)
        for struct in unit.program.structs:
            declare.layout(Scope(unit, unit.modules[struct.module]), struct, declare.struct_name(unit, struct).node)
        check_symbols(unit)
    unit.report.check()
    program = _in_order(unit, loader.order)
    with deep_recursion():
        check_flow(program, unit.report)
    unit.report.check()
    return program


def _declare(unit: Unit, module: ModuleNames) -> None:
    """Give every name of a module its type."""
    scope = Scope(unit, module)
    for entity in module.names.values():
        if getattr(entity, "module", None) is not module:
            continue
        match entity:
            case EnumName():
                declare.enum_type(unit, entity)
            case BitsName():
                declare.bits_type(unit, entity)
            case StructName() if not declare.struct_header(unit, entity):
                struct = declare.struct_type(scope, entity, (), entity.node)
                if struct is not None:
                    declare.layout(scope, struct, entity.node)
            case StaticName():
                declare.static_global(unit, entity)
            case ConstantName():
                declare.constant_value(unit, entity)
            case AliasName(value=ast.expr() as value):
                any_type(scope, value)


def _define(unit: Unit, module: ModuleNames) -> None:
    """Give statics their initial values, check static assertions, and queue the bodies of functions."""
    scope = Scope(unit, module)
    for entity in module.names.values():
        if getattr(entity, "module", None) is not module:
            continue
        match entity:
            case StaticName():
                initial.initialise(unit, entity)
            case FunctionName():
                _function(scope, entity)
            case StructName(type_variables=()):
                struct = declare.struct_type(scope, entity, (), entity.node)
                for method in entity.methods.values():
                    _function(scope, method, struct)
    for statement in module.source.tree.body:
        if isinstance(statement, ast.Assert):
            constants.static_assert(scope, statement)


def _function(scope: Scope, entity: FunctionName, owner: StructType | None = None) -> None:
    head = functions.header(scope.unit, entity)
    if head is None or head.type_variables or any(p.text for p in head.parameters):
        return
    functions.function_of(scope, entity, entity.node, owner=owner)


def _in_order(unit: Unit, modules: list[ModuleNames]) -> Program:
    program = unit.program
    number = {module.name: place for place, module in enumerate(modules)}
    program.modules = [Module(m.name, m.source.path, m.source.text, tuple(m.imports)) for m in modules]
    program.functions.sort(key=lambda f: (number[f.module], f.span.line, f.span.column, f.symbol))
    program.globals.sort(key=lambda g: (number[g.module], g.span.line, g.span.column, g.symbol))
    program.structs = [s for s in program.structs if s.complete]
    program.structs.sort(key=lambda s: (number[s.module], s.name, str(s)))
    program.enums = [
        entity.type
        for module in modules
        for entity in module.names.values()
        if isinstance(entity, EnumName) and entity.module is module and entity.type is not None
    ]
    return program
