"""Every relocation type: its value, its limits to the last one, and what is said beyond them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from exotool.elf.constants import SHN_ABS, SHT_NOTE, STT_TLS, X86Reloc
from exotool.layout import Layout
from exotool.link import link

from .objects import (
    HIGH,
    LOW,
    R_,
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
from .oracle import FORMULA, field

R = X86Reloc
MASK = (1 << 64) - 1


def absolute(r_type: int, value: int, addend: int = 0, at: int = HIGH) -> Builder:
    """Return an object whose first field refers to a symbol of the given value."""
    b = start(code=bytes(16))
    b.refer(1, 0, r_type, b.local("target", SHN_ABS, value & MASK), addend)
    return b


LIMITS = [
    (R.R_X86_64_8, -(1 << 7), (1 << 8) - 1),
    (R.R_X86_64_16, -(1 << 15), (1 << 16) - 1),
    (R.R_X86_64_32, 0, (1 << 32) - 1),
    (R.R_X86_64_32S, -(1 << 31), (1 << 31) - 1),
    (R.R_X86_64_PC8, -(1 << 7), (1 << 7) - 1),
    (R.R_X86_64_PC16, -(1 << 15), (1 << 16) - 1),
    (R.R_X86_64_PC32, -(1 << 31), (1 << 31) - 1),
    (R.R_X86_64_PLT32, -(1 << 31), (1 << 31) - 1),
]


@pytest.mark.parametrize(("r_type", "low", "high"), LIMITS, ids=lambda v: getattr(v, "name", None))
def test_exact_limits(r_type: X86Reloc, low: int, high: int) -> None:
    relative = "PC" in r_type.name or "PLT" in r_type.name
    place = HIGH if relative else 0
    width = FORMULA[r_type][1] // 8
    for value in (low, high):
        image = link_all(absolute(r_type, place + value))
        assert contents(image, ".text")[:width] == (value & (1 << 8 * width) - 1).to_bytes(width, "little")
        assert contents(image, ".text")[width:16] == bytes(16 - width)
    for value in (low - 1, high + 1):
        shown = errors_of(absolute(r_type, place + value))
        assert f"error[L0107]: relocation {r_type.name} cannot reach `target`" in shown


@pytest.mark.parametrize("r_type", [R.R_X86_64_64, R.R_X86_64_PC64], ids=lambda v: v.name)
def test_64_bits_hold_every_value(r_type: X86Reloc) -> None:
    for value in (0, MASK, 1 << 63, HIGH):
        expected = field(r_type, value, 0, HIGH)
        assert contents(link_all(absolute(r_type, value)), ".text")[:8] == expected


@settings(deadline=None)
@given(
    r_type=st.sampled_from(sorted(FORMULA)),
    base=st.sampled_from([LOW, HIGH, 0xFFFF_FFFF_F000_0000, 0x7FFF_F000]),
    value=st.one_of(
        st.integers(0, MASK), st.integers(-(1 << 33), 1 << 33), st.integers(HIGH - (1 << 32), HIGH + (1 << 32))
    ),
    addend=st.one_of(st.just(0), st.integers(-(1 << 40), 1 << 40), st.integers(-(1 << 63), (1 << 63) - 1)),
)
@example(R.R_X86_64_32, LOW, HIGH, -0xFFFF_FFFF_8000_0000)
def test_values_agree_with_the_oracle(r_type: int, base: int, value: int, addend: int) -> None:
    b = absolute(r_type, value, addend)
    layout = kernel_layout(base, LOW)
    expected = field(r_type, value & MASK, addend, base)
    if expected is None:
        assert "error[L0107]" in errors_of(b, layout=layout)
    else:
        text = contents(link_all(b, layout=layout), ".text")
        assert text[:16] == expected + bytes(16 - len(expected))


def test_none_changes_nothing_even_with_an_undefined_symbol() -> None:
    b = start(code=b"\x11" * 8)
    b.refer(1, 0, R.R_X86_64_NONE, "anything")
    assert contents(link_all(b), ".text") == b"\x11" * 8


def test_size_of_a_symbol() -> None:
    b = start(code=bytes(16))
    sized = b.symbol("object", 1, size=40)
    b.refer(1, 0, R.R_X86_64_SIZE32, sized, 2)
    b.refer(1, 8, R.R_X86_64_SIZE64, sized, -50)
    text = contents(link_all(b), ".text")
    assert (text[:4], text[8:]) == ((42).to_bytes(4, "little"), (-10 & MASK).to_bytes(8, "little"))


def test_debug_sections_are_joined_and_relocated() -> None:
    builders = [start(code=bytes(4)), Builder("b.o")]
    builders[1].text(bytes(4))
    for b in builders:
        debug = b.section(".debug_info", bytes(12), 0)
        strings = b.section(".debug_str", b"text\0", 0)
        b.refer(debug, 0, R.R_X86_64_64, b.local("", 1), 2)
        b.refer(debug, 8, R.R_X86_64_32, b.local("", strings), 1)
    image = link_all(*builders)
    info = contents(image, ".debug_info")
    assert info == b"".join(
        (HIGH + 4 * n + 2).to_bytes(8, "little") + (5 * n + 1).to_bytes(4, "little") for n in (0, 1)
    )
    assert contents(image, ".debug_str") == b"text\0" * 2
    assert section_table(image).keys() == {".text", ".note"}


def test_debug_reference_to_an_undefined_symbol_is_zero() -> None:
    b = start()
    b.refer(b.section(".debug_info", b"\xff" * 8, 0), 0, R.R_X86_64_64, "gone")
    b.refer(b.section(".debug_ranges", b"\xff" * 8, 0), 0, R.R_X86_64_64, "gone")
    image = link_all(b)
    assert contents(image, ".debug_info") == bytes(8)
    # A pair of zeros would end the list of ranges.
    assert contents(image, ".debug_ranges") == b"\1" + bytes(7)


@pytest.mark.parametrize("flags", [A | X, 0])
def test_field_outside_its_section(flags: int) -> None:
    b = start()
    section = b.section(".text" if flags else ".debug_x", bytes(6), flags)
    b.refer(section, 3, R.R_X86_64_32, b.local("x", SHN_ABS))
    shown = errors_of(b)
    assert "error[L0106]: `start.o` is damaged: a field of R_X86_64_32 goes past the end of" in shown


@pytest.mark.parametrize(
    ("r_type", "hint"),
    [
        (R.R_X86_64_GLOB_DAT, "without -fpic and -shared"),
        (R.R_X86_64_DTPMOD64, "compile thread-local variables with -ftls-model=local-exec"),
        (R.R_X86_64_COPY, "without -fpic and -shared"),
        (250, "without -fpic and -shared"),
    ],
)
def test_types_without_meaning_in_a_static_image(r_type: int, hint: str) -> None:
    b = start(code=bytes(8))
    b.refer(1, 0, r_type, b.local("target", 1))
    shown = errors_of(b)
    assert "error[L0104]: " in shown
    assert "against `target` is not a relocation for a static image" in shown
    assert hint in shown


def test_thread_local_section_without_a_place() -> None:
    b = start()
    b.section(".tdata", b"1234", A | 0x400)
    assert "error[L0301]: section `.tdata` has no place in the layout" in errors_of(b)


def test_address_of_a_thread_local_variable() -> None:
    b = start(code=bytes(8))
    home = b.section(".data", b"1234", A | W | 0x400)
    b.refer(1, 0, R.R_X86_64_32S, b.symbol("counter", home, kind=STT_TLS))
    assert "error[L0111]: R_X86_64_32S needs an address, and `counter` is thread-local" in errors_of(b)


@pytest.mark.parametrize("r_type", [R.R_X86_64_TLSGD, R.R_X86_64_TLSLD, R.R_X86_64_GOTPC32_TLSDESC])
def test_thread_local_code_that_is_not_known(r_type: int) -> None:
    b = start(code=bytes(24))
    home = b.section(".data", b"1234", A | W | 0x400)
    b.refer(1, 8, r_type, b.symbol("counter", home, kind=STT_TLS), -4)
    assert "error[L0112]: the code around" in errors_of(b)


# Overflow messages


def with_source(tmp_path: Path, source: str, code: bytes, r_type: int, offset: int) -> str:
    """Link one instruction that refers to `console_buf` in the higher half; `source` has it in its last line."""
    (tmp_path / "trap.S").write_text(source + "\n")
    b = start("trap.o", code)
    b.refer(1, offset, r_type, b.symbol("console_buf", b.bss(64)))
    b.lines(1, "trap.S", [(0, source.count("\n") + 1)], len(code))
    return errors_of(b, source_root=tmp_path)


def test_address_of_the_higher_half_in_32_bits(tmp_path: Path) -> None:
    shown = with_source(tmp_path, ".code64\n\tmovl  $console_buf, %edi", b"\xbf" + bytes(4), R.R_X86_64_32, 1)
    assert shown == (
        "error[L0107]: relocation R_X86_64_32 cannot reach `console_buf`\n"
        "  --> trap.S:2:2   (.text+0x1 in trap.o)\n"
        "  |\n"
        "2 |         movl  $console_buf, %edi\n"
        "  |         ^^^^ needs 0..0xffffffff; the symbol is at 0xffffffff80102000 in .bss\n"
        "   = help: in 64-bit code take the address with `leaq console_buf(%rip), %rdi`"
    )


def test_32_bit_code_before_paging(tmp_path: Path) -> None:
    shown = with_source(tmp_path, ".code32\n  movl $console_buf, %esp", b"\xbc" + bytes(4), R.R_X86_64_32, 1)
    assert shown == (
        "error[L0107]: relocation R_X86_64_32 cannot reach `console_buf`\n"
        "  --> trap.S:2:3   (.text+0x1 in trap.o)\n"
        "  |\n"
        "2 |   movl $console_buf, %esp\n"
        "  |   ^^^^ needs 0..0xffffffff; the symbol is at 0xffffffff80102000 in .bss\n"
        "   = help: 32-bit code runs before paging and needs the physical address: write "
        "`console_buf - 0xffffffff80000000`, which is 0x102000"
    )


def test_register_in_the_help() -> None:
    for code, offset, r_type, register in (
        (b"\x48\xc7\xc6" + bytes(4), 3, R.R_X86_64_32S, "%rsi"),
        (b"\x49\xc7\xc4" + bytes(4), 3, R.R_X86_64_32S, "%r12"),
        (b"\x41\xb9" + bytes(4), 2, R.R_X86_64_32, "%r9"),
        (b"\x68" + bytes(4), 1, R.R_X86_64_32S, "%REG"),
    ):
        b = start(code=code)
        b.refer(1, offset, r_type, b.local("far", SHN_ABS, 1 << 40))
        assert f"`leaq far(%rip), {register}`" in errors_of(b)


def test_address_in_four_bytes_of_data() -> None:
    b = start()
    data = b.data(bytes(4))
    b.refer(data, 0, R.R_X86_64_32, b.symbol("_table", data))
    assert errors_of(b) == (
        "error[L0107]: relocation R_X86_64_32 cannot reach `_table`\n"
        "  --> start.o   (.data+0x0 in start.o)\n"
        "   = needs 0..0xffffffff; the symbol is at 0xffffffff80102000 in .data\n"
        "   = help: keep the address in 8 bytes, with `.quad` instead of `.long`"
    )


def test_call_out_of_reach() -> None:
    b = start(code=b"\xe8" + bytes(4))
    b.refer(1, 1, R.R_X86_64_PLT32, b.local("far", SHN_ABS, 0x1234_5678_0000), -4)
    shown = errors_of(b)
    assert "needs a distance of -0x80000000..0x7fffffff; the symbol is at 0x123456780000, 0x1234d667fffb away" in shown
    assert "load its address with `movabsq $far, %rax` and go on through `*%rax` or `(%rax)`" in shown


def test_compiled_code_gets_a_compiler_option(tmp_path: Path) -> None:
    (tmp_path / "main.c").write_text("void f(void) { g(&x); }\n")
    b = start(code=b"\xbf" + bytes(4))
    b.refer(1, 1, R.R_X86_64_32, b.local("x", SHN_ABS, HIGH))
    b.lines(1, "main.c", [(0, 1)], 5)
    assert "= help: compile with -fno-pic -mcmodel=kernel" in errors_of(b, source_root=tmp_path)


def test_source_outside_the_root_is_not_shown(tmp_path: Path) -> None:
    secret = tmp_path / "secret.S"
    secret.write_text("do not show\n")
    (tmp_path / "project").mkdir()
    b = start(code=b"\xbf" + bytes(4))
    b.refer(1, 1, R.R_X86_64_32, b.local("x", SHN_ABS, HIGH))
    b.lines(1, "../secret.S", [(0, 1)], 5)
    shown = errors_of(b, source_root=tmp_path / "project")
    assert "../secret.S:1" in shown
    assert "do not show" not in shown


def test_thousands_of_faults_are_counted() -> None:
    b = start(code=bytes(40000))
    far = b.local("far", SHN_ABS, 1 << 40)
    for offset in range(0, 40000, 4):
        b.refer(1, offset, R.R_X86_64_32, far)
    shown = errors_of(b)
    assert shown.count("error[L0107]") == 50
    assert shown.endswith("error[T0001]: 9950 more errors are not shown")


# References through the global offset table


def got_image(
    code: bytes, offset: int, r_type: int, *, target: int | None = None, far: int | None = None
) -> tuple[bytes, int, dict[str, tuple[int, int]]]:
    """Return the code after the link, the target's address, and the sections; `far` moves rodata there."""
    b = start(code=code)
    if target is None:
        number = b.symbol("target", b.section(".rodata", b"12345678"))
    else:
        number = b.symbol("target", SHN_ABS, target)
    b.refer(1, offset, r_type, number, -4)
    layout = kernel_layout()
    if far is not None:
        layout = Layout(
            (
                segment("text", RX, output(".text", ".text", ".got"), vaddr=LOW),
                segment("rodata", R_, ".rodata", output(".note", ".note*"), vaddr=far, paddr=0x200000),
            )
        )
    image = link([b.obj], layout, "_start")
    return contents(image, ".text"), address(image, "target"), section_table(image)


