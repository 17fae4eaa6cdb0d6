"""Calls: of functions, methods, function pointers and templates over text, and expressions for their effect."""

from __future__ import annotations

import ast

from exotool.compiler import casts, declare, functions, intrinsics, writing
from exotool.compiler.annotations import any_type, resolve, value_type
from exotool.compiler.constants import constant_operand
from exotool.compiler.dispatch import (
    NoneValue,
    Operand,
    Untyped,
    check_operand,
    coerce,
    handles,
    kind_of,
    place_of,
    typed,
)
from exotool.compiler.names import (
    BitsName,
    ConstantName,
    EnumName,
    FunctionName,
    PackageName,
    StaticName,
    StructName,
    TypeVariable,
    Word,
)
from exotool.compiler.places import in_order
from exotool.compiler.scope import Scope
from exotool.compiler.text import Text
from exotool.compiler.tree import (
    Call,
    CallPointer,
    Constant,
    Evaluate,
    Expression,
    Function,
    FunctionAddress,
    Let,
    Read,
    Statement,
)
from exotool.compiler.types import AtomicType, BitsType, FunctionType, RefType, StructType, Type, ValueType
from exotool.diagnostics import did_you_mean


def check_effect(scope: Scope, node: ast.expr) -> tuple[Statement, ...] | None:
    """Check an expression that stands as a statement: a call, or one of the forms that are no expressions."""
    if isinstance(node, ast.Call):
        match resolve(scope, node.func):
            case Word("exotool.lang", "fprint"):
                return writing.check_fprint(scope, node)
            case Word("exotool.lang", "copy"):
                return writing.check_copy(scope, node)
        operand = check_operand(scope, node)
        if operand is None:
            return None
        if isinstance(operand, Untyped | NoneValue | Text):
            scope.error("C0354", node, "this has no effect")
            return None
        return (Evaluate(operand, scope.span(node)),)
    if check_operand(scope, node) is not None:
        scope.error("C0354", node, "this has no effect", "only a call can stand alone")
    return None


@handles(ast.Call)
def _call(scope: Scope, node: ast.Call, _expected: ValueType | None) -> Operand | None:
    callee = node.func
    for keyword in node.keywords:
        if keyword.arg is None:
            scope.error("C0385", keyword.value, "unpacking with `**`", "", "name the arguments")
            return None
    for argument in node.args:
        if isinstance(argument, ast.Starred):
            scope.error("C0385", argument, "unpacking with `*`", "", "name the arguments")
            return None
    entity = resolve(scope, callee)
    if not in_order(scope, entity, callee):
        return None
    match entity:
        case Word():
            return _word(scope, node, entity)
        case EnumName():
            return casts.to_enum(scope, node, declare.enum_type(scope.unit, entity))
        case BitsName():
            bits = declare.bits_type(scope.unit, entity)
            return casts.to_bits(scope, node, bits) if bits else None
        case StructName():
            _constructor(scope, node)
            return None
        case TypeVariable():
            target = scope.type_arguments.get(entity)
            return casts.to_type(scope, node, target) if target is not None else None
        case FunctionName():
            return _function(scope, node, entity)
    if isinstance(callee, ast.Subscript):
        head = resolve(scope, callee.value)
        if isinstance(head, Word) and head.name in ("Ptr", "UserPtr"):
            return casts.to_pointer(scope, node, callee)
        if isinstance(head, StructName):
            _constructor(scope, node)
            return None
    if isinstance(callee, ast.Attribute) and entity is None:
        return _method(scope, node, callee)
    return _pointer(scope, node)


def _constructor(scope: Scope, node: ast.Call) -> None:
    scope.error(
        "C0355",
        node,
        "a new struct within an expression",
        "its storage needs a name",
        f"write `p = {ast.unparse(node.func)}(...)` first",
    )


def _word(scope: Scope, node: ast.Call, word: Word) -> Operand | None:
    if word.name in ("fprint", "copy"):
        scope.error("C0356", node, f"`{word.name}` gives no value", "", "write it as a statement of its own")
        return None
    if casts.is_cast(word):
        return casts.to_integer(scope, node, declare.integer_of(word.name))
    return intrinsics.check_intrinsic(scope, node, word)


def _function(scope: Scope, node: ast.Call, entity: FunctionName) -> Operand | None:
    return _apply(scope, node, entity, None, None)


