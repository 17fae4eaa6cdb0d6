"""What cannot become a boot image is refused with the reason, and never with a traceback."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exotool.diagnostics import ToolError
from exotool.image import Module, make_image
from exotool.image import payload as payload_module
from exotool.image.payload import make_payload
from tests.image.conftest import MIB, report_kernel
from tests.launch.test_foreign import bzimage, multiboot_elf32, multiboot_flat

MULTIBOOT1 = (
    "T0301: `kernel.elf` is a Multiboot 1 image; the loaders of boot images start kernels by PVH or Multiboot 2"
)

PADDR = 24
"""Offset of p_paddr in a program header."""


def refused(kernel: bytes, command_line: str = "", modules: tuple[Module, ...] = ()) -> list[str]:
    with pytest.raises(ToolError) as caught:
        make_payload(kernel, "kernel.elf", command_line, modules)
    return [f"{d.code}: {d.message}" for d in caught.value.diagnostics]


def moved(index: int, paddr: int) -> bytes:
    """Return the kernel with another load address of one of its segments."""
    kernel = bytearray(report_kernel())
    phoff, phnum = struct.unpack_from("<Q", kernel, 32)[0], struct.unpack_from("<H", kernel, 56)[0]
    loads = [at for at in range(phoff, phoff + 56 * phnum, 56) if struct.unpack_from("<I", kernel, at)[0] == 1]
    struct.pack_into("<Q", kernel, loads[index] + PADDR, paddr)
    return bytes(kernel)


@pytest.mark.parametrize(
    ("kernel", "message"),
    [
        (b"", "R0101: `kernel.elf` is empty, not an ELF kernel image"),
        (b"MZ" + bytes(100), "R0101: `kernel.elf` is a DOS, PE or EFI file, not an ELF kernel image"),
        (b"\x7fELF", "R0103: `kernel.elf` is damaged: it ends inside the ELF header"),
        (
            bzimage(),
            "T0301: `kernel.elf` is a Linux bzImage; the loaders of boot images start kernels by PVH or Multiboot 2",
        ),
        (multiboot_elf32(), MULTIBOOT1),
        (multiboot_flat(), MULTIBOOT1),
        (
            report_kernel().replace(b"Xen\0", b"Yen\0"),
            "R0104: `kernel.elf` has no PVH note, without which QEMU cannot boot an ELF kernel",
        ),
    ],
)
def test_no_kernel_that_the_loaders_start(kernel: bytes, message: str) -> None:
    assert refused(kernel) == [message]


def test_segments_where_no_loader_can_put_them() -> None:
    (low,) = refused(moved(2, 0x90000))
    assert low.startswith("T0302: the segment at 0xffffffff8010")
    assert low.endswith("(physical 0x90000..0x93000) cannot be loaded from a boot image")
    (high,) = refused(moved(2, 0xFFFFE000))
    assert high.endswith("(physical 0xffffe000..0x100001000) cannot be loaded from a boot image")
    (far,) = refused(moved(2, 1 << 63))
    assert far.endswith("(physical 0x8000000000000000..0x8000000000003000) cannot be loaded from a boot image")
    assert all(line.startswith("R0110: the segments at") for line in refused(moved(2, MIB + 8)))


def test_command_lines() -> None:
    assert refused(report_kernel(), "x" * 16384) == [
        "T0303: the kernel command line is 16384 bytes long; the loaders hand over up to 16383 bytes"
    ]
    assert refused(report_kernel(), "a\0b") == [
        "T0303: the kernel command line has a zero byte; the loaders hand over up to 16383 bytes"
    ]


def test_more_than_the_loaders_carry(monkeypatch: pytest.MonkeyPatch) -> None:
    modules = tuple(Module("m", b"") for _ in range(65))
    assert refused(report_kernel(), "x" * 20000, modules) == [
        "T0303: the kernel command line is 20000 bytes long; the loaders hand over up to 16383 bytes",
        "T0304: `kernel.elf` and its modules are 65 modules; the loaders can carry 64",
    ]
    monkeypatch.setattr(payload_module, "MAX_PAYLOAD", 10000)
    (large,) = refused(report_kernel(), "", (Module("m", bytes(20000)),))
    assert large.endswith("bytes; the loaders can carry 10000")


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 0x200), st.binary(min_size=1, max_size=8)), min_size=1, max_size=4))
def test_damaged_kernels(changes: list[tuple[int, bytes]]) -> None:
    """Whatever stands in the headers, there is an image or an error, and what is loaded stays inside its limits."""
    kernel = bytearray(report_kernel())
    for at, data in changes:
        kernel[at : at + len(data)] = data
    try:
        image = make_image(bytes(kernel), "kernel.elf", "disk")
    except ToolError:
        return
    assert len(image) < 64 * MIB
