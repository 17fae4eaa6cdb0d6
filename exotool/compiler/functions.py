"""Functions, methods, and the instances of generic functions and of templates over text."""

from __future__ import annotations

import ast
import hashlib
from dataclasses import dataclass, field

from exotool.compiler import declare
from exotool.compiler.annotations import MAX_WEIGHT, resolve, result_type, unquoted, value_type, weight
from exotool.compiler.constants import constant_int, constant_operand
from exotool.compiler.dispatch import kind_of
from exotool.compiler.names import FunctionName, TypeVariable, Word
from exotool.compiler.scope import MAX_INSTANCES, Body, Scope, Unit
from exotool.compiler.text import Piece, Text
from exotool.compiler.tree import Function, Local, Proof, Read, Reason
from exotool.compiler.types import (
    ArrayType,
    PtrType,
    RefType,
    StructType,
    TupleType,
    Type,
    UserPtrType,
    ValueType,
    ViewType,
)

MAX_INSTANCE_DEPTH = 32


@dataclass(slots=True)
class Parameter:
    """A parameter as written. `annotation` is None for `self`."""

    name: str
    annotation: ast.expr | None
    default: ast.expr | None
    node: ast.arg
    text: bool = False


@dataclass(slots=True)
class Header:
    """What stands before the body of a function."""

    parameters: list[Parameter]
    type_variables: tuple[TypeVariable, ...]
    keyword_only: int
    flags: dict[str, object] = field(default_factory=dict)


def header(unit: Unit, entity: FunctionName) -> Header | None:
    """Read parameters and decorators of a function, once; None when they are wrong (reported)."""
    key = ("header", entity)
    if key not in unit.instances:
        unit.instances[key] = None
        unit.instances[key] = _read_header(Scope(unit, entity.module), entity)
    found = unit.instances[key]
    return found if isinstance(found, Header) else None


def _read_header(scope: Scope, entity: FunctionName) -> Header | None:
    node = entity.node
    found = Header([], (), len(node.args.args) + len(node.args.posonlyargs))
    ok = _decorators(scope, entity, found)
    if node.args.kwarg or (node.args.vararg and node.name != "__exit__"):
        at = node.args.kwarg or node.args.vararg
        scope.error("C0232", at or node, "a function has a fixed number of parameters", "", "pass an `Array` view")
        ok = False
    positional = [*node.args.posonlyargs, *node.args.args]
    defaults: list[ast.expr | None] = [None] * (len(positional) - len(node.args.defaults))
    pairs = [*zip(positional, [*defaults, *node.args.defaults], strict=True)]
    pairs += zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
    variables: list[TypeVariable] = []
    owner = declare.struct_header(scope.unit, entity.owner) if entity.owner else ()
    for number, (argument, default) in enumerate(pairs):
        if number == 0 and entity.owner is not None and not entity.static:
            if argument.annotation is not None:
                scope.error("C0233", argument, "`self` has no annotation")
            found.parameters.append(Parameter(argument.arg, None, None, argument))
            continue
        if argument.annotation is None:
            scope.error(
                "C0233", argument, f"parameter `{argument.arg}` has no annotation", "", f"write `{argument.arg}: u64`"
            )
            ok = False
            continue
        annotation = unquoted(scope, argument.annotation)
        if annotation is None:
            ok = False
            continue
        text = resolve(scope, annotation) == Word("builtins", "str")
        found.parameters.append(Parameter(argument.arg, annotation, default, argument, text))
        _collect(scope, annotation, variables)
    if node.returns is not None:
        returns = unquoted(scope, node.returns)
        if returns is not None:
            _collect(scope, returns, variables)
    if entity.owner is not None and not entity.static and not positional:
        scope.error("C0233", node, f"method `{node.name}` has no `self`", "", "add it, or write `@staticmethod`")
        ok = False
    found.type_variables = tuple(v for v in variables if v not in owner)
    if "proof" in found.flags and (found.type_variables or entity.owner or any(p.text for p in found.parameters)):
        scope.error("C0235", node, f"`{node.name}` cannot be a proof", "a function of the module, not a generic one")
        ok = False
    return found if ok else None


def _collect(scope: Scope, annotation: ast.expr, variables: list[TypeVariable]) -> None:
    for part in ast.walk(annotation):
        entity = resolve(scope, part) if isinstance(part, ast.Name | ast.Attribute) else None
        if isinstance(entity, TypeVariable) and entity not in variables:
            variables.append(entity)


