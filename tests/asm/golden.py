"""Makes golden.json: what GNU as 2.40 makes of the corpus. Run `python -m tests.asm.golden` after changing it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.asm.objects import CORPUS, summarize
from tests.second_assembler import Arch, assemble_with_gnu, gnu_version

GOLDEN = Path(__file__).parent / "golden.json"
VERSION = "2.40"


def arch_of(path: Path) -> Arch:
    """Return the architecture that a corpus file's first line names."""
    return "i386" if path.read_text().startswith("# arch: i386") else "x86_64"


def sources() -> list[Path]:
    """Return the corpus, without the headers that it includes."""
    return sorted(path for path in CORPUS.iterdir() if path.suffix in (".s", ".S"))


def preprocessed(path: Path) -> bytes:
    """Return the text that GNU as gets: for a `.S` file what the C preprocessor of gcc makes of it."""
    if path.suffix == ".s":
        return path.read_bytes()
    width = "-m64" if arch_of(path) == "x86_64" else "-m32"
    command = ["gcc", width, "-E", "-x", "assembler-with-cpp", path.name]
    return subprocess.run(command, cwd=path.parent, capture_output=True, check=True).stdout


def main() -> None:
    """Write the file."""
    if gnu_version() != VERSION:
        sys.exit(f"needs GNU as {VERSION}, found {gnu_version()}")
    found = {}
    for path in sources():
        data = assemble_with_gnu(preprocessed(path), arch_of(path))
        if data is None:
            sys.exit(f"GNU as refuses {path.name}")
        found[path.name] = summarize(data)
    GOLDEN.write_text(json.dumps({"GNU as": VERSION, "objects": found}, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
