"""Module-level declarations: constants, statics, enums, bit records and structs, each when it is first needed."""

from __future__ import annotations

import ast

from exotool.compiler import annotations as meaning
from exotool.compiler.names import (
    BitsName,
    ConstantName,
    EnumName,
    FunctionName,
    StaticName,
    StructName,
    TypeVariable,
    Word,
)
from exotool.compiler.scope import MAX_INSTANCES, Scope, Unit, sure
from exotool.compiler.tree import Global
from exotool.compiler.types import (
    BOOL,
    INTEGERS,
    U32,
    ArrayType,
    AtomicType,
    BitField,
    BitsType,
    EnumType,
    IntType,
    StorageType,
    StructType,
    Type,
    UserPtrType,
    ViewType,
    VolatileType,
    set_layout,
    size_of,
)

MAX_ARRAY = 1 << 40
"""Bytes of one array: more than any machine has."""


def enum_type(unit: Unit, entity: EnumName) -> EnumType:
    """Return the type of an enum, reading its members first."""
    if entity.type is not None:
        return entity.type
    node = entity.node
    scope = Scope(unit, entity.module)
    entity.type = EnumType(entity.name, entity.module.name, U32)
    for decorator in node.decorator_list:
        match decorator:
            case ast.Call(func=func, args=[argument]) if meaning.resolve(scope, func) == _word("stored_as"):
                storage = meaning.any_type(scope, argument)
                if isinstance(storage, IntType):
                    entity.type.storage = storage
                elif storage is not None:
                    scope.error("C0215", argument, "an enum is stored as an integer")
            case _:
                scope.error("C0216", decorator, "no decorator for an enum", "", "only `@stored_as(u8)` is one")
    for statement in node.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                _enum_member(scope, entity.type, name, value)
            case ast.Pass() | ast.Expr(value=ast.Constant(value=str())):
                pass
            case _:
                scope.error("C0217", statement, "enums hold members only", "", "write `NAME = 1`; functions go outside")
    if not entity.type.members:
        scope.error("C0217", node, f"enum `{entity.name}` has no member")
    return entity.type


def _enum_member(scope: Scope, enum: EnumType, name: str, node: ast.expr) -> None:
    from exotool.compiler.constants import constant_int

    value = constant_int(scope, node)
    if value is None:
        return
    if not enum.storage.minimum <= value <= enum.storage.maximum:
        scope.error("C0218", node, f"{value} does not fit {enum.storage}, in which `{enum.name}` is stored")
    elif value in enum.members.values():
        scope.error("C0218", node, f"`{enum.name}` has the value {value} twice")
    elif name in enum.members:
        scope.error("C0218", node, f"`{enum.name}` has `{name}` twice")
    else:
        enum.members[name] = value


def bits_type(unit: Unit, entity: BitsName) -> BitsType | None:
    """Return the type of a bit record, reading its fields first."""
    if entity.done:
        return entity.type
    entity.done = True
    node = entity.node
    scope = Scope(unit, entity.module)
    storage = None
    match node.bases:
        case [ast.Subscript(slice=inner)]:
            storage = meaning.any_type(scope, inner)
    if not isinstance(storage, IntType) or storage.signed:
        scope.error("C0219", node, "a bit record names its integer", "", f"write `class {node.name}(Bits[u64]):`")
        return None
    entity.type = BitsType(entity.name, entity.module.name, storage)
    used = 0
    for statement in node.body:
        match statement:
            case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation, value=ast.Call() as call):
                field = _bit_field(scope, storage, name, annotation, call)
                if field is None:
                    continue
                mask = ((1 << (field.high - field.low + 1)) - 1) << field.low
                if used & mask:
                    scope.error("C0220", statement, f"bit field `{name}` overlaps another one")
                used |= mask
                entity.type.fields[name] = field
            case ast.Pass() | ast.Expr(value=ast.Constant(value=str())):
                pass
            case _:
                scope.error("C0220", statement, "bit records hold fields only", "", "write `frame: u64 = bits(51, 12)`")
    return entity.type