def _decorators(scope: Scope, entity: FunctionName, found: Header) -> bool:
    node = entity.node
    ok = True
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Name) and decorator.id == "staticmethod" and entity.owner:
            continue
        call = decorator if isinstance(decorator, ast.Call) else None
        word = resolve(scope, call.func if call else decorator)
        name = word.name if isinstance(word, Word) and word.module == "exotool.lang" else ""
        match name, call:
            case (("noinline" | "hot" | "inline" | "wrapping" | "extern" | "export"), None):
                found.flags[name] = True
            case (("extern" | "export" | "section"), ast.Call(args=[ast.Constant(value=str(text))], keywords=[])):
                if text and text.isascii() and text.isprintable() and " " not in text and '"' not in text:
                    found.flags[name] = text
                else:
                    scope.error("C0234", decorator, f"`{text}` cannot be the name of a symbol or section")
            case "recursive", ast.Call(args=[], keywords=[ast.keyword(arg="depth", value=value)]):
                depth = constant_int(scope, value)
                if depth is not None and not 1 <= depth <= 1 << 20:
                    scope.error("C0234", value, "the depth of a recursion is 1 to 1048576")
                found.flags[name] = depth or 1
            case "proof", (None | ast.Call(args=[])):
                found.flags[name] = _proof(scope, call.keywords if call else [])
            case "model", ast.Call(args=[ast.Constant(value=str(text))], keywords=[]) if text:
                found.flags[name] = text
            case _:
                ok = False
                help_ = "there are extern, export, section, noinline, hot, inline, wrapping, recursive, staticmethod"
                scope.error("C0216", decorator, f"no decorator `{ast.unparse(decorator)}`", "", help_)
    return ok


def function_of(
    scope: Scope,
    entity: FunctionName,
    where: ast.AST,
    arguments: dict[TypeVariable, Type] | None = None,
    texts: tuple[Text, ...] = (),
    owner: StructType | None = None,
) -> Function | None:
    """Return a function, or the instance of one for type arguments, texts and an instance of its struct."""
    unit = scope.unit
    head = header(unit, entity)
    if head is None:
        return None
    bound = dict(arguments or {})
    types = tuple(bound[v] for v in head.type_variables)
    key = ("function", entity, owner, types, tuple(t.key for t in texts))
    if key in unit.instances:
        found = unit.instances[key]
        return found if isinstance(found, Function) else None
    unit.instance_count += bool(types or texts)
    deep = scope.instance_depth > MAX_INSTANCE_DEPTH or any(weight(t) > MAX_WEIGHT for t in types)
    if deep or unit.instance_count > MAX_INSTANCES:
        scope.error("C0222", where, "too many instances of generics", "each one needs another", "break the recursion")
        return None
    unit.instances[key] = None
    if owner is not None:
        bound |= declare.type_arguments(unit, owner)
    inner = Scope(unit, entity.module, type_arguments=bound)
    inner.instance_depth = scope.instance_depth + 1 if types or texts or (owner and owner.arguments) else 0
    function = _instance(inner, entity, head, types, texts, owner)
    unit.instances[key] = function
    return function


def _instance(
    scope: Scope,
    entity: FunctionName,
    head: Header,
    types: tuple[Type, ...],
    texts: tuple[Text, ...],
    owner: StructType | None,
) -> Function | None:
    node = entity.node
    parameters: list[Local] = []
    bindings: dict[str, Local | Text | None] = {}
    remaining = list(texts)
    ok = True
    for parameter in head.parameters:
        span = scope.span(parameter.node)
        if parameter.text:
            bindings[parameter.name] = _bind_text(remaining.pop(0), parameter.name, parameters, scope, parameter.node)
            continue
        value: ValueType | None = RefType(owner) if owner is not None else None
        if parameter.annotation is not None:
            value = value_type(scope, parameter.annotation)
        if value is None:
            ok = False
            bindings[parameter.name] = None
            continue
        if parameter.default is not None:
            # Python evaluates a default once, where the function is defined: only a constant is the same at each call.
            constant_operand(Scope(scope.unit, entity.module), parameter.default, value)
        local = Local(parameter.name, value, span, parameter=True)
        parameters.append(local)
        bindings[parameter.name] = local
    result = result_type(scope, node.returns, node) if node.returns or node.name != "__init__" else None
    if not ok or result is None:
        return None
    function = Function(node.name, "", entity.module.name, tuple(parameters), result, scope.span(node), owner=owner)
    _flags(scope, function, head, types, texts, node)
    scope.function = function
    scope.bindings = bindings
    scope.local_names = assigned_names(node)
    scope.unit.program.functions.append(function)
    if not function.external:
        scope.unit.queue.append(Body(scope, node.body))
    return function


