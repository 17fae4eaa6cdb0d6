"""Reading the modules of a program: from its root files along their imports, by Python's rules."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Final

from exotool.compiler.names import (
    VOCABULARY,
    AliasName,
    BitsName,
    ConstantName,
    Entity,
    EnumName,
    FunctionName,
    ModuleNames,
    PackageName,
    StaticName,
    StructName,
    TypeVariable,
    Word,
    member,
)
from exotool.compiler.scope import Scope, Unit
from exotool.compiler.source import parse_source
from exotool.diagnostics import Diagnostic, Place, ToolError, did_you_mean
from exotool.files import read_input

MAX_MODULES: Final = 4096


class Loader:
    """Reads modules below one root folder; afterwards `order` has them so that each stands behind its imports."""

    def __init__(self, unit: Unit, root: Path) -> None:
        self.unit = unit
        self.root = root
        self.order: list[ModuleNames] = []
        self._active: list[str] = []

    def load_path(self, path: Path) -> ModuleNames | None:
        """Load the module that a file is. Its name is its path below the root."""
        try:
            relative = path.resolve().relative_to(self.root.resolve())
        except ValueError:
            self.unit.report.add(
                Diagnostic(
                    "C0104",
                    f"source `{path}` is not below the root `{self.root}`",
                    Place(str(path)),
                    help=("start in the folder that module names begin from, or name it with -C",),
                )
            )
            return None
        parts = list(relative.with_suffix("").parts)
        if parts and parts[-1] == "__init__":
            parts.pop()
        if not parts or relative.suffix != ".py" or not all(p.isidentifier() for p in parts):
            help_ = ("name it with letters, digits and `_`, ending in `.py`",)
            self.unit.report.add(
                Diagnostic("C0104", f"`{relative.as_posix()}` cannot be a module", Place(str(path)), help=help_)
            )
            return None
        name = ".".join(parts)
        found = self.find(name)
        if found is not None and found.resolve() != path.resolve():
            message = f"module `{name}` is two files, and Python imports `{found.relative_to(self.root).as_posix()}`"
            self.unit.report.add(Diagnostic("C0104", message, Place(str(path)), help=("rename one of them",)))
            return None
        if found is None:
            message = f"source `{path}` does not exist"
            self.unit.report.add(Diagnostic("C0104", message, Place(str(path))))
            return None
        return self.load(name)

    def find(self, name: str) -> Path | None:
        """Return the file of a module, a package's `__init__.py` first as in Python; None when there is none."""
        base = self.root.joinpath(*name.split("."))
        for candidate in (base / "__init__.py", base.with_suffix(".py")):
            if candidate.is_file():
                return candidate
        return None

    def is_folder(self, name: str) -> bool:
        """Tell whether a dotted name is a folder, and so a package."""
        return self.root.joinpath(*name.split(".")).is_dir()

    def load(self, name: str) -> ModuleNames | None:
        """Load a module and, first, everything it imports; None when it cannot be read (reported)."""
        known = self.unit.modules.get(name)
        if known is not None:
            return known
        path = self.find(name)
        if path is None or len(self.unit.modules) >= MAX_MODULES:
            return None
        shown = path.relative_to(self.root).as_posix()
        try:
            source = parse_source(shown, read_input(path, "source"))
        except ToolError as error:
            for diagnostic in error.diagnostics:
                self.unit.report.add(diagnostic)
            return None
        module = ModuleNames(name, source, path.name == "__init__.py", everything=self.unit.modules)
        self.unit.modules[name] = module
        self._active.append(name)
        _Binder(self, module).bind()
        self._active.pop()
        self.order.append(module)
        return module

    def imported(self, importer: ModuleNames, name: str, node: ast.stmt, typing_only: bool) -> ModuleNames | None:
        """Load a module that another one imports: its packages first, as Python runs them. Reports cycles."""
        parts = name.split(".")
        module: ModuleNames | None = None
        for count in range(1, len(parts) + 1):
            dotted = ".".join(parts[:count])
            if dotted in self._active:
                module = self.unit.modules[dotted]
                # A package is active while its own modules load; that is no cycle unless one imports it by name.
                if not typing_only and count == len(parts):
                    self._cycle(importer, dotted, node)
                continue
            module = self.load(dotted)
            if module is not None and not typing_only and dotted not in importer.imports and module is not importer:
                importer.imports.append(dotted)
        if module is None and self.find(name) is None and not self.is_folder(name):
            known = [*self.unit.modules, *VOCABULARY]
            Scope(self.unit, importer).error(
                "C0105",
                node,
                f"no module `{name}`",
                "neither a file below the root nor a part of the language",
                *did_you_mean(name, known),
            )
        return module

    def _cycle(self, importer: ModuleNames, name: str, node: ast.stmt) -> None:
        path = [*self._active[self._active.index(name) :], name]
        Scope(self.unit, importer).error(
            "C0106",
            node,
            "modules import each other in a circle",
            " -> ".join(path),
            "move what both need into a module of its own, or import for annotations under `if TYPE_CHECKING:`",
        )


