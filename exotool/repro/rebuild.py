"""Build an image twice in surroundings that differ in all that must not matter, and compare.

The rebuilds run in child processes on copies of the inputs that the manifest names: what is not named there is not
there either, so a build that reads something unnamed fails here.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from exotool.diagnostics import Diagnostic, Note, ToolError
from exotool.project import Image, Project
from exotool.repro.compare import describe_difference
from exotool.repro.manifest import digest, read_manifest


@dataclass(frozen=True, slots=True)
class _Surroundings:
    """What one rebuild sees of the world."""

    folder: str
    umask: int
    jobs: int
    environment: dict[str, str]


_FIRST: Final = _Surroundings(
    "a", 0o022, 1, {"PYTHONHASHSEED": "0", "TZ": "UTC", "LC_ALL": "C", "SOURCE_DATE_EPOCH": "0"}
)
_SECOND: Final = _Surroundings(
    "somewhere else/much deeper/b \N{LATIN SMALL LETTER E WITH ACUTE}",
    0o077,
    4,
    {
        "PYTHONHASHSEED": "4711",
        "TZ": "Asia/Kathmandu",
        "LC_ALL": "tr_TR.UTF-8",
        "PYTHONUTF8": "1",
        "SOURCE_DATE_EPOCH": "1700000000",
    },
)


def reproduce(project: Project, image: Image, *, report: Callable[[str], None]) -> dict[str, str]:
    """Rebuild an up-to-date image twice; return the SHA-256 of every output, by path relative to the project.

    Raises `ToolError` B0101 naming every output that differs (between the two, or from the project's own) and B0102
    when a rebuild fails.
    """
    own = project.root
    manifest_path = Path(image.output).with_suffix(".manifest.json")
    manifest = read_manifest(own / manifest_path)
    if manifest is None:
        raise ToolError(Diagnostic("B0102", f"`{manifest_path.as_posix()}` is missing", help=("run `exotool link`",)))
    outputs = [*manifest.outputs, manifest_path.as_posix()]
    with tempfile.TemporaryDirectory(prefix="exotool-reproduce-") as scratch:
        roots = [own]
        for surroundings in (_FIRST, _SECOND):
            root = Path(scratch, surroundings.folder)
            report(f"build in {root}")
            _copy(own, root, manifest.inputs)
            _build(root, image.name, surroundings)
            roots.append(root)
        different = []
        for path in outputs:
            versions = [(root / path).read_bytes() for root in roots]
            for name, other in (("the second rebuild", versions[2]), ("the project's own build", versions[0])):
                if other != versions[1]:
                    details = describe_difference(versions[1], other)
                    notes = tuple(Note(detail) for detail in details)
                    different.append(
                        Diagnostic("B0101", f"`{path}` differs between the first rebuild and {name}", notes=notes)
                    )
        if different:
            raise ToolError(*different)
        return {path: digest((own / path).read_bytes()) for path in outputs}


def _copy(source: Path, target: Path, inputs: dict[str, str]) -> None:
    for path in inputs:
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / path, target / path)


def _build(root: Path, image: str, surroundings: _Surroundings) -> None:
    """Run `exotool link` in `root` as a child process with the given surroundings."""
    package = str(Path(__file__).parent.parent.parent)
    kept = {k: v for k, v in os.environ.items() if not k.startswith("LC_") and k not in ("LANG", "LANGUAGE")}
    search_path = os.pathsep.join(filter(None, (package, kept.get("PYTHONPATH"))))
    home = root / "home"
    home.mkdir(exist_ok=True)
    environment = kept | surroundings.environment | {"PYTHONPATH": search_path, "HOME": str(home)}
    command = [sys.executable, "-m", "exotool", "link", "--image", image, "--jobs", str(surroundings.jobs)]
    done = subprocess.run(
        command,
        cwd=root,
        env=environment,
        umask=surroundings.umask,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        text=True,
        encoding="utf-8",
        errors="replace",
    )
    if done.returncode:
        raise ToolError(
            Diagnostic(
                "B0102",
                f"the rebuild in `{root}` failed",
                notes=tuple(Note(line) for line in done.stderr.splitlines()[:20]),
                help=("the rebuild sees only the files that the manifest names as inputs",),
            )
        )
