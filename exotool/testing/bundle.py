"""What a failed boot leaves behind, and how it is run again.

A bundle is a folder: `image.elf` (the kernel's bytes), `module` (its module's, if it has one), `boot.json` (everything
that the boot was asked, with the machine profile in it, so that no file of the project is needed), `command.txt` with
QEMU's command, `serial.log`, `outcome.json`, `report.txt` with registers and backtraces, and `manifest.json` with
digests of the others and the versions of exotool and QEMU.
"""

from __future__ import annotations

import dataclasses
import json
import re
import shutil
from pathlib import Path
from typing import Any, Final

from exotool import __version__
from exotool.diagnostics import Diagnostic, ExitCode, Place, ToolError
from exotool.expectations import Check
from exotool.files import read_input, write_output
from exotool.launch.machine import Machine
from exotool.launch.options import BootOptions
from exotool.launch.qemu import find_qemu
from exotool.launch.startup import reported_version
from exotool.testing.plan import Job
from exotool.testing.worker import Result

FORMAT: Final = 1
IMAGE: Final = "image.elf"
MODULE: Final = "module"
BOOT: Final = "boot.json"
MANIFEST: Final = "manifest.json"
"""Written last: a bundle without it is not whole."""

_PATHS: Final = ("core", "kernel", "module", "serial_file", "symbols", "gdb", "interactive", "disks", "forwards")
"""What belongs to the place of the first run and not to the boot."""


def write_bundle(folder: Path, job: Job, result: Result) -> Path:
    """Write the bundle of a result into a folder of its own below `folder`, and return that.

    Raises `ToolError` T0105 when it cannot be written.
    """
    from exotool.repro.manifest import digest

    target = folder / re.sub(r"[^\w.+-]+", "_", result.name)[:150].strip("_")
    options = {key: value for key, value in dataclasses.asdict(job.options).items() if key not in _PATHS}
    boot = {"format": FORMAT, "name": job.name, "expected": job.test.outcome, "options": options}
    files = {
        IMAGE: read_input(job.options.kernel, "kernel"),
        BOOT: _json(boot),
        "serial.log": "".join(f"{line}\n" for line in result.lines).encode("utf-8", "backslashreplace"),
        "outcome.json": _json(result.outcome),
        "report.txt": "\n".join([*result.problems, "", result.report, ""]).encode("utf-8", "backslashreplace"),
        "command.txt": (" ".join(result.command) + "\n").encode("utf-8", "backslashreplace"),
    }
    if job.options.module is not None:
        files[MODULE] = read_input(job.options.module, "module")
    version = ".".join(map(str, reported_version(find_qemu())))
    manifest = {
        "format": FORMAT,
        "exotool": __version__,
        "qemu": version,
        "files": {name: digest(data) for name, data in sorted(files.items())},
    }
    if (target / MANIFEST).is_file():
        shutil.rmtree(target, ignore_errors=True)  # of an earlier run
    try:
        for name, data in {**files, MANIFEST: _json(manifest)}.items():
            write_output(target / name, data)
    except ToolError:
        shutil.rmtree(target, ignore_errors=True)
        raise
    return target


def read_bundle(folder: Path) -> tuple[BootOptions, str]:
    """Return the boot of a bundle, and the outcome that it had then.

    Raises `ToolError` T0112 when it is no bundle, not a whole one, or one of another version.
    """
    from exotool.repro.manifest import digest

    files = _read(folder / MANIFEST).get("files")
    if not isinstance(files, dict):
        raise _damaged(folder / MANIFEST, "its manifest names no files")
    for name, wanted in files.items():
        if name != Path(name).name or digest(read_input(folder / name, "bundle file")) != wanted:
            raise _damaged(folder / name, f"`{name}` is not what its manifest says")
    boot = _read(folder / BOOT)
    outcome = _read(folder / "outcome.json")
    if boot.get("format") != FORMAT:
        raise _damaged(folder / BOOT, f"its format is {boot.get('format')!r}, not {FORMAT}")
    try:
        given = dict(boot["options"])
        given["machine"] = Machine(**_tuples(given["machine"]))
        given["check"] = Check(**_tuples(given["check"]))
        module = folder / MODULE if (folder / MODULE).exists() else None
        options = BootOptions(kernel=folder / IMAGE, module=module, **_tuples(given))
        return options, str(outcome["outcome"])
    except (KeyError, TypeError, ValueError) as error:
        raise _damaged(folder / BOOT, f"it lacks or does not know {error}") from None


def _tuples(values: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in values.items()}


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(read_input(path, "bundle file"))
    except (ValueError, RecursionError) as error:
        raise _damaged(path, str(error)) from None
    if not isinstance(found, dict):
        raise _damaged(path, "it is no JSON object")
    return found


def _damaged(path: Path, reason: str) -> ToolError:
    diagnostic = Diagnostic(
        "T0112", f"`{path.parent}` is not a bundle that can be replayed: {reason}", Place(str(path))
    )
    return ToolError(diagnostic, exit_code=ExitCode.USAGE)


def _json(document: object) -> bytes:
    return json.dumps(document, indent=1, sort_keys=True).encode() + b"\n"
