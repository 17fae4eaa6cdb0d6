"""What the names of a module stand for, and Python's rules for finding them."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from exotool.compiler.source import Source
from exotool.compiler.tree import Function, Global
from exotool.compiler.types import BitsType, EnumType, StructType, Type

INTEGER_NAMES: Final = ("u8", "u16", "u32", "u64", "i8", "i16", "i32", "i64")
VOCABULARY: Final[dict[str, frozenset[str]]] = {
    "exotool.lang": frozenset(
        (
            *INTEGER_NAMES,
            *(
                "Struct",
                "Bits",
                "bit",
                "bits",
                "Array",
                "array",
                "Ptr",
                "UserPtr",
                "Ref",
                "Volatile",
                "Atomic",
                "Order",
            ),
            *(
                "fence",
                "extern",
                "export",
                "section",
                "noinline",
                "hot",
                "inline",
                "wrapping",
                "recursive",
                "stored_as",
            ),
            *("sizeof", "offsetof", "addressof", "copy", "symbol_address", "fprint", "popcount"),
            *("count_leading_zeros", "count_trailing_zeros", "byteswap", "rotate_left"),
            *("checked_add", "checked_sub", "checked_mul"),
            *("proof", "model", "assume", "arbitrary", "havoc", "provide_memory", "Reason"),
        )
    ),
    "typing": frozenset(("Final", "TypeVar", "Generic", "NoReturn", "TYPE_CHECKING", "TypeAlias")),
    "collections.abc": frozenset(("Callable",)),
    "enum": frozenset(("IntEnum",)),
    "__future__": frozenset(("annotations",)),
}
"""The modules that are no source files, and what can be imported from them."""

BUILTINS: Final = frozenset(
    ("bool", "int", "str", "tuple", "object", "range", "len", "min", "max", "reversed", "enumerate")
)


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the language: `u64`, `Struct`, `len`; `module` is where it comes from, "builtins" for the rest."""

    module: str
    name: str


@dataclass(eq=False, slots=True)
class TypeVariable:
    """`T = TypeVar("T")`."""

    name: str


@dataclass(eq=False, slots=True)
class Declared:
    """What all names that a module defines have in common."""

    name: str
    module: ModuleNames
    busy: bool = field(default=False, init=False)
    done: bool = field(default=False, init=False)


@dataclass(eq=False, slots=True)
class ConstantName(Declared):
    """`NAME: Final = ...`: `value` is a constant expression, an untyped number, or text; None after an error."""

    node: ast.AnnAssign
    value: object = None


@dataclass(eq=False, slots=True)
class AliasName(Declared):
    """`Name: TypeAlias = ...`."""

    node: ast.AnnAssign
    value: ast.expr | None = None
    type: Type | None = None


@dataclass(eq=False, slots=True)
class StaticName(Declared):
    """Static storage; `mutable` scalars are assigned after `global`. `target` is None after an error."""

    node: ast.AnnAssign
    target: Global | None = None


@dataclass(eq=False, slots=True)
class FunctionName(Declared):
    """A function or method; `instances` are in the unit when it is generic or a template over text."""

    node: ast.FunctionDef
    owner: StructName | None = None
    function: Function | None = None
    static: bool = False


@dataclass(eq=False, slots=True)
class StructName(Declared):
    """A class derived from `Struct`. `type_variables` makes it generic; then `types` are its instances by arguments."""

    node: ast.ClassDef
    methods: dict[str, FunctionName] = field(default_factory=dict)
    type_variables: tuple[TypeVariable, ...] = ()
    packed: bool = False
    union: bool = False
    align: int = 1
    types: dict[tuple[object, ...], StructType] = field(default_factory=dict)


@dataclass(eq=False, slots=True)
class EnumName(Declared):
    """A class derived from `IntEnum`."""

    node: ast.ClassDef
    type: EnumType | None = None


@dataclass(eq=False, slots=True)
class BitsName(Declared):
    """A class derived from `Bits[...]`."""

    node: ast.ClassDef
    type: BitsType | None = None


@dataclass(eq=False, slots=True)
class PackageName:
    """What `import a.b` binds to `a`: a module, or a folder of modules without an `__init__.py`."""

    name: str
    module: ModuleNames | None


Entity: TypeAlias = (
    "Word | TypeVariable | ConstantName | AliasName | StaticName | FunctionName | StructName | EnumName | BitsName"
    " | PackageName"
)


@dataclass(eq=False, slots=True)
class ModuleNames:
    """A module: its names in the order of their definition. `imports` are the modules that it runs first, in order."""

    name: str
    source: Source
    package: bool = False
    names: dict[str, Entity | None] = field(default_factory=dict)
    imports: list[str] = field(default_factory=list)
    everything: dict[str, ModuleNames] = field(default_factory=dict)

    def find(self, name: str) -> Entity | None:
        """Return what a name stands for in this module; a name of the module hides a builtin."""
        found = self.names.get(name)
        if found is None and name not in self.names and name in BUILTINS:
            return Word("builtins", name)
        return found


def member(entity: PackageName, name: str, everything: dict[str, ModuleNames]) -> Entity | None:
    """Return `entity.name`: a name of the module first, then a submodule, as Python has it."""
    if entity.module is not None and name in entity.module.names:
        return entity.module.names[name]
    dotted = f"{entity.name}.{name}"
    if dotted in everything or any(known.startswith(f"{dotted}.") for known in everything):
        return PackageName(dotted, everything.get(dotted))
    return None
