"""Sources -> objects -> image: what has to be made again, and the making of it.

An object stands under its source's name in the output's folder (`build/obj/kernel/kernel_asm/trap.S.o`), beside a
record of the digests of everything that went into it. Digests decide, never times of files: a checkout, a copy or a
clock that went back changes nothing. The manifest of the image is the same kind of record for the link.
"""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from exotool.diagnostics import Collector, Diagnostic, Place, ToolError, did_you_mean
from exotool.files import read_input, write_output
from exotool.layout import Layout
from exotool.project import DEFAULT_ENTRY, PROJECT_FILE, Image, Project, parse_layout
from exotool.repro.manifest import Manifest, combined, digest, file_digest, read_manifest, tool_versions, unchanged
from exotool.tables import read_table
from exotool.workers import WorkerDiedError, Workers

if TYPE_CHECKING:
    from exotool.compiler.emit import Unit
    from exotool.elf import ObjectFile
    from exotool.link import LinkedImage
    from exotool.link.script import ScriptLayouter

ASSEMBLY: Final = (".S", ".s")
OBJECTS: Final = (".o",)
PROGRAM_RECORD: Final = "python.json"
PYTHON: Final = (".py",)
SOURCES: Final = (*ASSEMBLY, *PYTHON, *OBJECTS)

Report = Callable[[str], None]
"""Takes one line of progress, for `--verbose`."""


@dataclass(frozen=True, slots=True)
class Built:
    """A finished build. `made` tells whether the image was linked now or was up to date."""

    output: Path
    made: bool
    warnings: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True, slots=True)
class _Job:
    """One source to assemble; small enough to send to another process."""

    root: Path
    source: str
    include: tuple[str, ...]
    define: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class _Assembled:
    """What became of a job: the object's bytes, or the errors that there were instead."""

    data: bytes
    dependencies: tuple[str, ...]
    warnings: tuple[Diagnostic, ...]
    errors: tuple[Diagnostic, ...]


def build_image(project: Project, image: Image, *, jobs: int = 0, report: Report = lambda _: None) -> Built:
    """Bring an image of a project up to date and return it.

    `jobs` is the number of sources assembled at once; 0 means one a CPU. Raises `ToolError` with all errors found.
    """
    root = project.root
    output = root / image.output
    sources = expand_sources(project, image)
    settings = _settings(image)
    if _is_current(root, image, sources, settings):
        return Built(output, made=False)
    with _exclusive(output.parent):
        if _is_current(root, image, sources, settings):
            return Built(output, made=False)
        objects, inputs, warnings = _objects(root, image, sources, jobs, report)
        inputs[PROJECT_FILE] = digest(read_input(root / PROJECT_FILE, "project file"))
        report(f"link {image.output}")
        linked = _link(objects, image.layout, image.entry, root, project_sources=True)
        _check_stack(linked, image)
        _write_image(linked, root, image.output, image.name, settings, inputs)
        return Built(output, made=True, warnings=(*warnings, *linked.warnings))


def _check_stack(linked: LinkedImage, image: Image) -> None:
    """Raise `ToolError` C0605 or C0606 when an entry can take more stack than the image allows."""
    if image.stack is not None:
        from exotool.compiler.stack_report import check_stack

        errors = check_stack(linked.data, image.output, image.stack, dict(image.recursion))
        if errors:
            raise ToolError(*errors)


def link_files(files: Sequence[Path], output: Path, layout: Layout | Path, entry: str | None, root: Path) -> Built:
    """Link the objects and sources named on a command line; nothing is cached.

    `layout` may be the path of a GNU ld script, which may name the entry too. `root` is the folder that paths in the
    image are relative to.
    """
    laid_out: Layout | ScriptLayouter
    settings = ""
    if isinstance(layout, Path):
        from exotool.link.driver import script_layouter

        laid_out, named, scripts = script_layouter(layout)
        settings = combined([digest(data) for data in scripts.values()])
    else:
        laid_out, named = layout, DEFAULT_ENTRY
        settings = repr(dataclasses.astuple(layout))
    entry = entry or named
    objects: list[ObjectFile] = []
    inputs: dict[str, str] = {}
    warnings: list[Diagnostic] = []
    errors = Collector()
    python = [file for file in files if file.suffix in PYTHON]
    for file in files:
        shown = _shown(file, root)
        try:
            if python and file is python[0]:
                data, used = _compile_together(python, root)
                inputs |= used
            elif file in python:
                continue
            elif file.suffix in ASSEMBLY:
                assembled = _assemble(_Job(root, shown, (), ()))
                warnings += assembled.warnings
                for error in assembled.errors:
                    errors.add(error)
                data = assembled.data
                inputs |= {path: file_digest(root / path) or "" for path in (shown, *assembled.dependencies)}
            else:
                data = read_input(file, "object")
                inputs[shown] = digest(data)
            if data or file.suffix not in ASSEMBLY:
                objects.append(_read_object(data, shown))
        except ToolError as error:
            for diagnostic in error.diagnostics:
                errors.add(diagnostic)
    errors.check()
    linked = _link(objects, laid_out, entry, root, project_sources=False)
    _write_image(linked, output.parent, output.name, output.stem, combined([settings, entry]), inputs)
    return Built(output, made=True, warnings=(*warnings, *linked.warnings))


