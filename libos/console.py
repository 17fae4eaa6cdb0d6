"""Text for the console, a line at a time, so that those of several programs do not mix within a line."""

from typing import Final

from exotool.lang import Array, Ptr, Struct, addressof, array, fprint, i64, u8, u32, u64
from kernel.format import LONGEST, format_number
from libos.calls import exo_write

LINE: Final = 256
NEWLINE: Final = 0x0A


class Output(Struct):
    """What is not sent yet. `console` is a CONSOLE capability; without one text goes nowhere."""

    console: u64
    length: u64
    line: Array[u8] = array(LINE)

    def flush(self) -> None:
        """Send what there is."""
        sent: u64 = 0
        while sent < self.length:
            done = exo_write(self.console, addressof(self.line) + sent, self.length - sent)
            if done <= 0:
                break
            sent += u64(done)
        self.length = 0

    def put(self, c: u8) -> None:
        """Add one byte."""
        self.line[self.length] = c
        self.length += 1
        if c == NEWLINE or self.length == LINE:
            self.flush()

    def write(self, text: Array[u8]) -> None:
        """Add text: `fprint`'s writer."""
        for c in text:
            self.put(c)

    def write_unsigned(self, value: u64, base: u32, width: u32, flags: u32) -> None:
        """Add a number: `fprint`'s writer."""
        out: Array[u8] = array(LONGEST)
        self.write(out[: format_number(out, False, value, base, width, flags)])

    def write_signed(self, value: i64, width: u32, flags: u32) -> None:
        """Add a decimal number: `fprint`'s writer."""
        out: Array[u8] = array(LONGEST)
        magnitude = ~u64(value) + 1 if value < 0 else u64(value)
        self.write(out[: format_number(out, value < 0, magnitude, 10, width, flags)])


output: Output = Output()


def cprintf(text: str) -> None:
    """Print on the console of this program."""
    fprint(output, text)


def put_string(text: Ptr[u8]) -> None:
    """Print text up to its NUL."""
    while text[0] != 0:
        output.put(text[0])
        text = text + 1