def _bit_field(scope: Scope, storage: IntType, name: str, annotation: ast.expr, call: ast.Call) -> BitField | None:
    from exotool.compiler.constants import constant_int

    word = meaning.resolve(scope, call.func)
    numbers = [constant_int(scope, a) for a in call.args]
    kind = meaning.any_type(scope, annotation)
    if kind is None or None in numbers:
        return None
    match word, numbers:
        case Word(name="bit"), [int(low)]:
            high = low
        case Word(name="bits"), [int(high), int(low)]:
            pass
        case _:
            scope.error("C0220", call, "a bit field is `bit(5)` or `bits(high, low)`")
            return None
    if not 0 <= low <= high < storage.bits:
        scope.error("C0220", call, f"bits {high} to {low} are no range in {storage}", "high bit first, as in manuals")
        return None
    width = high - low + 1
    match kind:
        case IntType() if kind.bits >= width and not kind.signed:
            return BitField(name, high, low, kind)
        case EnumType() if max(kind.members.values(), default=0) < 1 << width and not kind.storage.signed:
            return BitField(name, high, low, kind)
        case _ if kind == BOOL and width == 1:
            return BitField(name, high, low, BOOL)
    scope.error("C0220", annotation, f"{width} bits cannot be read as `{kind}`")
    return None


def struct_type(scope: Scope, entity: StructName, arguments: tuple[Type, ...], node: ast.AST) -> StructType | None:
    """Return a struct, or the instance of a generic one; its layout may still be open, see `layout`."""
    variables = struct_header(scope.unit, entity)
    if len(variables) != len(arguments):
        wanted = f"{len(variables)} types" if len(variables) != 1 else "one type"
        text = f"`{entity.name}` needs {wanted} between brackets" if variables else f"`{entity.name}` is not generic"
        scope.error("C0221", node, text, f"{len(arguments)} given")
        return None
    found = entity.types.get(arguments)
    if found is None:
        scope.unit.instance_count += bool(arguments)
        heavy = any(meaning.weight(a) > meaning.MAX_WEIGHT for a in arguments)
        if heavy or scope.unit.instance_count > MAX_INSTANCES:
            scope.error(
                "C0222", node, "too many instances of generics", "each one needs another", "break the recursion"
            )
            return None
        found = StructType(entity.name, entity.module.name, entity.packed, entity.union, arguments=arguments)
        entity.types[arguments] = found
        scope.unit.instances["struct", found] = entity
        scope.unit.program.structs.append(found)
    return found


def struct_name(unit: Unit, struct: StructType) -> StructName:
    """Return the class that a struct type was made from."""
    return sure(unit.instances["struct", struct], StructName)


def struct_header(unit: Unit, entity: StructName) -> tuple[TypeVariable, ...]:
    """Read the bases and keywords of a struct once; return its type variables."""
    if entity.done:
        return entity.type_variables
    entity.done = True
    node = entity.node
    scope = Scope(unit, entity.module)
    for base in node.bases:
        match base:
            case ast.Subscript(value=head, slice=inner) if meaning.resolve(scope, head) == Word("typing", "Generic"):
                names = inner.elts if isinstance(inner, ast.Tuple) else [inner]
                found = [meaning.resolve(scope, n) for n in names]
                entity.type_variables = tuple(f for f in found if isinstance(f, TypeVariable))
            case _ if meaning.resolve(scope, base) != _word("Struct"):
                scope.error("C0203", base, "a struct derives from `Struct` and `Generic[...]` only")
    for decorator in node.decorator_list:
        scope.error("C0216", decorator, "no decorator for a struct", "", "write `class P(Struct, packed=True)`")
    for keyword in node.keywords:
        _struct_keyword(scope, entity, keyword)
    for statement in node.body:
        if isinstance(statement, ast.FunctionDef):
            static = any(
                meaning.resolve(scope, d) is None and ast.unparse(d) == "staticmethod" for d in statement.decorator_list
            )
            method = FunctionName(statement.name, entity.module, statement, owner=entity, static=static)
            if statement.name in entity.methods:
                scope.error("C0109", statement, f"`{statement.name}` is defined twice")
            entity.methods[statement.name] = method
    return entity.type_variables


