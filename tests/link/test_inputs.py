"""What of the inputs is linked: archives, blobs, wrapped names, sections that something refers to, equal strings."""

from __future__ import annotations

import resource
import shutil
import struct
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile

from exotool.diagnostics import ToolError, render
from exotool.elf import ObjectFile, read_object, write_object
from exotool.elf.constants import EM_386, SHF_ALLOC, SHF_MERGE, SHF_STRINGS, SHN_ABS, STB_LOCAL, STT_SECTION, X86Reloc
from exotool.link.driver import LdResult, run_ld
from exotool.link.load import binary_object
from exotool.link.model import LinkOptions
from exotool.link.relocatable import link_relocatable

from .objects import Builder, start

PC32, PLT32, R64, R32S = (X86Reloc[f"R_X86_64_{n}"] for n in ("PC32", "PLT32", "64", "32S"))
LD = shutil.which("ld.bfd")


def entry(name: str, data: bytes) -> bytes:
    return f"{name + '/':<16}{0:<12}{0:<6}{0:<6}{644:<8}{len(data):<10}`\n".encode() + data + b"\n" * (len(data) % 2)


def archive(path: Path, *builders: Builder) -> None:
    """Write an archive without an index, which the linker then makes."""
    path.write_bytes(b"!<arch>\n" + b"".join(entry(b.obj.path, write_object(b.obj)) for b in builders))


def function(name: str, *calls: str, path: str | None = None) -> Builder:
    """Return an object with a function that calls others."""
    b = Builder(path or f"{name}.o")
    text = b.text(b"\xe8\0\0\0\0" * len(calls) + b"\xc3", f".text.{name}", 16)
    b.symbol(name, text)
    for index, call in enumerate(calls):
        b.refer(text, 5 * index + 1, PLT32, call, -4)
    return b


def write(folder: Path, *builders: Builder) -> list[str]:
    for b in builders:
        (folder / b.obj.path).write_bytes(write_object(b.obj))
    return [b.obj.path for b in builders]


def ld(folder: Path, *arguments: str) -> LdResult:
    return run_ld([*arguments, "-o", "out.elf"], folder)


def symbols_of(folder: Path) -> dict[str, int]:
    with (folder / "out.elf").open("rb") as file:
        table = ELFFile(file).get_section_by_name(".symtab")
        return {s.name: s["st_value"] for s in table.iter_symbols() if s.name and s["st_shndx"] != "SHN_UNDEF"}


def errors(folder: Path, *arguments: str) -> str:
    with pytest.raises(ToolError) as caught:
        ld(folder, *arguments)
    return "\n".join(render(diagnostic) for diagnostic in caught.value.diagnostics)


def test_only_wanted_members_are_taken_and_those_that_they_want(tmp_path: Path) -> None:
    write(tmp_path, function("_start", "one"))
    archive(tmp_path / "lib.a", function("spare"), function("two"), function("one", "two"))
    ld(tmp_path, "_start.o", "lib.a")
    assert {"one", "two"} <= symbols_of(tmp_path).keys()
    assert "spare" not in symbols_of(tmp_path)
    ld(tmp_path, "_start.o", "--whole-archive", "lib.a")
    assert "spare" in symbols_of(tmp_path)
    ld(tmp_path, "_start.o", "lib.a", "-u", "spare")
    assert "spare" in symbols_of(tmp_path)


def test_archives_that_want_each_other(tmp_path: Path) -> None:
    write(tmp_path, function("_start", "one"))
    archive(tmp_path / "a.a", function("one", "two"), function("three"))
    archive(tmp_path / "b.a", function("two", "three"))
    shown = errors(tmp_path, "_start.o", "a.a", "b.a")
    assert "undefined symbol `three`" in shown
    assert "`a.a(three.o)` defines it: name the archive behind the objects that need it" in shown
    ld(tmp_path, "_start.o", "--start-group", "a.a", "b.a", "--end-group")
    assert {"one", "two", "three"} <= symbols_of(tmp_path).keys()


def test_weak_reference_takes_no_member(tmp_path: Path) -> None:
    b = start()
    b.refer(b.data(bytes(8)), 0, R64, b.undefined("one", weak=True))
    write(tmp_path, b)
    archive(tmp_path / "lib.a", function("one"))
    ld(tmp_path, "start.o", "lib.a")
    assert "one" not in symbols_of(tmp_path)