def _bind_text(text: Text, name: str, parameters: list[Local], scope: Scope, node: ast.arg) -> Text:
    parts: list[str | Piece] = []
    for part in text.parts:
        if isinstance(part, str):
            parts.append(part)
            continue
        local = Local(f"{name}.{len(parameters)}", kind_of(part.value), scope.span(node), parameter=True, hidden=True)
        parameters.append(local)
        parts.append(Piece(Read(local, local.span), part.spec))
    return Text(tuple(parts), text.span)


def _flags(
    scope: Scope,
    function: Function,
    head: Header,
    types: tuple[Type, ...],
    texts: tuple[Text, ...],
    node: ast.FunctionDef,
) -> None:
    flags = head.flags
    owner = f"{function.owner}." if function.owner else ""
    symbol = f"{function.module}.{owner}{function.name}"
    if types:
        symbol += f"[{', '.join(map(str, types))}]"
    if texts:
        digest = hashlib.sha256(repr([t.name_key for t in texts]).encode()).hexdigest()[:12]
        symbol += f"[text {digest}]"
    function.symbol = symbol
    for name, attribute in (("extern", "external"), ("export", "exported")):
        if name in flags:
            setattr(function, attribute, True)
            function.symbol = flags[name] if isinstance(flags[name], str) else function.name  # type: ignore[assignment]
            if types or texts or head.type_variables:
                scope.error(
                    "C0235", node, f"a generic function has no symbol to {name}", "", "export a function that calls it"
                )
    function.noinline = "noinline" in flags
    function.inline = "inline" in flags
    function.hot = "hot" in flags
    function.wrapping = "wrapping" in flags
    section = flags.get("section", "")
    function.section = section if isinstance(section, str) else ""
    depth = flags.get("recursive", 0)
    function.recursion = depth if isinstance(depth, int) else 0
    proof, model = flags.get("proof"), flags.get("model", "")
    function.proof = proof if isinstance(proof, Proof) else None
    function.model_of = model if isinstance(model, str) else ""


def _proof(scope: Scope, keywords: list[ast.keyword]) -> Proof:
    """Read `@proof(unroll=N, traps=Reason.X)`."""
    unroll, traps = 0, None
    for keyword in keywords:
        match keyword:
            case ast.keyword(arg="unroll", value=value):
                unroll = constant_int(scope, value) or 0
                if not 1 <= unroll <= 1 << 16:
                    scope.error("C0234", value, "the rounds of a loop in a proof are 1 to 65536")
            case ast.keyword(arg="traps", value=ast.Attribute(value=base, attr=name)) if (
                resolve(scope, base) == Word("exotool.lang", "Reason") and name in Reason.__members__
            ):
                traps = Reason[name]
            case _:
                scope.error("C0234", keyword.value, "`@proof` takes `unroll=N` and `traps=Reason.NAME`")
    return Proof(unroll, traps)


def assigned_names(node: ast.FunctionDef) -> frozenset[str]:
    """Return the names that a function assigns anywhere, and so has as local ones."""
    names: set[str] = set()
    outer: set[str] = set()
    for part in ast.walk(node):
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store | ast.Del):
            names.add(part.id)
        elif isinstance(part, ast.Global):
            outer.update(part.names)
        elif isinstance(part, ast.MatchAs | ast.MatchStar) and part.name:
            names.add(part.name)
    return frozenset(names - outer)


def infer(scope: Scope, annotation: ast.expr, actual: Type, bound: dict[TypeVariable, Type]) -> None:
    """Bind type variables of an annotation so that it means the type of an argument, as far as it says so."""
    entity = resolve(scope, annotation)
    if isinstance(entity, TypeVariable):
        if isinstance(actual, RefType):
            actual = actual.target
        bound.setdefault(entity, actual)
        return
    match annotation:
        case ast.BinOp(op=ast.BitOr(), left=left):
            infer(scope, left, actual, bound)
        case ast.Subscript(value=head, slice=inner) if resolve(scope, head) == Word("exotool.lang", "Ref"):
            infer(scope, inner, actual, bound)
        case ast.Subscript(slice=inner):
            arguments = inner.elts if isinstance(inner, ast.Tuple) else [inner]
            for argument, part in zip(arguments, _type_parts(actual), strict=False):
                infer(scope, argument, part, bound)


def _type_parts(actual: Type) -> tuple[Type, ...]:
    match actual:
        case RefType(target=StructType(arguments=arguments)) | StructType(arguments=arguments):
            return arguments
        case RefType(target=ArrayType(element=element)) | ArrayType(element=element) | ViewType(element=element):
            return (element,)
        case PtrType(element=element) | UserPtrType(element=element):
            return (element,)
        case TupleType(items=items):
            return items
    return ()
