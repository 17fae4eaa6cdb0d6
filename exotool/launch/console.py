"""The user's terminal as the guest's serial line: keys -> bytes, with one key that speaks to exotool instead."""

from __future__ import annotations

import os
import sys
import termios
from types import TracebackType
from typing import Any, Final, Self

ESCAPE: Final = 0x1D
"""Ctrl-], as telnet and `docker attach` users know it; no shell or editor needs it."""

HELP: Final = "\n[exotool: Ctrl-] x ends, Ctrl-] Ctrl-] sends Ctrl-], Ctrl-] ? shows this]\n"


class Keys:
    """Splits what is typed into input for the guest and commands to exotool."""

    def __init__(self) -> None:
        self._escaped = False

    def take(self, data: bytes) -> tuple[bytes, str]:
        """Return the bytes for the guest, and `x` or `?` when a command was typed; what follows an `x` is dropped."""
        out = bytearray()
        asked = ""
        for byte in data:
            if not self._escaped:
                self._escaped = byte == ESCAPE
                out += b"" if self._escaped else bytes((byte,))
                continue
            self._escaped = False
            if byte == ESCAPE:
                out.append(ESCAPE)
            elif byte in b"xq":
                return bytes(out), "x"
            else:
                asked = "?"
        return bytes(out), asked


class Console:
    """Stdin as the guest's input. A terminal is raw inside the context: every key, Ctrl-C too, is the guest's.

    What is not a terminal is passed on byte by byte, without an escape key.
    """

    def __init__(self, fd: int | None = None) -> None:
        self.fd = sys.stdin.fileno() if fd is None else fd
        self.is_terminal = os.isatty(self.fd)
        self.keys = Keys()
        self._before: list[Any] | None = None

    def __enter__(self) -> Self:
        if self.is_terminal:
            self._before = termios.tcgetattr(self.fd)
            raw = termios.tcgetattr(self.fd)
            # Output keeps its processing: exotool's own lines end in a bare newline.
            raw[0] &= ~(termios.BRKINT | termios.ICRNL | termios.INPCK | termios.ISTRIP | termios.IXON)
            raw[3] &= ~(termios.ECHO | termios.ICANON | termios.IEXTEN | termios.ISIG)
            termios.tcsetattr(self.fd, termios.TCSADRAIN, raw)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._before is not None:
            termios.tcsetattr(self.fd, termios.TCSADRAIN, self._before)

    def read(self) -> tuple[bytes, str] | None:
        """Return what was typed (see `Keys.take`), or None at the end of the input."""
        try:
            data = os.read(self.fd, 1024)
        except BlockingIOError:
            return b"", ""
        except OSError:  # a terminal that was closed
            return None
        if not data:
            return None
        return self.keys.take(data) if self.is_terminal else (data, "")
