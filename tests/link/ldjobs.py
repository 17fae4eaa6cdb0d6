"""Links by script, with GNU ld and with exotool, and what of the two images must agree."""

from __future__ import annotations

import io
import shutil
import subprocess
from pathlib import Path
from typing import Any

from elftools.elf.elffile import ELFFile

from exotool.diagnostics import ToolError, render
from exotool.elf import ObjectFile, write_object
from exotool.elf.constants import SHT_NOTE, STB_LOCAL, STT_FILE, X86Reloc
from exotool.link.driver import LdResult, run_ld

from .objects import A, Builder, W, X

LD = shutil.which("ld.bfd") or shutil.which("ld")
R = X86Reloc


def gnu_version() -> str | None:
    if LD is None:
        return None
    done = subprocess.run([LD, "--version"], capture_output=True, text=True, check=False)
    return done.stdout.splitlines()[0].split()[-1] if "GNU ld" in done.stdout else None


def kernel_objects() -> dict[str, ObjectFile]:
    """Return the objects that most scripts here lay out: code, data, notes, a constructor table, and oddments."""
    boot = Builder("boot.o")
    boot.symbol("boot.S", -15, bind=STB_LOCAL, kind=STT_FILE)
    head = boot.section(".boot", b"\xfa" + bytes(8) + b"\xf4", A | X, align=4)
    text = boot.text(b"\xe8\0\0\0\0\xc3\x90", align=16)
    data = boot.data(bytes(16), align=8)
    boot.bss(100, align=32)
    note = boot.note(b"\4\0\0\0\4\0\0\0\1\0\0\0Xen\0\5\0\0\0", ".note.boot")
    array = boot.section(".init_array", bytes(8), A | W, sh_type=14, align=8)
    boot.section(".comment", b"made by hand\0", 0)
    boot.symbol("_start", head, 0)
    boot.symbol("boot_text", text, 0)
    boot.symbol("boot_data", data, 0, size=16)
    boot.symbol("boot_note", note, 0)
    boot.refer(head, 1, R.R_X86_64_64, "kmain")
    boot.refer(text, 1, R.R_X86_64_PLT32, "helper", -4)
    boot.refer(data, 0, R.R_X86_64_64, "message")
    boot.refer(data, 8, R.R_X86_64_64, "boot_text", 3)
    boot.refer(array, 0, R.R_X86_64_64, "boot_text")

    main = Builder("main.o")
    main.symbol("main.c", -15, bind=STB_LOCAL, kind=STT_FILE)
    kmain = main.text(b"\x48\x8d\x05\0\0\0\0\xc3", ".text.kmain", 16)
    helper = main.text(b"\xc3" * 21, ".text.helper", 4)
    rodata = main.section(".rodata.str", b"hello\0", align=1)
    table = main.section(".table", bytes(24), align=8)
    early = main.section(".init_array.00100", bytes(8), A | W, sh_type=14, align=8)
    main.data(b"\1\2\3", ".data.odd")
    main.bss(7, ".bss.small", 1)
    orphan = main.section("orphan_ro", b"ro")
    writable = main.data(b"rw", "orphan_rw")
    main.text(b"\xcc" * 3, "orphan_code")
    main.bss(9, "orphan_bss", 8)
    main.section(".note.second", b"\4\0\0\0\4\0\0\0\2\0\0\0abc\0\6\0\0\0", A, sh_type=SHT_NOTE, align=8)
    main.section(".debug_info", bytes(12), 0)
    main.symbol("kmain", kmain, 0, size=8)
    main.symbol("helper", helper, 5)
    main.symbol("message", rodata, 0, size=6)
    main.symbol("table", table, 0)
    main.symbol("orphan", orphan, 1)
    main.symbol("writable", writable, 1)
    main.local("local", rodata, 2)
    main.refer(kmain, 3, R.R_X86_64_PC32, "table", -4)
    main.refer(table, 0, R.R_X86_64_64, "kmain")
    main.refer(table, 8, R.R_X86_64_64, "boot_data", 8)
    main.refer(table, 16, R.R_X86_64_64, "writable")
    main.refer(early, 0, R.R_X86_64_64, "helper")
    return {"boot.o": boot.obj, "main.o": main.obj}


def write_objects(folder: Path, objects: dict[str, ObjectFile]) -> list[str]:
    for name, obj in objects.items():
        (folder / name).write_bytes(write_object(obj))
    return list(objects)


def gnu_ld(folder: Path, *arguments: str) -> bytes | str:
    """Return GNU ld's image, or what it says when it makes none."""
    assert LD is not None
    command = [LD, "-z", "noexecstack", *arguments, "-o", "theirs"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return (folder / "theirs").read_bytes() if done.returncode == 0 else done.stderr


def our_ld(folder: Path, *arguments: str) -> LdResult:
    return run_ld(["-z", "noexecstack", "--no-warn-rwx-segments", *arguments, "-o", "ours"], folder)


def our_errors(folder: Path, *arguments: str) -> str:
    try:
        our_ld(folder, *arguments)
    except ToolError as error:
        return "\n".join(render(d) for d in error.diagnostics)
    raise AssertionError("the link succeeded")


def facts(image: bytes) -> dict[str, Any]:
    """Return what of an image scripts decide, as plain data: entry, allocated sections, symbols, what is loaded."""
    elf = ELFFile(io.BytesIO(image))
    sections: list[list[Any]] = []
    for s in elf.iter_sections():
        if s["sh_flags"] & A and s["sh_size"]:
            data = s.data().hex() if s["sh_type"] != "SHT_NOBITS" else ""
            address, size = f"{s['sh_addr']:#x}", f"{s['sh_size']:#x}"
            sections.append([s.name, address, size, s["sh_type"], s["sh_flags"] & 7, s["sh_addralign"], data])
    sections.sort(key=lambda s: (int(s[1], 16), s[0]))
    table = elf.get_section_by_name(".symtab")
    symbols = sorted(
        [s.name, f"{s['st_value']:#x}"]
        for s in (table.iter_symbols() if table is not None else ())
        if s.name and s["st_info"]["type"] not in ("STT_FILE", "STT_SECTION") and s["st_shndx"] != "SHN_UNDEF"
    )
    loaded = [_header(s, elf) for s in elf.iter_segments()]
    return {"entry": f"{elf['e_entry']:#x}", "sections": sections, "symbols": symbols, "segments": loaded}


def _header(segment: Any, elf: Any) -> list[Any]:
    names = ("p_vaddr", "p_paddr", "p_filesz", "p_memsz")
    values = [f"{segment[name]:#x}" for name in names]
    inside = [s for s in elf.iter_sections() if s["sh_size"] and segment.section_in_segment(s) and s["sh_flags"] & A]
    if segment["p_type"] == "PT_LOAD" and not inside:
        # GNU ld 2.40 counts the page of the headers twice in their load address.
        values[1] = "headers"
    return [segment["p_type"], *values, segment["p_flags"]]