def disp(target: int, end: int) -> bytes:
    return ((target - end) & 0xFFFFFFFF).to_bytes(4, "little")


GOTX, REX_GOTX = R.R_X86_64_GOTPCRELX, R.R_X86_64_REX_GOTPCRELX


def test_mov_becomes_lea() -> None:
    code, target, sections = got_image(bytes.fromhex("488b0500000000"), 3, REX_GOTX)
    assert code == bytes.fromhex("488d05") + disp(target, HIGH + 7)
    assert sections[".rodata"][1] == 8


def test_plain_gotpcrel_mov_becomes_lea() -> None:
    code, target, _ = got_image(bytes.fromhex("4c8b2d00000000"), 3, R.R_X86_64_GOTPCREL)
    assert code == bytes.fromhex("4c8d2d") + disp(target, HIGH + 7)


def test_call_becomes_direct() -> None:
    code, target, _ = got_image(bytes.fromhex("ff1500000000"), 2, GOTX)
    assert code == bytes.fromhex("67e8") + disp(target, HIGH + 6)


def test_jmp_becomes_direct() -> None:
    code, target, _ = got_image(bytes.fromhex("ff2500000000"), 2, GOTX)
    assert code == bytes.fromhex("e9") + disp(target, HIGH + 5) + b"\x90"


