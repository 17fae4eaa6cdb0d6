"""Reading inputs and writing outputs, so that bad input gets a message and a killed run leaves nothing half-written."""

from __future__ import annotations

import contextlib
import errno
import mmap
import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from exotool.diagnostics import Diagnostic, Place, ToolError

MAX_INPUT = 1 << 30
"""Inputs above this size (1 GiB) are refused before they are read."""

SMALLEST_MAP = 1 << 14
"""Smaller inputs are read."""

ALWAYS_MAPPED = 1 << 20
"""Inputs above this size are mapped even if descriptors are few."""

MOST_DESCRIPTORS = 1 << 14
"""A map for each input is worth it up to half as many, whatever the system allows."""


def read_input(path: Path, what: str) -> bytes:
    """Return the bytes of an input file; `what` names its role ("object", "source") in the error.

    Raises `ToolError` T0101 when the file is missing, T0102 when it is not a regular file, T0103 when it cannot be
    read and T0104 when it is larger than `MAX_INPUT`.
    """
    with open_input(path, what) as file:
        return file.read()


def map_input(path: Path, what: str) -> memoryview:
    """Return the bytes of an input file, mapped where it can be: pages come when they are looked at.

    For inputs that nobody writes to meanwhile. Raises as `read_input` does.
    """
    with open_input(path, what) as file:
        size = os.fstat(file.fileno()).st_size
        if size >= SMALLEST_MAP and (size >= ALWAYS_MAPPED or _may_map(file.fileno())):
            with contextlib.suppress(OSError):  # not every file system can do that
                if sys.version_info >= (3, 13):
                    return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ, trackfd=False))
                return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        return memoryview(file.read())


def _may_map(fd: int) -> bool:
    """Tell whether a map may keep a descriptor, as it does before Python 3.13: there may be more inputs than those.

    The lowest free number was given to `fd`, so that it says how many are in use.
    """
    if sys.version_info >= (3, 13) or sys.platform == "win32":
        return True
    import resource

    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return fd < (MOST_DESCRIPTORS if limit == resource.RLIM_INFINITY else min(limit, MOST_DESCRIPTORS)) // 2


def cache_folder() -> Path | None:
    """Return EXOTOOL_CACHE, or the user's cache folder; None when EXOTOOL_CACHE is empty or there is no home."""
    chosen = os.environ.get("EXOTOOL_CACHE")
    if chosen is not None:
        return Path(chosen) if chosen else None
    base = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache")
    try:
        return base.expanduser() / "exotool"
    except RuntimeError:
        return None


@contextlib.contextmanager
def open_input(path: Path, what: str, limit: int | None = MAX_INPUT) -> Iterator[BinaryIO]:
    """Open an input file, for those that are read piece by piece; raises as `read_input` does, in the block too.

    Without a `limit`, in bytes, it may be of any size.
    """
    place = Place(str(path))
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise ToolError(Diagnostic("T0101", f"{what} `{path}` does not exist", place)) from None
    except (OSError, ValueError) as error:
        raise ToolError(_unreadable(path, what, error)) from None
    try:
        status = os.fstat(fd)
        if not stat.S_ISREG(status.st_mode):
            kind = "a directory" if stat.S_ISDIR(status.st_mode) else "not a regular file"
            raise ToolError(Diagnostic("T0102", f"{what} `{path}` is {kind}", place))
        if limit is not None and status.st_size > limit:
            raise ToolError(Diagnostic("T0104", f"{what} `{path}` is larger than 1 GiB", place))
        with open(fd, "rb", closefd=False) as file:
            yield file
    except OSError as error:
        raise ToolError(_unreadable(path, what, error)) from None
    finally:
        os.close(fd)


def write_output(path: Path, data: bytes, *, executable: bool = False) -> None:
    """Write an output file whole or not at all, creating the folders above it.

    The bytes go to a file without a name (`O_TMPFILE`) where the file system has that, so that even SIGKILL leaves
    nothing behind, then take the place of `path` in one rename. A file that has these bytes already is left alone.
    Raises `ToolError` T0105 when the file cannot be written; what stood there before is then untouched.
    """
    try:
        if path.is_file() and path.read_bytes() == data and bool(path.stat().st_mode & 0o100) == executable:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, "is a directory")
        _replace(path, data, 0o777 if executable else 0o666)
    except OSError as error:
        raise unwritten(path, error) from None


def unwritten(path: Path, error: OSError) -> ToolError:
    """Return error T0105 for an output file that could not be written."""
    reason = (error.strerror or str(error)).lower()
    return ToolError(Diagnostic("T0105", f"cannot write `{path}`: {reason}", Place(str(path))))


def _replace(path: Path, data: bytes, mode: int) -> None:
    with NewFile(path, mode) as new:
        new.file.write(data)
        new.commit()


class NewFile:
    """A file that takes the place of `path` by `commit`; a context that leaves nothing behind without it.

    It has no name until then, where the file system has that (`O_TMPFILE`). Everything here raises OSError.
    """

    def __init__(self, path: Path, mode: int = 0o666) -> None:
        self.path = path
        self._temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
        tmpfile = getattr(os, "O_TMPFILE", None)
        fd = -1
        if tmpfile is not None:
            with contextlib.suppress(OSError):
                fd = os.open(path.parent, os.O_RDWR | os.O_CLOEXEC | tmpfile, mode)
        self._is_named = fd < 0
        if self._is_named:
            fd = os.open(self._temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
        self.file: BinaryIO = os.fdopen(fd, "w+b")

    def commit(self) -> None:
        """Give the file its name, in one rename."""
        self.file.flush()
        if not self._is_named:
            fd = self.file.fileno()
            # Only with a directory descriptor does CPython call linkat(AT_SYMLINK_FOLLOW); the path is absolute.
            os.link(f"/proc/self/fd/{fd}", self._temporary, src_dir_fd=fd, follow_symlinks=True)
            self._is_named = True
        self.file.close()
        self._temporary.replace(self.path)
        self._is_named = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(OSError):
            self.file.close()
        if self._is_named:
            with contextlib.suppress(OSError):
                self._temporary.unlink()


def _unreadable(path: Path, what: str, error: Exception) -> Diagnostic:
    # Only a name with a null character is a ValueError; its words differ between Python versions.
    reason = (error.strerror or str(error)) if isinstance(error, OSError) else "null character in the name"
    return Diagnostic("T0103", f"cannot read {what} `{path}`: {reason.lower()}", Place(str(path)))
