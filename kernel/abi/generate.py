"""Write what is made from calls.toml: `python -m kernel.abi.generate`, in the folder of exotool.toml.

With `--check` nothing is written; the status is 1 when a file is not what it would be.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from kernel.abi import write_docs, write_kernel, write_user
from kernel.abi.table import Abi, read_table

ROOT: Final = Path(__file__).parents[2]
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


def generated() -> dict[str, str]:
    """Return the text of every generated file, by its path."""
    abi = read_table()
    return {path: write(abi) for path, write in FILES.items()}


def out_of_date() -> list[str]:
    """Return the files that are missing or not what the table makes of them."""
    return [
        path
        for path, text in generated().items()
        if not (ROOT / path).is_file() or (ROOT / path).read_text("utf-8") != text
    ]


def main(arguments: list[str]) -> int:
    """Write or compare; returns the exit status."""
    if arguments not in ([], ["--check"]):
        sys.stderr.write("usage: python -m kernel.abi.generate [--check]\n")
        return 2
    stale = out_of_date()
    for path in stale:
        if arguments:
            sys.stderr.write(f"{path} is not what kernel/abi/calls.toml makes: run python -m kernel.abi.generate\n")
        else:
            (ROOT / path).parent.mkdir(exist_ok=True)
            (ROOT / path).write_text(generated()[path], "utf-8", newline="\n")
    return 1 if stale and arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
