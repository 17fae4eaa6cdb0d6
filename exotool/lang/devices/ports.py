"""The I/O ports of a machine: 65536 bytes of another address space, for the externs that wrap IN and OUT."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from exotool.lang.address_space import Device
from exotool.lang.integers import Integer, u8, u16, u32


class PortBus:
    """Devices at ports. Where none is, reads give all ones and writes are lost, as on a PC."""

    def __init__(self) -> None:
        self._devices: list[tuple[int, int, Device]] = []

    def attach(self, port: int, count: int, device: Device) -> None:
        """Let a device answer at `count` ports from `port` on."""
        for start, length, _ in self._devices:
            if port < start + length and start < port + count:
                raise ValueError(f"another device is at port {start:#x}")
        self._devices.append((port, count, device))

    def read(self, port: int, size: int) -> int:
        """Return what IN of `size` bytes gives."""
        for start, count, device in self._devices:
            if start <= port < start + count:
                return device.read(port - start, size) & ((1 << (8 * size)) - 1)
        return (1 << (8 * size)) - 1

    def write(self, port: int, size: int, value: int) -> None:
        """Do what OUT of `size` bytes does."""
        for start, count, device in self._devices:
            if start <= port < start + count:
                device.write(port - start, size, value & ((1 << (8 * size)) - 1))

    def reader(self, cls: type[Integer]) -> Callable[[int], Any]:
        """Return the body of an extern that reads a port: `models(inb=bus.reader(u8))`."""
        return lambda port: cls(self.read(int(port), cls.BITS // 8))

    def writer(self, cls: type[Integer]) -> Callable[[int, int], None]:
        """Return the body of an extern that writes a port."""
        return lambda port, value: self.write(int(port), cls.BITS // 8, int(value))

    def models(self) -> dict[str, Callable[..., Any]]:
        """Return bodies under the names that Linux gives these functions: inb, inw, inl, outb, outw, outl."""
        sizes: dict[str, type[Integer]] = {"b": u8, "w": u16, "l": u32}
        readers: dict[str, Callable[..., Any]] = {f"in{letter}": self.reader(cls) for letter, cls in sizes.items()}
        return readers | {f"out{letter}": self.writer(cls) for letter, cls in sizes.items()}