def _compile_together(files: Sequence[Path], root: Path) -> tuple[bytes, dict[str, str]]:
    """Return the object of Kernel Python files, as `dev` compiles them, and the digests of all that went into it."""
    from exotool.compiler.emit import compile_files
    from exotool.compiler.lower_options import options_for

    data, used = compile_files(files, root, options_for("dev"))
    return data, {path: file_digest(root / path) or "" for path in used}


def choose_layout(image: Image | None, layout_file: Path | None) -> tuple[Layout, str]:
    """Return the layout and the entry symbol for files named on a command line.

    `layout_file` holds the content of a `[layout]` table. Without it and without an image of a project it is
    `exotool.link.default_layout`, wherever the command runs.
    """
    if layout_file is not None:
        return parse_layout(read_table(layout_file, "layout")), DEFAULT_ENTRY
    if image is not None:
        return image.layout, image.entry
    from exotool.link import default_layout

    return default_layout(), DEFAULT_ENTRY


def expand_sources(project: Project, image: Image) -> list[str]:
    """Return the image's sources, relative to the project's root, in the order of the patterns and then of names.

    Raises `ToolError` P0107 for a pattern that matches nothing and P0108 for a file that is no source.
    """
    errors, found = Collector(), dict[str, None]()
    for pattern in image.sources:
        place = Place(PROJECT_FILE)
        matches = sorted(p.relative_to(project.root).as_posix() for p in project.root.glob(pattern) if p.is_file())
        if not matches:
            errors.add(
                Diagnostic(
                    "P0107",
                    f"no file matches the source `{pattern}` of image `{image.name}`",
                    place,
                    help=_near_files(project.root, pattern),
                )
            )
        for match in matches:
            if not match.endswith(SOURCES):
                known = ", ".join(SOURCES)
                errors.add(
                    Diagnostic(
                        "P0108",
                        f"`{match}` is not a kind of source that exotool knows",
                        place,
                        help=(f"known are {known}",),
                    )
                )
            found[match] = None
    errors.check()
    return list(found)


def _near_files(root: Path, pattern: str) -> tuple[str, ...]:
    folder = root / Path(pattern).parent
    if not folder.is_dir():
        return (f"the folder `{Path(pattern).parent.as_posix()}` does not exist",)
    return did_you_mean(pattern, (p.relative_to(root).as_posix() for p in folder.iterdir()))


def _settings(image: Image) -> str:
    """Return the digest of what `exotool.toml` says of an image."""
    return combined([json.dumps(dataclasses.asdict(image), sort_keys=True)])


def _manifest_path(output: Path) -> Path:
    return output.with_suffix(".manifest.json")


def _is_current(root: Path, image: Image, sources: Sequence[str], settings: str) -> bool:
    """Tell whether the outputs are those that a build now would make."""
    manifest = read_manifest(_manifest_path(root / image.output))
    return (
        manifest is not None
        and manifest.settings == settings
        and set(sources) <= manifest.inputs.keys()
        and manifest.tools == tool_versions()
        and unchanged(manifest.inputs, root)
        and unchanged(manifest.outputs, root)
    )


def _exclusive(folder: Path) -> Any:
    """Return a lock that keeps a second build out of the folder; the system frees it when its holder dies."""
    from filelock import FileLock

    try:
        folder.mkdir(parents=True, exist_ok=True)
        return FileLock(folder / ".lock")
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ToolError(Diagnostic("T0105", f"cannot write `{folder}`: {reason}")) from None