class _Binder:
    """Binds the module-level names of one module."""

    def __init__(self, loader: Loader, module: ModuleNames) -> None:
        self.loader = loader
        self.module = module
        self.scope = Scope(loader.unit, module)
        self.late: list[tuple[ast.ImportFrom, str, ast.alias]] = []

    def bind(self) -> None:
        for statement in self.module.source.tree.body:
            self.statement(statement)

    def statement(self, node: ast.stmt) -> None:
        match node:
            case ast.Import():
                self.import_(node, typing_only=False)
            case ast.ImportFrom():
                self.import_from(node, typing_only=False)
            case ast.If(test=test, body=body, orelse=[]) if _is_type_checking(test):
                for inner in body:
                    if isinstance(inner, ast.Import):
                        self.import_(inner, typing_only=True)
                    elif isinstance(inner, ast.ImportFrom):
                        self.import_from(inner, typing_only=True)
                    else:
                        self.scope.error("C0107", inner, "only imports can stand under `if TYPE_CHECKING:`")
            case ast.FunctionDef(name=name):
                self.define(name, FunctionName(name, self.module, node), node)
            case ast.ClassDef():
                self.class_(node)
            case ast.AnnAssign(target=ast.Name(id=name)):
                self.annotated(name, node)
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                self.assigned(name, value, node)
            case ast.Assert() | ast.Pass() | ast.Expr(value=ast.Constant(value=str())):
                pass
            case _:
                self.refused(node)

    def refused(self, node: ast.stmt) -> None:
        """Report a statement: a module is declarations only, and nothing runs when a kernel is loaded."""
        self.scope.error(
            "C0108",
            node,
            "a statement at module level",
            "modules hold imports, constants, statics, classes and functions; nothing runs when they are loaded",
            "move it into a function",
        )

    def define(self, name: str, entity: Entity, node: ast.stmt) -> None:
        if name in self.module.names:
            self.scope.error("C0109", node, f"`{name}` is defined twice", "", "give one of them another name")
            return
        if name.startswith("__") and name.endswith("__"):
            self.scope.error("C0109", node, f"`{name}` is a name of Python's own", "", "choose a plain name")
        self.module.names[name] = entity

    def class_(self, node: ast.ClassDef) -> None:
        for base in node.bases:
            head = base.value if isinstance(base, ast.Subscript) else base
            match _lookup(self.module, head):
                case Word(name="Struct"):
                    self.define(node.name, StructName(node.name, self.module, node), node)
                    return
                case Word(name="IntEnum"):
                    self.define(node.name, EnumName(node.name, self.module, node), node)
                    return
                case Word(name="Bits"):
                    self.define(node.name, BitsName(node.name, self.module, node), node)
                    return
                case StructName():
                    self.scope.error(
                        "C0203", base, "structs do not inherit from each other", "", "make it a field of the new struct"
                    )
                    self.module.names[node.name] = None
                    return
        self.module.names[node.name] = None
        self.scope.error(
            "C0202",
            node,
            f"class `{node.name}` is no kind of class that the language has",
            "classes derive from `Struct`, `Bits[...]` or `IntEnum`",
            f"write `class {node.name}(Struct):`",
        )

    def annotated(self, name: str, node: ast.AnnAssign) -> None:
        annotation = node.annotation
        head = annotation.value if isinstance(annotation, ast.Subscript) else annotation
        match _lookup(self.module, head):
            case Word(name="Final"):
                inner = annotation.slice if isinstance(annotation, ast.Subscript) else None
                storage = _lookup(self.module, inner.value if isinstance(inner, ast.Subscript) else inner)
                if storage == Word("exotool.lang", "Array") or isinstance(storage, StructName):
                    self.define(name, StaticName(name, self.module, node), node)
                else:
                    self.define(name, ConstantName(name, self.module, node), node)
            case Word(name="TypeAlias"):
                self.define(name, AliasName(name, self.module, node, node.value), node)
            case _:
                self.define(name, StaticName(name, self.module, node), node)

    def assigned(self, name: str, value: ast.expr, node: ast.stmt) -> None:
        if isinstance(value, ast.Call) and _lookup(self.module, value.func) == Word("typing", "TypeVar"):
            match value.args:
                case [ast.Constant(value=text)] if text == name and not value.keywords:
                    self.define(name, TypeVariable(name), node)
                    return
            self.scope.error("C0204", value, f'a type variable is written `{name} = TypeVar("{name}")`')
            self.module.names[name] = None
            return
        self.module.names[name] = None
        self.scope.error(
            "C0201",
            node,
            f"`{name}` has no annotation",
            "a module-level name is a constant or static storage",
            f"write `{name}: Final = ...` for a constant, or `{name}: u64 = ...` for a static",
        )

    def import_(self, node: ast.Import, *, typing_only: bool) -> None:
        for alias in node.names:
            if alias.name in VOCABULARY:
                self._whole_vocabulary(node, alias)
                continue
            module = self.loader.imported(self.module, alias.name, node, typing_only)
            name = alias.name if alias.asname else alias.name.split(".")[0]
            found = module if alias.asname else self.loader.unit.modules.get(name)
            self._bind_import(alias.asname or name, PackageName(name, found), node)

    def _whole_vocabulary(self, node: ast.stmt, alias: ast.alias) -> None:
        words = "..." if alias.name != "exotool.lang" else "u64, Struct, ..."
        self.scope.error(
            "C0110", node, f"`{alias.name}` is imported whole", "", f"write `from {alias.name} import {words}`"
        )

    def import_from(self, node: ast.ImportFrom, *, typing_only: bool) -> None:
        name = self._absolute(node)
        if name is None:
            return
        if any(alias.name == "*" for alias in node.names):
            self.scope.error("C0110", node, "`import *` hides where names come from", "", "name what you import")
            return
        if name in VOCABULARY:
            for alias in node.names:
                if alias.name in VOCABULARY[name]:
                    self._bind_import(alias.asname or alias.name, Word(name, alias.name), node)
                else:
                    self._no_word(name, alias)
            return
        module = self.loader.imported(self.module, name, node, typing_only)
        for alias in node.names:
            bound = alias.asname or alias.name
            if module is not None and alias.name in module.names:
                self._import_name(node, module, alias, bound)
            elif self.loader.find(f"{name}.{alias.name}") or self.loader.is_folder(f"{name}.{alias.name}"):
                inner = self.loader.imported(self.module, f"{name}.{alias.name}", node, typing_only)
                self._bind_import(bound, PackageName(f"{name}.{alias.name}", inner), node)
            else:
                self.module.names.setdefault(bound, None)
                if module is not None and not (typing_only and module.name in self.loader._active):
                    close = did_you_mean(alias.name, module.names)
                    self.scope.error("C0111", alias, f"module `{name}` has no name `{alias.name}`", "", *close)
                elif module is not None:
                    self._import_later(module, alias, bound)

    def _import_later(self, module: ModuleNames, alias: ast.alias, bound: str) -> None:
        """Under TYPE_CHECKING a module may still be in the making: the name is looked up when it is used."""
        self.module.names[bound] = PackageName(f"{module.name}:{alias.name}", module)

    def _import_name(self, node: ast.stmt, module: ModuleNames, alias: ast.alias, bound: str) -> None:
        entity = module.names[alias.name]
        if isinstance(entity, StaticName) and is_scalar_static(entity):
            self.scope.error(
                "C0112",
                alias,
                f"`{alias.name}` changes, and `from` would import the value that it has now",
                "",
                f"write `import {module.name}` and use `{module.name}.{alias.name}`",
            )
        if entity is None:
            self.module.names.setdefault(bound, None)
        else:
            self._bind_import(bound, entity, node)

    def _bind_import(self, name: str, entity: Entity, node: ast.stmt) -> None:
        known = self.module.names.get(name)
        if isinstance(known, PackageName) and isinstance(entity, PackageName) and known.name == entity.name:
            return
        if name in self.module.names and known is not entity and known != entity:
            self.scope.error("C0109", node, f"`{name}` is defined twice", "", "write `import ... as ...` for one")
            return
        self.module.names[name] = entity

    def _no_word(self, name: str, alias: ast.alias) -> None:
        self.module.names.setdefault(alias.asname or alias.name, None)
        close = did_you_mean(alias.name, VOCABULARY[name])
        self.scope.error("C0113", alias, f"`{name}.{alias.name}` is no part of Kernel Python", "", *close)

    def _absolute(self, node: ast.ImportFrom) -> str | None:
        if not node.level:
            return node.module or ""
        parts = self.module.name.split(".")
        drop = node.level - self.module.package
        if drop >= len(parts) and not (drop == 0 and self.module.package):
            self.scope.error("C0105", node, "the relative import leaves the root folder")
            return None
        base = parts[: len(parts) - drop]
        return ".".join([*base, *(node.module.split(".") if node.module else [])])


def is_scalar_static(entity: StaticName) -> bool:
    """Tell whether a static is a variable: its initial value is no constructor of storage."""
    node = entity.node
    head = node.annotation.value if isinstance(node.annotation, ast.Subscript) else node.annotation
    match _lookup(entity.module, head):
        case Word(name=name):
            return name not in ("Array", "Atomic", "Volatile", "Final")
        case StructName():
            return False
    return True


def _is_type_checking(test: ast.expr) -> bool:
    return isinstance(test, ast.Name) and test.id == "TYPE_CHECKING"


def _lookup(module: ModuleNames, node: ast.expr | None) -> Entity | None:
    """Return what `a` or `a.b.c` stands for, as far as the module has been read."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isidentifier():
        return module.find(node.value)
    if isinstance(node, ast.Name):
        return module.find(node.id)
    if isinstance(node, ast.Attribute):
        base = _lookup(module, node.value)
        if isinstance(base, PackageName):
            return member(base, node.attr, module.everything)
    return None
