"""The console: a 16550 at COM1, polled.

Every wait is bounded, and a machine without the UART just prints nothing, so printing can never hang the kernel; not
even in a panic, and not with interrupts off. Registers: PC16550D data sheet, section 8.
"""

from typing import Final

from exotool.lang import Array, Bits, Ptr, Struct, array, bit, export, fprint, i64, u8, u16, u32, u64
from kernel.cpu import cpu_pause, inb, outb
from kernel.format import LONGEST, PREFIX, ZERO_FILL, format_number

COM1: Final = u16(0x3F8)

# Registers, as offsets from the base port. The first two hold the divisor while LCR_DLAB is set.
DATA: Final = 0
IER: Final = 1
FCR: Final = 2
LCR: Final = 3
MCR: Final = 4
LSR: Final = 5
SCR: Final = 7

LCR_8N1: Final = 0x03
LCR_DLAB: Final = 0x80
FCR_ENABLE: Final = 0x07  # FIFOs on and emptied
MCR_DTR_RTS: Final = 0x03
MCR_LOOP: Final = 0x10

DIVISOR: Final = 1  # 115200 Bd
POLLS: Final = 100_000  # one character takes 87 us, and one poll of a port about 1 us

NEWLINE: Final = 0x0A
RETURN: Final = 0x0D


class LineStatus(Bits[u8]):
    """The line status register."""

    data_ready: bool = bit(0)
    holding_empty: bool = bit(5)
    all_sent: bool = bit(6)


class Console(Struct):
    """A UART that takes text; `present` is False for one that is not there, or takes nothing any more."""

    port: u16
    present: bool

    def start(self, port: u16) -> None:
        """Look for a UART by its scratch register and its loopback, and set it to 115200 8N1."""
        self.port = port
        self.present = False
        # Reads of a port where nothing is give 0xff; two values, so that a stuck bus cannot pass.
        if self.remembers(0x5A) and self.remembers(0xA5):
            self.configure()
            outb(port + MCR, MCR_LOOP)
            outb(port + DATA, 0xAE)
            self.present = self.receives(0xAE)
        self.configure()

    def remembers(self, value: u8) -> bool:
        """Tell whether the scratch register keeps a value."""
        outb(self.port + SCR, value)
        return inb(self.port + SCR) == value

    def receives(self, value: u8) -> bool:
        """Tell whether a byte comes in before the wait is over, and is this one."""
        for _ in range(POLLS):
            if LineStatus(inb(self.port + LSR)).data_ready:
                return inb(self.port + DATA) == value
        return False

    def configure(self) -> None:
        """Set the line: 115200 8N1, FIFOs on, no interrupts, no loopback."""
        outb(self.port + IER, 0)
        outb(self.port + LCR, LCR_DLAB)
        outb(self.port + DATA, DIVISOR)
        outb(self.port + IER, 0)
        outb(self.port + LCR, LCR_8N1)
        outb(self.port + FCR, FCR_ENABLE)
        outb(self.port + MCR, MCR_DTR_RTS)

    def send(self, c: u8) -> None:
        """Send one byte as it is."""
        if not self.present:
            return
        for _ in range(POLLS):
            if LineStatus(inb(self.port + LSR)).holding_empty:
                outb(self.port + DATA, c)
                return
            cpu_pause()
        # It takes nothing any more. Give up for good: to wait for each character would be a hang after all.
        self.present = False

    def put(self, c: u8) -> None:
        """Print one character; a newline goes out as CR LF."""
        if c == NEWLINE:
            self.send(RETURN)
        self.send(c)

    def receive(self) -> i64:
        """Return a byte that has come, or -1."""
        if self.present and LineStatus(inb(self.port + LSR)).data_ready:
            return inb(self.port + DATA)
        return -1

    def flush(self) -> None:
        """Wait until the last character has left the UART."""
        if not self.present:
            return
        for _ in range(POLLS):
            if LineStatus(inb(self.port + LSR)).all_sent:
                return
            cpu_pause()

    def write(self, text: Array[u8]) -> None:
        """Print text: `fprint`'s writer."""
        for c in text:
            self.put(c)

    def write_unsigned(self, value: u64, base: u32, width: u32, flags: u32) -> None:
        """Print a number: `fprint`'s writer."""
        out: Array[u8] = array(LONGEST)
        self.write(out[: format_number(out, False, value, base, width, flags)])

    def write_signed(self, value: i64, width: u32, flags: u32) -> None:
        """Print a decimal number: `fprint`'s writer."""
        out: Array[u8] = array(LONGEST)
        self.write(out[: format_number(out, value < 0, magnitude(value), 10, width, flags)])


def magnitude(value: i64) -> u64:
    """Return the distance from 0; that of the smallest i64 is no i64."""
    return ~u64(value) + 1 if value < 0 else u64(value)


console: Console = Console()


def kprint(text: str) -> None:
    """Print on the kernel's console."""
    fprint(console, text)


# What the assembly calls.


@export
def console_init() -> None:
    """Start the console, before anything may be printed."""
    console.start(COM1)


@export
def console_flush() -> None:
    """Wait until all that was printed has left."""
    console.flush()


@export
def putc(c: u8) -> None:
    """Print one character."""
    console.put(c)


@export
def puts(text: Ptr[u8]) -> None:
    """Print text up to its NUL, without a newline of its own."""
    while text[0] != 0:
        console.put(text[0])
        text = text + 1


@export
def put_text(text: Ptr[u8], length: u64) -> None:
    """Print `length` bytes of text."""
    for i in range(length):
        console.put(text[i])


@export
def put_hex(value: u64) -> None:
    """Print 0x and 16 digits."""
    console.write_unsigned(value, 16, 18, PREFIX | ZERO_FILL)


@export
def put_dec(value: u64) -> None:
    """Print a decimal number."""
    console.write_unsigned(value, 10, 0, 0)


def getc() -> i64:
    """Return a byte that has come on the console, or -1."""
    return console.receive()
