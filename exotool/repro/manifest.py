"""The manifest of a build: SHA-256 of every input and output, and the versions of the tools that shaped the bytes.

It holds no time, path of the builder or host, so that two builds of the same inputs have the same manifest. The same
file tells `exotool link` whether anything has changed since.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

SCHEMA: Final = 1

TOOLS: Final = ("keystone-engine", "lief", "llvmlite")
"""Distributions whose version can change the bytes of an image; those that only check it are left out."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a build read, what it wrote and with what; digests are SHA-256 in hexadecimal, by path or tool name."""

    image: str
    settings: str
    tools: dict[str, str]
    inputs: dict[str, str]
    outputs: dict[str, str]

    def to_json(self) -> bytes:
        """Return the manifest as it is written: sorted, one entry a line, so that two can be read side by side."""
        document = {
            "schema": SCHEMA,
            "image": self.image,
            "settings": self.settings,
            "tools": self.tools,
            "inputs": self.inputs,
            "outputs": self.outputs,
        }
        return json.dumps(document, indent=1, sort_keys=True).encode() + b"\n"


def read_manifest(path: Path) -> Manifest | None:
    """Return the manifest in a file, or None when there is none that this version wrote."""
    try:
        document: Any = json.loads(path.read_bytes())
        if document["schema"] != SCHEMA:
            return None
        return Manifest(
            str(document["image"]),
            str(document["settings"]),
            {str(k): str(v) for k, v in document["tools"].items()},
            {str(k): str(v) for k, v in document["inputs"].items()},
            {str(k): str(v) for k, v in document["outputs"].items()},
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def digest(data: bytes) -> str:
    """Return the SHA-256 of some bytes in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def file_digest(path: Path) -> str | None:
    """Return the SHA-256 of a file, or None when it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


@cache
def tool_versions() -> dict[str, str]:
    """Return what shapes the bytes: the version and source digest of exotool, and the versions of `TOOLS`."""
    from importlib import metadata

    from exotool import __version__

    package = Path(__file__).parent.parent
    sources = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        sources.update(f"{path.relative_to(package).as_posix()}\0".encode() + digest(path.read_bytes()).encode())
    versions = {"exotool": __version__, "exotool sources": sources.hexdigest()}
    for name in TOOLS:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            versions[name] = "not installed"
    return versions


def unchanged(expected: dict[str, str], root: Path) -> bool:
    """Tell whether every file, by path below `root`, still has its digest."""
    return all(file_digest(root / path) == value for path, value in expected.items())


def combined(parts: Iterable[str]) -> str:
    """Return one digest of several texts; where one ends and the next begins is part of it."""
    return digest("".join(f"{len(part)}:{part}" for part in parts).encode())
