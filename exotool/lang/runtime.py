"""What transformed code calls: each loaded module has one `ModuleRuntime` under the name `__kpy__`."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from types import ModuleType
from typing import Any

from exotool.lang.address_space import memory
from exotool.lang.arrays import Array, ArraySpec, ViewKind
from exotool.lang.atomics import Atomic
from exotool.lang.inference import Scope
from exotool.lang.integers import Wrapping, wrapping_negate
from exotool.lang.intrinsics import Place, element_place, field_place
from exotool.lang.kinds import ANY, IntKind, Kind, RefKind, describe
from exotool.lang.pointers import Pointer
from exotool.lang.structs import Struct, StructKind
from exotool.lang.text import Text
from exotool.lang.traps import KernelTypeError, Reason, Trap

__tracebackhide__ = True

Coercer = Callable[[Any], Any]
Find = Callable[[Scope], Kind | None]


def identity(value: Any) -> Any:
    """Return the value: for what has no type that is known before the program runs."""
    return value


class Cells:
    """The scalar statics of a module whose addresses are taken: they are in memory, and attributes of this."""

    kpy_places: dict[str, tuple[Kind, int]]
    kpy_namespace: dict[str, Any]

    def __init__(self, namespace: dict[str, Any]) -> None:
        object.__setattr__(self, "kpy_places", {})
        object.__setattr__(self, "kpy_namespace", namespace)

    def __getattr__(self, name: str) -> Any:
        if name not in self.kpy_places:
            return self.kpy_namespace[name]
        kind, address = self.kpy_places[name]
        return kind.load(address)

    def __setattr__(self, name: str, value: Any) -> None:
        kind, address = self.kpy_places[name]
        kind.store(address, value)


class ModuleRuntime:
    """The types of one module, found when first needed, and the operations that its code was given."""

    text = Text
    wrapped = Wrapping
    negate = staticmethod(wrapping_negate)
    field_place = staticmethod(field_place)
    element_place = staticmethod(element_place)

    def __init__(self, namespace: dict[str, Any], deferred: list[ast.stmt]) -> None:
        self.namespace = namespace
        self._deferred = deferred
        self.statics: dict[str, Kind] = {}
        self._initial: dict[str, Any] = {}
        self.cells = Cells(namespace)
        self.bound_inferences: dict[int, tuple[Scope, tuple[str, ...], Find]] = {}
        self._bound_kinds: dict[tuple[int, tuple[Any, ...]], Kind | None] = {}

    # --- types ----------------------------------------------------------------------------------------------------

    def kind(self, annotation: str, storage: bool = False) -> Kind:
        """Return what an annotation of the module means. Reads imports under `if TYPE_CHECKING:` if it has to."""
        try:
            return describe(annotation, self.namespace, storage)
        except NameError:
            if not self._deferred:
                raise
        extended = dict(self.namespace)
        exec(compile(ast.Module(self._deferred, []), "<type checking>", "exec"), extended)  # noqa: S102 - its imports
        return describe(annotation, extended, storage)

    def declare_coercer(self, name: str, annotation: str) -> None:
        """Let the global `name` coerce to an annotated type; the annotation is read at the first call."""

        def first(value: Any) -> Any:
            coerce = self.kind(annotation).coerce
            self.namespace[name] = coerce
            return coerce(value)

        self.namespace[name] = first

    def declare_inferred(self, name: str, scope: Scope, find: Find) -> None:
        """Let the global `name` coerce to an inferred type; what is not known statically stays as it is."""

        def first(value: Any) -> Any:
            found = find(scope)
            coerce = identity if found is None else found.coerce
            self.namespace[name] = coerce
            return coerce(value)

        self.namespace[name] = first

    def to_inferred(self, number: int, names: tuple[str, ...], types: tuple[Any, ...], value: Any) -> Any:
        """Coerce in a generic function to an inferred type, found once for each binding of the type variables."""
        key = (number, types)
        if key not in self._bound_kinds:
            scope, owner_variables, find = self.bound_inferences[number]
            bindings = dict(zip(names, types, strict=True))
            if owner_variables:
                bindings[scope.owner] = self.namespace[scope.owner][tuple(bindings[n] for n in owner_variables)]
            self._bound_kinds[key] = find(scope.bound(bindings))
        kind = self._bound_kinds[key]
        return value if kind is None else kind.coerce(value)

    def to(self, annotation: Any, value: Any) -> Any:
        """Coerce in a generic function, where the annotation names bound types."""
        return describe(annotation, self.namespace).coerce(value)

    def bind(self, names: tuple[str, ...], receiver: Any, *parameters: tuple[str, Any]) -> tuple[Any, ...]:
        """Return the types that type variables stand for in this call."""
        found: dict[str, Any] = dict(getattr(type(receiver), "__kpy_arguments__", {}))
        for annotation, value in parameters:
            _match(ast.parse(annotation, mode="eval").body, value, names, found)
        missing = [name for name in names if name not in found]
        if missing:
            raise KernelTypeError(f"nothing says what {', '.join(missing)} is: a number alone has no width")
        return tuple(found[name] for name in names)

    # --- state ----------------------------------------------------------------------------------------------------

    def end_import(self) -> None:
        """Remember the statics as the import left them; those in memory are no names of the module any more."""
        for name in self.cells.kpy_places:
            del self.namespace[name]
        self._initial = self.state()

    def state(self) -> dict[str, Any]:
        """Return what the statics hold."""
        return {name: self.namespace[name] for name in self.statics if name in self.namespace}

    def restore(self, state: dict[str, Any] | None) -> None:
        """Let the statics hold what they held then, or what the import left."""
        self.namespace.update(self._initial if state is None else state)

    # --- values ---------------------------------------------------------------------------------------------------

    def static(self, name: str, annotation: str, value: Any, read_only: bool) -> Any:
        """Return what a module-level name holds: storage for arrays, else the value in its type."""
        kind = self.kind(annotation)
        self.statics[name] = kind
        if isinstance(value, ArraySpec):
            if not isinstance(kind, ViewKind):
                raise KernelTypeError(f"array(...) for {kind}")
            return value.make(kind.element, read_only=read_only, static=True)
        return kind.coerce(value)

    def cell(self, name: str, annotation: str, value: Any, read_only: bool) -> Any:
        """Return what `static` does, for a name whose address the module takes: a scalar gets a place in memory."""
        made = self.static(name, annotation, value, read_only)
        kind = self.statics[name]
        if kind.size and not isinstance(made, (Struct, Array, Atomic)):
            self.cells.kpy_places[name] = (kind, memory.allocate_static(kind.size, kind.align))
            setattr(self.cells, name, made)
        return made

    def static_zero(self, name: str, annotation: str) -> Any:
        """Return zeroed static storage for a name that has only an annotation."""
        kind = self.kind(annotation, storage=True)
        self.statics[name] = self.kind(annotation)
        if not kind.size:
            raise KernelTypeError(f"{name} needs a value")
        return kind.load(memory.allocate_static(kind.size, kind.align))

    def cell_place(self, name: str) -> Any:
        """Return what `addressof(name)` is asked for."""
        return Place(self.cells.kpy_places[name][1]) if name in self.cells.kpy_places else self.namespace[name]

    def unpack(self, coercers: tuple[Coercer | None, ...], value: Any) -> Any:
        """Coerce the items of a tuple that is about to be unpacked."""
        if len(coercers) != len(value):
            raise KernelTypeError(f"{len(value)} values for {len(coercers)} names")
        return tuple([v if c is None else c(v) for c, v in zip(coercers, value, strict=True)])

    def each(self, coerce: Coercer, values: Iterable[Any]) -> Iterator[Any]:
        """Coerce what a loop walks over to the declared type of its variable."""
        return (coerce(value) for value in values)

    def fail(self, message: str = "") -> None:
        """End the program: an assertion does not hold."""
        raise Trap(Reason.ASSERTION, message)

    def no_model(self, name: str) -> Any:
        """Refuse to call an extern that has no body, but should return something."""
        raise NotImplementedError(f"extern {name} has no model: write a body, or use exotool.lang.models({name}=...)")


class KernelModule(ModuleType):
    """A module whose statics keep their types when another module, or a test, assigns to them."""

    def __setattr__(self, name: str, value: Any) -> None:
        runtime = self.__dict__.get("__kpy__")
        if runtime is not None and name in runtime.cells.kpy_places:
            setattr(runtime.cells, name, value)
            return
        if runtime is not None and name in runtime.statics:
            value = runtime.statics[name].coerce(value)
        super().__setattr__(name, value)

    def __getattr__(self, name: str) -> Any:
        """Return a static that is in memory, where module and tests both reach it."""
        runtime = self.__dict__.get("__kpy__")
        if runtime is not None and name in runtime.cells.kpy_places:
            return getattr(runtime.cells, name)
        raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")


def type_of(value: Any) -> Any:
    """Return the type of a value as an annotation would say it; None for a bare number."""
    if type(value) is int or value is None:
        return None
    if isinstance(value, Array):
        inner = type_of_kind(value.element)
        return None if inner is None else Array.__class_getitem__(inner)
    return type(value)


def type_of_kind(kind: Kind) -> Any:
    """Return the type that elements of a kind have, as an annotation would say it."""
    if kind is ANY:
        return None
    if isinstance(kind, (IntKind, StructKind, RefKind)) or hasattr(kind, "cls"):
        return kind.cls
    if isinstance(kind, ViewKind) or hasattr(kind, "element"):
        return Array.__class_getitem__(type_of_kind(kind.element))
    return bool if kind.name == "bool" else None


def _match(pattern: ast.expr, value: Any, names: tuple[str, ...], found: dict[str, Any]) -> None:
    """Bind the type variables in an annotation by a value that was passed for it."""
    match pattern:
        case ast.Constant(value=str(text)):
            _match(ast.parse(text, mode="eval").body, value, names, found)
        case ast.Name(id=name) if name in names:
            if name not in found and (kind := type_of(value)) is not None:
                found[name] = kind
        case ast.BinOp(left=left, op=ast.BitOr()) if value is not None:
            _match(left, value, names, found)
        case ast.Subscript(slice=ast.Tuple(elts=items)) if isinstance(value, tuple):
            for item, part in zip(items, value, strict=False):
                _match(item, part, names, found)
        case ast.Subscript(slice=inner):
            _match_types(inner, _arguments_of(value), names, found)


def _arguments_of(value: Any) -> list[Any]:
    if isinstance(value, Array):
        return [type_of_kind(value.element)]
    if isinstance(value, Pointer):
        return [type_of_kind(value.element())]
    if isinstance(value, Struct):
        arguments = type(value).__kpy_arguments__
        return list(arguments.values()) if arguments else [type(value)]
    kind = getattr(value, "kind", None)
    return [type_of_kind(kind)] if isinstance(kind, Kind) else []


def _match_types(inner: ast.expr, types: list[Any], names: tuple[str, ...], found: dict[str, Any]) -> None:
    patterns = inner.elts if isinstance(inner, ast.Tuple) else [inner]
    for pattern, one in zip(patterns, types, strict=False):
        if isinstance(pattern, ast.Name) and pattern.id in names and one is not None:
            found.setdefault(pattern.id, one)
        elif isinstance(pattern, ast.Subscript) and hasattr(one, "argument"):
            _match_types(pattern.slice, [one.argument], names, found)
