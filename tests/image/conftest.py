"""Kernels that report what they were started with, and boots of images that nobody checks first."""

from __future__ import annotations

import functools
import shutil
import struct
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from exotool.diagnostics import ToolError
from exotool.elf.constants import PF_R, PF_W, PF_X
from exotool.launch.firmware import find_uefi
from exotool.launch.qemu import PROGRAM, search_folders
from exotool.layout import Layout, OutputSection, Segment
from tests.launch.conftest import KERNBASE, KERNELS

HERE = Path(__file__).parent
MIB = 1 << 20
NONCE = "exotool.nonce=0123456789abcdef"
LOADER_STATUS = 0x13 << 1 | 1
SUCCESS_STATUS = 0x10 << 1 | 1


@functools.cache
def report_kernel(base: int = MIB, bss: int = 8192) -> bytes:
    """Return kernels/report.S, loaded at a physical address, with a .bss of some bytes."""
    from exotool.asm import Options, assemble
    from exotool.link import link

    layout = Layout(
        (
            Segment("text", PF_R | PF_X, (OutputSection(".text", (".text",)),), KERNBASE + base, base),
            Segment(
                "rodata", PF_R, (OutputSection(".rodata", (".rodata",)), OutputSection(".note.Xen", (".note.Xen",)))
            ),
            Segment("bss", PF_R | PF_W, (OutputSection(".bss", (".bss",)),)),
        )
    )
    source = HERE / "kernels" / "report.S"
    options = Options(include=(KERNELS,), define=(("BSS", str(bss)),), root=HERE)
    return link([assemble(source.read_bytes(), source, options).object], layout, "_start").data


@dataclass(frozen=True)
class Entry:
    """An entry of the memory map."""

    address: int
    size: int
    type: int


class Report:
    """What kernels/report.S printed; the structures are read here as Xen's start_info.h describes them."""

    def __init__(self, lines: Sequence[str]) -> None:
        pairs = [line.split(" ", 1) for line in lines if " " in line]
        self.bytes = {
            name: bytes.fromhex(value)
            for name, value in pairs
            if name not in ("exotool:", "module", "sum") and all(c in "0123456789abcdef" for c in value.strip())
        }
        self.modules = [bytes.fromhex(value) for name, value in pairs if name == "module"]
        self.sums = [int.from_bytes(bytes.fromhex(value), "little") for name, value in pairs if name == "sum"]
        info = struct.unpack("<IIIIQQQQII", self.bytes["info"])
        self.magic, self.version, self.flags, self.module_count = info[:4]
        self.module_list, self.command_line_address, self.rsdp, self.map_address, self.map_entries, _ = info[4:]
        self.map = [
            Entry(address, size, type_) for address, size, type_, _ in struct.iter_unpack("<QQII", self.bytes["map"])
        ]
        self.module_places = [row[:3] for row in struct.iter_unpack("<QQQ8x", self.bytes["modules"])]

    def word(self, name: str) -> int:
        return int.from_bytes(self.bytes[name], "little")

    def is_ram(self, address: int, size: int) -> bool:
        return any(e.type == 1 and e.address <= address and address + size <= e.address + e.size for e in self.map)


def qemu(image: bytes, folder: Path, *arguments: str, medium: str = "hd") -> subprocess.CompletedProcess[str]:
    """Boot an image in a bare QEMU; `medium` is hd or cd."""
    path = folder / "image"
    path.write_bytes(image)
    protection = "readonly=on" if medium == "cd" else "snapshot=on"
    drive = ["-drive", f"if=none,id=medium,format=raw,{protection},file={path}"]
    command = [PROGRAM, "-cpu", "max", "-nodefaults", "-display", "none", "-serial", "stdio", "-no-reboot"]
    command += [] if "-M" in arguments else ["-M", "q35"]
    command += [] if "-m" in arguments else ["-m", "128"]
    command += ["-device", "isa-debug-exit,iobase=0xf4,iosize=4", "-device", f"ide-{medium},drive=medium,bus=ide.0"]
    return subprocess.run(
        [*command, *drive, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        timeout=120,
        check=False,
    )


Qemu = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def boot_image(tmp_path: Path) -> Qemu:
    """Boot an image in a bare QEMU: `boot_image(bytes, *arguments, medium="hd")`."""
    if shutil.which(PROGRAM) is None:
        pytest.skip(f"{PROGRAM} is not installed")
    return functools.partial(_boot, tmp_path)


def _boot(folder: Path, image: bytes, *arguments: str, medium: str = "hd") -> subprocess.CompletedProcess[str]:
    return qemu(image, folder, *arguments, medium=medium)


@pytest.fixture
def uefi() -> list[str]:
    """QEMU's arguments for UEFI firmware; the test is skipped where there is none."""
    program = shutil.which(PROGRAM)
    if program is None:
        pytest.skip(f"{PROGRAM} is not installed")
    try:
        flash = find_uefi([*search_folders(program), Path("/usr/share/qemu")])
    except ToolError as error:
        pytest.skip(error.diagnostics[0].message)
    return [
        *("-drive", f"if=pflash,format=raw,readonly=on,file={flash.code}"),
        *("-drive", f"if=pflash,format=raw,snapshot=on,file={flash.variables}"),
    ]
