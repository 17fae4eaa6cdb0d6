"""What `exotool doctor` finds out: whether the libraries load, the encoder is right, and QEMU is there."""

from __future__ import annotations

import importlib
import importlib.metadata
import platform
import shutil
import sys
from dataclasses import dataclass
from typing import Final

_LIBRARIES: Final = (
    ("keystone", "keystone-engine", "encodes instructions; without it exotool's own encoder does", False),
    ("capstone", "capstone", "reads every encoding back", True),
    ("lief", "lief", "writes images", True),
    ("elftools", "pyelftools", "reads images back", True),
    ("llvmlite", "llvmlite", "compiles, and is the second assembler of `asm --check llvm`", False),
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: `needed` says whether exotool works without it."""

    name: str
    ok: bool
    text: str
    needed: bool = True


def examine() -> list[Finding]:
    """Return what all checks find."""
    here = f"{platform.python_implementation()} {platform.python_version()} on {platform.system()} {platform.machine()}"
    findings = [Finding("python", sys.version_info >= (3, 11), here)]
    findings += [_library(*entry) for entry in _LIBRARIES]
    if all(finding.ok for finding in findings if finding.name == "capstone"):
        findings += _encoders(with_keystone=any(found.ok for found in findings if found.name == "keystone"))
    qemu = shutil.which("qemu-system-x86_64")
    findings.append(
        Finding("qemu", qemu is not None, qemu or "qemu-system-x86_64 is not on PATH; `run` needs it", False)
    )
    return findings


def _library(module: str, package: str, purpose: str, needed: bool) -> Finding:
    try:
        importlib.import_module(module)
    except (ImportError, OSError) as error:
        return Finding(module, False, f"cannot be loaded ({error}); it {purpose}: pip install {package}", needed)
    return Finding(module, True, f"{importlib.metadata.version(package)}, {purpose}", needed)


def _encoders(*, with_keystone: bool) -> list[Finding]:
    """Assemble what encoders get wrong, with each encoder that there is."""
    from exotool.asm.selftest import LINES, failures
    from exotool.asm.templates import encoder_alone

    count = len(LINES.strip().splitlines())

    def finding(name: str, wrong: list[str]) -> Finding:
        if wrong:
            return Finding(name, False, f"{len(wrong)} of {count} instructions are wrong: {'; '.join(wrong[:3])}")
        return Finding(name, True, f"{count} instructions have the bytes that GNU as gives them")

    findings = []
    if with_keystone:
        with encoder_alone("keystone"):
            findings.append(finding("encoder", failures()))
    with encoder_alone("own"):
        findings.append(finding("fallback", failures()))
    return findings
