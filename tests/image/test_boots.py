"""Real boots: what a kernel finds when it is started from a BIOS disk, a CD, an ISO on a disk, and by UEFI."""

from __future__ import annotations

import itertools
import re
import struct
import subprocess
import time
from pathlib import Path

import pytest

from exotool.asm import assemble
from exotool.image import Format, Module, make_image
from exotool.launch.qemu import PROGRAM
from tests.image.conftest import LOADER_STATUS, MIB, NONCE, SUCCESS_STATUS, Qemu, Report, report_kernel

MODULES = (Module("first", b"the first module"), Module("second", bytes(range(256)) * 17))
COMMAND_LINE = f"{NONCE} root=grün 'x y'"


def image(format_: Format, kernel: bytes | None = None, modules: tuple[Module, ...] = MODULES) -> bytes:
    return make_image(kernel or report_kernel(), "kernel", format_, COMMAND_LINE, modules)


def report(done: subprocess.CompletedProcess[str]) -> Report:
    assert done.returncode == SUCCESS_STATUS, done.stdout[-3000:]
    found = Report(done.stdout.splitlines())
    check_start(found)
    return found


def check_start(found: Report) -> None:
    """The start state of docs/misc/pvh.pandoc, and a start info that is whole."""
    assert found.word("cr0") == 0x11
    assert found.word("cr4") == 0
    assert found.word("efer") == 0
    assert found.word("flags") & 0x200 == 0
    assert found.word("selectors") == 8 << 16 | 16
    assert found.word("bss") == 0
    assert found.bytes["rodata"] == struct.pack("<II", 0x01234567, 0x89ABCDEF)
    assert (found.magic, found.version, found.flags) == (0x336EC578, 1, 0)
    assert found.bytes["command"] == COMMAND_LINE.encode() + b"\0"
    rsdp = found.bytes["rsdp"]
    assert rsdp[:8] == b"RSD PTR "
    assert sum(rsdp) & 0xFF == 0


def check_modules(found: Report, kernel_end: int, modules: tuple[Module, ...] = MODULES) -> None:
    assert found.modules == [module.data[:8192] for module in modules]
    assert found.sums == [sum(module.data) & 0xFFFFFFFF for module in modules]
    assert found.module_count == len(modules)
    for (address, size, command_line), module in zip(found.module_places, modules, strict=True):
        assert (size, command_line) == (len(module.data), 0)
        assert address % 4096 == 0
        assert address >= kernel_end
        assert found.is_ram(address, size)


def check_map(found: Report, memory: int) -> None:
    """All RAM but a little, no entry empty or twice; the start info and the kernel lie in RAM."""
    assert all(entry.size for entry in found.map)
    ram = sorted((e.address, e.address + e.size) for e in found.map if e.type == 1)
    assert all(end <= start for (_, end), (start, _) in itertools.pairwise(ram))
    assert memory - 16 * MIB < sum(end - start for start, end in ram) <= memory
    assert found.is_ram(found.map_address, 24 * found.map_entries)
    assert found.is_ram(MIB, 64 << 10)
    assert max(found.map_address, found.command_line_address) < 0xA0000
    if memory > 4 << 30:
        assert any(entry.type == 1 and entry.address == 4 << 30 for entry in found.map)


@pytest.mark.parametrize("machine", ["q35", "pc"])
@pytest.mark.parametrize(("format_", "medium"), [("disk", "hd"), ("iso", "cd"), ("iso", "hd")])
def test_bios(boot_image: Qemu, format_: Format, medium: str, machine: str) -> None:
    found = report(boot_image(image(format_), "-M", machine, medium=medium))
    check_map(found, 128 * MIB)
    check_modules(found, 2 * MIB)


@pytest.mark.parametrize("memory", [6144, 3072, 16])
def test_bios_with_much_and_little_memory(boot_image: Qemu, memory: int) -> None:
    found = report(boot_image(image("disk"), "-m", str(memory)))
    check_map(found, memory * MIB)
    check_modules(found, 2 * MIB)


@pytest.mark.parametrize("device", ["virtio-blk-pci,drive=other,bootindex=0", "nvme,drive=other,serial=x,bootindex=0"])
def test_bios_from_other_drives(boot_image: Qemu, tmp_path: object, device: str) -> None:
    other = f"if=none,id=other,format=raw,snapshot=on,file={tmp_path}/image"
    check_modules(report(boot_image(image("disk"), "-drive", other, "-device", device)), 2 * MIB)


