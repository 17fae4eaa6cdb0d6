"""The firmware's tables: what the kernel reads out of good ones, and that bad ones cost nothing but what they say."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exotool.lang import memory, models
from exotool.lang.state import save
from kernel import acpi
from tests.kernel.machine import TABLES, boot_tables

RSDP = 0xF_5A80
ROOT = 0x7FE_1000
MADT = 0x7FE_2010
FADT = 0x7FE_4FF0
WINDOW = 0x7_0000_0000


@dataclass
class Physical:
    """Physical memory as map_table shows it: just the pages that were asked for, in a window of their own."""

    parts: dict[int, bytes] = field(default_factory=dict)
    next: int = WINDOW

    def read(self, pa: int, size: int) -> bytes:
        out = bytearray(size)
        for start, data in self.parts.items():
            low, high = max(start, pa), min(start + len(data), pa + size)
            if low < high:
                out[low - pa : high - pa] = data[low - start : high - start]
        return bytes(out)

    def map(self, pa: int, size: int) -> int:
        assert pa % 4096 == 0
        assert 0 < size <= 0x11000 or (pa, size) == (0xE_0000, 0x2_0000)
        address, self.next = self.next, self.next + size + 4096
        memory.map(address, size)
        memory.write_bytes(address, self.read(pa, size))
        memory.protect(address, size, "r")
        return address


@contextmanager
def firmware(parts: dict[int, bytes], rsdp: int = 0) -> Iterator[None]:
    """A machine whose firmware left this; everything is as it was afterwards."""
    restore = save()
    physical = Physical(parts)
    try:
        with pytest.MonkeyPatch.context() as patch, boot_tables([]):
            patch.setattr(acpi, "map_table", physical.map)
            memory.write_bytes(TABLES + 32, struct.pack("<Q", rsdp))
            yield
    finally:
        restore()


def checked(data: bytes, at: int) -> bytes:
    """Return the data with the byte at `at` such that all sum up to 0."""
    out = bytearray(data)
    out[at] = -(sum(out) - out[at]) & 0xFF
    return bytes(out)


def table(signature: bytes, body: bytes) -> bytes:
    header = struct.pack("<4sIBB6s8sIII", signature, 36 + len(body), 1, 0, b"EXOTOO", b"EXOTOOL ", 1, 0, 1)
    return checked(header + body, 9)


def rsdp(root: int, *, revision: int = 2) -> bytes:
    first = checked(struct.pack("<8sB6sBI", b"RSD PTR ", 0, b"EXOTOO", revision, root if revision < 2 else 0), 8)
    return first + (checked(struct.pack("<IQB3x", 36, root, 0), 12) if revision >= 2 else b"")


def xsdt(*tables: int) -> bytes:
    return table(b"XSDT", struct.pack(f"<{len(tables)}Q", *tables))


def madt(*entries: bytes) -> bytes:
    return table(b"APIC", struct.pack("<II", 0xFEE0_0000, 1) + b"".join(entries))


def local_apic(apic_id: int, flags: int = 1) -> bytes:
    return struct.pack("<BBBBI", 0, 8, apic_id, apic_id, flags)


def x2apic(apic_id: int, flags: int = 1) -> bytes:
    return struct.pack("<BBHIII", 9, 16, 0, apic_id, flags, apic_id)


def io_apic(address: int, first: int) -> bytes:
    return struct.pack("<BBBBII", 1, 12, 0, 0, address, first)


def override(irq: int, gsi: int, flags: int) -> bytes:
    return struct.pack("<BBBBIH", 2, 10, 0, irq, gsi, flags)


def nmi(pin: int) -> bytes:
    return struct.pack("<BBBHB", 4, 6, 0xFF, 0, pin)


def cpus() -> list[int]:
    return [acpi.cpu_ids[i] for i in range(acpi.cpu_id_count)]


def machine(*entries: bytes) -> dict[int, bytes]:
    return {RSDP: rsdp(ROOT), ROOT: xsdt(MADT), MADT: madt(*entries)}


def test_a_machine_with_everything() -> None:
    entries = [
        *(local_apic(i) for i in range(3)),
        local_apic(3, 0),
        local_apic(4, 2),
        x2apic(2),
        x2apic(0x1234),
        io_apic(0xFEC0_0000, 0),
        io_apic(0xFEC1_0000, 24),
        override(0, 2, 0),
        override(9, 9, 0b1111),
        override(16, 3, 0),
        nmi(1),
    ]
    fadt = bytearray(244)
    struct.pack_into("<I", fadt, 76, 0x608)
    parts = machine(*entries) | {ROOT: xsdt(0, FADT, MADT), FADT: table(b"FACP", bytes(fadt[36:]))}
    with firmware(parts, RSDP):
        acpi.acpi_init(0)
        assert cpus() == [0, 1, 2, 0x1234]
        apics = [(acpi.io_apics[i].address, acpi.io_apics[i].first) for i in range(acpi.io_apic_count)]
        assert apics == [(0xFEC0_0000, 0), (0xFEC1_0000, 24)]
        lines = [(line.gsi, line.low, line.level) for line in acpi.isa]
        assert lines[0] == (2, False, False)
        assert lines[9] == (9, True, True)
        assert lines[1:9] == [(i, False, False) for i in range(1, 9)]
        assert acpi.nmi_pins == 2
        assert acpi.pm_timer == 0x608


@pytest.mark.parametrize("revision", [0, 2])
@pytest.mark.parametrize("place", ["told", "BIOS area", "EBDA"])
def test_where_the_rsdp_is(place: str, revision: int) -> None:
    root = xsdt(MADT) if revision else table(b"RSDT", struct.pack("<I", MADT))
    parts = {ROOT: root, MADT: madt(local_apic(0), local_apic(7))}
    address = {"told": 0x1234_5678, "BIOS area": 0xF_FFD0, "EBDA": 0x9_FC30}[place]
    parts[address] = rsdp(ROOT, revision=revision)
    if place == "EBDA":
        parts[0x40E] = struct.pack("<H", 0x9FC0)
    with firmware(parts, address if place == "told" else 0):
        acpi.acpi_init(0)
        assert cpus() == [0, 7]


def test_an_xsdt_that_is_not_intact_leaves_the_rsdt() -> None:
    first = checked(struct.pack("<8sB6sBI", b"RSD PTR ", 0, b"EXOTOO", 2, 0x7FE_3000), 8)
    parts = {RSDP: first + struct.pack("<IQB3x", 36, ROOT, 0), ROOT: xsdt(MADT)[:-1] + b"\xee"}
    parts |= {0x7FE_3000: table(b"RSDT", struct.pack("<I", MADT)), MADT: madt(local_apic(5))}
    with firmware(parts, RSDP):
        acpi.acpi_init(5)
        assert cpus() == [5]
        assert acpi.cpus_left_out == 0


def test_without_tables_there_is_one_cpu_and_the_io_apic_of_pcs() -> None:
    with firmware({}):
        acpi.acpi_init(3)
        assert cpus() == [3]
        assert acpi.io_apic_count == 1
        assert acpi.io_apics[0].address == 0xFEC0_0000
        assert acpi.nmi_pins == 2
        assert acpi.pm_timer == 0


def test_the_boot_cpu_comes_first_and_the_rest_stays_in_order() -> None:
    with firmware(machine(*(local_apic(i) for i in range(4))), RSDP):
        acpi.acpi_init(2)
        assert cpus() == [2, 0, 1, 3]


@pytest.mark.parametrize(("boot", "expected"), [(9, [9, 0, 1, 2, 3, 4, 5, 6]), (7, [7, 0, 1, 2, 3, 4, 5, 6])])
def test_more_cpus_than_there_is_room_for(boot: int, expected: list[int]) -> None:
    with firmware(machine(*(local_apic(i) for i in range(20))), RSDP):
        acpi.acpi_init(boot)
        assert cpus() == expected
        assert acpi.cpus_left_out == 12


@pytest.mark.parametrize("length", [0, 1, 200])
def test_an_entry_of_a_wrong_length_ends_the_table(length: int) -> None:
    with firmware(machine(local_apic(0), bytes([0, length, 0, 0, 0]), local_apic(1)), RSDP):
        acpi.acpi_init(0)
        assert cpus() == [0]


@pytest.mark.parametrize("at", [4, 5, 6, 9, 40, -1])
def test_a_changed_byte_makes_the_table_worthless(at: int) -> None:
    good = bytearray(madt(local_apic(0), local_apic(1)))
    good[at] ^= 0x40
    with firmware(machine() | {MADT: bytes(good)}, RSDP):
        acpi.acpi_init(0)
        assert cpus() == [0]


def test_an_address_beyond_what_the_cpu_has_is_not_read() -> None:
    with models(physical_bits=lambda: 36), firmware({ROOT: xsdt(1 << 36, (1 << 36) - 8, 1 << 63)}, RSDP):
        acpi.acpi_init(0)
    with models(physical_bits=lambda: 36), firmware({RSDP: rsdp(ROOT), ROOT: xsdt(1 << 36, (1 << 36) - 8)}, RSDP):
        acpi.acpi_init(0)
        assert cpus() == [0]


entry = st.one_of(
    st.builds(local_apic, st.integers(0, 255), st.integers(0, 3)),
    st.builds(x2apic, st.integers(0, 0xFFFF_FFFF), st.integers(0, 3)),
    st.builds(io_apic, st.integers(0, 0xFFFF_FFFF), st.integers(0, 0xFFFF_FFFF)),
    st.builds(override, st.integers(0, 255), st.integers(0, 0xFFFF_FFFF), st.integers(0, 0xFFFF)),
    st.builds(nmi, st.integers(0, 255)),
    st.binary(max_size=24),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(entry, max_size=30), st.integers(0, 0xFFFF_FFFF), st.data())
def test_any_madt_is_read_to_its_end_and_no_further(entries: list[bytes], boot: int, data: st.DataObject) -> None:
    """Each read outside of the pages that were mapped for a table is a Fault here, each overflow a Trap."""
    whole = madt(*entries)
    if data.draw(st.booleans()):
        whole = checked(struct.pack("<4sI", b"APIC", data.draw(st.integers(0, 0x1_0000))) + whole[8:], 9)
    with firmware(machine() | {MADT: whole}, RSDP):
        acpi.acpi_init(boot)
        ids = cpus()
        assert 1 <= len(ids) <= 8
        assert ids[0] == boot
        assert len(set(ids)) == len(ids)
        assert 1 <= acpi.io_apic_count <= 8


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(
    st.dictionaries(st.sampled_from([RSDP, ROOT, MADT, FADT, 0x40E]), st.binary(max_size=300)), st.binary(max_size=64)
)
def test_any_bytes_where_tables_are_looked_for(parts: dict[int, bytes], pointers: bytes) -> None:
    """Also where the root is intact and what it lists is not."""
    root = {RSDP: rsdp(ROOT), ROOT: table(b"XSDT", pointers)}
    with firmware(parts | root, RSDP):
        acpi.acpi_init(1)
        assert cpus()[0] == 1
    with firmware(parts, RSDP):
        acpi.acpi_init(1)
        assert cpus()[0] == 1
