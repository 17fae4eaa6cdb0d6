"""Where sections and segments go, and what the linker says when they cannot."""

from __future__ import annotations

import pytest

from exotool.diagnostics import Severity, ToolError
from exotool.elf import Symbol
from exotool.elf.constants import (
    PT_GNU_STACK,
    PT_LOAD,
    PT_NOTE,
    SHN_COMMON,
    SHT_INIT_ARRAY,
    SHT_NOBITS,
    SHT_PROGBITS,
    STB_GLOBAL,
    STT_OBJECT,
)
from exotool.layout import Layout
from exotool.link import default_layout, link

from .objects import (
    HIGH,
    LOW,
    R_,
    RW,
    RX,
    A,
    Builder,
    W,
    X,
    address,
    contents,
    errors_of,
    kernel_layout,
    link_all,
    output,
    section_table,
    segment,
    start,
)


def whole_kernel() -> Builder:
    b = start(code=b"\x90" * 100)
    b.section(".rodata", b"constant", align=8)
    b.data(b"variable", align=8)
    b.bss(5000, align=16)
    return b


def test_each_segment_has_its_own_page_and_rights() -> None:
    image = link_all(whole_kernel())
    loads = [h for h in image.program_headers if h.p_type == PT_LOAD]
    assert [(h.p_vaddr, h.p_paddr, h.p_flags, h.p_filesz, h.p_memsz) for h in loads] == [
        (HIGH, LOW, RX, 100, 100),
        (HIGH + 0x1000, LOW + 0x1000, R_, 44, 44),
        (HIGH + 0x2000, LOW + 0x2000, RW, 8, 8),
        (HIGH + 0x3000, LOW + 0x3000, RW, 0, 5000),
    ]
    assert all(h.p_offset % 0x1000 == h.p_vaddr % 0x1000 for h in loads)
    assert image.entry == HIGH


def test_stack_header_forbids_execution() -> None:
    stack = link_all(whole_kernel()).program_headers[-1]
    assert (stack.p_type, stack.p_flags) == (PT_GNU_STACK, RW)


def test_patterns_order_sections_and_the_first_match_wins() -> None:
    b = Builder()
    for name, byte in ((".text.b", 2), (".text", 1), (".text.boot", 9), (".text.a", 3)):
        b.text(bytes((byte,)), name)
    b.symbol("_start", 1)
    layout = Layout((segment("text", RX, output(".text", ".text.boot", ".text", ".text.*"), vaddr=LOW),))
    assert contents(link_all(b, layout=layout), ".text") == b"\x09\x01\x02\x03"


def test_objects_keep_the_order_in_which_they_are_given() -> None:
    first, second = start("z.o", b"\x01"), Builder("a.o")
    second.text(b"\x02")
    assert contents(link_all(first, second), ".text") == b"\x01\x02"


def test_alignment_gaps_in_code_are_breakpoints() -> None:
    a, b = start(code=b"\x90"), Builder("b.o")
    b.text(b"\x90", align=8)
    assert contents(link_all(a, b), ".text") == b"\x90" + b"\xcc" * 7 + b"\x90"


def test_boundary_symbols_stand_at_both_ends() -> None:
    layout = Layout(
        (
            segment("text", RX, output(".text", start="ts", end="te"), vaddr=HIGH, paddr=LOW, start="ss", end="se"),
            segment("empty", RW, output(".data", start="ds", end="de", align=64), start="es", end="ee"),
        )
    )
    image = link_all(start(code=bytes(10)), layout=layout)
    assert [address(image, name) - HIGH for name in ("ss", "ts", "te", "se")] == [0, 0, 10, 10]
    assert {address(image, name) for name in ("es", "ds", "de", "ee")} == {HIGH + 0x1000}


def test_zeros_before_data_of_one_segment_are_written_out() -> None:
    b = start()
    b.bss(16, ".bss")
    b.data(b"tail")
    layout = Layout((segment("text", RX, ".text", vaddr=LOW), segment("all", RW, ".bss", ".data")))
    image = link_all(b, layout=layout)
    assert contents(image, ".bss") == bytes(16)
    assert [s.sh_type for s in image.sections if s.name == ".bss"] == [SHT_PROGBITS]
    assert image.program_headers[1].p_filesz == 20