def word(value: int) -> bytes:
    return (value & 0xFFFFFFFF).to_bytes(4, "little")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("488505", "48f7c0"),  # test %rax
        ("4c853d", "49f7c7"),  # test %r15
        ("480305", "4881c0"),  # add %rax
        ("480b0d", "4881c9"),  # or %rcx
        ("481315", "4881d2"),  # adc %rdx
        ("481b1d", "4881db"),  # sbb %rbx
        ("482325", "4881e4"),  # and %rsp
        ("482b2d", "4881ed"),  # sub %rbp
        ("483335", "4881f6"),  # xor %rsi
        ("4c3b05", "4981f8"),  # cmp %r8
    ],
)
def test_operations_take_an_immediate(before: str, after: str) -> None:
    code, target, _ = got_image(bytes.fromhex(before) + bytes(4), 3, REX_GOTX)
    assert code == bytes.fromhex(after) + word(target)


def test_mov_of_an_absolute_symbol_takes_an_immediate() -> None:
    code, _, _ = got_image(bytes.fromhex("4c8b0500000000"), 3, REX_GOTX, target=0x1234)
    assert code == bytes.fromhex("49c7c0") + word(0x1234)


def test_weak_undefined_symbol_is_loaded_as_zero() -> None:
    b = start(code=bytes.fromhex("488b0500000000"))
    b.refer(1, 3, REX_GOTX, b.undefined("absent", weak=True), -4)
    assert contents(link_all(b), ".text") == bytes.fromhex("48c7c0") + bytes(4)


