"""Lines of a program's console."""

from __future__ import annotations

import pytest

from exotool.lang import models
from exotool.lang.address_space import memory
from libos import console


class Kernel:
    """Takes what is written, at most `limit` bytes a call; then errors."""

    def __init__(self, limit: int = 4096, calls: int = 1000) -> None:
        self.limit, self.calls = limit, calls
        self.texts: list[bytes] = []

    def write(self, _: int, buffer: int, length: int) -> int:
        if self.calls == 0:
            return -9
        self.calls -= 1
        length = min(int(length), self.limit)
        self.texts.append(memory.read_bytes(int(buffer), length))
        return length


def test_a_line_at_a_time() -> None:
    kernel = Kernel()
    with models(exo_write=kernel.write):
        console.cprintf(f"page {7:#x}, ")
        assert kernel.texts == []
        console.cprintf(f"error {-3}\nnext")
    assert kernel.texts == [b"page 0x7, error -3\n"]


def test_a_long_line_is_sent_in_parts() -> None:
    kernel = Kernel()
    with models(exo_write=kernel.write):
        for _ in range(30):
            console.cprintf("0123456789")
    assert b"".join(kernel.texts) == b"0123456789" * 25 + b"012345"
    assert [len(text) for text in kernel.texts] == [256]


@pytest.mark.parametrize("limit", [1, 3, 100])
def test_a_kernel_that_takes_less(limit: int) -> None:
    kernel = Kernel(limit)
    with models(exo_write=kernel.write):
        console.cprintf("a line that is longer than that\n")
    assert b"".join(kernel.texts) == b"a line that is longer than that\n"


def test_without_a_console_text_is_dropped() -> None:
    with models(exo_write=Kernel(calls=0).write):
        for _ in range(100):
            console.cprintf("a line that nobody takes\n")
    assert console.output.length == 0
