"""Other assemblers to compare with: GNU as where it is installed, LLVM's through llvmlite in a child process."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Literal

Arch = Literal["x86_64", "i386"]

_LLVM = """
import sys
import llvmlite.binding as llvm
llvm.initialize_native_target()
llvm.initialize_native_asmprinter()
llvm.initialize_native_asmparser()
text = "".join(f"\\\\{byte:02X}" for byte in sys.stdin.buffer.read())
module = llvm.parse_assembly(f'target triple = "{sys.argv[1]}"\\nmodule asm "{text}"\\n')
sys.stdout.buffer.write(llvm.Target.from_triple(sys.argv[1]).create_target_machine().emit_object(module))
"""


@cache
def gnu_version() -> str | None:
    """Return the version of GNU as, such as `2.40`; None when it is missing or of another architecture."""
    if shutil.which("as") is None:
        return None
    done = subprocess.run(["as", "--version"], capture_output=True, text=True, check=False)
    if done.returncode or "GNU assembler" not in done.stdout or "x86_64" not in done.stdout:
        return None
    return done.stdout.splitlines()[0].split()[-1]


def assemble_with_gnu(source: bytes, arch: Arch = "x86_64") -> bytes | None:
    """Return the object that GNU as makes of a text, None when it refuses it or is not there."""
    if gnu_version() is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "out.o"
        command = ["as", "--64" if arch == "x86_64" else "--32", "-o", str(output), "-"]
        done = subprocess.run(command, input=source, capture_output=True, check=False)
        return output.read_bytes() if done.returncode == 0 else None


def assemble_with_llvm(source: bytes, arch: Arch = "x86_64") -> bytes:
    """Return the object that LLVM's assembler makes of a text; `ValueError` with its messages when it refuses it.

    An error in module-level assembly ends the process, so that it runs in one of its own.
    """
    triple = f"{arch}-unknown-linux-gnu"
    command = [sys.executable, "-c", _LLVM, triple]
    done = subprocess.run(command, input=source, capture_output=True, check=False)
    if done.returncode or not done.stdout:
        raise ValueError(done.stderr.decode(errors="replace"))
    return done.stdout