@pytest.mark.parametrize(
    ("code", "offset", "r_type"),
    [
        ("ff3500000000", 2, GOTX),  # push
        ("488b0500000000", 3, R.R_X86_64_GOTPCREL),
        ("00000000", 0, R.R_X86_64_GOTPCREL),  # no instruction at all
    ],
)
def test_what_cannot_be_direct_gets_a_slot(code: str, offset: int, r_type: int) -> None:
    text, target, sections = got_image(bytes.fromhex(code), offset, r_type, target=1 << 40)
    assert text[:offset].hex() == code[: 2 * offset]
    assert target == 1 << 40
    slot = HIGH + offset + 4 + int.from_bytes(text[offset:], "little", signed=True)
    start_, size = sections[".rodata"]
    assert (slot, size) == (start_, 8)


def test_symbol_out_of_reach_gets_a_slot_that_holds_its_address() -> None:
    far = 0x7000_0000_0000
    for code, offset, r_type in (("488b05", 3, REX_GOTX), ("ff15", 2, GOTX), ("483b05", 3, REX_GOTX)):
        text, target, _ = got_image(bytes.fromhex(code) + bytes(4), offset, r_type, far=far)
        assert text[:offset].hex() == code
        slot = offset + 4 + int.from_bytes(text[offset : offset + 4], "little", signed=True)
        assert int.from_bytes(text[slot : slot + 8], "little") == target == far


