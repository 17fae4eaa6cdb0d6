"""The file that comes out: written through LIEF, read back with pyelftools, the same on every run."""

from __future__ import annotations

import hashlib
import io
import json
import os
import struct
import subprocess
import sys

import pytest
from elftools.elf.elffile import ELFFile
from hypothesis import given, settings
from hypothesis import strategies as st

from exotool.diagnostics import ToolError
from exotool.elf import ProgramHeader, read_object, write_object
from exotool.elf.constants import PT_LOAD, SHT_PROGBITS
from exotool.layout import Layout
from exotool.link import LinkedImage, default_layout, link
from exotool.link.emit import build_id_section
from exotool.link.model import ImageSymbols, OutputPlan
from exotool.link.skeleton import finish_plan, number_sections, skeleton
from exotool.link.verify import verify

from ..conftest import REPOSITORY
from .objects import (
    HIGH,
    LOW,
    R_,
    RX,
    A,
    Builder,
    X,
    contents,
    kernel_layout,
    link_all,
    output,
    section_table,
    segment,
    start,
)


def sample() -> list[Builder]:
    a, b = start("kernel/a.o", code=bytes(24)), Builder("kernel/b.o")
    a.refer(1, 0, 1, "table")
    a.refer(1, 8, 2, "table", -4)
    b.symbol("table", b.section(".rodata", b"12345678", align=8), size=8)
    b.local("counter", b.data(b"\1\2\3\4"), 0)
    b.bss(100)
    b.section(".debug_str", b"strings\0", 0)
    b.section(".comment", b"compiler\0", 0)
    return [a, b]


# The build-id


def build_id_offset(image: LinkedImage) -> int:
    return image.data.index(bytes.fromhex(image.build_id))


def test_build_id_is_the_hash_of_the_file_without_it() -> None:
    image = link_all(*sample())
    at = build_id_offset(image)
    zeroed = image.data[:at] + bytes(20) + image.data[at + 20 :]
    assert hashlib.sha256(zeroed).digest()[:20].hex() == image.build_id


def test_build_id_is_a_gnu_note_in_memory() -> None:
    image = link_all(*sample())
    elf = ELFFile(io.BytesIO(image.data))
    notes = [n for s in elf.iter_segments("PT_NOTE") for n in s.iter_notes()]
    assert [(n["n_name"], n["n_type"], n["n_desc"]) for n in notes] == [("GNU", "NT_GNU_BUILD_ID", image.build_id)]


def test_build_id_without_a_place_in_memory_is_in_the_file_only() -> None:
    image = link_all(*sample(), layout=Layout((segment("all", RX, ".text", ".rodata", vaddr=LOW),), (".data", ".bss")))
    assert ".note.gnu.build-id" not in section_table(image)
    assert contents(image, ".note.gnu.build-id").endswith(bytes.fromhex(image.build_id))


def test_build_id_of_an_input_is_not_kept() -> None:
    b = start()
    b.note(b"\x04\0\0\0\x04\0\0\0\x03\0\0\0GNU\0old!", ".note.gnu.build-id")
    assert b"old!" not in link_all(b).data


def test_build_id_follows_the_content() -> None:
    assert link_all(start(code=b"\x90")).build_id != link_all(start(code=b"\xf4")).build_id


# Same input, same bytes

CHILD = """
import hashlib
from tests.link.test_image import sample
from tests.link.objects import link_all
image = link_all(*sample())
print(hashlib.sha256(image.data + image.map_text.encode() + image.map_json).hexdigest())
"""


def test_hash_seed_does_not_reach_the_image() -> None:
    def run(seed: str) -> str:
        environment = os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(REPOSITORY)}
        return subprocess.run(
            [sys.executable, "-c", CHILD], env=environment, capture_output=True, text=True, check=True, cwd=REPOSITORY
        ).stdout

    assert run("0") == run("1")


def test_object_bytes_and_object_data_link_alike() -> None:
    built = [builder.obj for builder in sample()]
    read = [read_object(write_object(obj), obj.path) for obj in built]
    assert link(built, kernel_layout(), "_start").data == link(read, kernel_layout(), "_start").data