def _apply(
    scope: Scope, node: ast.Call, entity: FunctionName, receiver: Expression | None, owner: StructType | None
) -> Operand | None:
    """Call a function with the arguments of a call, after those that `receiver` stands for."""
    head = functions.header(scope.unit, entity)
    if head is None:
        for argument in node.args:
            check_operand(scope, argument)
        return None
    given = _arguments(scope, node, entity, head, receiver is not None)
    if given is None:
        return None
    home = Scope(scope.unit, entity.module)
    if owner is not None:
        home.type_arguments = declare.type_arguments(scope.unit, owner)
    generic = bool(head.type_variables)
    bound: dict[TypeVariable, Type] = {}
    operands: dict[str, Operand] = {}
    texts: list[Text] = []
    failed = False
    for parameter, argument in given:
        at = scope if argument in _own(node) else home
        hint = None
        if not parameter.text and parameter.annotation is not None and not generic:
            hint = value_type(home, parameter.annotation)
        operand = check_operand(scope, argument, hint) if at is scope else constant_operand(home, argument, hint)
        if operand is None:
            failed = True
            continue
        operands[parameter.name] = operand
        if parameter.text:
            failed = failed or not isinstance(operand, Text)
            if isinstance(operand, Text):
                texts.append(operand)
            else:
                scope.error("C0357", argument, f"parameter `{parameter.name}` takes text", "a literal or an f-string")
        elif generic and parameter.annotation is not None and not isinstance(operand, Untyped | NoneValue | Text):
            value = typed(scope, operand)
            if value is not None:
                functions.infer(home, parameter.annotation, value.type, bound)
    if failed:
        return None
    missing = [v.name for v in head.type_variables if v not in bound]
    if missing:
        scope.error(
            "C0358",
            node,
            f"the call does not tell what `{missing[0]}` is",
            "a number alone has no width",
            "give an argument a type, such as `u64(1)`",
        )
        return None
    order = [p.name for p in head.parameters if p.text]
    by_name = {n: o for n, o in operands.items() if isinstance(o, Text)}
    function = functions.function_of(scope, entity, node, bound, tuple(by_name[n] for n in order), owner)
    return _finish(scope, node, function, head, given, operands, receiver) if function else None


def _own(node: ast.Call) -> list[ast.expr]:
    return [*node.args, *(k.value for k in node.keywords)]


def _finish(
    scope: Scope,
    node: ast.Call,
    function: Function,
    head: functions.Header,
    given: list[tuple[functions.Parameter, ast.expr]],
    operands: dict[str, Operand],
    receiver: Expression | None,
) -> Operand | None:
    parameters = {p.name: p.type for p in function.parameters}
    values: dict[str, list[Expression]] = {}
    for parameter, _ in given:
        operand = operands[parameter.name]
        if isinstance(operand, Text):
            values[parameter.name] = [p.value for p in operand.parts if not isinstance(p, str)]
            continue
        value = coerce(scope, operand, parameters[parameter.name])
        if value is None:
            return None
        values[parameter.name] = [value]
    if receiver is not None:
        values[head.parameters[0].name] = [receiver]
    names = [p.name for p in head.parameters]
    written = ([names[0]] if receiver is not None else []) + [p.name for p, _ in given]
    lets: list[tuple[Read, Expression]] = []
    if [n for n in names if n in written] != written and scope.function is not None:
        # Python evaluates arguments as they are written, not in the order of the parameters.
        for name in written:
            for number, value in enumerate(values[name]):
                if not isinstance(value, Constant | Read):
                    read = Read(scope.temporary(kind_of(value), value.span), value.span)
                    lets.append((read, value))
                    values[name][number] = read
    arguments = tuple(value for name in names for value in values[name])
    made: Expression = Call(function, arguments, scope.span(node))
    for read, value in reversed(lets):
        made = Let(read.local, value, made, scope.span(node))
    return made


def _arguments(
    scope: Scope, node: ast.Call, entity: FunctionName, head: functions.Header, receiver: bool
) -> list[tuple[functions.Parameter, ast.expr]] | None:
    """Match arguments to parameters, in the order in which Python evaluates them; defaults come last."""
    parameters = head.parameters[1:] if receiver else head.parameters
    positional = head.keyword_only - receiver
    if len(node.args) > positional:
        scope.error(
            "C0359", node.args[positional], f"`{entity.name}` takes {_count(positional)}", f"{len(node.args)} given"
        )
        return None
    given = [*zip(parameters, node.args, strict=False)]
    taken = {p.name for p, _ in given}
    known = {p.name: p for p in parameters}
    for keyword in node.keywords:
        name = keyword.arg or ""
        if name not in known:
            scope.error("C0360", keyword, f"`{entity.name}` has no parameter `{name}`", "", *did_you_mean(name, known))
            return None
        if name in taken:
            scope.error("C0360", keyword, f"`{name}` is given twice")
            return None
        taken.add(name)
        given.append((known[name], keyword.value))
    for parameter in parameters:
        if parameter.name in taken:
            continue
        if parameter.default is None:
            scope.error(
                "C0359",
                node,
                f"`{entity.name}` needs the argument `{parameter.name}`",
                f"it takes {_count(len(parameters))}",
            )
            return None
        given.append((parameter, parameter.default))
    return given


