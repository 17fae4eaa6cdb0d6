"""The bytes of images, read back by other code than that which wrote them."""

from __future__ import annotations

import io
import struct
import uuid
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exotool.diagnostics import ToolError
from exotool.image import Module, make_image
from exotool.image.fat import make_esp
from exotool.image.loaders import boot_sector, handover, second_stage, uefi_loader
from exotool.image.payload import make_payload
from exotool.image.pe import make_pe
from exotool.image.uefi import make_gpt
from tests.image.conftest import MIB, report_kernel

MODULES = (Module("one", b"module one"), Module("two", b""))


def payload() -> bytes:
    return make_payload(report_kernel(), "kernel", "a=b", MODULES)


def words(data: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(data) // 4}I", data)


def read_fat16(image: bytes) -> dict[str, bytes]:
    """Return the files of a FAT16 file system, checked as its specification says."""
    sector, sectors, reserved, fats, entries, small = struct.unpack_from("<HBHBHH", image, 11)
    fat_sectors = struct.unpack_from("<H", image, 22)[0]
    total = small or struct.unpack_from("<I", image, 32)[0]
    assert (sector, fats, len(image)) == (512, 2, total * 512)
    assert image[510:512] == b"\x55\xaa"
    first_data = reserved + fats * fat_sectors + (entries * 32 + 511) // 512
    clusters = (total - first_data) // sectors
    assert 4085 <= clusters < 65525
    table = [image[(reserved + n * fat_sectors) * 512 :][: fat_sectors * 512] for n in range(fats)]
    assert table[0] == table[1]
    fat = struct.unpack(f"<{fat_sectors * 256}H", table[0])
    assert fat[:2] == (0xFF00 | image[21], 0xFFFF)
    used: set[int] = set()

    def chain(cluster: int) -> bytes:
        found = []
        while cluster < 0xFFF8:
            assert 2 <= cluster < clusters + 2
            assert cluster not in used
            used.add(cluster)
            at = (first_data + (cluster - 2) * sectors) * 512
            found.append(image[at : at + sectors * 512])
            cluster = fat[cluster]
        return b"".join(found)

    files: dict[str, bytes] = {}

    def walk(folder: bytes, path: str, own: int, parent: int) -> None:
        for at in range(0, len(folder), 32):
            name, attributes = folder[at : at + 11], folder[at + 11]
            if not name[0] or attributes == 8:
                continue
            cluster, size = struct.unpack_from("<HI", folder, at + 26)
            if name[:2].strip() in (b".", b".."):
                assert (cluster, attributes) == (own if name[1:2] == b" " else parent, 0x10)
                continue
            full = f"{path}/{name[:8].decode().strip()}"
            if attributes & 0x10:
                walk(chain(cluster), full, cluster, own)
            else:
                files[f"{full}.{name[8:].decode()}"] = chain(cluster)[:size]

    root = image[(reserved + fats * fat_sectors) * 512 :][: entries * 32]
    walk(root, "", 0, 0)
    assert {n for n in range(2, clusters + 2) if fat[n]} == used
    return files


def test_loaders_need_no_linker() -> None:
    """Flat code: what it refers to by address was known when it was assembled."""
    from exotool.asm import Options, assemble
    from exotool.image.loaders import SOURCES

    for path in sorted(SOURCES.glob("*.S")):
        found = assemble(path.read_bytes(), path, Options(include=(SOURCES,), root=SOURCES)).object
        assert not [relocation for section in found.sections for relocation in section.relocations], path
    assert len(boot_sector()) == 512
    assert boot_sector()[510:] == b"\x55\xaa"
    assert not any(boot_sector()[0x1B0:0x1FE])
    assert len(second_stage()) < 0x10000 - 0x8000
    gdt = struct.unpack_from("<3Q", handover().data, handover().gdt)
    assert gdt == (0, 0x00CF9B000000FFFF, 0x00CF93000000FFFF)
    assert len(uefi_loader()) < MIB


def test_payload() -> None:
    data = payload()
    header = words(data[:52])
    magic, size, code, gdt, _, segments, segment_count, modules, module_count, text, text_size, protocol, _ = header
    assert protocol == 0
    assert (magic, size, size % 4096) == (0x42304F58, len(data), 0)
    assert sum(words(data)) & 0xFFFFFFFF == 0
    assert data[code : code + len(handover().data)] == handover().data
    assert gdt == code + handover().gdt
    assert data[text : text + text_size] == b"a=b\0"
    kernel = report_kernel()
    phoff, phnum = struct.unpack_from("<Q", kernel, 32)[0], struct.unpack_from("<H", kernel, 56)[0]
    loads = [struct.unpack_from("<IIQQQQQQ", kernel, phoff + 56 * n) for n in range(phnum)]
    loads = [load for load in loads if load[0] == 1]
    assert segment_count == len(loads)
    for n, (_, _, offset, _, paddr, filesz, memsz, _) in enumerate(loads):
        place, *rest = words(data[segments + 16 * n :][:16])
        assert rest == [filesz, paddr, memsz]
        assert data[place : place + filesz] == kernel[offset : offset + filesz]
    assert module_count == len(MODULES)
    for n, module in enumerate(MODULES):
        place, length = words(data[modules + 8 * n :][:8])
        assert place % 4096 == 0
        assert data[place : place + length] == module.data


def test_disk() -> None:
    data = make_image(report_kernel(), "kernel", "disk", "a=b", MODULES)
    assert len(data) % MIB == 0
    assert data[510:512] == b"\x55\xaa"
    status, kind, start, count = struct.unpack_from("<B3xB3xII", data, 0x1BE)
    assert (status, kind) == (0x80, 0xDA)
    assert not any(data[0x1CE:0x1FE])
    assert payload() in data[start * 512 : (start + count) * 512]
    assert not any(data[(start + count) * 512 :])


def test_pe() -> None:
    import lief

    data = make_pe(payload())
    pe = lief.PE.parse(io.BytesIO(data))
    assert pe is not None
    assert pe.header.machine == lief.PE.Header.MACHINE_TYPES.AMD64
    assert pe.optional_header.subsystem == lief.PE.OptionalHeader.SUBSYSTEM.EFI_APPLICATION
    assert pe.optional_header.magic == lief.PE.PE_TYPE.PE32_PLUS
    text, contents, relocations = pe.sections
    assert pe.optional_header.addressof_entrypoint == text.virtual_address
    assert bytes(contents.content)[: contents.virtual_size] == payload()
    assert struct.unpack_from("<Q", bytes(text.content), 8) == (contents.virtual_address - text.virtual_address,)
    assert pe.optional_header.sizeof_image == relocations.virtual_address + 4096
    for section in pe.sections:
        assert section.virtual_address % 4096 == section.pointerto_raw_data % 512 == 0
    assert not contents.has_characteristic(lief.PE.Section.CHARACTERISTICS.MEM_EXECUTE)
    assert not text.has_characteristic(lief.PE.Section.CHARACTERISTICS.MEM_WRITE)


def test_uefi_disk() -> None:
    data = make_image(report_kernel(), "kernel", "uefi", "a=b", MODULES)
    assert len(data) % MIB == 0
    last = len(data) // 512 - 1
    assert struct.unpack_from("<B3xB3xII", data, 0x1BE) == (0, 0xEE, 1, last)
    tables = []
    for own, other in ((1, last), (last, 1)):
        header = data[own * 512 : own * 512 + 92]
        assert header[:8] == b"EFI PART"
        assert zlib.crc32(header[:16] + bytes(4) + header[20:]) == struct.unpack_from("<I", header, 16)[0]
        assert struct.unpack_from("<QQ", header, 24) == (own, other)
        first_usable, last_usable = struct.unpack_from("<QQ", header, 40)
        at, count, size, crc = struct.unpack_from("<QIII", header, 72)
        table = data[at * 512 : at * 512 + count * size]
        assert zlib.crc32(table) == crc
        assert first_usable == 34
        assert last_usable == last - 33
        tables.append(table)
    assert tables[0] == tables[1]
    kind, own, start, end = struct.unpack_from("<16s16sQQ", tables[0])
    assert uuid.UUID(bytes_le=kind) == uuid.UUID("c12a7328-f81f-11d2-ba4b-00a0c93ec93b")
    assert uuid.UUID(bytes_le=own).version == 8
    assert not any(tables[0][128:])
    assert 34 <= start < end <= last - 33
    assert read_fat16(data[start * 512 : (end + 1) * 512]) == {"/EFI/BOOT/BOOTX64.EFI": make_pe(payload())}


@pytest.mark.parametrize("size", [1, 512, 4000 * 512, 65500 * 512, 65520 * 512, 65000 * 1024 + 1])
def test_file_systems_of_all_sizes(size: int) -> None:
    application = bytes(range(256)) * (size // 256) + b"\xff" * (size % 256)
    assert read_fat16(make_esp(application)) == {"/EFI/BOOT/BOOTX64.EFI": application}


@settings(max_examples=20, deadline=None)
@given(st.binary(min_size=1, max_size=5000), st.integers(0, 3))
def test_file_systems(application: bytes, copies: int) -> None:
    application *= 1 + copies * 1000
    assert read_fat16(make_esp(application)) == {"/EFI/BOOT/BOOTX64.EFI": application}
    make_gpt(make_esp(application))


def test_a_file_system_that_is_too_small() -> None:
    class Large(bytes):
        def __len__(self) -> int:
            return 3 << 30

    with pytest.raises(ToolError) as caught:
        make_esp(Large())
    assert [d.code for d in caught.value.diagnostics] == ["T0305"]
    assert "3221225472 bytes, more than a FAT16 file system holds" in str(caught.value)


def test_iso() -> None:
    pycdlib = pytest.importorskip("pycdlib")
    data = make_image(report_kernel(), "kernel", "iso", "a=b", MODULES)
    iso = pycdlib.PyCdlib()
    iso.open_fp(io.BytesIO(data))
    files: dict[str, bytes] = {}
    places: dict[str, int] = {}
    for child in iso.list_children(iso_path="/"):
        name = child.file_identifier().decode()
        if child.is_file():
            out = io.BytesIO()
            iso.get_file_from_iso_fp(out, iso_path=f"/{name}")
            files[name], places[name] = out.getvalue(), child.extent_location()
    assert sorted(files) == ["BOOT.BIN;1", "EFI.IMG;1", "PAYLOAD.BIN;1", "STAGE2.BIN;1"]
    assert files["PAYLOAD.BIN;1"] == payload()
    assert read_fat16(files["EFI.IMG;1"]) == {"/EFI/BOOT/BOOTX64.EFI": make_pe(payload())}
    assert iso.pvd.volume_identifier.strip() == b"EXOTOOL"
    assert iso.pvd.space_size * 2048 == len(data)
    catalog = iso.eltorito_boot_catalog
    assert catalog.initial_entry.get_rba() == places["BOOT.BIN;1"]
    assert catalog.initial_entry.sector_count == 4
    (section,) = catalog.sections
    assert (section.platform_id, section.section_entries[0].get_rba()) == (0xEF, places["EFI.IMG;1"])
    assert section.section_entries[0].sector_count * 512 == len(files["EFI.IMG;1"])
    iso.close()
    rows = [struct.unpack_from("<B3xB3xII", data, 0x1BE + 16 * n) for n in range(2)]
    assert [row[1] for row in rows] == [0xDA, 0xEF]
    assert rows[0][2] + rows[0][3] == rows[1][2] == places["EFI.IMG;1"] * 4
    assert data[rows[1][2] * 512 :][: rows[1][3] * 512] == files["EFI.IMG;1"]
    assert data[:0x1B8] == files["BOOT.BIN;1"][:0x1B8]
