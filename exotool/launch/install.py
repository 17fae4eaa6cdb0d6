"""How QEMU is installed on this system."""

from __future__ import annotations

import os
import platform
import shlex
from pathlib import Path
from typing import Final

_OS_RELEASE: Final = (Path("/etc/os-release"), Path("/usr/lib/os-release"))

_COMMANDS: Final = {
    "debian": "apt-get install qemu-system-x86",
    "ubuntu": "apt-get install qemu-system-x86",
    "fedora": "dnf install qemu-system-x86",
    "arch": "pacman -S qemu-system-x86",
    "alpine": "apk add qemu-system-x86_64",
    "suse": "zypper install qemu-x86",
    "opensuse": "zypper install qemu-x86",
}
"""Commands by the ID or ID_LIKE of os-release(5)."""


def install_help() -> str:
    """Return one line that tells how to install QEMU here."""
    if platform.system() == "Darwin":
        return "install it with `brew install qemu`"
    for path in _OS_RELEASE:
        try:
            text = path.read_text("utf-8", "replace")
        except OSError:
            continue
        command = install_command(text)
        if command:
            return f"install it with `{'' if os.geteuid() == 0 else 'sudo '}{command}`"
    return "install QEMU's x86_64 system emulator (https://www.qemu.org/download/)"


def install_command(os_release: str) -> str | None:
    """Return the command for the system that an os-release(5) file describes, or None for one that is not known."""
    fields = dict(line.split("=", 1) for line in os_release.splitlines() if "=" in line)
    try:
        words = " ".join(value for key in ("ID", "ID_LIKE") for value in shlex.split(fields.get(key, ""))).split()
    except ValueError:
        return None
    return next((_COMMANDS[word] for word in words if word in _COMMANDS), None)
