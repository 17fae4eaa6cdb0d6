"""DWARF 5, as LLVM's debug metadata: files, functions, variables, types and line numbers.

Names are those of the source; the language is given as C, the only one of DWARF's whose rules debuggers apply to
structs, pointers and fixed-width integers. Paths are as the compiler was told them, below the directory ".", so that no
object carries the builder's path.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from exotool.compiler.lower_text import quoted
from exotool.compiler.tree import Function, Global, Local, LocalStorage, Module, Span
from exotool.compiler.types import (
    ArrayType,
    AtomicType,
    BitsType,
    BoolType,
    EnumType,
    FunctionType,
    IntType,
    NeverType,
    NoneType,
    PtrType,
    RefType,
    StorageType,
    StructType,
    TupleType,
    Type,
    UserPtrType,
    ViewType,
    VolatileType,
    size_of,
)

_DECLARE: Final = "llvm.dbg.declare"
_U64: Final = IntType(64, signed=False)


class DebugInfo:
    """The metadata of one LLVM module: one compile unit for each source module in it.

    Nodes are written once and in the order of first use. Node 0 is taken: branch weights.
    """

    def __init__(self, modules: Sequence[Module], *, optimised: bool) -> None:
        self._lines: list[str] = []
        self._known: dict[str, str] = {}
        self._types: dict[Type, str] = {}
        self._next = 1
        self._optimised = optimised
        self._paths = {module.name: module.path for module in modules}
        self._units: dict[str, str] = {}
        self._globals: dict[str, list[str]] = {}
        self.used = False

    # --- Nodes -------------------------------------------------------------------------------------------------------

    def _reserve(self) -> str:
        name = f"!{self._next}"
        self._next += 1
        return name

    def _node(self, text: str) -> str:
        name = self._known.get(text)
        if name is None:
            name = self._known[text] = self._reserve()
            self._lines.append(f"{name} = {text}")
        return name

    def _distinct(self, text: str) -> str:
        name = self._reserve()
        self._lines.append(f"{name} = distinct {text}")
        return name

    def _list(self, items: Sequence[str]) -> str:
        return self._node(f"!{{{', '.join(items)}}}")

    def _file(self, path: str) -> str:
        return self._node(f'!DIFile(filename: {quoted(path)}, directory: ".")')

    def _unit(self, module: str) -> str:
        unit = self._units.get(module)
        if unit is None:
            unit = self._units[module] = self._reserve()
            self._globals[module] = []
            self._file(self._paths.get(module, module))
        return unit

    def finish(self) -> list[str]:
        """Return all metadata of the module, after its last function."""
        for module, unit in self._units.items():
            variables = self._list(self._globals[module])
            file = self._file(self._paths.get(module, module))
            self._lines.append(
                f'{unit} = distinct !DICompileUnit(language: DW_LANG_C11, file: {file}, producer: "exotool", '
                f"isOptimized: {'true' if self._optimised else 'false'}, runtimeVersion: 0, emissionKind: FullDebug, "
                f"globals: {variables}, splitDebugInlining: false, nameTableKind: None)"
            )
        flags = [
            self._list(["i32 7", '!"Dwarf Version"', "i32 5"]),
            self._list(["i32 2", '!"Debug Info Version"', "i32 3"]),
        ]
        return [
            f"!llvm.dbg.cu = !{{{', '.join(self._units.values())}}}",
            f"!llvm.module.flags = !{{{', '.join(flags)}}}",
            *self._lines,
        ]

    # --- Functions and variables -------------------------------------------------------------------------------------

    def function(self, function: Function) -> str:
        """Return the scope of a function that the module defines.

        There are no linkage names: gdb would show them instead of those of the source.
        """
        unit = self._unit(function.module)
        file = self._file(function.span.path)
        types = ["null" if isinstance(function.result, NoneType | NeverType) else self.type(function.result)]
        types += [self.type(parameter.type) for parameter in function.parameters]
        signature = self._node(f"!DISubroutineType(types: {self._list(types)})")
        name = function.name
        if function.owner is not None and "." not in name:
            name = f"{function.owner}.{name}"
        flags = ["DISPFlagDefinition"]
        if not function.exported:
            flags.append("DISPFlagLocalToUnit")
        if self._optimised:
            flags.append("DISPFlagOptimized")
        return self._distinct(
            f"!DISubprogram(name: {quoted(name)}, scope: {file}, file: {file}, line: {function.span.line}, "
            f"type: {signature}, scopeLine: {function.span.line}, spFlags: {' | '.join(flags)}, unit: {unit}, "
            f"retainedNodes: {self._list([])})"
        )

    def location(self, span: Span, scope: str) -> str:
        """Return the node of a place in a function."""
        return self._node(f"!DILocation(line: {span.line}, column: {min(span.column, 0xFFFF)}, scope: {scope})")

    def declare_local(self, local: Local, function: Function, scope: str, slots: tuple[str, ...]) -> list[str]:
        """Return the instructions that tell where a variable lives: a slot for each of its registers."""
        number = f"arg: {function.parameters.index(local) + 1}, " if local in function.parameters else ""
        variable = self._variable(local.name, number, local.span, scope, self.type(local.type))
        if len(slots) == 1:
            return [self._declare(slots[0], variable, "!DIExpression()", local.span, scope)]
        return [
            self._declare(slot, variable, f"!DIExpression(DW_OP_LLVM_fragment, {offset}, {size})", local.span, scope)
            for slot, (offset, size) in zip(slots, _fragments(local.type), strict=True)
        ]

    def declare_storage(self, storage: LocalStorage, scope: str, address: str) -> list[str]:
        """Return the instructions that tell where a struct or array of the frame lives."""
        variable = self._variable(storage.name, "", storage.span, scope, self.type(storage.type))
        return [self._declare(address, variable, "!DIExpression()", storage.span, scope)]

    def _variable(self, name: str, number: str, span: Span, scope: str, kind: str) -> str:
        file = self._file(span.path)
        return self._node(
            f"!DILocalVariable(name: {quoted(name)}, {number}scope: {scope}, file: {file}, line: {span.line}, "
            f"type: {kind})"
        )

    def _declare(self, address: str, variable: str, expression: str, span: Span, scope: str) -> str:
        self.used = True
        where = self.location(span, scope)
        return (
            f"  call void @{_DECLARE}(metadata ptr {address}, metadata {variable}, metadata {expression}), !dbg {where}"
        )

    def global_variable(self, variable: Global) -> str:
        """Return the attachment of a static that the module defines."""
        unit = self._unit(variable.module)
        file = self._file(variable.span.path)
        local = "false" if variable.exported else "true"
        node = self._distinct(
            f"!DIGlobalVariable(name: {quoted(variable.name)}, scope: {unit}, "
            f"file: {file}, line: {variable.span.line}, type: {self.type(variable.type)}, isLocal: {local}, "
            "isDefinition: true)"
        )
        whole = self._node(f"!DIGlobalVariableExpression(var: {node}, expr: !DIExpression())")
        self._globals[variable.module].append(whole)
        return f", !dbg {whole}"

    # --- Types -------------------------------------------------------------------------------------------------------

    def type(self, kind: Type) -> str:
        """Return the node of a type."""
        known = self._types.get(kind)
        if known is not None:
            return known
        if isinstance(kind, StructType):
            # Before its fields: one of them may point back to the struct.
            self._types[kind] = name = self._reserve()
            self._lines.append(f"{name} = {self._struct(kind)}")
            return name
        name = self._types[kind] = self._node(self._type_text(kind))
        return name

    def _type_text(self, kind: Type) -> str:
        match kind:
            case IntType(bits=bits, signed=signed):
                return f'!DIBasicType(name: "{kind}", size: {bits}, encoding: DW_ATE_{"" if signed else "un"}signed)'
            case BoolType():
                return '!DIBasicType(name: "bool", size: 8, encoding: DW_ATE_boolean)'
            case EnumType():
                return self._enum(kind)
            case BitsType(fields=fields, storage=storage):
                members = [
                    self._member(f.name, self.type(f.type), f.high - f.low + 1, f.low, "flags: DIFlagBitField, ")
                    for f in fields.values()
                ]
                return self._composite("structure", kind.name, storage.bits, members)
            case ArrayType(element=element, length=length):
                bound = self._list([self._node(f"!DISubrange(count: {length})")])
                return (
                    f"!DICompositeType(tag: DW_TAG_array_type, baseType: {self.type(element)}, "
                    f"size: {size_of(kind) * 8}, elements: {bound})"
                )
            case VolatileType(target=target) | AtomicType(target=target):
                tag = "volatile" if isinstance(kind, VolatileType) else "atomic"
                return f"!DIDerivedType(tag: DW_TAG_{tag}_type, baseType: {self.type(target)})"
            case RefType(target=target):
                return self._pointer(self.type(target))
            case PtrType(element=element) | UserPtrType(element=element):
                return self._pointer(self.type(element))
            case FunctionType(parameters=parameters, result=result):
                types = ["null" if isinstance(result, NoneType | NeverType) else self.type(result)]
                types += [self.type(parameter) for parameter in parameters]
                return self._pointer(self._node(f"!DISubroutineType(types: {self._list(types)})"))
            case ViewType(element=element):
                data = self._node(self._pointer(self.type(element)))
                members = [self._member("data", data, 64, 0), self._member("length", self.type(_U64), 64, 64)]
                return self._composite("structure", str(kind), 128, members)
            case TupleType(items=items):
                members = [
                    self._member(f"item{i}", self.type(item), size * 8, offset * 8)
                    for i, (item, (offset, size)) in enumerate(zip(items, _tuple_layout(kind), strict=True))
                ]
                return self._composite("structure", str(kind), _value_layout(kind)[0] * 8, members)
            case _:
                raise TypeError(f"{kind} has no debug type")

    def _enum(self, kind: EnumType) -> str:
        unsigned = "" if kind.storage.signed else ", isUnsigned: true"
        members = [
            self._node(f"!DIEnumerator(name: {quoted(name)}, value: {value}{unsigned})")
            for name, value in kind.members.items()
        ]
        return (
            f"!DICompositeType(tag: DW_TAG_enumeration_type, name: {quoted(kind.name)}, "
            f"baseType: {self.type(kind.storage)}, size: {kind.storage.bits}, elements: {self._list(members)})"
        )

    def _struct(self, kind: StructType) -> str:
        members = [
            self._member(field.name, self.type(field.type), size_of(field.type) * 8, field.offset * 8)
            for field in kind.fields.values()
        ]
        return self._composite("union" if kind.union else "structure", str(kind), kind.size * 8, members)

    def _composite(self, tag: str, name: str, size: int, members: Sequence[str]) -> str:
        return (
            f"!DICompositeType(tag: DW_TAG_{tag}_type, name: {quoted(name)}, size: {size}, "
            f"elements: {self._list(members)})"
        )

    def _member(self, name: str, kind: str, size: int, offset: int, flags: str = "") -> str:
        extra = ", extraData: i64 0" if flags else ""
        return self._node(
            f"!DIDerivedType(tag: DW_TAG_member, name: {quoted(name)}, baseType: {kind}, size: {size}, "
            f"{flags}offset: {offset}{extra})"
        )

    def _pointer(self, target: str) -> str:
        return f"!DIDerivedType(tag: DW_TAG_pointer_type, baseType: {target}, size: 64)"


def _value_layout(kind: Type) -> tuple[int, int]:
    """Return size and alignment, in bytes, of a value as the debugger is shown it."""
    if isinstance(kind, ViewType):
        return 16, 8
    if isinstance(kind, TupleType):
        layouts = [_value_layout(item) for item in kind.items]
        align = max((a for _, a in layouts), default=1)
        last = _tuple_layout(kind)[-1] if layouts else (0, 0)
        return -(-(last[0] + last[1]) // align) * align, align
    size = size_of(_storage(kind))
    return size, size


def _storage(kind: Type) -> StorageType:
    if isinstance(kind, NoneType | NeverType | ViewType | TupleType):
        raise TypeError(f"{kind} is no storage")
    return kind


def _tuple_layout(kind: TupleType) -> list[tuple[int, int]]:
    """Return offset and size of each item."""
    result = []
    offset = 0
    for item in kind.items:
        size, align = _value_layout(item)
        offset = -(-offset // align) * align
        result.append((offset, size))
        offset += size
    return result


def _fragments(kind: Type, base: int = 0) -> list[tuple[int, int]]:
    """Return bit offset and size of each register of a value inside of what the debugger is shown."""
    if isinstance(kind, ViewType):
        return [(base, 64), (base + 64, 64)]
    if isinstance(kind, TupleType):
        result = []
        for item, (offset, _) in zip(kind.items, _tuple_layout(kind), strict=True):
            result += _fragments(item, base + offset * 8)
        return result
    return [(base, _value_layout(kind)[0] * 8)]
