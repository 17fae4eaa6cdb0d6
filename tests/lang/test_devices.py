"""Drivers in Kernel Python against the models of hardware."""

from __future__ import annotations

import random

import pytest

from exotool.lang import memory, models
from exotool.lang.devices import AtaDisk, PortBus, Uart16550

from .conftest import Load

UART = """
@extern
def inb(port: u16) -> u8: ...

@extern
def outb(port: u16, value: u8) -> None: ...

COM1: Final = u16(0x3F8)

def start() -> bool:
    outb(COM1 + 3, 0x80)
    outb(COM1 + 0, 1)
    outb(COM1 + 1, 0)
    outb(COM1 + 3, 3)
    outb(COM1 + 2, 7)
    outb(COM1 + 4, 0x10)
    outb(COM1, 0xAE)
    there = inb(COM1 + 5) & 1 != 0 and inb(COM1) == 0xAE
    outb(COM1 + 4, 3)
    return there

def send(c: u8) -> bool:
    for _ in range(100):
        if inb(COM1 + 5) & 0x20 != 0:
            outb(COM1, c)
            return True
    return False

def receive() -> tuple[u8, bool]:
    if inb(COM1 + 5) & 1 == 0:
        return 0, False
    return inb(COM1), True
"""


def test_a_serial_line(load: Load) -> None:
    module, bus, uart = load(UART), PortBus(), Uart16550()
    with models(**bus.models()):
        assert not module.start(), "where nothing is, reads give all ones"
    bus.attach(0x3F8, 8, uart)
    with models(**bus.models()):
        assert module.start()
        assert uart.divisor == 1
        for c in b"hello":
            assert module.send(c)
        uart.receive(b"ab")
        assert [module.receive() for _ in range(3)] == [(ord("a"), True), (ord("b"), True), (0, False)]
        uart.stuck = True
        assert not module.send(33)
    assert uart.sent == b"hello"
    with pytest.raises(ValueError, match="another device"):
        bus.attach(0x3FF, 1, uart)


def test_the_line_loses_what_the_fifo_does_not_hold() -> None:
    uart = Uart16550()
    uart.write(2, 1, 1)
    uart.receive(bytes(range(20)))
    assert uart.read(5, 1) & 3 == 3
    assert [uart.read(0, 1) for _ in range(16)] == list(range(16))
    assert uart.read(5, 1) & 3 == 0


def test_it_interrupts_when_asked(load: Load) -> None:
    uart = Uart16550()
    uart.receive(b"x")
    seen = [uart.interrupting]
    uart.write(1, 1, 1)
    seen.append(uart.interrupting)
    assert uart.read(2, 1) == 4
    uart.read(0, 1)
    assert [*seen, uart.interrupting] == [False, True, False]


ATA = """
@extern
def inb(port: u16) -> u8: ...

@extern
def inw(port: u16) -> u16: ...

@extern
def outb(port: u16, value: u8) -> None: ...

@extern
def outw(port: u16, value: u16) -> None: ...

BASE: Final = u16(0x1F0)

def command(lba: u32, count: u8, what: u8) -> bool:
    outb(BASE + 6, u8(0xE0 | lba >> 24))
    outb(BASE + 2, count)
    outb(BASE + 3, u8(lba & 0xFF))
    outb(BASE + 4, u8(lba >> 8 & 0xFF))
    outb(BASE + 5, u8(lba >> 16 & 0xFF))
    outb(BASE + 7, what)
    return inb(BASE + 7) & 1 == 0

def read(lba: u32, into: Ptr[u16]) -> bool:
    if not command(lba, 1, 0x20):
        return False
    for i in range(256):
        into[i] = inw(BASE)
    return inb(BASE + 7) & 8 == 0

def write(lba: u32, source: Ptr[u16]) -> bool:
    if not command(lba, 1, 0x30):
        return False
    for i in range(256):
        outw(BASE, source[i])
    return command(0, 0, 0xE7)

def buffer(address: u64) -> Ptr[u16]:
    return Ptr[u16](address)
"""


def test_a_disk(load: Load) -> None:
    module, bus = load(ATA), PortBus()
    content = random.Random(1).randbytes(16 * 512)
    disk = AtaDisk(content)
    bus.attach(0x1F0, 8, disk)
    memory.map(0x8000, 0x1000)
    buffer = module.buffer(0x8000)
    with models(**bus.models()):
        assert module.read(5, buffer)
        assert memory.read_bytes(0x8000, 512) == content[5 * 512 : 6 * 512]
        assert module.write(15, buffer)
        assert not module.read(16, buffer), "the disk has 16 sectors"
        assert module.command(0, 0, 0xEC)
        words = [disk.read(0, 2) for _ in range(256)]
    assert disk.content[15 * 512 :] == content[5 * 512 : 6 * 512]
    assert disk.content[: 15 * 512] == content[: 15 * 512]
    assert disk.flushes == 1
    assert words[60] == 16
