"""A disk behind the ATA task file, programmed I/O with LBA28 (ATA/ATAPI-6, sections 7 and 8): ports 0x1F0 to 0x1F7."""

from __future__ import annotations

from typing import Final

SECTOR: Final = 512

DATA, ERROR_FEATURES, COUNT, LBA_LOW, LBA_MID, LBA_HIGH, DEVICE, STATUS_COMMAND = range(8)

STATUS_ERROR, STATUS_REQUEST, STATUS_SEEK, STATUS_READY = 0x01, 0x08, 0x10, 0x40
ERROR_ABORTED, ERROR_NOT_FOUND = 0x04, 0x10
READ_SECTORS, WRITE_SECTORS, FLUSH_CACHE, IDENTIFY = 0x20, 0x30, 0xE7, 0xEC
DEVICE_LBA, DEVICE_SECOND = 0x40, 0x10


class AtaDisk:
    """The first disk of a channel; `content` is what is on it. A second one is not there: its status reads 0."""

    def __init__(self, content: bytes | bytearray) -> None:
        if len(content) % SECTOR:
            raise ValueError(f"a disk has sectors of {SECTOR} bytes")
        self.content = bytearray(content)
        self.flushes = 0
        self._registers = [0] * 8
        self._error = 0
        self._buffer = bytearray()
        self._writing = 0

    @property
    def sectors(self) -> int:
        """The number of sectors."""
        return len(self.content) // SECTOR

    def read(self, offset: int, size: int) -> int:
        """Return a register; `DATA` gives the next bytes of a sector."""
        if offset == DATA:
            if self._writing or not self._buffer:
                return 0
            data, self._buffer = self._buffer[:size], self._buffer[size:]
            return int.from_bytes(data, "little")
        if offset == STATUS_COMMAND:
            return self._status()
        return self._error if offset == ERROR_FEATURES else self._registers[offset]

    def write(self, offset: int, size: int, value: int) -> None:
        """Set a register; the last starts a command, `DATA` takes the next bytes of a sector."""
        if offset == DATA:
            if self._writing:
                self._buffer += value.to_bytes(size, "little")
                if len(self._buffer) >= self._writing:
                    start = self._first() * SECTOR
                    self.content[start : start + self._writing] = self._buffer[: self._writing]
                    self._buffer.clear()
                    self._writing = 0
        elif offset == STATUS_COMMAND:
            self._start(value)
        else:
            self._registers[offset] = value & 0xFF

    def _absent(self) -> bool:
        return self._registers[DEVICE] & DEVICE_SECOND != 0

    def _status(self) -> int:
        if self._absent():
            return 0
        status = STATUS_READY | STATUS_SEEK
        status |= STATUS_REQUEST if self._buffer or self._writing else 0
        return status | (STATUS_ERROR if self._error else 0)

    def _first(self) -> int:
        low, mid, high = self._registers[LBA_LOW], self._registers[LBA_MID], self._registers[LBA_HIGH]
        return low | mid << 8 | high << 16 | (self._registers[DEVICE] & 0x0F) << 24

    def _start(self, command: int) -> None:
        if self._absent():
            return
        self._error, self._writing = 0, 0
        self._buffer.clear()
        if command == IDENTIFY:
            self._buffer += self._identity()
        elif command == FLUSH_CACHE:
            self.flushes += 1
        elif command in (READ_SECTORS, WRITE_SECTORS) and self._registers[DEVICE] & DEVICE_LBA:
            count = self._registers[COUNT] or 256
            first = self._first()
            if first + count > self.sectors:
                self._error = ERROR_NOT_FOUND
            elif command == READ_SECTORS:
                self._buffer += self.content[first * SECTOR : (first + count) * SECTOR]
            else:
                self._writing = count * SECTOR
        else:
            self._error = ERROR_ABORTED

    def _identity(self) -> bytes:
        """Return the 256 words of IDENTIFY DEVICE that a driver reads: LBA is there, and the number of sectors."""
        words = [0] * 256
        words[49] = 1 << 9
        words[60], words[61] = self.sectors & 0xFFFF, self.sectors >> 16
        model = b"exotool model disk".ljust(40)
        words[27:47] = [model[i] << 8 | model[i + 1] for i in range(0, 40, 2)]
        return b"".join(word.to_bytes(2, "little") for word in words)
