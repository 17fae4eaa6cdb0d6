"""Cores: what a failed boot leaves, read by exotool, by pyelftools and by gdb, and files that only look like it."""

from __future__ import annotations

import io
import json
import os
import shutil
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from elftools.elf.elffile import ELFFile
from hypothesis import given
from hypothesis import strategies as st

from exotool.diagnostics import ToolError
from exotool.launch.core import Core, prstatus
from exotool.launch.coredump import PHYSICAL, complete, note
from exotool.launch.corereport import report_core
from exotool.launch.paging import MAX_TABLES, mapped_pages, walk_memory
from exotool.launch.registers import EFER_LMA, Cpu
from tests.conftest import REPOSITORY
from tests.launch.conftest import Boot, Kernel, Recorder
from tests.launch.test_process import LIMIT, Running

needs_gdb = pytest.mark.skipif(shutil.which("gdb") is None, reason="needs gdb")


def exotool(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "exotool", *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(REPOSITORY)} | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )


def test_a_panic_that_ends_by_the_exit_port(run: Boot, kernel: Kernel, recorder: Recorder, tmp_path: Path) -> None:
    core = tmp_path / "core"
    outcome = run("panic", core=core, memory=32 << 20)
    assert (outcome.kind, outcome.exit_value) == ("panic", 0x12)
    assert recorder.said[-1].startswith("core: exotool debug --core ")
    report = report_core(core, kernel("panic"))
    assert (report.outcome, report.message) == ("panic", "the fourth level was reached")
    (cpu,) = report.cpus
    assert cpu.where.startswith("exit+0x")
    assert cpu.cpu.halted
    assert cpu.cpu.is_64bit
    assert [caller.split()[1].partition("+")[0] for caller in cpu.callers] == ["level2", "level1", "main64"]
    assert cpu.walk is None
    assert report.console[0] == "panic: the fourth level was reached"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["core", "panic.elf"]


def test_a_triple_fault_and_what_others_read_in_its_core(run: Boot, kernel: Kernel, tmp_path: Path) -> None:
    core = tmp_path / "core"
    run("triple_fault", core=core, memory=32 << 20, smp=2)
    path = kernel("triple_fault")
    done = exotool(tmp_path, "debug", "--core", "core", "--kernel", path.name)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("core core: triple fault: page fault (#PF) at poke+0xa (triple_fault.S:13)")
    assert "    PML4[0x1b] = 0x0 not present\n    0xdeadbeef000 is not mapped\n" in done.stdout
    told = json.loads(exotool(tmp_path, "--json", "debug", "--core", "core", "--kernel", path.name).stdout)
    assert [cpu["cr2"] for cpu in told["cpus"]] == ["0xdeadbeef000", "0x0"]
    with core.open("rb") as file:
        elf = ELFFile(file)
        assert (elf["e_type"], elf["e_machine"]) == ("ET_CORE", "EM_X86_64")
        notes = [n["n_name"] for s in elf.iter_segments("PT_NOTE") for n in s.iter_notes()]
        assert notes == ["CORE", "CORE", "QEMU", "QEMU", "exotool"]
        loads = {s["p_vaddr"]: s for s in elf.iter_segments("PT_LOAD")}
        assert loads[0xFFFFFFFF80000000]["p_paddr"] == 0
        assert loads[PHYSICAL]["p_filesz"] == 32 << 20
        assert loads[PHYSICAL].data()[0x100000:0x100010] == path.read_bytes()[0x1000:0x1010]


@needs_gdb
def test_gdb_opens_a_core(run: Boot, kernel: Kernel, tmp_path: Path) -> None:
    run("triple_fault", core=tmp_path / "core", memory=32 << 20)
    path = kernel("triple_fault")
    commands = ("print $rip", "info symbol $rip", "x/i $rip", "x/gx $rsp", "x/gx 0xdeadbeef000")
    extra = [part for command in commands for part in ("--ex", command)]
    done = exotool(tmp_path, "debug", "--core", "core", "--kernel", path.name, *extra, "--ex", "quit")
    assert "(void (*)()) 0xffffffff801000f8 <poke+10>" in done.stdout
    assert "movq   $0x1,(%rax)" in done.stdout
    assert "0xffffffff801000ed" in done.stdout
    assert "Cannot access memory at address 0xdeadbeef000" in done.stderr


