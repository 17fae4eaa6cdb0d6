"""What GNU ld makes of the scripts in `scripts/` and of some command lines, as `ldgolden.json` keeps it.

`python -m tests.link.ldgolden` writes the file anew; it needs GNU ld of the version named there.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from .ldjobs import facts, gnu_ld, gnu_version, kernel_objects, write_objects

HERE = Path(__file__).parent
SCRIPTS = sorted((HERE / "scripts").glob("*.ld"))
GOLDEN = HERE / "ldgolden.json"
VERSION = "2.40"

COMMAND_LINES = {
    "default": [],
    "-Ttext": ["-Ttext", "0x7c00"],
    "-Ttext -Tdata --section-start": ["-Ttext=0x8000", "-Tdata", "0xa000", "--section-start=.table=0x20000"],
    "-N -Ttext": ["-N", "-Ttext", "0x7c00"],
    "-n": ["-n"],
    "-Ttext-segment": ["-Ttext-segment=0x10000000"],
    "noseparate-code": ["-z", "noseparate-code"],
    "norelro": ["-z", "norelro"],
    "max-page-size": ["-z", "max-page-size=0x200000"],
    "-e": ["-e", "kmain"],
    "-e number": ["-e", "0x1234"],
    "--defsym": ["--defsym=extra=kmain+4", "--defsym", "other=0x10"],
}


def jobs() -> dict[str, list[str]]:
    found = {path.stem: ["-T", str(path)] for path in SCRIPTS}
    for name, path in (("higher_half -n", "higher_half.ld"), ("teaching -N", "teaching.ld")):
        found[name] = [name.split()[1], "-T", str(HERE / "scripts" / path)]
    return found | COMMAND_LINES


def golden(name: str) -> dict[str, Any]:
    """Return the facts of GNU ld's image for a job."""
    with tempfile.TemporaryDirectory() as folder:
        names = write_objects(Path(folder), kernel_objects())
        image = gnu_ld(Path(folder), *jobs()[name], *names)
        assert isinstance(image, bytes), f"{name}: {image}"
        return facts(image)


def main() -> None:
    if gnu_version() != VERSION:
        raise SystemExit(f"GNU ld {VERSION} is needed, not {gnu_version()}")
    lines = [f"{json.dumps(name)}: {json.dumps(golden(name))}" for name in jobs()]
    GOLDEN.write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