def test_library_in_the_path_and_none(tmp_path: Path) -> None:
    write(tmp_path, function("_start", "one"))
    (tmp_path / "lib").mkdir()
    archive(tmp_path / "lib/libone.a", function("one"))
    ld(tmp_path, "_start.o", "-Llib", "-lone")
    (tmp_path / "lib/libtwo.so").write_bytes(b"")
    assert "error[L0602]: library `two` is there only as the shared" in errors(tmp_path, "_start.o", "-Llib", "-ltwo")
    assert "error[L0601]: there is no library `libthree.a`" in errors(tmp_path, "_start.o", "-Llib", "-lthree")


def test_object_of_a_blob() -> None:
    obj = binary_object(b"12345", "dir/logo-1.png", EM_386)
    assert [(s.name, s.st_value, s.section) for s in obj.symbols[1:]] == [
        ("_binary_dir_logo_1_png_start", 0, 1),
        ("_binary_dir_logo_1_png_end", 5, 1),
        ("_binary_dir_logo_1_png_size", 5, SHN_ABS),
    ]
    assert bytes(read_object(write_object(obj), "x.o").sections[1].data) == b"12345"


def test_wrapped_function(tmp_path: Path) -> None:
    write(tmp_path, function("_start", "f"), function("f"), function("__wrap_f", "__real_f"))
    ld(tmp_path, "_start.o", "f.o", "__wrap_f.o", "--wrap=f")
    places, data = symbols_of(tmp_path), (tmp_path / "out.elf").read_bytes()

    def target(name: str) -> int:
        with (tmp_path / "out.elf").open("rb") as file:
            segment = next(
                s for s in ELFFile(file).iter_segments() if s["p_vaddr"] <= places[name] < s["p_vaddr"] + s["p_memsz"]
            )
        at = places[name] - segment["p_vaddr"] + segment["p_offset"]
        return places[name] + 5 + int.from_bytes(data[at + 1 : at + 5], "little", signed=True)

    assert (target("_start"), target("__wrap_f")) == (places["__wrap_f"], places["f"])


def test_sections_that_nothing_refers_to(tmp_path: Path) -> None:
    names = write(tmp_path, function("_start", "used"), function("used"), function("unused", "missing"))
    with pytest.raises(ToolError, match="undefined symbol `missing`"):
        ld(tmp_path, *names)
    result = ld(tmp_path, *names, "--gc-sections", "--print-gc-sections", "--why=used", "--why=unused")
    assert "unused" not in symbols_of(tmp_path)
    assert result.printed == [
        "removing unused section .text.unused of unused.o",
        "which is kept for its own sake: the entry, KEEP, -u, or a table that is run at the start",
        ".text._start of _start.o refers to `used`",
        "`used` is in .text.used of used.o",
        "`unused` is in .text.unused of unused.o",
        "nothing that is kept refers to it",
    ]
    ld(tmp_path, *names[:2], "--gc-sections", "-u", "used")
    (tmp_path / "k.ld").write_text("SECTIONS { .text : { *(.text._start) KEEP(*(.text.unused)) *(.text*) } }")
    with pytest.raises(ToolError, match="undefined symbol `missing`"):
        ld(tmp_path, "-e", "_start", "-T", "k.ld", *names, "--gc-sections")


def strings(path: str, data: bytes, *references: int, by_section: bool) -> Builder:
    """Return an object with a section of strings and pointers to places in it."""
    b = Builder(path)
    flags = SHF_ALLOC | SHF_MERGE | SHF_STRINGS
    home = b.section(".rodata.str1.1", data, flags)
    b.obj.sections[home].sh_entsize = 1
    table = b.data(bytes(8 * len(references)))
    anchor = b.symbol("", home, bind=STB_LOCAL, kind=STT_SECTION)
    for index, place in enumerate(references):
        if by_section:
            b.refer(table, 8 * index, R64, anchor, place)
        else:
            b.refer(table, 8 * index, R64, b.local(f"s{place}", home, place), 0)
    return b


@pytest.mark.parametrize("by_section", [True, False])
def test_equal_strings_are_there_once(tmp_path: Path, by_section: bool) -> None:
    one = strings("one.o", b"hello\0world\0", 0, 6, 8, by_section=by_section)
    two = strings("two.o", b"other\0world\0hello\0", 12, 6, 0, by_section=by_section)
    ld(tmp_path, *write(tmp_path, start(), one, two))
    with (tmp_path / "out.elf").open("rb") as file:
        elf = ELFFile(file)
        rodata, data = elf.get_section_by_name(".rodata"), elf.get_section_by_name(".data").data()
        assert sorted(rodata.data().split(b"\0")) == [b"", b"hello", b"other", b"world"]
        places = [int.from_bytes(data[i : i + 8], "little") - rodata["sh_addr"] for i in range(0, 48, 8)]
        texts = [rodata.data()[at:].split(b"\0")[0] for at in places]
    assert texts == [b"hello", b"world", b"rld", b"hello", b"world", b"other"]