def test_zeros_behind_data_take_no_room_in_the_file() -> None:
    b = start()
    b.data(b"head")
    b.bss(1 << 31)
    layout = Layout((segment("text", RX, ".text", vaddr=LOW), segment("all", RW, ".data", ".bss")))
    image = link_all(b, layout=layout)
    assert (image.program_headers[1].p_filesz, image.program_headers[1].p_memsz) == (4, 4 + (1 << 31))
    assert [s.sh_type for s in image.sections if s.name == ".bss"] == [SHT_NOBITS]
    assert len(image.data) < 0x4000


def test_common_symbols_go_with_bss() -> None:
    a, b = start(), Builder("b.o")
    a.obj.symbols.append(common("shared", size=4, align=4))
    b.obj.symbols.append(common("shared", size=24, align=32))
    image = link_all(a, b)
    assert section_table(image)[".bss"] == (HIGH + 0x2000 + (-(HIGH + 0x2000) % 32), 24)
    assert next(s.st_size for s in image.symbols if s.name == "shared") == 4


def common(name: str, size: int, align: int) -> Symbol:
    return Symbol(name, align, size, STB_GLOBAL, STT_OBJECT, 0, SHN_COMMON)


def test_init_arrays_are_sorted_by_priority() -> None:
    b = start()
    for name, byte in ((".init_array", 9), (".init_array.00200", 2), (".init_array.00100", 1)):
        b.section(name, bytes((byte,)) * 8, A | W, sh_type=SHT_INIT_ARRAY, align=8)
    image = link_all(b, layout=default_layout())
    assert contents(image, ".init_array") == b"\1" * 8 + b"\2" * 8 + b"\x09" * 8
    assert address(image, "__init_array_end") - address(image, "__init_array_start") == 24


def test_notes_of_one_alignment_share_a_header_of_that_alignment() -> None:
    b = start()
    b.note(bytes(20), ".note.a", align=1)
    b.note(bytes(16), ".note.b")
    b.note(bytes(16), ".note.c", align=8)
    notes = [h for h in link_all(b).program_headers if h.p_type == PT_NOTE]
    # The build-id, 4 aligned, comes behind the one that is 8 aligned.
    assert [(h.p_align, h.p_filesz) for h in notes] == [(4, 36), (8, 16), (4, 36)]
    assert all(h.p_vaddr % h.p_align == 0 and h.p_paddr == h.p_vaddr - HIGH + LOW for h in notes)


def test_large_alignment_moves_a_following_segment_as_a_whole() -> None:
    b = start()
    b.data(b"x", align=1 << 21)
    image = link_all(b)
    data = next(h for h in image.program_headers if h.p_flags == RW and h.p_type == PT_LOAD)
    assert data.p_vaddr == 0xFFFF_FFFF_8020_0000
    assert len(image.data) < 0x5000


def test_c_sections_get_start_and_stop_symbols_when_asked_for() -> None:
    b = start(code=bytes(16))
    b.section("initcalls", b"12345678")
    b.refer(1, 0, 1, "__start_initcalls")
    b.refer(1, 8, 1, "__stop_initcalls")
    layout = Layout((segment("text", RX, ".text", vaddr=LOW), segment("rodata", R_, output("initcalls", "initcalls"))))
    image = link_all(b, layout=layout)
    code = contents(image, ".text")
    assert int.from_bytes(code[8:], "little") - int.from_bytes(code[:8], "little") == 8


# Orphans and sections in the wrong place


def with_orphan() -> Builder:
    b = start()
    b.section(".magic", b"12345678")
    return b


def test_orphan_is_an_error_that_says_what_to_write() -> None:
    assert errors_of(with_orphan()) == (
        "error[L0301]: section `.magic` has no place in the layout\n"
        "  --> start.o\n"
        "   = 8 bytes in start.o\n"
        '   = help: add { name = ".magic" } to the sections of segment "rodata", or ".magic" to an `input` there\n'
        '   = help: or leave it out of the image: discard = [".magic"]'
    )


def test_orphan_is_placed_with_sections_of_its_rights() -> None:
    image = link_all(with_orphan(), layout=kernel_layout(orphans="place"))
    assert image.warnings == ()
    assert next(s.segment.name for s in image.sections if s.name == ".magic" and s.segment) == "rodata"


def test_orphan_with_contents_does_not_go_among_zeros() -> None:
    b = start()
    b.data(b"12345678", ".magic")
    b.bss(64)
    image = link_all(b, layout=kernel_layout(orphans="place"))
    assert [h.p_filesz for h in image.program_headers if h.p_flags == RW][:2] == [8, 0]


def test_orphan_is_placed_with_a_warning() -> None:
    image = link_all(with_orphan(), layout=kernel_layout(orphans="warn"))
    assert [(w.code, w.severity) for w in image.warnings] == [("L0301", Severity.WARNING)]


