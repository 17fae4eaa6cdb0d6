"""`exotool ld`: the options of GNU ld, the formats it writes, and what it says of a command line."""

from __future__ import annotations

import io
import struct
import tarfile
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile

from exotool.diagnostics import ExitCode, ToolError
from exotool.link.ldoptions import read_command

from ..conftest import CommandLine
from .ldjobs import LD, facts, gnu_ld, kernel_objects, our_errors, our_ld, write_objects
from .objects import A, Builder, X

SCRIPT = "ENTRY(_start) SECTIONS { . = 1M; .text : { *(.boot .text*) } .rodata : { *(.rodata* .table orphan_ro) } "
SCRIPT += ".data : { *(.data* .init* orphan_rw) } .bss : { *(.bss* orphan_bss) } /DISCARD/ : { *(.note*) } }"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_objects(tmp_path, kernel_objects())
    (tmp_path / "k.ld").write_text(SCRIPT)
    return tmp_path


def usage_error(*arguments: str) -> str:
    with pytest.raises(ToolError) as caught:
        read_command(arguments)
    assert caught.value.exit_code is ExitCode.USAGE
    return caught.value.diagnostics[0].message


def test_options_of_kernel_makefiles_are_taken(folder: Path) -> None:
    result = our_ld(
        folder,
        *(
            "-m",
            "elf_x86_64",
            "-z",
            "max-page-size=0x1000",
            "-z",
            "common-page-size=4096",
            "-zseparate-code",
            "-nostdlib",
        ),
        *("-static", "-T", "k.ld", "--build-id=sha1", "--hash-style=gnu", "--no-dynamic-linker", "--no-warn-mismatch"),
        *(
            "--orphan-handling=place",
            "-plugin",
            "x.so",
            "-plugin-opt=-pass",
            "--as-needed",
            "--push-state",
            "--pop-state",
        ),
        *(
            "-O2",
            "--start-group",
            "boot.o",
            "main.o",
            "--end-group",
            "-Lsomewhere",
            "-X",
            "--no-relax",
            "--eh-frame-hdr",
        ),
    )
    assert result.image is not None and result.image.build_id


def test_spellings(folder: Path) -> None:
    for words in (
        ["-e", "kmain"],
        ["-ekmain"],
        ["--entry=kmain"],
        ["--entry", "kmain"],
        ["-entry=kmain"],
        ["--ent=kmain"],
    ):
        image = our_ld(folder, *words, "-T", "k.ld", "boot.o", "main.o").image
        assert image is not None
        assert image.entry == next(s.st_value for s in image.symbols if s.name == "kmain")
    assert read_command(["-nN", "a.o"]).options.omagic and read_command(["-nN", "a.o"]).options.nmagic


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--gc-section-s"], "unknown option `--gc-section-s`"),
        (["-Q"], "unknown option `-Q`"),
        (["-z", "norelo"], "unknown option `-z norelo`"),
        (["-m", "elf_mips"], "there is no emulation `elf_mips`"),
        (["-o"], "option `-o` needs an argument"),
        (["--gc-sections=yes"], "option `--gc-sections` takes no argument, and was given `yes`"),
        (["-Ttext", "here"], "`-Ttext` needs a number, not `here`"),
        (["--oformat", "srec"], "there is no output format `srec`"),
        (["-z", "max-page-size=3000"], "`-z max-page-size=3000` is no power of two"),
        (["--start-group"], "--start-group has no --end-group"),
        (["--end-group"], "--end-group has no --start-group"),
        (["--pop-state"], "--pop-state has no --push-state"),
        (["--section-start", "0x10"], "--section-start takes SECTION=ADDRESS, not `0x10`"),
        (["-shared"], "option `-shared` is not supported"),
        (["--sort-section=size"], "--sort-section takes name or alignment, not `size`"),
        (["--build-id=uuid"], "--build-id=uuid would make another image each time"),
    ],
)
def test_usage_errors(arguments: list[str], message: str) -> None:
    assert usage_error(*arguments) == message


def test_positional_state() -> None:
    command = read_command(
        [
            "a.o",
            "--whole-archive",
            "b.a",
            "--no-whole-archive",
            "--start-group",
            "-lc",
            "d.a",
            "--end-group",
            "-b",
            "binary",
            "e",
        ]
    )
    kinds = [(f.name, f.kind, f.whole_archive, f.group) for f in command.inputs]
    assert kinds == [
        ("a.o", "file", False, 0),
        ("b.a", "file", True, 0),
        ("c", "library", False, 1),
        ("d.a", "file", False, 1),
        ("e", "binary", False, 0),
    ]


