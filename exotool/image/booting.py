"""One boot from an image: it is made of the kernel and the run's own command line, and is gone with the boot."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import shlex
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from exotool.files import read_input
from exotool.image.make import FORMATS, Format, make_image
from exotool.image.payload import Module
from exotool.launch import BootOptions

SUFFIXES: Final[dict[Format, str]] = {"disk": ".img", "iso": ".iso", "uefi": ".uefi.img"}
"""Where `exotool image` writes to: the kernel's name with one of these."""


@contextlib.contextmanager
def prepared(options: BootOptions) -> Iterator[BootOptions]:
    """Give the options of a boot, with the medium that it needs while this context lasts.

    A boot with QEMU's -kernel needs none. Raises `ToolError` as `make_image` does.
    """
    format_ = _format(options)
    if format_ is None:
        yield options
        return
    modules = [Module(str(path), read_input(path, "module")) for path in [options.module] if path is not None]
    kernel = read_input(options.kernel, "kernel")
    data = make_image(kernel, str(options.kernel), format_, options.command_line, modules)
    with _file(data) as path:
        yield dataclasses.replace(options, medium=path)


def planned(options: BootOptions) -> tuple[BootOptions, str]:
    """Return the options of a boot that does not take place, and the command that would make its medium."""
    format_ = _format(options)
    if format_ is None:
        return options, ""
    medium = options.kernel.with_suffix(SUFFIXES[format_])
    command = ["exotool", "image", str(options.kernel), "--format", format_, "-o", str(medium)]
    command += ["--append", options.command_line]
    if options.module is not None:
        command += ["--module", str(options.module)]
    return dataclasses.replace(options, medium=medium), shlex.join(command)


def _format(options: BootOptions) -> Format | None:
    return next((format_ for format_ in FORMATS if format_ == options.format), None)


@contextlib.contextmanager
def _file(data: bytes) -> Iterator[Path]:
    """Give a path for some bytes. On Linux they are in memory only, so that even SIGKILL leaves no file behind."""
    if not hasattr(os, "memfd_create"):
        with tempfile.NamedTemporaryFile(prefix="exotool-", suffix=".img") as file:
            file.write(data)
            file.flush()
            yield Path(file.name)
        return
    with os.fdopen(os.memfd_create("exotool-image"), "wb") as file:
        file.write(data)
        file.flush()
        yield Path(f"/proc/{os.getpid()}/fd/{file.fileno()}")