def _objects(
    root: Path, image: Image, sources: Sequence[str], jobs: int, report: Report
) -> tuple[list[ObjectFile], dict[str, str], list[Diagnostic]]:
    """Return the objects of an image, the digests of all files that they come from, and the warnings.

    The modules of Kernel Python follow the other objects, in the order in which they import each other.
    """
    cache = root / Path(image.output).parent / "obj" / image.name
    inputs: dict[str, str] = {}
    ready: dict[str, bytes] = {}
    stale: list[_Job] = []
    python = [source for source in sources if source.endswith(PYTHON)]
    for source in sources:
        job = _Job(root, source, image.include, image.define)
        if source.endswith(OBJECTS):
            ready[source] = read_input(root / source, "object")
            inputs[source] = digest(ready[source])
        elif source in python:
            continue
        elif (cached := _cached(cache, job)) is not None:
            ready[source], used = cached
            inputs |= used
        else:
            stale.append(job)
    warnings: list[Diagnostic] = []
    errors = Collector()
    order = [source for source in sources if source not in python]
    with Workers(jobs, most=max(len(stale), len(python))) as workers:
        waiting = [workers.submit(_assemble, job) for job in stale]
        if waiting and workers.parallel:
            _load_linker()
        compiled: dict[str, bytes] = {}
        if python:
            try:
                compiled, used = _compile_python(root, image, python, cache, workers, report)
                inputs |= used
            except ToolError as failed:
                for diagnostic in failed.diagnostics:
                    errors.add(diagnostic)
        for job, result in zip(stale, _assembled(stale, waiting, report), strict=True):
            warnings += result.warnings
            for error in result.errors:
                errors.add(error)
            if not result.errors:
                used = {path: file_digest(root / path) or "" for path in (job.source, *result.dependencies)}
                _store(cache, job, result.data, used)
                ready[job.source] = result.data
                inputs |= used
    ready |= compiled
    order += compiled
    objects = []
    for source in order:
        if source in ready:
            try:
                objects.append(_read_object(ready[source], source))
            except ToolError as failed:
                for diagnostic in failed.diagnostics:
                    errors.add(diagnostic)
    errors.warnings += warnings
    errors.check()
    return objects, inputs, warnings


def _assembled(jobs: Sequence[_Job], waiting: Sequence[Callable[[], _Assembled]], report: Report) -> list[_Assembled]:
    results = []
    for job, wait in zip(jobs, waiting, strict=True):
        report(f"assemble {job.source}")
        try:
            results.append(wait())
        except WorkerDiedError:
            help_ = "there may be too little memory: `--jobs 1` needs the least"
            raise ToolError(Diagnostic("T0109", "a process that assembled was killed", help=(help_,))) from None
    return results


def _compile_python(
    root: Path, image: Image, sources: Sequence[str], cache: Path, workers: Workers, report: Report
) -> tuple[dict[str, bytes], dict[str, str]]:
    """Return the objects of an image's Kernel Python by name, and the digests of all files that they come from.

    Nothing is done when no file of the program has changed. Otherwise the whole program is checked, and LLVM works only
    on modules whose text for it has changed, which says everything of what a module depends on. Raises `ToolError` with
    all errors.
    """
    choices = [repr((image.profile, image.overflow, image.shift)), *sources, json.dumps(tool_versions())]
    program = combined(choices)
    if (unchanged_program := _cached_program(root, cache, program)) is not None:
        return unchanged_program
    from exotool.compiler.emit import compile_units, lower_files
    from exotool.compiler.lower_options import options_for

    options = options_for(image.profile, image.overflow, image.shift)
    report(f"check {len(sources)} modules")
    lowered = lower_files([root / source for source in sources], root, options)
    keys = {_unit_name(image, unit): combined([unit.text, json.dumps(tool_versions())]) for unit in lowered.units}
    units = {_unit_name(image, unit): unit for unit in lowered.units}
    objects: dict[str, bytes] = {}
    stale = []
    for name in units:
        cached = _cached_unit(cache, name, keys[name])
        if cached is None:
            stale.append(name)
        objects[name] = cached or b""
    errors = Collector()
    results = compile_units([units[name] for name in stale], options, workers)
    for name, result in zip(stale, results, strict=True):
        report(f"compile {name}")
        for error in result.errors:
            errors.add(error)
        if not result.errors:
            objects[name] = result.data
            record = {"key": keys[name], "object": digest(result.data)}
            write_output(cache / f"{name}.o", result.data)
            write_output(cache / f"{name}.json", json.dumps(record, indent=1, sort_keys=True).encode() + b"\n")
    errors.check()
    files = {path: file_digest(root / path) or "" for path in lowered.files}
    made = {"key": program, "files": files, "objects": [[name, digest(data)] for name, data in objects.items()]}
    write_output(cache / PROGRAM_RECORD, json.dumps(made, indent=1, sort_keys=True).encode() + b"\n")
    return objects, files


