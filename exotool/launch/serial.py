r"""The guest's serial line: bytes -> text that is harmless to a terminal, its lines, and what they prove.

What reaches stdout is the same on a terminal and in a pipe: text, with the control characters other than newline, tab,
carriage return and backspace shown as `^X` or `\x..`, so that a guest can neither move the cursor nor type into the
shell. Colors (ECMA-48 SGR sequences) pass when colors are on and vanish otherwise. The bytes as they are go to the
file of `--serial`.
"""

from __future__ import annotations

import codecs
import re
from collections import deque
from collections.abc import Callable
from typing import Final, NamedTuple

from exotool.diagnostics import Diagnostic, Place
from exotool.expectations import Check
from exotool.launch.check import CheckState

MAX_LINE: Final = 4096
"""A line longer than this many characters is taken as several."""

TAIL_LINES: Final = 20

MAX_FRAMES: Final = 64
"""Frames of a panic's backtrace that the outcome repeats."""

_FRAME: Final = re.compile(r"\s*#(\d{1,3}):?\s+(?:0x)?([0-9a-fA-F]{5,16})\s*")
"""A frame of a backtrace: `  #0 0xffffffff80101234`."""

_PANIC: Final = "panic:"
_SGR: Final = re.compile(r"\x1b\[[0-9;:]{0,32}m")
_SGR_BEGUN: Final = re.compile(r"\x1b(?:\[[0-9;:]{0,32})?\Z")
_KEPT: Final = frozenset("\t\n\r\b")


class Line(NamedTuple):
    """One line that the guest printed, without its newline, and the function that its address belongs to."""

    text: str
    annotation: str = ""


class Frame(NamedTuple):
    """One frame of a backtrace that the guest printed."""

    number: int
    address: int


def parse_frame(line: str) -> Frame | None:
    """Return the frame that a line of a backtrace gives, or None for any other line."""
    match = _FRAME.fullmatch(line)
    return Frame(int(match[1]), int(match[2], 16)) if match else None


class SerialText:
    """The serial line of one boot.

    `write` gets text as it arrives, prompts without a newline too; `line` gets each finished line. `annotate` gives the
    name of a frame's address, which `write` gets at the end of the frame's line. `feed` should wait until `ready`,
    which tells whether the reader of what is written keeps up. After a panic `names` gives the names of the addresses
    in any other line. `raw` text is for a terminal that the guest may command. `check` follows the lines. Memory is
    bounded whatever the guest prints: one line and the last `TAIL_LINES` are kept.
    """

    def __init__(
        self,
        nonce: str,
        write: Callable[[str], None],
        line: Callable[[Line], None],
        annotate: Callable[[Frame], str],
        ready: Callable[[], bool] = lambda: True,
        *,
        color: bool,
        raw: bool = False,
        check: CheckState | None = None,
        names: Callable[[str], str] = lambda _: "",
    ) -> None:
        self.proved = False
        self.panic = ""
        self.frames: list[Line] = []
        self.tail: deque[Line] = deque(maxlen=TAIL_LINES)
        self._proof = f"exotool: ok {nonce}"
        self._write, self._line, self._annotate = write, line, annotate
        self.ready = ready
        self._color, self._raw = color, raw
        self._check = check or CheckState(Check())
        self._names = names
        self._decoder = codecs.getincrementaldecoder("utf-8")("backslashreplace")
        self._held = ""
        self._current = ""

    def feed(self, data: bytes) -> None:
        """Take bytes from the guest."""
        text = self._held + self._decoder.decode(data)
        begun = _SGR_BEGUN.search(text) or re.search(r"\r\Z", text)
        self._held = text[begun.start() :] if begun else ""
        self._take(text[: begun.start()] if begun else text)
        if self._current:
            self._check.take_partial(harmless(self._current + self._held, color=False))

    def finish(self) -> None:
        """Take the end of the stream: a last line may have no newline. A reader that is stuck does not get it."""
        if not self.ready():
            self._write, self._line = lambda _: None, lambda _: None
        self._take(self._held + self._decoder.decode(b"", final=True))
        self._held = ""
        if self._current:
            self._end_line()
            self._write("\n")

    def _take(self, text: str) -> None:
        pieces = text.replace("\r\n", "\n").split("\n")
        for index, piece in enumerate(pieces):
            if index:
                annotation = self._end_line()
                self._write(f"  {annotation}\n" if annotation else "\n")
            for start in range(0, len(piece), MAX_LINE):
                part = piece[start : start + MAX_LINE]
                if len(self._current) + len(part) > MAX_LINE:
                    self._end_line()
                self._current += part
                self._write(part if self._raw else harmless(part, color=self._color))

    def _end_line(self) -> str:
        """Finish the current line and return its annotation."""
        text = harmless(self._current.strip("\r"), color=False)
        self._current = ""
        if text == self._proof:
            self.proved = True
        self._check.take_line(text)
        said = self._check.panic or (text if text.startswith(_PANIC) else "")
        frame = parse_frame(text)
        line = Line(text, self._annotate(frame) if frame else self._names(text) if self.panic else "")
        self.panic = self.panic or said
        if frame and self.panic and len(self.frames) < MAX_FRAMES:
            self.frames.append(line)
        self.tail.append(line)
        self._line(line)
        return line.annotation


def serial_file_error(path: str, error: OSError) -> Diagnostic:
    """Return what to say when the file of `--serial` cannot be written."""
    reason = (error.strerror or str(error)).lower()
    return Diagnostic("R0207", f"cannot write the serial line to `{path}`: {reason}", Place(path))


def harmless(text: str, *, color: bool) -> str:
    """Return `text` with everything that could command a terminal made visible."""
    if text.isascii() and text.isprintable():
        return text
    if not color:
        return _SGR.sub("", text).translate(_VISIBLE)
    parts = _SGR.split(text)
    colors = _SGR.findall(text)
    return "".join(part.translate(_VISIBLE) + code for part, code in zip(parts, [*colors, ""], strict=True))


class _Visible(dict[int, str]):
    """What each character is shown as, for `str.translate`; filled as characters are met."""

    def __missing__(self, number: int) -> str:
        found = chr(number)
        if found in _KEPT or found.isprintable():
            shown = found
        elif number < 0x20:
            shown = f"^{chr(number + 64)}"
        else:
            shown = "^?" if number == 0x7F else found.encode("unicode_escape").decode()
        self[number] = shown
        return shown


_VISIBLE: Final = _Visible()