def test_orphan_without_a_fitting_segment_is_always_an_error() -> None:
    layout = Layout((segment("text", RX, ".text", vaddr=LOW),), orphans="place")
    assert 'a segment with flags "r"' in errors_of(with_orphan(), layout=layout)


def test_empty_orphan_is_no_orphan_unless_it_has_a_label() -> None:
    b = start()
    b.section(".nothing")
    link_all(b)
    b.local("here", 2)
    assert "L0301" in errors_of(b)


def test_discarded_sections_are_left_out() -> None:
    image = link_all(with_orphan(), layout=kernel_layout(discard=(".mag*",)))
    assert ".magic" not in section_table(image)
    assert ".magic               start.o: layout" in image.map_text


def test_code_in_a_segment_without_execution() -> None:
    b = start()
    b.section(".rodata.code", b"\xc3", A | X)
    assert errors_of(b) == (
        "error[L0302]: section `.rodata.code` holds code, and segment `rodata` is not mapped so\n"
        "  --> start.o\n"
        '   = needs flag "x"; the segment has "r"\n'
        "   = help: put the section into another segment of the layout"
    )


def test_written_data_in_a_segment_without_writing() -> None:
    b = start()
    b.section(".rodata.w", b"1", A | W)
    assert "error[L0303]: section `.rodata.w` is writable, and segment `rodata` is not mapped so" in errors_of(b)


def test_relocated_constants_may_lie_in_read_only_memory() -> None:
    b = start()
    b.section(".data.rel.ro.x", b"1", A | W)
    rodata = output(".rodata", ".data.rel.ro*")
    link_all(b, layout=Layout((segment("text", RX, ".text", vaddr=LOW), segment("rodata", R_, rodata))))


def test_named_section_without_the_flag_that_loads_it_is_warned_of() -> None:
    b = start()
    b.section(".rodata.lost", b"lost", 0)
    b.section(".note.GNU-stack", b"", 0)
    b.section(".comment", b"compiler", 0)
    (warning,) = link_all(b).warnings
    assert warning.code == "L0203"
    assert warning.help == ('give it the flag in its source: `.section .rodata.lost,"a"`',)


# What does not fit


def test_limit_names_the_largest_contributors() -> None:
    builders = [start(code=bytes(100))]
    for number, size in enumerate((50, 700, 60, 20, 10, 5)):
        builders.append(Builder(f"{number}.o"))
        builders[-1].text(bytes(size))
    layout = Layout((segment("text", RX, ".text", vaddr=LOW, limit=900),))
    assert errors_of(*builders, layout=layout) == (
        "error[L0406]: segment `text` is 45 bytes larger than its limit\n"
        "   = 945 bytes of 900\n"
        "   = note: 700 bytes: .text of 1.o\n"
        "   = note: 100 bytes: .text of start.o\n"
        "   = note: 60 bytes: .text of 2.o\n"
        "   = note: 50 bytes: .text of 0.o\n"
        "   = note: 20 bytes: .text of 3.o\n"
        "   = help: make the largest smaller, or raise `limit` in the layout"
    )


def test_limit_that_is_just_met() -> None:
    link_all(start(code=bytes(900)), layout=Layout((segment("text", RX, ".text", vaddr=LOW, limit=900),)))


def two_segments(*, vaddr: int, paddr: int | None = None) -> tuple[Builder, Layout]:
    b = start(code=bytes(0x1800))
    b.data(bytes(16))
    layout = Layout(
        (
            segment("text", RX, ".text", vaddr=0x100000, paddr=0x100000),
            segment("data", RW, ".data", vaddr=vaddr, paddr=paddr),
        )
    )
    return b, layout


def test_overlap_of_addresses() -> None:
    b, layout = two_segments(vaddr=0x101000, paddr=0x400000)
    assert errors_of(b, layout=layout) == (
        "error[L0404]: segments `text` and `data` overlap by 2048 bytes\n"
        "   = the same address\n"
        "   = note: `text` takes 0x100000..0x1017ff\n"
        "   = note: `data` takes 0x101000..0x10100f\n"
        "   = help: move `data` to 0x102000 or higher"
    )


def test_overlap_of_physical_addresses() -> None:
    b, layout = two_segments(vaddr=0x400000, paddr=0x101000)
    assert "   = the same physical address\n" in errors_of(b, layout=layout)