def _cached_program(root: Path, cache: Path, key: str) -> tuple[dict[str, bytes], dict[str, str]] | None:
    """Return what `_compile_python` returned last, if it would return it again."""
    try:
        record = json.loads((cache / PROGRAM_RECORD).read_bytes())
        files: dict[str, str] = record["files"]
        # A package of a module's name would be imported in its place.
        hidden = any((root / path).with_suffix("").joinpath("__init__.py").is_file() for path in files)
        if record["key"] != key or hidden or not unchanged(files, root):
            return None
        objects = {name: (cache / f"{name}.o").read_bytes() for name, _ in record["objects"]}
        return (objects, files) if all(digest(objects[name]) == found for name, found in record["objects"]) else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _unit_name(image: Image, unit: Unit) -> str:
    return unit.path or f"{image.name}.py"


def _cached_unit(cache: Path, name: str, key: str) -> bytes | None:
    try:
        record = json.loads((cache / f"{name}.json").read_bytes())
        data = (cache / f"{name}.o").read_bytes()
        return data if record["key"] == key and record["object"] == digest(data) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _load_linker() -> None:
    """Import what every link needs, LIEF above all."""
    from exotool.link import writer

    writer.start()
    for name in ("elftools.elf.elffile", "exotool.link.linker"):
        import_module(name)


def _assemble(job: _Job) -> _Assembled:
    """Assemble one source; errors are part of the result, so that they can come from another process."""
    from exotool import asm
    from exotool.elf import write_object

    path = job.root / job.source
    include = tuple(job.root / folder for folder in job.include)
    try:
        source = read_input(path, "source")
        assembly = asm.assemble(
            source, path, asm.Options(include=include, define=job.define, debug=True, root=job.root)
        )
    except ToolError as error:
        return _Assembled(b"", (), (), error.diagnostics)
    dependencies = tuple(sorted({_shown(dependency, job.root) for dependency in assembly.dependencies}))
    return _Assembled(write_object(assembly.object), dependencies, assembly.warnings, ())


def _object_key(job: _Job) -> str:
    tools = tool_versions()
    return combined([job.source, *job.include, json.dumps([job.define, tools], sort_keys=True)])


def _cached(cache: Path, job: _Job) -> tuple[bytes, dict[str, str]] | None:
    """Return the object of a source and the digests of what it was made from, if all of that is still so."""
    try:
        record = json.loads((cache / f"{job.source}.json").read_bytes())
        data = (cache / f"{job.source}.o").read_bytes()
        inputs = {str(path): str(value) for path, value in record["inputs"].items()}
        if record["key"] != _object_key(job) or record["object"] != digest(data):
            return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return (data, inputs) if job.source in inputs and unchanged(inputs, job.root) else None


def _store(cache: Path, job: _Job, data: bytes, inputs: dict[str, str]) -> None:
    record = {"key": _object_key(job), "object": digest(data), "inputs": inputs}
    write_output(cache / f"{job.source}.o", data)
    write_output(cache / f"{job.source}.json", json.dumps(record, indent=1, sort_keys=True).encode() + b"\n")


def _read_object(data: bytes, path: str) -> ObjectFile:
    from exotool.elf import read_object

    return read_object(data, path)


def _link(
    objects: Sequence[ObjectFile], layout: Layout | ScriptLayouter, entry: str, root: Path, *, project_sources: bool
) -> LinkedImage:
    from exotool.definitions import find_definitions
    from exotool.link import link

    def find(symbol: str) -> list[Place]:
        return find_definitions(symbol, root, {obj.path for obj in objects}) if project_sources else []

    return link(objects, layout, entry, find_definition=find, source_root=root)


def _write_image(
    linked: LinkedImage, root: Path, output: str, name: str, settings: str, inputs: dict[str, str]
) -> None:
    """Write the image, its maps and, last, the manifest: an image without a fitting manifest is not up to date."""
    path = root / output
    parts = {
        path: linked.data,
        path.with_suffix(".map"): linked.map_text.encode(),
        path.with_suffix(".map.json"): linked.map_json,
    }
    for part, data in parts.items():
        write_output(part, data, executable=part == path)
    outputs = {part.relative_to(root).as_posix(): digest(data) for part, data in parts.items()}
    manifest = Manifest(name, settings, tool_versions(), inputs, outputs)
    write_output(_manifest_path(path), manifest.to_json())


def _shown(path: Path, root: Path) -> str:
    """Return a path as it is written into outputs: relative to the root, with `/`."""
    return Path(os.path.relpath(path, root)).as_posix()
