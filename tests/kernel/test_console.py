"""The console on a model UART: what it prints, and that nothing makes it wait for ever."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exotool.lang import models
from exotool.lang.devices.ports import PortBus
from exotool.lang.devices.uart16550 import Uart16550
from kernel.console import COM1, Console, console, kprint, put_dec, put_hex


@contextmanager
def machine(uart: Uart16550 | None) -> Iterator[list[int]]:
    """A machine with a UART at COM1, or without; gives the list of pauses, one entry each."""
    bus = PortBus()
    if uart is not None:
        bus.attach(int(COM1), 8, uart)
    pauses: list[int] = []
    with models(**bus.models(), cpu_pause=lambda: pauses.append(1)):
        yield pauses


@contextmanager
def global_console() -> Iterator[Uart16550]:
    uart = Uart16550()
    with machine(uart):
        console.start(COM1)
        yield uart


def test_start_sets_the_line_and_leaves_loopback() -> None:
    uart = Uart16550()
    with machine(uart):
        serial = Console()
        serial.start(COM1)
        assert serial.present
        serial.put(ord("x"))
    assert (uart.divisor, bytes(uart.sent)) == (1, b"x")


def test_without_a_uart_nothing_is_printed() -> None:
    with machine(None) as pauses:
        serial = Console()
        serial.start(COM1)
        assert not serial.present
        serial.put(ord("x"))
        serial.flush()
    assert not pauses


class StuckBus(Uart16550):
    """Every read gives the value that was written last, whatever the register."""

    last = 0

    def read(self, offset: int, size: int) -> int:
        return self.last

    def write(self, offset: int, size: int, value: int) -> None:
        self.last = value


def test_a_bus_that_echoes_is_no_uart() -> None:
    with machine(StuckBus()):
        serial = Console()
        serial.start(COM1)
        serial.put(ord("x"))
        assert not serial.present


@pytest.mark.slow
def test_a_uart_that_takes_nothing_is_given_up_once() -> None:
    uart = Uart16550()
    with machine(uart) as pauses:
        serial = Console()
        serial.start(COM1)
        uart.stuck = True
        serial.put(ord("a"))
        assert not serial.present
        waited = len(pauses)
        serial.put(ord("b"))
        assert len(pauses) == waited


def test_a_newline_is_cr_lf() -> None:
    with global_console() as uart:
        kprint("a\nb\n")
    assert bytes(uart.sent) == b"a\r\nb\r\n"


@given(st.integers(0, 2**64 - 1))
def test_numbers_of_the_assembly(value: int) -> None:
    with global_console() as uart:
        put_hex(value)
        put_dec(value)
    assert uart.sent.decode() == f"{value:#018x}{value}"


@given(st.integers(-(2**63), 2**63 - 1))
def test_signed_numbers(value: int) -> None:
    with global_console() as uart:
        console.write_signed(value, 0, 0)
    assert uart.sent.decode() == str(value)