def test_objects_for_different_machines(tmp_path: Path) -> None:
    names = write(tmp_path, start())
    (tmp_path / "i386.o").write_bytes(write_object(ObjectFile("i386.o", EM_386)))
    assert "error[L0204]: `i386.o` is for i386, and `start.o` for x86_64" in errors(tmp_path, *names, "i386.o")


def test_undefined_symbols_as_warnings_and_a_required_one(tmp_path: Path) -> None:
    names = write(tmp_path, function("_start", "missing"))
    result = ld(tmp_path, *names, "--unresolved-symbols=ignore-all")
    assert result.warnings == []
    result = ld(tmp_path, *names, "--warn-unresolved-symbols")
    assert [d.message for d in result.warnings] == ["undefined symbol `missing`"]
    assert "error[L0114]: `other` is not defined" in errors(tmp_path, *names, "--require-defined=other")


def test_pointers_of_an_image_that_relocates_itself(tmp_path: Path) -> None:
    b = start(code=b"\x48\x8d\x05\0\0\0\0\xc3")
    table = b.data(bytes(16))
    b.refer(table, 8, R64, "_start", 4)
    b.refer(table, 0, R64, b.undefined("nothing", weak=True))
    b.refer(1, 3, PC32, "_DYNAMIC", -4)
    ld(tmp_path, *write(tmp_path, b), "-pie", "--no-dynamic-linker")
    with (tmp_path / "out.elf").open("rb") as file:
        elf = ELFFile(file)
        assert elf["e_type"] == "ET_DYN"
        tags = {tag["d_tag"]: tag["d_val"] for tag in elf.get_section_by_name(".dynamic").iter_tags()}
        home = elf.get_section_by_name(".rela.dyn")
        assert (tags["DT_RELA"], tags["DT_RELASZ"], tags["DT_RELACOUNT"]) == (home["sh_addr"], 24, 1)
        (row,) = home.iter_relocations()
        data = elf.get_section_by_name(".data")["sh_addr"]
    assert (row["r_offset"], row["r_info_type"], row["r_addend"]) == (data + 8, 8, elf["e_entry"] + 4)
    b.refer(1, 3, R32S, "_start")
    shown = errors(tmp_path, *write(tmp_path, b), "-pie")
    assert "error[L0115]: R_X86_64_32S needs the address of `_start`, which -pie leaves open" in shown


def test_properties_of_all_objects(tmp_path: Path) -> None:
    def properties(*pairs: tuple[int, int]) -> bytes:
        entries = b"".join(struct.pack("<4I", kind, 4, value, 0) for kind, value in pairs)
        return struct.pack("<3I", 4, len(entries), 5) + b"GNU\0" + entries

    one, two = start(), Builder("two.o")
    one.note(properties((0xC0000002, 3), (0xC0008002, 1), (0xC0010001, 1)), ".note.gnu.property", 8)
    two.note(properties((0xC0000002, 1), (0xC0008002, 2)), ".note.gnu.property", 8)
    ld(tmp_path, *write(tmp_path, one, two))
    assert sections(tmp_path / "out.elf", [".note.gnu.property"])[".note.gnu.property"][1] == properties(
        (0xC0000002, 1), (0xC0008002, 3)
    )
    ld(tmp_path, *write(tmp_path, one, two, function("plain")))
    assert sections(tmp_path / "out.elf", [".note.gnu.property"])[".note.gnu.property"][1] == properties(
        (0xC0008002, 3)
    )


# Beside GNU ld

C_SOURCES = (
    'static int a[10]; int b = 5; int *p = &b; extern int ext(int); static const char *names[] = {"one", "two"};\n'
    "int _start(void) { a[3] = ext(b) + *p; return names[a[3] & 1][0]; }\n",
    "extern int b; int c; int ext(int x) { c += x; return b + c; }\n",
)
SCRIPT = """ENTRY(_start)
SECTIONS { . = 0x100000; .text : { *(.text*) } .rodata ALIGN(16) : { *(.rodata*) }
  .data ALIGN(4096) : { *(.data*) } .got : { *(.got*) } .bss : { *(.bss*) *(COMMON) }
  /DISCARD/ : { *(.comment) *(.note*) *(.eh_frame) } }
"""
needs_gnu = pytest.mark.skipif(LD is None or shutil.which("gcc") is None, reason="needs gcc and GNU ld")


