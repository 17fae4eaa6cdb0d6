"""Write what is made from kernel/abi/calls.toml, or see that it is up to date."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from kernel.abi import write_docs, write_kernel, write_user
from kernel.abi.table import Abi, read_table

ROOT: Final = Path(__file__).parents[2]
TABLE: Final = "kernel/abi/calls.toml"
FILES: Final[dict[str, Callable[[Abi], str]]] = {
    "kernel/abi/numbers.py": write_kernel.numbers,
    "kernel/calls.py": write_kernel.dispatchers,
    "kernel_asm/calls.h": write_kernel.header,
    "kernel_asm/calltable.S": write_kernel.call_table,
    "libos/calls.py": write_user.stubs,
    "libos/calls.S": write_user.stub_code,
    "user/fuzz_table.py": write_user.grammar,
    "docs/syscalls.md": write_docs.reference,
}


def generated(root: Path) -> dict[str, str]:
    """Return the text of every generated file, by its path."""
    abi = read_table(root / TABLE)
    return {path: write(abi) for path, write in FILES.items()}


def main(arguments: list[str]) -> int:
    """Write or compare; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m kernel.abi.generate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if a file is not up to date")
    parser.add_argument("--root", type=Path, default=ROOT, help="the folder of exotool.toml")
    given = parser.parse_args(arguments)
    try:
        texts = generated(given.root)
    except ValueError as error:
        sys.stderr.write(f"{TABLE}: {error}\n")
        return 1
    stale = [path for path, text in texts.items() if _read(given.root / path) != text]
    for path in stale:
        if given.check:
            sys.stderr.write(f"{path} is not what {TABLE} makes: run python -m kernel.abi.generate\n")
        else:
            (given.root / path).parent.mkdir(parents=True, exist_ok=True)
            (given.root / path).write_text(texts[path], "utf-8", newline="\n")
    return 1 if stale and given.check else 0


def _read(path: Path) -> str:
    return path.read_text("utf-8") if path.is_file() else ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
