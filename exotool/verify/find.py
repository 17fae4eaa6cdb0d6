"""Which files have proofs, and which proofs they have."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from exotool.compiler.tree import Function, Program
from exotool.diagnostics import Diagnostic, ExitCode, ToolError, did_you_mean
from exotool.project import Project

FOLDER = "proofs"


def project_files(project: Project, image: str | None) -> list[Path]:
    """Return the proofs of a project: `proofs/*.py` beside the Kernel Python of an image, or of all of them."""
    images = [project.image(image)] if image else project.images
    folders: dict[str, None] = {}
    for one in images:
        for pattern in one.sources:
            if pattern.endswith(".py"):
                folders.setdefault(str(PurePosixPath(pattern).parent / FOLDER))
    return [path for folder in sorted(folders) for path in sorted((project.root / folder).glob("*.py"))]


def proofs_of(program: Program, files: Sequence[Path], root: Path, names: Sequence[str]) -> list[Function]:
    """Return the proofs of the files, in order; with `names` those only, by their name or dotted name.

    Raises `ToolError` V0102 if there are none, or none of a name.
    """
    shown = {path.resolve() for path in files}
    here = {module.name for module in program.modules if (root / module.path).resolve() in shown}
    found = [function for function in program.functions if function.proof is not None and function.module in here]
    known = [name for function in found for name in (function.name, full_name(function))]
    for name in names:
        if name not in known:
            raise _none(f"there is no proof `{name}`", *did_you_mean(name, known))
    if not found:
        raise _none("there are no proofs", "a proof is a function decorated with @proof, in `proofs/` or in FILE")
    return [f for f in found if not names or f.name in names or full_name(f) in names]


def full_name(function: Function) -> str:
    """Return the dotted name of a function."""
    return f"{function.module}.{function.name}"


def _none(message: str, *help_: str) -> ToolError:
    return ToolError(Diagnostic("V0102", message, help=help_), exit_code=ExitCode.NO_TESTS)