def test_object_read_can_be_linked_twice() -> None:
    objects = [builder.obj for builder in sample()]
    assert link(objects, kernel_layout(), "_start").data == link(objects, kernel_layout(), "_start").data


def test_directory_of_an_object_is_not_in_the_image() -> None:
    b = start("/home/someone/secret/start.o")
    b.local("x", 1)
    image = link_all(b)
    assert b"secret" not in image.data
    assert b"start.o" in image.data


# Reading back


def planned(data: bytes = b"\x90\xf4") -> tuple[bytes, object, object]:
    """Return a file of one section, made without LIEF, with its plan and its note."""
    text = OutputPlan(".text", sh_type=SHT_PROGBITS, sh_flags=A | X, sh_addr=LOW, sh_offset=0x1000, sh_size=len(data))
    note = build_id_section()
    home = OutputPlan(".note", sh_type=7, sh_flags=A, sh_addr=0x200000, sh_offset=0x1100, sh_size=note.size)
    text.data, home.data = bytearray(data), bytearray(note.data)
    note.output = home
    header = ProgramHeader(PT_LOAD, RX, 0x1000, LOW, LOW, len(data), len(data), 0x1000)
    plan = finish_plan(LOW, [header], number_sections([text, home]), ImageSymbols.of(()))
    empty = skeleton(plan)
    file = bytearray(empty.size)
    for offset, part in empty.parts:
        file[offset : offset + len(part)] = part
    file[0x1000 : 0x1000 + len(data)] = data
    file[0x1100 : 0x1100 + note.size] = note.data
    return bytes(file), plan, note


def refusal(data: bytes, plan: object, note: object, build_id: bytes) -> str:
    with pytest.raises(ToolError) as caught:
        verify(data, plan, note, build_id)  # type: ignore[arg-type]
    assert caught.value.diagnostics[0].code == "L0901"
    return caught.value.diagnostics[0].message


@pytest.mark.parametrize(
    ("offset", "what"),
    [
        (16, "e_type of the ELF header"),
        (18, "e_machine of the ELF header"),
        (24, "e_entry of the ELF header"),
        (48, "e_flags of the ELF header"),
        (64, "p_type of program header 0"),
        (68, "p_flags of program header 0"),
        (72, "p_offset of program header 0"),
        (80, "p_vaddr of program header 0"),
        (88, "p_paddr of program header 0"),
        (96, "p_filesz of program header 0"),
        (104, "p_memsz of program header 0"),
        (112, "p_align of program header 0"),
        (0x1000, "byte 0x0 of section `.text`"),
        (0x1001, "byte 0x1 of section `.text`"),
    ],
)
def test_a_changed_byte_is_found(offset: int, what: str) -> None:
    data, plan, note = planned()
    changed = bytearray(data)
    changed[offset] ^= 1
    assert refusal(bytes(changed), plan, note, bytes(20)) == f"internal error: {what} is not what the link planned"


@pytest.mark.parametrize("field", ["sh_addr", "sh_offset", "sh_size", "sh_addralign", "sh_entsize", "sh_flags", "name"])
def test_a_changed_section_header_is_found(field: str) -> None:
    data, plan, note = planned()
    offsets = {
        "name": 0,
        "sh_flags": 8,
        "sh_addr": 16,
        "sh_offset": 24,
        "sh_size": 32,
        "sh_addralign": 48,
        "sh_entsize": 56,
    }
    changed = bytearray(data)
    changed[struct.unpack_from("<Q", data, 40)[0] + 64 + offsets[field]] ^= 2
    assert f"{field} of section" in refusal(bytes(changed), plan, note, bytes(20))


def test_a_wrong_build_id_is_found() -> None:
    data, plan, note = planned()
    assert refusal(data, plan, note, bytes(20)) == "internal error: build-id is not what the link planned"
    assert refusal(data, plan, note, b"x" * 20) == "internal error: build-id is not what the link planned"


