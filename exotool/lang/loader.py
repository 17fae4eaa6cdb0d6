"""The import hook: modules under the configured roots are Kernel Python, and run under CPython as it says.

    from exotool.lang.loader import install
    install("path/of/the/project", packages=["kernel"])
    import kernel.alloc

Only the named packages (or top-level modules) of a root are taken; all else is imported as ever.
"""

# ruff: noqa: ARG002 - the signatures are those of the protocol, not of one method
from __future__ import annotations
import __future__

import ast
import builtins as python_builtins
import importlib.machinery
import importlib.util
import sys
from collections.abc import Iterable, Sequence
from importlib.abc import Loader, MetaPathFinder
from pathlib import Path
from types import CodeType, ModuleType

from exotool.lang.address_space import memory
from exotool.lang.builtins import REPLACED
from exotool.lang.runtime import KernelModule, ModuleRuntime
from exotool.lang.transform import RUNTIME, Transformer, is_type_checking

__tracebackhide__ = True


class KernelLoader(Loader):
    """Loads one file."""

    def __init__(self, name: str, path: Path) -> None:
        self.name = name
        self.path = path

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        """Return the empty module."""
        return KernelModule(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Transform the source and run it."""
        text = self.path.read_text("utf-8")
        # Reported with the path, as CPython would.
        tree = ast.parse(text, str(self.path))
        deferred = [s for n in tree.body if isinstance(n, ast.If) and is_type_checking(n) for s in n.body]
        namespace = module.__dict__
        runtime = ModuleRuntime(namespace, deferred)
        namespace[RUNTIME] = runtime
        namespace["__builtins__"] = {**vars(python_builtins), **REPLACED}
        transformed = Transformer(runtime).transform(tree)
        start = memory.start_module()
        flags = __future__.annotations.compiler_flag
        exec(compile(transformed, str(self.path), "exec", flags, dont_inherit=True), namespace)  # noqa: S102
        memory.end_module(start)
        runtime.end_import()

    def get_source(self, fullname: str) -> str:
        """Return the source, as `inspect` and tracebacks show it."""
        return self.path.read_text("utf-8")

    def get_filename(self, fullname: str) -> str:
        """Return the path of the file."""
        return str(self.path)

    def get_code(self, fullname: str) -> CodeType | None:
        """There is no code apart from a module: coercers are made with it."""
        return None

    def is_package(self, fullname: str) -> bool:
        """Tell whether the file is a package's."""
        return self.path.name == "__init__.py"


class KernelFinder(MetaPathFinder):
    """Finds modules under one root."""

    def __init__(self, root: Path, packages: Iterable[str]) -> None:
        self.root = root
        self.packages = frozenset(packages)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Return where a module is, or None if it is not one of ours."""
        parts = fullname.split(".")
        if parts[0] not in self.packages:
            return None
        place = self.root.joinpath(*parts)
        source = place.with_suffix(".py")
        if not source.is_file() and place.is_dir():
            source = place / "__init__.py"
            if not source.is_file():
                spec = importlib.machinery.ModuleSpec(fullname, None, is_package=True)
                spec.submodule_search_locations = [str(place)]
                return spec
        if not source.is_file():
            return None
        locations = [str(place)] if source.name == "__init__.py" else None
        loader = KernelLoader(fullname, source)
        return importlib.util.spec_from_file_location(
            fullname, source, loader=loader, submodule_search_locations=locations
        )


def install(root: str | Path, packages: Iterable[str] = ()) -> KernelFinder:
    """Take the packages of a root as Kernel Python: those named, or all that the root has.

    A package that Python itself has (its standard library, or one imported before) must be named to be taken.
    """
    place = Path(root).resolve()
    chosen = list(packages) or sorted(
        p.stem
        for p in place.iterdir()
        if (p.is_dir() or p.suffix == ".py")
        and p.stem.isidentifier()
        and p.stem not in sys.stdlib_module_names
        and p.stem not in sys.modules
    )
    finder = KernelFinder(place, chosen)
    sys.meta_path.insert(0, finder)
    return finder


def loaded_modules() -> dict[str, ModuleRuntime]:
    """Return the runtimes of all modules that are loaded as Kernel Python."""
    return {name: module.__dict__[RUNTIME] for name, module in sys.modules.items() if isinstance(module, KernelModule)}


def uninstall(finder: KernelFinder) -> None:
    """Take the hook away, and forget the modules that it has loaded."""
    sys.meta_path.remove(finder)
    for name, module in list(sys.modules.items()):
        if isinstance(module, KernelModule) and name.split(".")[0] in finder.packages:
            del sys.modules[name]
