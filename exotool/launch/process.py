"""QEMU as a child process that never outlives its parent.

On Linux the kernel kills QEMU when the thread that started it dies, whatever kills that (PR_SET_PDEATHSIG, prctl(2)):
so call `boot` from a thread that lives as long as the boot. Elsewhere QEMU is killed by every way out of `boot` and by
SIGINT, SIGTERM and SIGHUP, but a SIGKILL to exotool leaves it running.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import signal
import socket
import subprocess
import sys
import warnings
from collections.abc import Callable, Sequence
from io import FileIO
from types import TracebackType
from typing import Final, Self

from exotool.diagnostics import Diagnostic, ExitCode, ToolError
from exotool.launch.qemu import control_arguments, exit_arguments

PIPE_SIZE: Final = 1 << 20
"""What Linux lets everybody ask for (fs.pipe-max-size)."""

_PR_SET_PDEATHSIG: Final = 1
"""linux/prctl.h."""


class QemuProcess:
    """A started QEMU, with our ends of its serial line, its error output and its QMP monitor, which is a socket.

    Used as a context: QEMU is dead and the sockets are closed when it is left. `exit_port` has the bytes that the
    guest writes to its exit port, when QEMU is not to end by that.
    """

    def __init__(
        self,
        command: Sequence[str],
        extra: Sequence[str] = (),
        inherit: Sequence[int] = (),
        *,
        holds_exit: bool = False,
    ) -> None:
        """Start QEMU, with the descriptors in `inherit`; raises `ToolError` R0205 when it cannot be executed."""
        guest_input, self.input = _pipe()
        self.serial, guest_serial = _pipe()
        self.stderr, guest_stderr = _pipe()
        self.monitor, guest_monitor = socket.socketpair()
        ours: tuple[FileIO | socket.socket, ...] = (self.input, self.serial, self.stderr, self.monitor)
        theirs: tuple[FileIO | socket.socket, ...] = (guest_input, guest_serial, guest_stderr, guest_monitor)
        self.exit_port: socket.socket | None = None
        self.command = [*command, *control_arguments(guest_monitor.fileno(), command), *extra]
        if holds_exit:
            self.exit_port, guest_exit = socket.socketpair()
            ours, theirs = (*ours, self.exit_port), (*theirs, guest_exit)
            self.command += exit_arguments(guest_exit.fileno())
            inherit = (*inherit, guest_exit.fileno())
        self._ours = ours
        try:
            with warnings.catch_warnings():
                # From Python 3.12 on a process with threads is warned of forking; see `_die_with_parent`.
                warnings.simplefilter("ignore", DeprecationWarning)
                self._child: subprocess.Popen[bytes] = subprocess.Popen(
                    self.command,
                    stdin=guest_input.fileno(),
                    stdout=guest_serial.fileno(),
                    stderr=guest_stderr.fileno(),
                    pass_fds=(guest_monitor.fileno(), *inherit),
                    preexec_fn=_die_with_parent(),
                    process_group=0,  # a Ctrl-C in the terminal is for exotool, which then ends QEMU
                )
        except (OSError, ValueError) as error:
            for end in ours:
                end.close()
            reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
            raise ToolError(
                Diagnostic("R0205", f"cannot start `{command[0]}`: {reason.lower()}"), exit_code=ExitCode.FAILED
            ) from None
        finally:
            for end in theirs:
                end.close()

    @property
    def pid(self) -> int:
        """The process id."""
        return self._child.pid

    def wait(self, seconds: float) -> int | None:
        """Return the exit status (negative: the signal that ended it), or None if it still runs after `seconds`."""
        try:
            return self._child.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def kill(self) -> None:
        """End QEMU at once."""
        self._child.kill()
        self._child.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.kill()
        finally:
            for end in self._ours:
                end.close()


def _pipe() -> tuple[FileIO, FileIO]:
    """Return the two ends of a pipe that holds as much as the system allows.

    QEMU's UART writes byte by byte. A socket takes some 280 of such writes, whatever their size, and then makes the
    guest wait until we read; a guest whose patience with its UART is bounded then loses what it prints.
    """
    read_end, write_end = os.pipe()
    with contextlib.suppress(OSError):
        if sys.platform.startswith("linux"):
            fcntl.fcntl(write_end, fcntl.F_SETPIPE_SZ, PIPE_SIZE)
    return FileIO(read_end, "rb"), FileIO(write_end, "wb")


def _die_with_parent() -> Callable[[], None] | None:
    """Return what the child runs between fork and exec.

    Other threads of the parent do not exist in the child, and what they had locked stays locked. So this takes no lock
    and imports nothing: everything is looked up before the fork, and what is left are three system calls.
    """
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    prctl.argtypes = [ctypes.c_int] + [ctypes.c_ulong] * 4
    parent, getppid, leave, sigkill = os.getpid(), os.getppid, os._exit, int(signal.SIGKILL)

    def before_exec() -> None:
        prctl(_PR_SET_PDEATHSIG, sigkill, 0, 0, 0)
        if getppid() != parent:  # the parent died before prctl: no signal will come any more
            leave(1)

    return before_exec