@needs_gdb
@pytest.mark.parametrize("machine", ["q35", "microvm"])
def test_a_guest_in_32_bit_mode(run: Boot, kernel: Kernel, tmp_path: Path, machine: str) -> None:
    assert run("halt", machine, core=tmp_path / "core", memory=32 << 20).kind == "hang"
    (cpu,) = report_core(tmp_path / "core", kernel("halt")).cpus
    assert (cpu.cpu.is_64bit, cpu.cpu.halted) == (False, True)
    assert cpu.where.startswith("main+0x")
    done = exotool(tmp_path, "debug", "--core", "core", "--ex", "x/2i $rip", "--ex", "quit")
    assert "=> 0x100" in done.stdout, done.stderr


def test_a_boot_that_succeeds_leaves_what_was_there(run: Boot, recorder: Recorder, tmp_path: Path) -> None:
    core = tmp_path / "core"
    core.write_text("old")
    assert run("success", core=core).kind == "success"
    assert recorder.said == [f"no core was written to `{core}`: the boot succeeded"]
    assert core.read_text() == "old"


def test_what_comes_after_the_exit_value_does_not_count(run: Boot, tmp_path: Path) -> None:
    outcome = run("exit_then_fault", core=tmp_path / "core", memory=32 << 20)
    assert (outcome.kind, outcome.exit_value) == ("panic", 0x12)


def test_a_qemu_that_is_killed_leaves_no_core(kernel: Kernel, tmp_path: Path) -> None:
    running = Running(kernel("hello_spin"), "--core", "core", "--hang-after", "0", until=b"hello\n")
    try:
        os.kill(running.qemu, 9)
        assert running.end() == 1
        assert running.tool.stderr is not None
        assert b"no core was written to `core`: QEMU had ended" in running.tool.stderr.read()
    finally:
        running.close()
    assert [path.name for path in tmp_path.iterdir()] == ["hello_spin.elf"]


def test_a_full_disk_under_a_core(kernel: Kernel, tmp_path: Path) -> None:
    limited = "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20)); "
    limited += "from exotool.__main__ import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", limited, "run", "--kernel", kernel("panic").name, "--core", "core"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    assert "no core was written to `core`: " in done.stderr
    assert done.returncode == 3
    assert [path.name for path in tmp_path.iterdir()] == ["panic.elf"]


def test_a_place_that_cannot_be_written(kernel: Kernel, tmp_path: Path) -> None:
    done = exotool(tmp_path, "run", "--kernel", kernel("panic").name, "--core", "no/core")
    assert done.returncode == 1
    assert "error[T0105]: cannot write `no/core`: no such file or directory" in done.stderr


# Cores that are made up.


def cpu(**values: int) -> Cpu:
    known = {"rax": 1, "rsp": 0x3FF0, "cr0": 0x80000001, "cr2": 0x5000, "cr3": 0x1000, "cr4": 0x20, "efer": EFER_LMA}
    return Cpu(0, 0x2000, 2, 0, False, True, known | values, {"cs": 8, "ss": 16}, (0, 0))


def qemu_note(state: Cpu) -> bytes:
    order = ("rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rsp", "rbp", *(f"r{n}" for n in range(8, 16)))
    general = [state.values.get(name, 0) for name in order]
    segments = [(8, 0xFFFFFFFF, 0xAF9B00, 0, 0), *[(16, 0xFFFFFFFF, 0xCF9300, 0, 0)] * 9]
    control = [state.values["cr0"], 0, state.values["cr2"], state.values["cr3"], state.values["cr4"]]
    body = b"".join(struct.pack("<IIIIQ", *segment) for segment in segments)
    return struct.pack("<II18Q", 1, 440, *general, state.rip, state.rflags) + body + struct.pack("<6Q", *control, 0)


def small_core(notes: bytes, memory: bytes, machine: int = 62) -> bytes:
    """Return a core with the notes, and memory at physical address 0."""
    at = 64 + 2 * 56
    header = struct.pack("<16sHHIQQQIHHHHHH", b"\x7fELF\x02\x01\x01", 4, machine, 1, 0, 64, 0, 0, 64, 56, 2, 0, 0, 0)
    headers = struct.pack("<IIQQQQQQ", 4, 0, at, 0, 0, len(notes), len(notes), 0)
    headers += struct.pack("<IIQQQQQQ", 1, 0, at + len(notes), 0, 0, len(memory), len(memory), 0)
    return header + headers + notes + memory


