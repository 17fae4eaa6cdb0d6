"""What a QEMU has: asked, never derived from its version, and remembered until the program changes.

An answer is told from that of another QEMU by the program's place, size and time. What differs between the versions
that will do, and how each difference is met, is listed in docs/running.md.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from exotool.diagnostics import ToolError
from exotool.files import cache_folder, write_output

_PROBE_SECONDS: Final = 20
_MAX_CACHE: Final = 1 << 20
_VERSION: Final = re.compile(r"\bversion (\d+)\.(\d+)(?:\.(\d+))?")
_DEVICE: Final = re.compile(r'^name "([^"]+)"', re.MULTILINE)
_WORD: Final = re.compile(r"^([a-z0-9][\w.-]*)", re.MULTILINE)

WINDOWS: Final = ("gtk", "sdl", "cocoa")
"""Displays that are a window, the better first."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What one QEMU has. `version` is (0, 0) if it tells none; the rest is empty where it does not answer."""

    version: tuple[int, ...]
    machines: tuple[str, ...]
    devices: frozenset[str]
    accelerators: tuple[str, ...]
    displays: tuple[str, ...]

    @property
    def window(self) -> str:
        """The display that is a window, or nothing."""
        return next((display for display in WINDOWS if display in self.displays), "")


def capabilities(qemu: str) -> Capabilities:
    """Return what a QEMU says that it has."""
    return Capabilities(
        version_of(ask(qemu, "--version")),
        _words(ask(qemu, "-machine", "help")),
        frozenset(_DEVICE.findall(ask(qemu, "-device", "help"))),
        _words(ask(qemu, "-accel", "help")),
        _words(ask(qemu, "-display", "help")),
    )


def version_of(answer: str) -> tuple[int, ...]:
    """Return the numbers of `--version`, or (0, 0)."""
    match = _VERSION.search(answer)
    return tuple(int(number) for number in match.groups() if number) if match else (0, 0)


def _words(answer: str) -> tuple[str, ...]:
    """Return the first word of each line of a list; titles begin with a capital, remarks come behind an empty line."""
    return tuple(_WORD.findall(answer.partition("\n\n")[0]))


def ask(qemu: str, *arguments: str) -> str:
    """Return what QEMU prints about itself, or nothing if it does not answer.

    The answer comes from the user's cache if this QEMU has been asked before.
    """
    key, folder = _key(qemu, arguments), cache_folder()
    path = folder / "qemu.json" if folder is not None and key else None
    known = _read(path) if path is not None else {}
    answer = known.get(key)
    if answer is None:
        answer, is_sure = _run(qemu, arguments)
        if is_sure and answer and path is not None:
            data = json.dumps(known | {key: answer}, sort_keys=True, indent=0).encode()
            with contextlib.suppress(ToolError):  # the next boot asks again
                write_output(path, data if len(data) <= _MAX_CACHE else json.dumps({key: answer}).encode())
    return answer


def _key(qemu: str, arguments: tuple[str, ...]) -> str:
    """Return a name for a question to a program as it is now; empty when there is no such program."""
    try:
        path = os.path.realpath(qemu)
        found = Path(path).stat()
    except OSError:
        return ""
    # The content of a script can change within the clock's resolution, and is read faster than it runs.
    content = Path(path).read_bytes() if found.st_size < 1 << 16 else b""
    words = (path, str(found.st_size), str(found.st_mtime_ns), *arguments)
    return hashlib.blake2b("\0".join(words).encode(errors="surrogateescape") + content, digest_size=16).hexdigest()


def _read(path: Path) -> dict[str, str]:
    try:
        if path.stat().st_size > _MAX_CACHE:
            return {}
        found = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {key: text for key, text in found.items() if isinstance(text, str)}


def _run(qemu: str, arguments: tuple[str, ...]) -> tuple[str, bool]:
    """Return what a program prints, and whether it ended as one that could answer."""
    try:
        answer = subprocess.run(
            [qemu, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_PROBE_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return "", False
    return answer.stdout.decode("utf-8", "replace"), answer.returncode == 0