@pytest.mark.parametrize("base", [0x100000, 0x123000, 0x1000000, 0x7000000])
def test_the_kernel_is_where_it_belongs(boot_image: Qemu, base: int) -> None:
    """Also where the payload was read to, and near the end of memory, where it would move to."""
    check_modules(report(boot_image(image("disk", report_kernel(base)))), MIB)


def test_a_kernel_that_takes_most_of_the_memory(boot_image: Qemu) -> None:
    bss = 100 * MIB
    check_modules(report(boot_image(image("disk", report_kernel(bss=bss)))), MIB + bss)


def test_many_modules(boot_image: Qemu) -> None:
    modules = tuple(Module(f"m{size}", b"m" * size) for size in range(64))
    found = report(boot_image(image("iso", modules=modules), medium="cd"))
    assert [len(module) for module in found.modules] == list(range(64))


def test_no_modules_and_a_long_command_line(boot_image: Qemu) -> None:
    text = NONCE + " " + "x" * (16383 - len(NONCE) - 1)
    done = boot_image(make_image(report_kernel(), "kernel", "disk", text))
    found = Report(done.stdout.splitlines())
    assert found.bytes["command"] == text.encode() + b"\0"
    assert (found.module_count, found.module_list, found.modules) == (0, 0, [])
    assert done.stdout.endswith("exotool: ok 0123456789abcdef\n")


@pytest.mark.slow
@pytest.mark.parametrize(("format_", "medium"), [("uefi", "hd"), ("iso", "cd"), ("iso", "hd")])
def test_uefi(boot_image: Qemu, uefi: list[str], format_: Format, medium: str) -> None:
    found = report(boot_image(image(format_), *uefi, medium=medium))
    check_map(found, 128 * MIB)
    check_modules(found, 2 * MIB)


@pytest.mark.slow
@pytest.mark.parametrize(("machine", "memory", "end"), [("q35", 6144, 0x7E000000), ("pc", 1024, 0x3E000000)])
def test_uefi_above_4_gib_and_where_the_loader_was(
    boot_image: Qemu, uefi: list[str], machine: str, memory: int, end: int
) -> None:
    """Firmware gives memory from the top: there it put the loader, its stack and the first copy of the payload."""
    bss = 240 * MIB
    kernel = report_kernel(end - bss - MIB, bss)
    found = report(boot_image(image("uefi", kernel), "-m", str(memory), "-M", machine, "-smp", "2", *uefi))
    check_map(found, memory * MIB)
    assert not any(end - bss <= address < end for address, _, _ in found.module_places)


@pytest.mark.slow
def test_a_large_module(boot_image: Qemu, uefi: list[str]) -> None:
    """An EFI system partition of more than 32 MiB has larger clusters, and a size that El Torito cannot say."""
    modules = (Module("large", bytes(range(256)) * (40 << 12)),)
    data = image("iso", modules=modules)
    for arguments, medium in (([], "cd"), (uefi, "cd"), (uefi, "hd")):
        check_modules(report(boot_image(data, "-m", "512", *arguments, medium=medium)), 2 * MIB, modules)


def failed(done: subprocess.CompletedProcess[str]) -> str:
    """Return what the loader said last; it is on the serial line, and the exit port has the loader's own value."""
    assert done.returncode == LOADER_STATUS, done.stdout
    return done.stdout.rpartition("exotool: ")[2].strip()


def test_a_kernel_that_does_not_fit(boot_image: Qemu) -> None:
    text = failed(boot_image(image("disk", report_kernel(bss=200 * MIB))))
    assert re.fullmatch(
        "the kernel is to be loaded to 0x07f[0-9a-f]{5}, which is no RAM or which the firmware keeps", text
    )


@pytest.mark.slow
def test_a_kernel_where_uefi_firmware_keeps_memory(boot_image: Qemu, uefi: list[str]) -> None:
    done = boot_image(image("uefi", report_kernel(bss=100 * MIB)), *uefi)
    assert re.fullmatch(
        "the kernel is to be loaded to 0x[0-9a-f]{8}, which is no RAM or which the firmware keeps", failed(done)
    )