def test_two_references_share_a_slot() -> None:
    b = start(code=bytes.fromhex("ff3500000000") * 2)
    target = b.symbol("target", 1)
    for offset in (2, 8):
        b.refer(1, offset, GOTX, target, -4)
    assert section_table(link_all(b))[".rodata"][1] == 8


def test_slots_keep_what_lies_behind_them() -> None:
    b = start(code=bytes.fromhex("ff3500000000"))
    b.refer(1, 2, GOTX, b.symbol("target", 1), -4)
    b.section(".rodata.behind", b"xyz")
    assert contents(link_all(b), ".rodata") == HIGH.to_bytes(8, "little") + b"xyz"


def test_slots_without_a_place_in_the_layout() -> None:
    b = start(code=bytes.fromhex("ff3500000000"))
    b.refer(1, 2, GOTX, b.symbol("target", 1), -4)
    layout = Layout((segment("text", RX, ".text", vaddr=LOW),))
    assert "error[L0301]: section `.got` has no place in the layout" in errors_of(b, layout=layout)


def test_addend_that_is_no_instruction_gets_a_slot() -> None:
    b = start(code=bytes.fromhex("488b0500000000"))
    b.refer(1, 3, REX_GOTX, b.symbol("target", 1), 4)
    image = link_all(b)
    assert contents(image, ".text")[:3].hex() == "488b05"
    assert section_table(image)[".rodata"][1] == 8


def test_note_type_is_kept() -> None:
    b = start()
    b.note(bytes(16))
    assert [s.sh_type for s in link_all(b).sections if s.name == ".note"] == [SHT_NOTE]