def test_overlap_with_a_segment_that_encloses_two() -> None:
    b = start(code=bytes(0x8000))
    b.data(b"1")
    b.bss(1)
    layout = Layout(
        (
            segment("text", RX, ".text", vaddr=0x100000),
            segment("data", RW, ".data", vaddr=0x101000),
            segment("bss", RW, ".bss", vaddr=0x103000),
        )
    )
    shown = errors_of(b, layout=layout)
    assert "segments `text` and `data` overlap" in shown
    assert "segments `text` and `bss` overlap" in shown


def test_segments_out_of_order() -> None:
    b, layout = two_segments(vaddr=0x80000, paddr=0x80000)
    assert errors_of(b, layout=layout) == (
        "error[L0405]: segment `data` lies below segment `text`, which stands before it\n"
        "   = 0x80000 is below 0x100000\n"
        "   = help: write the segments of the layout in the order of their addresses"
    )


def test_address_space_ends() -> None:
    b = start()
    b.data(bytes(0x2000))
    layout = Layout(
        (segment("text", RX, ".text", vaddr=LOW), segment("data", RW, ".data", vaddr=0xFFFF_FFFF_FFFF_F000, paddr=0))
    )
    assert "error[L0403]: segment `data` goes past the end of the address space" in errors_of(b, layout=layout)


def test_last_byte_of_the_address_space_can_be_used() -> None:
    b = start()
    b.bss(0x1000)
    layout = Layout(
        (
            segment("text", RX, ".text", vaddr=LOW),
            segment("bss", RW, output(".bss", end="top"), vaddr=0xFFFF_FFFF_FFFF_F000, paddr=0x200000),
        )
    )
    assert address(link_all(b, layout=layout), "top") == 0


def test_higher_half_without_physical_address() -> None:
    shown = errors_of(start(), layout=kernel_layout(paddr=None))
    assert "would be loaded at physical address 0xffffffff80100000, where no x86-64 processor has memory" in shown


@pytest.mark.parametrize("key", ["vaddr", "paddr"])
def test_address_against_the_alignment(key: str) -> None:
    addresses = {"vaddr": 0x100000, "paddr": 0x100000} | {key: 0x100010}
    layout = Layout((segment("text", RX, ".text", **addresses),))
    assert errors_of(start(), layout=layout) == (
        f"error[L0402]: `{key}` of segment `text` is 0x100010, which its `align` does not allow\n"
        "   = needs a multiple of 0x1000\n"
        "   = help: 0x100000 and 0x101000 are the nearest"
    )


def test_first_segment_without_address() -> None:
    assert "error[L0401]: the first segment, `text`, has no address" in errors_of(
        start(), layout=Layout((segment("text", RX, ".text"),))
    )


def test_segment_of_four_gibibytes() -> None:
    b = start()
    b.bss((1 << 32) - 1)
    link_all(b, layout=kernel_layout(LOW))
    b.bss(1)
    shown = errors_of(b, layout=kernel_layout(LOW))
    assert "error[L0410]: segment `bss` takes 4294967296 bytes of memory" in shown


def test_zeros_without_measure_in_the_file() -> None:
    b = start()
    b.bss(1 << 33)
    b.data(b"x")
    layout = Layout((segment("text", RX, ".text", vaddr=LOW), segment("all", RW, ".bss", ".data")))
    shown = errors_of(b, layout=layout)
    assert "error[L0407]: the file would hold 8589934592 bytes of zeros in segment `all`" in shown


def test_image_without_anything() -> None:
    assert "error[L0408]: the image is empty: no object has anything to load" in errors_of(
        Builder(), layout=Layout((segment("text", RX, ".text", vaddr=LOW),))
    )


def test_writable_code_segment() -> None:
    shown = errors_of(start(), layout=Layout((segment("text", RX | RW, ".text", vaddr=LOW),)))
    assert "error[L0411]: segment `text` is writable and executable" in shown


def test_entry_outside_code_is_warned_of() -> None:
    b = start()
    b.symbol("table", b.data(bytes(8)))
    (warning,) = link_all(b, entry="table").warnings
    assert (warning.code, warning.message) == (
        "L0110",
        "the entry symbol `table` is at 0xffffffff80102000, which is in no segment with code",
    )


def test_all_faults_of_a_run_are_reported() -> None:
    b = with_orphan()
    b.refer(1, 0, 1, "nowhere")
    with pytest.raises(ToolError) as caught:
        link([b.obj], Layout((segment("text", RX, ".text", vaddr=LOW, limit=0),)), "main")
    codes = [d.code for d in caught.value.diagnostics]
    assert codes == ["L0301", "L0106", "L0109", "L0406"]
