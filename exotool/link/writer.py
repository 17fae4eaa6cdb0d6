"""LIEF in a process of its own: its import takes longer than a small link, and goes on beside it.

`start` is called where a link begins. The process serves all links of this one, and ends with it.
"""

from __future__ import annotations

import atexit
import contextlib
import importlib.util
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from operator import itemgetter
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from exotool.link.lief_process import ANSWER, BYTES, NO_LIEF, PLAINLY, REQUEST

if TYPE_CHECKING:
    from exotool.link.skeleton import Skeleton

_Bytes = tuple[int, bytes | bytearray | memoryview]
_PIPE_SIZE: Final = 1 << 20
_PROGRAM: Final = Path(__file__).with_name("lief_process.py")


class _WriterError(Exception):
    """Why there is no image, and a help; it becomes an L0901, whose module would come before LIEF's process."""


class _AbortError(_WriterError):
    """LIEF ended its process, as C++ does with an exception that nobody catches."""


class _Writer:
    """The process, of which a fork of this one must have its own: two would talk into one pipe."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.processes: dict[int, subprocess.Popen[bytes]] = {}
        self.plainly: list[str] = []
        """Tells the process to import LIEF without any art."""

    def start(self) -> subprocess.Popen[bytes]:
        """Return the process of this one, and start it where there is none yet."""
        found = self.processes.get(os.getpid())
        if found is not None and found.poll() is None:
            return found
        self.stop()
        spec = importlib.util.find_spec("lief")
        if spec is None or spec.origin is None:
            raise _missing()
        command = [sys.executable or "python3", "-I", "-S", str(_PROGRAM), str(Path(spec.origin).parent.parent)]
        command += self.plainly
        pipe = subprocess.PIPE
        try:
            made = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL)
        except OSError as error:
            raise _WriterError(
                f"the process in which LIEF writes cannot be started: {error.strerror or error}"
            ) from None
        _widen(made)
        self.processes[os.getpid()] = made
        return made

    def stop(self) -> None:
        """End the process of this one."""
        found = self.processes.pop(os.getpid(), None)
        if found is not None:
            found.kill()
            found.wait()
            for pipe in (found.stdin, found.stdout):
                if pipe is not None:
                    with contextlib.suppress(BrokenPipeError):
                        pipe.close()


def _widen(process: subprocess.Popen[bytes]) -> None:
    """Let the pipes hold more, where the system can do that: images have megabytes."""
    for pipe in (process.stdin, process.stdout):
        if pipe is not None and sys.platform == "linux":
            import fcntl

            with contextlib.suppress(PermissionError):  # all pipes of a user together have a limit
                fcntl.fcntl(pipe.fileno(), fcntl.F_SETPIPE_SZ, _PIPE_SIZE)


_writer: Final = _Writer()
atexit.register(_writer.stop)


def _nothing() -> None:
    pass


def start() -> None:
    """Let LIEF be imported, while this process does what comes before. What goes wrong is told by whoever writes."""
    with _writer.lock, contextlib.suppress(_WriterError):
        _writer.start()


def abandon() -> None:
    """Kill the process of this one, which ends at once and waits for nobody."""
    found = _writer.processes.get(os.getpid())
    if found is not None:
        found.kill()


def write(skeleton: Skeleton, contents: Sequence[_Bytes], meanwhile: Callable[[], None] = _nothing) -> bytes:
    """Return the file that a skeleton and the contents of its sections, by their numbers, make.

    `meanwhile` is called while the process is at work.

    Raises `ToolError` L0901 when LIEF does not read the skeleton, or its process ends.
    """
    from exotool.diagnostics import Diagnostic, ToolError

    try:
        return _write(skeleton, contents, meanwhile)
    except _WriterError as fault:
        message, *help_ = fault.args
        raise ToolError(Diagnostic("L0901", message, help=tuple(help_))) from None


def _write(skeleton: Skeleton, contents: Sequence[_Bytes], meanwhile: Callable[[], None]) -> bytes:
    with _writer.lock:
        try:
            data = _attempt(skeleton, contents, meanwhile)
        except _AbortError:
            if _writer.plainly:
                raise
            # This may be a LIEF that cannot be imported but plainly.
            _writer.plainly = [PLAINLY]
            data = _attempt(skeleton, contents, meanwhile)
    if not data:
        raise _WriterError("internal error: LIEF does not read the planned file")
    return data


def _attempt(skeleton: Skeleton, contents: Sequence[_Bytes], meanwhile: Callable[[], None]) -> bytes:
    process = _writer.start()
    try:
        if process.stdin is not None and process.stdout is not None:
            return _exchange(process.stdin, process.stdout, skeleton, contents, meanwhile)
    except (BrokenPipeError, EOFError):
        status = process.wait()
        _writer.stop()
        if status == NO_LIEF:
            raise _missing() from None
        message = f"internal error: the process in which LIEF writes ended with {status}"
        kind = _AbortError if status == -signal.SIGABRT else _WriterError
        raise kind(message, "no image was made; please report this") from None
    except BaseException:
        # What is in the pipes now belongs to nobody.
        _writer.stop()
        raise
    return b""


def _exchange(
    requests: IO[bytes],
    answers: IO[bytes],
    skeleton: Skeleton,
    contents: Sequence[_Bytes],
    meanwhile: Callable[[], None],
) -> bytes:
    requests.write(REQUEST.pack(skeleton.size, len(skeleton.parts), len(contents)))
    for number, data in (*sorted(skeleton.parts, key=itemgetter(0)), *contents):
        requests.write(BYTES.pack(number, len(data)))
        requests.write(data)
    requests.flush()
    meanwhile()
    (size,) = ANSWER.unpack(_read(answers, ANSWER.size))
    return _read(answers, size)


def _read(answers: IO[bytes], size: int) -> bytes:
    data = answers.read(size)
    if len(data) < size:
        raise EOFError
    return data


def _missing() -> _WriterError:
    return _WriterError("LIEF, which writes images, cannot be loaded", "install it: `pip install lief`")