def mapped_memory() -> bytes:
    """Return six pages: the first four are mapped to where they are, by tables at 0x1000, 0x4000, 0x5000 and 0x2000."""
    pages = [bytearray(4096) for _ in range(6)]
    struct.pack_into("<Q", pages[1], 0, 0x4003)
    struct.pack_into("<Q", pages[4], 0, 0x5003)
    struct.pack_into("<Q", pages[5], 0, 0x2003)
    struct.pack_into("<4Q", pages[2], 0, *(page << 12 | 3 for page in range(4)))
    struct.pack_into("<2Q", pages[3], 0xFF0, 0x2345, 7)
    return b"".join(pages)


NOTES = note(b"CORE\0", 1, prstatus(cpu())) + note(b"QEMU\0", 0, qemu_note(cpu()))


def test_registers_and_memory_are_read() -> None:
    core = Core(io.BytesIO(small_core(NOTES, mapped_memory())), "c")
    (state,) = core.cpus
    assert (state.rip, state.is_64bit, state.values["cr2"], state.values["rsp"]) == (0x2000, True, 0x5000, 0x3FF0)
    assert core.virtual(state, 0x3FF0, 64) == struct.pack("<2Q", 0x2345, 7)
    assert core.physical(0x5FFF, 64) == b"\0"
    assert core.physical(1 << 40, 64) == b""


def test_every_page_that_is_mapped_is_where_a_walk_finds_it() -> None:
    core = Core(io.BytesIO(small_core(NOTES, mapped_memory())), "c")
    (state,) = core.cpus
    pages = list(mapped_pages(state, core.physical))
    assert pages == [(page << 12, page << 12, 4096) for page in range(4)]
    for virtual, physical, _ in pages:
        walk = walk_memory(state, virtual + 5, core.physical)
        assert walk is not None
        assert walk.physical == physical + 5


@pytest.mark.parametrize(
    ("control", "entries", "expected"),
    [
        # The last entry of the PML4, through a PDPT whose last entry is a page of 1 GiB.
        ({"cr4": 0x20}, {0x1FF8: 0x2003, 0x2FF8: 0x40000083}, [((1 << 64) - (1 << 30), 1 << 30, 1 << 30)]),
        # Five levels: the upper half begins at bit 56.
        ({"cr4": 0x1020}, {0x1800: 0x2003, 0x2000: 0x3003, 0x3000: 0x83}, [((1 << 64) - (1 << 56), 0, 1 << 30)]),
    ],
)
def test_pages_of_the_upper_half(
    control: dict[str, int], entries: dict[int, int], expected: list[tuple[int, int, int]]
) -> None:
    def read(address: int, size: int) -> bytes:
        return b"".join(entries.get(at, 0).to_bytes(8, "little") for at in range(address, address + size, 8))

    assert list(mapped_pages(cpu(**control), read)) == expected


def test_pages_of_32_bit_paging() -> None:
    """A page directory with a page table and, with CR4.PSE, a page of 4 MiB: 4-byte entries, no upper half."""
    entries = {0x1000: 0x2003, 0x1FFC: 0x00C00083, 0x2004: 0x5003}

    def read(address: int, size: int) -> bytes:
        return b"".join(entries.get(at, 0).to_bytes(4, "little") for at in range(address, address + size, 4))

    state = cpu(cr4=0x10, efer=0)
    assert list(mapped_pages(state, read)) == [(0x1000, 0x5000, 4096), (0xFFC00000, 0xC00000, 4 << 20)]


def test_a_core_without_notes_of_qemu() -> None:
    core = Core(io.BytesIO(small_core(note(b"CORE\0", 1, prstatus(cpu())), b"x")), "c")
    assert not core.has_control
    assert (core.cpus[0].rip, core.cpus[0].values["rax"]) == (0x2000, 1)