def test_no_room_for_the_payload_to_move(boot_image: Qemu) -> None:
    modules = (Module("large", bytes(70 * MIB)),)
    assert failed(boot_image(image("disk", modules=modules))) == (
        "there is not enough memory below 4 GiB for the kernel and two copies of its image and modules"
    )
    modules = (Module("large", bytes(140 * MIB)),)
    done = boot_image(image("disk", modules=modules))
    assert failed(done) == "there is not enough memory at 1 MiB for the kernel's image"


def test_a_damaged_medium(boot_image: Qemu) -> None:
    data = bytearray(image("disk"))
    partition = struct.unpack_from("<I", data, 0x1BE + 8)[0] * 512
    assert data[partition + 4 : partition + 8] == b"XO02"
    payload, size = struct.unpack_from("<II", data, partition + 8)
    data[payload * 512 + size - 5000] ^= 4
    assert failed(boot_image(bytes(data))) == "the kernel's image is damaged on the medium"
    data[partition + 5] ^= 1
    assert failed(boot_image(bytes(data))) == "the loader is damaged"


def test_a_medium_that_is_cut_off(boot_image: Qemu) -> None:
    """On a machine with IDE: SeaBIOS waits 32 seconds for an AHCI drive that has no such sector."""
    data = image("disk")
    assert failed(boot_image(data[:512], "-M", "pc")) == "the loader cannot be read"
    text = failed(boot_image(data[: 8 << 10], "-M", "pc"))
    assert text in ("the kernel's image cannot be read", "the kernel's image is damaged on the medium")


def test_errors_are_on_the_screen_too(boot_image: Qemu, tmp_path: Path) -> None:
    """With VGA in the machine; and where there is no exit port, the loader stops."""
    (tmp_path / "kernel.img").write_bytes(image("disk", report_kernel(bss=200 * MIB)))
    serial = tmp_path / "serial"
    command = [PROGRAM, "-M", "q35", "-m", "128", "-nodefaults", "-display", "none", "-device", "VGA", "-monitor"]
    command += ["stdio", "-serial", f"file:{serial}", "-drive", f"format=raw,snapshot=on,file={tmp_path}/kernel.img"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            for _ in range(200):
                time.sleep(0.1)
                if serial.exists() and b"keeps\r\n" in serial.read_bytes():
                    break
            printed, _ = process.communicate("xp /58hx 0xb8000\nquit\n", timeout=30)
        finally:
            process.kill()
    cells = re.findall(r"0x4f([0-9a-f]{2})\b", printed)
    assert bytes.fromhex("".join(cells)).startswith(b"exotool: the kernel is to be loaded to 0x07f")


def test_address_line_20_is_switched_on(boot_image: Qemu, tmp_path: Path) -> None:
    """A sector before the boot sector switches it off, proves that by printing an A, and goes on."""
    source = tmp_path / "off.s"
    source.write_text(A20_OFF)
    off = assemble(source.read_bytes(), source).object
    sector = next(bytes(section.data) for section in off.sections if section.name == ".text")
    data = bytearray(image("disk"))
    data[512:1024] = data[:512]
    data[:512] = sector
    done = boot_image(bytes(data))
    assert done.stdout.startswith("A\n")
    report(done)


A20_OFF = """
    .code16
start:
    cli
    xorw %ax, %ax
    movw %ax, %ds
    movw %ax, %es
    movw %ax, %ss
    movw $0x7c00, %sp
    cld
    movw $0x7c00, %si
    movw $0x600, %di
    movw $256, %cx
    rep movsw
    ljmp $0, $(moved - start + 0x600)
moved:
    movw $0x0201, %ax               # read one sector, cylinder 0, head 0, sector 2
    movw $0x7c00, %bx
    movw $2, %cx
    movb $0, %dh
    int $0x13
    pushw %dx                       # the drive
    inb $0x92, %al
    andb $0xfc, %al
    outb %al, $0x92
    movw $0xffff, %ax
    movw %ax, %fs
    movw $0x1234, 0x500
    movw $0x4321, %fs:0x510
    cmpw $0x4321, 0x500
    jne on
    movw $0x3f8, %dx
    movb $0x41, %al
    outb %al, %dx
    movb $0x0a, %al
    outb %al, %dx
on:
    popw %dx
    ljmp $0, $0x7c00
    .org 0x1fe
    .word 0xaa55
"""