def _struct_keyword(scope: Scope, entity: StructName, keyword: ast.keyword) -> None:
    from exotool.compiler.constants import constant_int

    match keyword:
        case ast.keyword(arg="packed", value=ast.Constant(value=bool(flag))):
            entity.packed = flag
        case ast.keyword(arg="union", value=ast.Constant(value=bool(flag))):
            entity.union = flag
        case ast.keyword(arg="align", value=value):
            align = constant_int(scope, value)
            if align is not None and (align <= 0 or align & (align - 1) or align > 1 << 30):
                scope.error("C0223", value, "an alignment is a power of two")
            elif align is not None:
                entity.align = align
        case _:
            scope.error("C0223", keyword, "no such keyword of a struct", "", "there are `packed`, `union` and `align`")


def layout(scope: Scope, struct: StructType, where: ast.AST) -> bool:
    """Lay a struct out unless that is done; False when it failed. Reports a struct that contains itself."""
    if struct.complete:
        return True
    busy = ("layout", struct)
    if busy in scope.unit.instances:
        if scope.unit.instances[busy]:
            scope.error(
                "C0224",
                where,
                f"struct `{struct}` contains itself",
                "its size would be endless",
                f"refer to it: `Ref[{struct.name}]`",
            )
        return False
    scope.unit.instances[busy] = True
    entity = struct_name(scope.unit, struct)
    inner = Scope(scope.unit, entity.module, type_arguments=type_arguments(scope.unit, struct))
    fields: list[tuple[str, StorageType]] = []
    node = entity.node
    ok = True
    for statement in node.body:
        match statement:
            case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation, value=value):
                storage = declared_storage(inner, annotation, value, statement)
                if storage is None or not _field_allowed(inner, entity, fields, name, storage, statement):
                    ok = False
                else:
                    fields.append((name, storage))
            case ast.FunctionDef() | ast.Pass() | ast.Expr(value=ast.Constant(value=str())):
                pass
            case _:
                inner.error("C0225", statement, "structs hold fields and methods only", "", "write `name: u64`")
    scope.unit.instances[busy] = False
    if ok:
        set_layout(struct, fields, entity.align)
    if struct.size > MAX_ARRAY:
        inner.error("C0228", node, f"struct `{struct}` has {struct.size} bytes", f"{MAX_ARRAY} are the limit")
        struct.size, struct.complete, ok = 0, False, False
    return ok


def _field_allowed(
    scope: Scope,
    entity: StructName,
    fields: list[tuple[str, StorageType]],
    name: str,
    storage: StorageType,
    at: ast.AST,
) -> bool:
    if any(known == name for known, _ in fields) or name in entity.methods:
        scope.error("C0109", at, f"`{name}` is defined twice")
        return False
    if entity.union and holds_user_pointer(storage):
        scope.error("C0226", at, "a user pointer in a union could be read as another type")
        return False
    return True


def holds_user_pointer(storage: StorageType) -> bool:
    """Tell whether a `UserPtr` lies in the storage, at any depth."""
    match storage:
        case ArrayType(element=inner) | VolatileType(target=inner) | AtomicType(target=inner):
            return holds_user_pointer(inner)
        case StructType(fields=fields):
            return any(holds_user_pointer(f.type) for f in fields.values())
    return isinstance(storage, UserPtrType)


def type_arguments(unit: Unit, struct: StructType) -> dict[TypeVariable, Type]:
    """Return what the type variables of a struct are bound to."""
    return dict(zip(struct_name(unit, struct).type_variables, struct.arguments, strict=True))


def declared_storage(scope: Scope, annotation: ast.expr, value: ast.expr | None, where: ast.AST) -> StorageType | None:
    """Return the storage of a field: its annotation, and for arrays the length from `= array(...)`."""
    found = meaning.any_type(scope, annotation, storage=True)
    if isinstance(found, ViewType):
        return array_storage(scope, found, value, where)
    if value is not None:
        scope.error("C0227", value, "fields have no default but `array(N)`", "", "set it where the struct is made")
        return None
    return meaning.storage_type(scope, annotation)