def compiled(folder: Path, *options: str) -> list[str]:
    (folder / "k.ld").write_text(SCRIPT)
    for index, source in enumerate(C_SOURCES):
        (folder / f"{index}.c").write_text(source)
        common = ["-c", "-O1", "-ffreestanding", "-fno-asynchronous-unwind-tables", "-fno-stack-protector"]
        subprocess.run(["gcc", *common, *options, f"{index}.c"], cwd=folder, check=True)
    return ["0.o", "1.o"]


def sections(path: Path, names: Sequence[str]) -> dict[str, tuple[int, bytes]]:
    with path.open("rb") as file:
        elf = ELFFile(file)
        found = {name: elf.get_section_by_name(name) for name in names}
        return {name: (s["sh_addr"], s.data()) for name, s in found.items() if s is not None}


@needs_gnu
@pytest.mark.parametrize("options", [["-m32", "-fno-pic"], ["-fno-pic"], ["-fno-pic", "-mcmodel=kernel"]])
def test_compiled_c_is_linked_as_by_gnu_ld(tmp_path: Path, options: list[str]) -> None:
    names = compiled(tmp_path, *options)
    machine = "elf_i386" if "-m32" in options else "elf_x86_64"
    subprocess.run([str(LD), "-m", machine, "-T", "k.ld", *names, "-o", "ref.elf"], cwd=tmp_path, check=True)
    ld(tmp_path, "-m", machine, "-T", "k.ld", *names)
    wanted = (".text", ".rodata", ".data", ".bss")
    assert sections(tmp_path / "out.elf", wanted) == sections(tmp_path / "ref.elf", wanted)


@needs_gnu
@pytest.mark.parametrize("options", [["-m32", "-fno-pic"], ["-fno-pic"], ["-fpic"]])
def test_partial_link_means_the_same(tmp_path: Path, options: list[str]) -> None:
    names = compiled(tmp_path, *options)
    machine = "elf_i386" if "-m32" in options else "elf_x86_64"
    objects = [read_object((tmp_path / name).read_bytes(), name) for name in names]
    (tmp_path / "all.o").write_bytes(link_relocatable(objects, LinkOptions()))
    for output, inputs in (("all.elf", ["all.o"]), ("ref.elf", names)):
        subprocess.run([str(LD), "-m", machine, "-T", "k.ld", *inputs, "-o", output], cwd=tmp_path, check=True)
    wanted = (".text", ".rodata", ".data", ".got", ".bss")
    assert sections(tmp_path / "all.elf", wanted) == sections(tmp_path / "ref.elf", wanted)


@needs_gnu
def test_kept_relocations_are_those_of_gnu_ld(tmp_path: Path) -> None:
    names = compiled(tmp_path, "-fno-pic")
    subprocess.run([str(LD), "-q", "-T", "k.ld", *names, "-o", "ref.elf"], cwd=tmp_path, check=True)
    ld(tmp_path, "-q", "-T", "k.ld", *names)

    def rows(path: Path) -> list[tuple[int, int, int]]:
        """Return offset, type and value: two linkers may name one place by different symbols."""
        with path.open("rb") as file:
            elf = ELFFile(file)
            table = elf.get_section_by_name(".symtab")
            found = [
                r for name in (".rela.text", ".rela.data") for r in elf.get_section_by_name(name).iter_relocations()
            ]
            value = [table.get_symbol(r["r_info_sym"])["st_value"] + r["r_addend"] for r in found]
            return sorted((r["r_offset"], r["r_info_type"], v) for r, v in zip(found, value, strict=True))

    assert rows(tmp_path / "out.elf") == rows(tmp_path / "ref.elf")
    assert len(rows(tmp_path / "out.elf")) == 8


def test_more_objects_than_files_can_be_open(tmp_path: Path) -> None:
    names = [f"f{number}" for number in range(200)]
    write(tmp_path, function("_start", *names), *map(function, names))
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(limits[0], 128), limits[1]))
    try:
        ld(tmp_path, "_start.o", *(f"{name}.o" for name in names))
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    assert symbols_of(tmp_path).keys() >= set(names)
