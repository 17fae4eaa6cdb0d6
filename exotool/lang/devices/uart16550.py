"""A 16550 UART (PC16550D data sheet, section 8), with what a polling driver can see: FIFOs, divisor, loopback."""

from __future__ import annotations

from collections import deque

RBR_THR, IER, IIR_FCR, LCR, MCR, LSR, MSR, SCR = range(8)

LCR_DLAB = 0x80
FCR_ENABLE, FCR_CLEAR_RECEIVER = 0x01, 0x02
MCR_LOOP = 0x10
LSR_DATA_READY, LSR_OVERRUN, LSR_HOLDING_EMPTY, LSR_ALL_SENT = 0x01, 0x02, 0x20, 0x40
IIR_NONE, IIR_HOLDING_EMPTY, IIR_RECEIVED = 0x01, 0x02, 0x04
IER_RECEIVED, IER_HOLDING_EMPTY = 0x01, 0x02


class Uart16550:
    """`sent` is what the line carried away; `receive` is the other end typing.

    With `stuck` the holding register never gets empty: a driver that waits without a bound hangs, and a test sees it.
    """

    def __init__(self, stuck: bool = False) -> None:
        self.sent = bytearray()
        self.stuck = stuck
        self.divisor = 12
        self._input: deque[int] = deque()
        self._overrun = False
        self._registers = {IER: 0, IIR_FCR: 0, LCR: 0, MCR: 0, SCR: 0}

    @property
    def interrupting(self) -> bool:
        """Whether the interrupt line is up: what is enabled has happened."""
        return self._interrupt() != IIR_NONE

    def receive(self, data: bytes) -> None:
        """Let bytes come in; those beyond the FIFO's 16 (or the one register without it) are lost."""
        capacity = 16 if self._registers[IIR_FCR] & FCR_ENABLE else 1
        for byte in data:
            if len(self._input) < capacity:
                self._input.append(byte)
            else:
                self._overrun = True

    def read(self, offset: int, size: int) -> int:
        """Return a register."""
        if size != 1 or not 0 <= offset < 8:
            return (1 << (8 * size)) - 1
        latched = self._registers[LCR] & LCR_DLAB
        if offset == RBR_THR:
            if latched:
                return self.divisor & 0xFF
            return self._input.popleft() if self._input else 0
        if offset == IER and latched:
            return self.divisor >> 8
        if offset == IIR_FCR:
            return self._interrupt() | (0xC0 if self._registers[IIR_FCR] & FCR_ENABLE else 0)
        if offset == LSR:
            return self._line_status()
        if offset == MSR:
            return self._registers[MCR] << 4 & 0xF0 if self._registers[MCR] & MCR_LOOP else 0xB0
        return self._registers[offset]

    def write(self, offset: int, size: int, value: int) -> None:
        """Set a register."""
        if size != 1:
            return
        latched = self._registers[LCR] & LCR_DLAB
        if offset in (RBR_THR, IER) and latched:
            low = offset == RBR_THR
            self.divisor = (self.divisor & 0xFF00) | value if low else (self.divisor & 0xFF) | value << 8
        elif offset == RBR_THR:
            if self._registers[MCR] & MCR_LOOP:
                self.receive(bytes([value]))
            elif not self.stuck:
                self.sent.append(value)
        elif offset == IIR_FCR:
            self._registers[IIR_FCR] = value
            if value & FCR_CLEAR_RECEIVER:
                self._input.clear()
        elif offset in self._registers:
            self._registers[offset] = value & 0x0F if offset == IER else value

    def _line_status(self) -> int:
        status = 0 if self.stuck else LSR_HOLDING_EMPTY | LSR_ALL_SENT
        status |= LSR_DATA_READY if self._input else 0
        status |= LSR_OVERRUN if self._overrun else 0
        self._overrun = False
        return status

    def _interrupt(self) -> int:
        enabled = self._registers[IER]
        if enabled & IER_RECEIVED and self._input:
            return IIR_RECEIVED
        if enabled & IER_HOLDING_EMPTY and not self.stuck:
            return IIR_HOLDING_EMPTY
        return IIR_NONE