def array_storage(scope: Scope, view: ViewType, value: ast.expr | None, where: ast.AST) -> ArrayType | None:
    """Return the array that `array(...)` makes of elements of the annotated type."""
    from exotool.compiler.constants import constant_int

    if not (isinstance(value, ast.Call) and meaning.resolve(scope, value.func) == _word("array")):
        scope.error("C0228", value or where, "an array needs a length", "", f"write `name: {view} = array(16)`")
        return None
    if not value.args or value.keywords:
        scope.error(
            "C0228", value, "`array` takes lengths, or the elements", "", "write `array(16)` or `array([1, 2])`"
        )
        return None
    lengths: list[int | None] = []
    match value.args:
        case [ast.List(elts=elements)]:
            lengths = [len(elements)]
            while elements and isinstance(elements[0], ast.List):
                elements = elements[0].elts
                lengths.append(len(elements))
        case [ast.Constant(value=bytes(data))]:
            lengths = [len(data)]
        case _:
            lengths = [constant_int(scope, a) for a in value.args]
    element: StorageType | ViewType = view
    for _ in lengths:
        if not isinstance(element, ViewType):
            scope.error("C0228", value, f"{len(lengths)} lengths for `{view}`", "one for each `Array[`")
            return None
        element = element.element
    if isinstance(element, ViewType):
        scope.error("C0228", value, f"{len(lengths)} lengths for `{view}`", "one for each `Array[`")
        return None
    if isinstance(element, StructType) and not layout(scope, element, where):
        return None
    result: StorageType = element
    for length in reversed(lengths):
        if length is None:
            return None
        if length < 0 or size_of(result) * length > MAX_ARRAY:
            scope.error("C0228", value, f"an array cannot have {length} elements")
            return None
        result = ArrayType(result, length)
    return sure(result, ArrayType)


def constant_value(unit: Unit, entity: ConstantName) -> object:
    """Return the value of a constant: an `Untyped`, an expression, a `Text`; None after an error."""
    from exotool.compiler.constants import constant_operand

    if entity.done:
        return entity.value
    node = entity.node
    scope = Scope(unit, entity.module)
    if entity.busy:
        scope.error("C0229", node, f"constant `{entity.name}` is made from itself")
        return None
    entity.busy = True
    expected = None
    if node.value is None:
        scope.error("C0229", node, f"constant `{entity.name}` has no value", "", f"write `{entity.name}: Final = 1`")
    else:
        if isinstance(node.annotation, ast.Subscript):
            expected = meaning.value_type(scope, node.annotation.slice)
        if expected is not None or not isinstance(node.annotation, ast.Subscript):
            entity.value = constant_operand(scope, node.value, expected)
    entity.done, entity.busy = True, False
    return entity.value


def static_global(unit: Unit, entity: StaticName) -> Global | None:
    """Return static storage. Its initial value is put in afterwards, by `initial`."""
    if entity.done:
        return entity.target
    entity.done = True
    node = entity.node
    scope = Scope(unit, entity.module)
    annotation, read_only = node.annotation, False
    if isinstance(annotation, ast.Subscript) and meaning.resolve(scope, annotation.value) == Word("typing", "Final"):
        annotation, read_only = annotation.slice, True
    found = meaning.any_type(scope, annotation, storage=True)
    if isinstance(found, ViewType):
        storage: StorageType | None = array_storage(scope, found, node.value, node)
    else:
        storage = meaning.storage_type(scope, annotation) if found is not None else None
    if storage is None:
        return None
    symbol = f"{entity.module.name}.{entity.name}"
    entity.target = Global(
        entity.name, symbol, entity.module.name, storage, scope.span(node.target), read_only=read_only
    )
    unit.program.globals.append(entity.target)
    return entity.target


def _word(name: str) -> Word:
    return Word("exotool.lang", name)


def integer_of(name: str) -> IntType:
    """Return the integer type of a name."""
    return INTEGERS[name]