def _count(number: int) -> str:
    return "no arguments" if not number else "1 argument" if number == 1 else f"{number} arguments"


def _method(scope: Scope, node: ast.Call, callee: ast.Attribute) -> Operand | None:
    base = resolve(scope, callee.value)
    if isinstance(base, StructName) or (isinstance(callee.value, ast.Subscript) and base is None):
        head = base or resolve(scope, callee.value.value)  # type: ignore[attr-defined]
        if isinstance(head, StructName):
            return _of_class(scope, node, callee, head)
    if isinstance(base, PackageName | EnumName):
        check_operand(scope, callee)
        return None
    if base is not None and not isinstance(base, StaticName | ConstantName):
        scope.error("C0344", callee, "this is no function")
        return None
    operand = check_operand(scope, callee.value)
    value = typed(scope, operand) if operand is not None else None
    if value is None:
        return None
    match value.type:
        case BitsType() as bits if callee.attr == "replace":
            return casts.replace(scope, node, value, bits)
        case RefType(target=AtomicType()):
            return intrinsics.check_atomic(scope, node, callee.attr, place_of(value))
        case RefType(target=StructType() as struct, nullable=False):
            entity = declare.struct_name(scope.unit, struct).methods.get(callee.attr)
            if entity is not None:
                return _apply(scope, node, entity, None if entity.static else value, struct)
            if declare.layout(scope, struct, node) and callee.attr not in struct.fields:
                known = [*declare.struct_name(scope.unit, struct).methods, *struct.fields]
                scope.error(
                    "C0361",
                    callee,
                    f"struct `{struct}` has no method `{callee.attr}`",
                    "",
                    *did_you_mean(callee.attr, known),
                )
                return None
        case RefType(target=StructType(), nullable=True):
            scope.error(
                "C0307",
                callee.value,
                "the value may be None",
                f"`.{callee.attr}` needs an object",
                "test it first: `if x is not None:`",
            )
            return None
    return _pointer(scope, node)


def _of_class(scope: Scope, node: ast.Call, callee: ast.Attribute, entity: StructName) -> Operand | None:
    struct = any_type(scope, callee.value)
    if not isinstance(struct, StructType):
        return None
    if callee.attr == "at":
        return casts.at(scope, node, struct)
    method = entity.methods.get(callee.attr)
    if method is None:
        scope.error(
            "C0361",
            callee,
            f"struct `{struct}` has no method `{callee.attr}`",
            "",
            *did_you_mean(callee.attr, entity.methods),
        )
        return None
    if not method.static:
        scope.error("C0361", callee, f"method `{callee.attr}` needs an object", "", f"write `p.{callee.attr}(...)`")
        return None
    return _apply(scope, node, method, None, struct)


def _pointer(scope: Scope, node: ast.Call) -> Operand | None:
    operand = check_operand(scope, node.func)
    value = typed(scope, operand) if operand is not None else None
    if value is None:
        return None
    kind = value.type
    if not isinstance(kind, FunctionType):
        scope.error("C0362", node.func, f"`{kind}` cannot be called")
        return None
    if kind.nullable:
        scope.error("C0307", node.func, "the function may be None", "", "test it first: `if f is not None:`")
        return None
    if node.keywords:
        scope.error("C0360", node.keywords[0], "a function pointer knows no names of parameters")
        return None
    if len(node.args) != len(kind.parameters):
        scope.error("C0359", node, f"the function takes {_count(len(kind.parameters))}", f"{len(node.args)} given")
        return None
    arguments: list[Expression] = []
    for argument, wanted in zip(node.args, kind.parameters, strict=True):
        found = check_operand(scope, argument, wanted)
        converted = coerce(scope, found, wanted) if found is not None else None
        if converted is None:
            return None
        arguments.append(converted)
    if isinstance(value, FunctionAddress):
        return Call(value.function, tuple(arguments), scope.span(node))
    return CallPointer(value, tuple(arguments), kind.result, scope.span(node))