def test_what_is_added_to_a_core() -> None:
    file = io.BytesIO(small_core(NOTES, mapped_memory()))
    complete(file, "c", {"outcome": "panic", "cpus": [{"efer": 0x500, "halted": True}]})
    core = Core(file, "c")
    assert core.story["outcome"] == "panic"
    assert (core.cpus[0].halted, core.cpus[0].values["efer"]) == (True, 0x500)
    loads = [(s["p_vaddr"], s["p_paddr"], s["p_filesz"]) for s in ELFFile(file).iter_segments("PT_LOAD")]
    assert loads == [(0, 0, 0x4000), (PHYSICAL, 0, 0x6000)]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "R0230 `c` is not an ELF core"),
        (b"\x7fELF" + bytes(100), "R0230 `c` is not a little-endian ELF64 core"),
        (
            small_core(NOTES, b"x").replace(b"\x04\0\x3e\0", b"\x02\0\x3e\0", 1),
            "R0230 `c` is an ELF file, but not a core",
        ),
        (small_core(NOTES, b"x", machine=183), "R0230 `c` is not a core of an x86 machine (e_machine 183)"),
        (
            small_core(NOTES, b"x")[:100],
            "R0231 the core `c` is damaged: its program headers are not inside of the file",
        ),
        (
            small_core(NOTES, b"x" * 99)[:-1],
            "R0231 the core `c` is damaged: memory at 0x0 is beyond the end of the file",
        ),
        (small_core(NOTES, b""), "R0231 the core `c` is damaged: it has no memory"),
        (small_core(b"", b"x"), "R0231 the core `c` is damaged: it has no registers of a CPU"),
        (small_core(NOTES[:-4], b"x" * 9), "R0231 the core `c` is damaged: a note is longer than what holds it"),
        (
            small_core(note(b"QEMU\0", 0, b"x"), b"x"),
            "R0231 the core `c` is damaged: QEMU's note for CPU 0 has 1 bytes",
        ),
        (
            small_core(note(b"CORE\0", 1, b"x"), b"x"),
            "R0231 the core `c` is damaged: the NT_PRSTATUS note of CPU 0 has",
        ),
    ],
)
def test_files_that_are_no_core(data: bytes, message: str) -> None:
    with pytest.raises(ToolError) as caught:
        Core(io.BytesIO(data), "c")
    found = caught.value.diagnostics[0]
    assert f"{found.code} {found.message}".startswith(message)


@given(st.data())
def test_damage_ends_in_a_report_or_an_error(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    story = note(b"exotool\0", 1, json.dumps({"console": ["\x1b[2J"], "cpus": [{"efer": 0x500}]}).encode())
    content = bytearray(small_core(NOTES + story, mapped_memory()))
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, 1400))
        content[at : at + 1] = data.draw(st.binary(min_size=0, max_size=9))
    path = tmp_path_factory.getbasetemp() / f"damaged-{os.getpid()}"
    path.write_bytes(content)
    try:
        text = report_core(path, None).render()
    except ToolError as error:
        assert error.diagnostics[0].code in ("R0230", "R0231")
    else:
        assert "\x1b" not in text


@pytest.mark.parametrize("story", [b"[]", b"{", b"[" * 100_000, b'{"console": 3, "cpus": {}, "outcome": []}', b"\xff"])
def test_a_story_that_is_none(tmp_path: Path, story: bytes) -> None:
    (tmp_path / "core").write_bytes(small_core(NOTES + note(b"exotool\0", 1, story), mapped_memory()))
    report = report_core(tmp_path / "core", None)
    assert (report.outcome, report.console, report.cpus[0].cpu.halted) == ("", [], False)


def test_page_tables_in_a_circle_end() -> None:
    reads = 0

    def read(address: int, size: int) -> bytes:
        nonlocal reads
        reads += 1
        return struct.pack("<Q", 0x1003) * (size // 8)

    count = sum(1 for _ in mapped_pages(cpu(), read))
    assert reads <= MAX_TABLES + 1
    assert 0 < count <= MAX_TABLES * 512


def test_an_image_that_is_not_the_one_that_was_booted(kernel: Kernel, tmp_path: Path) -> None:
    story: dict[str, Any] = {"sha256": "0" * 64}
    told = note(b"exotool\0", 1, json.dumps(story).encode())
    (tmp_path / "core").write_bytes(small_core(NOTES + told, mapped_memory()))
    report = report_core(tmp_path / "core", kernel("panic"))
    assert report.notes == [f"`{kernel('panic')}` is not the image that was booted: names and lines may be wrong"]