def test_a_wrong_symbol_is_found() -> None:
    image = link_all(*sample())
    sections = {s.name: s for s in image.sections}
    note = build_id_section()
    note.output = sections[".note"]
    plan = finish_plan(image.entry, list(image.program_headers), list(image.sections), ImageSymbols.of(image.symbols))
    build_id = bytes.fromhex(image.build_id)
    verify(image.data, plan, note, build_id)
    right = next(s for s in image.symbols if s.name == "_start")
    for wrong in (
        right._replace(st_value=1),
        right._replace(st_size=99),
        right._replace(bind=2),
        right._replace(type=2),
        right._replace(visibility=2),
        right._replace(shndx=2),
    ):
        plan.symbols = ImageSymbols.of([wrong if s == right else s for s in image.symbols])
        assert "symbol `_start`" in refusal(image.data, plan, note, build_id)


def test_truncated_file_is_found() -> None:
    data, plan, note = planned()
    assert "internal error" in refusal(data[:-1], plan, note, bytes(20))
    assert "internal error" in refusal(data[:40], plan, note, bytes(20))


# Names


def test_names_that_end_alike_keep_their_places() -> None:
    b = start()
    layout_sections = []
    for name in (".a.text", ".text", ".b.a.text", "text", ".t"):
        b.text(name.encode().ljust(12), f"in{name}")
        layout_sections.append(output(name, f"in{name}"))
    layout_sections.append(output(".rest", ".text"))
    image = link_all(b, layout=Layout((segment("all", RX, *layout_sections, vaddr=LOW),)))
    assert contents(image, ".b.a.text") == b".b.a.text".ljust(12)


NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=20)


@settings(max_examples=50, deadline=None)
@given(st.lists(NAMES.filter(lambda name: not name.startswith((".text", ".r"))), unique=True))
def test_any_names_survive(names: list[str]) -> None:
    b = start()
    for name in names:
        b.section(name, name.encode(), A)
        b.local(name, len(b.obj.sections) - 1)
    image = link_all(
        b, layout=Layout((segment("t", RX, ".text", vaddr=HIGH, paddr=LOW), segment("r", R_, ".r")), (), "place")
    )
    for name in names:
        assert name.encode() in contents(image, name)


# The map


def test_map_shows_segments_sections_objects_and_symbols() -> None:
    lines = link_all(*sample()).map_text.splitlines()
    assert lines[0] == "entry     0xffffffff80100000"
    assert "text         rx    0xffffffff80100000 0x0000000000100000      0x1000       0x18      0x18" in lines
    at = lines.index("0xffffffff80101000        0x8 .rodata")
    assert lines[at + 1 : at + 3] == [
        "0xffffffff80101000        0x8   .rodata              kernel/b.o",
        "0xffffffff80101000        0x8       table",
    ]
    assert lines[-1].split() == ["0x9", ".comment", "kernel/b.o:", "not", "loaded"]


def test_map_for_programs_says_the_same() -> None:
    image = link_all(*sample())
    document = json.loads(image.map_json)
    assert document["build_id"] == image.build_id
    assert [s["name"] for s in document["segments"]] == ["text", "rodata", "data", "bss"]
    assert {s["name"]: s["address"] for s in document["symbols"]}["table"] == "0xffffffff80101000"
    rodata = next(s for s in document["sections"] if s["name"] == ".rodata")
    assert rodata["inputs"] == [{"name": ".rodata", "object": "kernel/b.o", "address": "0xffffffff80101000", "size": 8}]


def test_symbol_line_order_is_by_address() -> None:
    b = start(code=bytes(32))
    for name, value in (("z", 4), ("a", 20), ("m", 12)):
        b.symbol(name, 1, value)
    lines = link_all(b).map_text.splitlines()
    assert [line.split()[-1] for line in lines if line.endswith((" z", " m", " a"))] == ["z", "m", "a"]


def test_default_layout_runs_where_it_is_loaded() -> None:
    image = link_all(*sample(), layout=default_layout())
    loads = [h for h in image.program_headers if h.p_type == PT_LOAD]
    assert all(h.p_vaddr == h.p_paddr for h in loads)
    assert loads[0].p_vaddr == LOW
    assert {s.name for s in image.symbols} >= {"__bss_start", "__bss_end", "_end"}