def test_response_files(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    (folder / "args").write_text("-T 'k.ld' \"boot.o\"\nmain.o\n")
    assert our_ld(folder, "@args").image is not None
    (folder / "loop").write_text("@loop")
    assert "names itself" in usage_error("@loop")


def test_flat_binary(folder: Path) -> None:
    image = our_ld(folder, "-T", "k.ld", "boot.o", "main.o").image
    assert image is not None
    our_ld(folder, "-T", "k.ld", "--oformat", "binary", "boot.o", "main.o")
    data = (folder / "ours").read_bytes()
    for name, address, _, kind, _, _, contents in facts(image.data)["sections"]:
        if kind != "SHT_NOBITS":
            at = int(address, 16) - 0x100000
            assert data[at : at + len(contents) // 2].hex() == contents, name
    far = "SECTIONS { .text 0 : { *(.text*) } .data 0xffffffff00000000 : { *(.data*) } }"
    (folder / "far.ld").write_text(far)
    assert "error[L0705]: the binary would have" in our_errors(
        folder, "-T", "far.ld", "--oformat", "binary", "--unresolved-symbols=ignore-all", "main.o"
    ) or "L0107" in our_errors(folder, "-T", "far.ld", "--oformat", "binary", "main.o")


def test_elf32_wrapper(folder: Path) -> None:
    image = our_ld(folder, "-T", "k.ld", "boot.o", "main.o").image
    assert image is not None
    our_ld(folder, "-T", "k.ld", "--oformat", "elf32-i386", "boot.o", "main.o")
    data = (folder / "ours").read_bytes()
    elf = ELFFile(io.BytesIO(data))
    assert (elf.elfclass, elf["e_machine"], elf["e_entry"]) == (32, "EM_386", image.entry)
    wide = facts(image.data)
    assert facts(data)["sections"] == wide["sections"]
    assert facts(data)["symbols"] == wide["symbols"]
    assert [s[:5] for s in facts(data)["segments"]] == [s[:5] for s in wide["segments"]]
    (folder / "k.ld").write_text(SCRIPT.replace("1M", "0x123456789000"))
    assert "L0706" in our_errors(folder, "-T", "k.ld", "--oformat", "elf32-i386", "boot.o", "main.o")


def test_reproduce_can_be_replayed(folder: Path) -> None:
    (folder / "sub").mkdir()
    (folder / "k.ld").rename(folder / "sub" / "k.ld")
    our_ld(folder, "-Lsub", "-T", "k.ld", "--reproduce=again.tar", "boot.o", "main.o")
    with tarfile.open(folder / "again.tar") as archive:
        assert {m.name for m in archive} == {
            f"again/{name}" for name in ("boot.o", "main.o", "sub/k.ld", "response.txt", "version.txt")
        }
        assert all((m.mtime, m.uid, m.uname) == (0, 0, "") for m in archive)
        archive.extractall(folder / "elsewhere", filter="data")
    first = (folder / "ours").read_bytes()
    place = folder / "elsewhere" / "again"
    our_ld(place, *(place / "response.txt").read_text().split())
    assert (place / "ours").read_bytes() == first


def test_memory_usage_cross_references_and_traces(folder: Path) -> None:
    (folder / "m.ld").write_text(
        "MEMORY { rom : ORIGIN = 1M, LENGTH = 64K ram : ORIGIN = 2M, LENGTH = 1M } SECTIONS { "
        ".text : { *(.text* .boot .rodata* .table orphan_ro .note* orphan_code) } > rom "
        ".data : { *(.data* .init* orphan_rw .bss* orphan_bss) } > ram AT > rom }"
    )
    result = our_ld(folder, "-T", "m.ld", "--print-memory-usage", "--cref", "-y", "helper", "boot.o", "main.o")
    printed = "\n".join(result.printed)
    assert "Memory region         Used Size  Region Size  %age Used" in printed
    assert "64 KB" in printed and "1 MB" in printed
    assert "main.o: definition of helper" in printed and "boot.o: reference to helper" in printed
    lines = [line.split() for line in printed.splitlines()]
    assert ["helper", "main.o"] in lines


def test_map_and_dependency_files(folder: Path) -> None:
    our_ld(folder, "-T", "k.ld", "-Map", "k.map", "--cref", "--dependency-file=k.d", "boot.o", "main.o")
    text = (folder / "k.map").read_text()
    assert ".text.kmain" in text and "Cross Reference Table" in text
    assert (folder / "k.d").read_text() == "ours: \\\n  boot.o \\\n  main.o \\\n  k.ld\n"


def test_fatal_warnings(folder: Path) -> None:
    arguments = ["-T", "k.ld", "-e", "nowhere", "boot.o", "main.o"]
    assert [d.code for d in our_ld(folder, *arguments).warnings] == ["L0514"]
    assert "L0702" in our_errors(folder, "--fatal-warnings", *arguments)
    assert not our_ld(folder, "-w", *arguments).warnings


def test_provide_and_defsym(folder: Path) -> None:
    (folder / "p.ld").write_text(
        SCRIPT.replace(
            ". = 1M;", ". = 1M; PROVIDE(helper = 1); PROVIDE(absent = 2); PROVIDE_HIDDEN(outer = .); x = outer;"
        )
    )
    image = our_ld(folder, "-T", "p.ld", "--defsym=extra=kmain + 4", "boot.o", "main.o").image
    assert image is not None
    values = {s.name: s.st_value for s in image.symbols}
    assert values["extra"] == values["kmain"] + 4
    assert values["helper"] != 1 and "absent" not in values and values["x"] == values["outer"] == 0x100000


def test_script_among_the_inputs(folder: Path) -> None:
    (folder / "libboth.a").write_text("/* GNU ld script */ GROUP(boot.o main.o) extra_symbol = 0x42;")
    image = our_ld(folder, "-T", "k.ld", "libboth.a").image
    assert image is not None and ("extra_symbol", 0x42) in {(s.name, s.st_value) for s in image.symbols}


def test_nothing_is_written_when_it_fails(folder: Path) -> None:
    our_errors(folder, "-T", "k.ld", "-Map", "k.map", "boot.o")
    assert not (folder / "ours").exists() and not (folder / "k.map").exists()


def test_command_line(folder: Path, exotool: CommandLine) -> None:
    done = exotool("ld", "-T", "k.ld", "boot.o", "main.o", "-o", "k.elf", "--no-warn-rwx-segments", cwd=folder)
    assert (done.returncode, done.stdout) == (0, "")
    assert struct.unpack_from("<H", (folder / "k.elf").read_bytes(), 16) == (2,)
    done = exotool("ld", "--frobnicate", cwd=folder)
    assert done.returncode == 2
    assert done.stderr.startswith("error[L0701]: unknown option `--frobnicate`")
    done = exotool("link", "-T", "k.ld", "boot.o", "main.o", "-o", "l.elf", cwd=folder)
    assert done.returncode == 0 and (folder / "l.map").is_file()
    assert "--orphan-handling=ARG" in exotool("ld", "--help", cwd=folder).stdout


ORDERS = {
    "plain": "*(.text.*)",
    "by name": "*(SORT_BY_NAME(.text.*))",
    "by alignment": "*(SORT_BY_ALIGNMENT(.text.*))",
    "kept": "*(SORT_NONE(.text.*))",
    "several": "*(.text.c* .text.a*) *(.text.*)",
}


def sorted_names(folder: Path, kind: str, script: str) -> list[str]:
    """Link sections of several names and alignments; return their symbols by address, after comparing with GNU ld."""
    builder = Builder("o.o")
    for name, align in (("c1", 4), ("b", 16), ("a", 1), ("c0", 4), ("d", 32)):
        builder.symbol(name, builder.section(f".text.{name}", b"\xc3" * 3, A | X, align=align), 0)
    names = write_objects(folder, {"o.o": builder.obj})
    text = f"ENTRY(a) SECTIONS {{ . = 1M; .text : {{ {script} }} /DISCARD/ : {{ *(.note*) }} }}"
    (folder / "s.ld").write_text(text)
    arguments = (f"--sort-section={kind}", "-T", "s.ld", *names)
    our_ld(folder, *arguments)
    found = facts((folder / "ours").read_bytes())
    if LD is not None:
        theirs = gnu_ld(folder, *arguments)
        assert isinstance(theirs, bytes), theirs
        assert found["symbols"] == facts(theirs)["symbols"]
    return [name for name, _ in sorted(found["symbols"], key=lambda s: int(s[1], 16))]


@pytest.mark.parametrize(
    ("kind", "order", "expected"),
    [
        ("name", "plain", "a b c0 c1 d"),
        ("name", "by alignment", "d b c0 c1 a"),
        ("name", "kept", "c1 b a c0 d"),
        ("name", "several", "a c0 c1 b d"),
        ("alignment", "plain", "d b c1 c0 a"),
        ("alignment", "by name", "a b c0 c1 d"),
        ("alignment", "several", "c1 c0 a d b"),
    ],
)
def test_sort_section(tmp_path: Path, kind: str, order: str, expected: str) -> None:
    assert " ".join(sorted_names(tmp_path, kind, ORDERS[order])) == expected


def test_sort_section_is_not_for_partial_links(folder: Path) -> None:
    assert "--sort-section is for images, not for -r" in our_errors(folder, "-r", "--sort-section=name", "boot.o")
