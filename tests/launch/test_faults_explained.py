"""What a report says of a faulting address, page tables, descriptor tables, callers and the last instructions."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import replace
from typing import Any, TypeVar

import pytest

from exotool.launch.descriptors import Tables, faults
from exotool.launch.paging import walk
from exotool.launch.registers import Cpu
from exotool.launch.trace import Step, has_interrupt, parse_trace, trace_lines
from exotool.launch.unwind import Caller, follows_call, unwind
from tests.launch.conftest import Boot

_T = TypeVar("_T")

LONG_MODE = {"cr0": 0x80000011, "cr3": 0x1000, "cr4": 0x20, "efer": 0x500}


def cpu(**values: int) -> Cpu:
    return Cpu(0, 0x100000, 2, 0, False, True, {**LONG_MODE, **values}, {"tr": 0}, (0x5000, 0xFFF), (0x6000, 0x17))


def test_stack_overflow(run: Boot) -> None:
    outcome = run("stack_overflow")
    assert outcome.kind == "triple_fault", outcome.render()
    assert (
        "write to unmapped page 0xffffffff805ff000, 8 bytes below small_stack, just below the stack" in outcome.notes[0]
    )
    assert outcome.walk[-2:] == ("PD[0x2] = 0x0 not present", "0xffffffff805ffff8 is not mapped")
    assert "called from" in outcome.render()
    assert all("recurse" in caller for caller in outcome.callers[0][:7])
    assert "callq" in outcome.instructions[-2]


def test_a_gate_with_a_data_selector_and_a_jump_to_nowhere(run: Boot) -> None:
    outcome = run("double_gate")
    assert outcome.kind == "triple_fault", outcome.render()
    assert outcome.notes[0] == "jump to unmapped page 0x7fffffff0000"
    assert outcome.notes[1] == (
        "the IDT gate for page fault (#PF) has code selector 0x10, whose GDT entry is no code segment"
    )
    assert any(line.endswith("jmpq *%rax") for line in outcome.instructions)


def test_the_last_instruction_is_the_one_that_faulted(run: Boot) -> None:
    outcome = run("triple_fault")
    assert outcome.instructions[-1].endswith("movq $1, (%rax)")
    assert "poke+0xa" in outcome.instructions[-1]
    assert outcome.to_json()["page_table_walk"][0] == "PML4[0x1b] = 0x0 not present"


def test_counted_instructions_of_the_user_leave_only_the_log(run: Boot) -> None:
    """QEMU takes one -icount."""
    outcome = run("triple_fault", qemu_args=("-icount", "shift=0,sleep=off"))
    assert outcome.kind == "triple_fault"
    assert outcome.exceptions
    assert outcome.instructions == ()


# Page-table walks over memory that is made up.


def memory(entries: dict[int, int], size: int = 8) -> Callable[[int, int], Awaitable[bytes]]:
    async def read(address: int, count: int) -> bytes:
        return entries[address].to_bytes(size, "little")[:count] if address in entries else b""

    return read


async def walk_lines(state: Cpu, address: int, entries: dict[int, int], size: int = 8) -> list[str]:
    found = await walk(state, address, memory(entries, size))
    assert found is not None
    return found.lines()


def drive(coroutine: Coroutine[Any, Any, _T]) -> _T:
    return asyncio.run(coroutine)


def test_walk_of_a_large_page() -> None:
    tables = {0x1000: 0x2003, 0x2000: 0x3003, 0x3008: 0x200000 | 1 << 63 | 0x81}
    assert drive(walk_lines(cpu(), 0x212345, tables)) == [
        "PML4[0x0] = 0x2003 present writable supervisor",
        "PDPT[0x0] = 0x3003 present writable supervisor",
        "PD[0x1] = 0x8000000000200081 present read-only supervisor no-execute page",
        "0x212345 is mapped to 0x212345",
    ]


def test_walk_that_leaves_memory_and_one_with_five_levels() -> None:
    assert drive(walk_lines(cpu(), 0, {}))[0] == "PML4[0x0] = not in memory"
    assert drive(walk_lines(cpu(cr4=0x1020), 1 << 48, {0x1008: 0}))[0] == "PML5[0x1] = 0x0 not present"


def test_walks_of_32_bit_paging() -> None:
    legacy = cpu(efer=0, cr4=0x10)
    assert drive(walk_lines(legacy, 0x00C01234, {0x100C: 0x00400083}, 4))[0].startswith("PD[0x3] = 0x400083 present")
    pae = cpu(efer=0, cr4=0x20, cr3=0x1020)
    assert drive(walk_lines(pae, 0xC0000000, {0x1038: 0}))[0] == "PDPT[0x3] = 0x0 not present"
    assert drive(walk(cpu(cr0=1), 0, memory({}))) is None


# Descriptor tables.

GDT = bytes(8) + (0x00AF9A000000FFFF).to_bytes(8, "little") + (0x00CF92000000FFFF).to_bytes(8, "little")


def gate(offset: int = 0xFFFFFFFF80100000, selector: int = 8, stack: int = 0, kind: int = 0x8E) -> bytes:
    low = offset & 0xFFFF | selector << 16 | stack << 32 | kind << 40 | (offset >> 16 & 0xFFFF) << 48
    return low.to_bytes(8, "little") + (offset >> 32).to_bytes(4, "little") + bytes(4)


@pytest.mark.parametrize(
    ("raw", "gdt", "expected"),
    [
        (gate(), GDT, []),
        (gate(kind=0), GDT, ["is not present"]),
        (gate(kind=0x89), GDT, ["has type 0x9, which is neither an interrupt nor a trap gate"]),
        (gate(selector=0), GDT, ["has the null code selector"]),
        (gate(selector=0x18), GDT, ["has code selector 0x18, which is beyond the GDT (limit 0x17)"]),
        (gate(selector=0x10), GDT, ["has code selector 0x10, whose GDT entry is no code segment"]),
        (gate(offset=1 << 50), GDT, ["points to 0x4000000000000, which is not a canonical address"]),
        (gate(offset=0x1234), GDT, ["points to 0x1234, which is no code of the image"]),
        (gate(stack=1), GDT, ["wants stack IST1, but no task register was loaded (`ltr`)"]),
        (
            gate(),
            GDT[:8] + (0x00CF9A000000FFFF).to_bytes(8, "little"),
            ["has code selector 0x8, whose GDT entry is no 64-bit code segment (L is clear)"],
        ),
    ],
)
def test_gates(raw: bytes, gdt: bytes, expected: list[str]) -> None:
    tables = Tables(bytes(14 * 16) + raw, gdt)
    found = faults(cpu(), tables, [14, 14], lambda address: "code" if address >> 40 else "")
    assert found == [f"the IDT gate for page fault (#PF) {text}" for text in expected]


def test_no_idt_a_short_one_and_one_that_is_not_mapped() -> None:
    state = cpu()
    reset = replace(state, idt=(0, 0xFFFF))
    assert "no `lidt` was executed" in faults(reset, Tables(), [14], str)[0]
    assert faults(state, Tables(), [14], str) == [
        "the IDT at 0x5000 is not mapped where the gate for vector 14 should be"
    ]


# Stacks.


def words(*values: int) -> bytes:
    return b"".join(value.to_bytes(8, "little") for value in values)


def test_frame_pointers_are_followed_and_guesses_are_marked() -> None:
    code = {0x1005, 0x2005, 0x3005}
    stack = words(0x2005, 0x7010, 0x1005, 0, 0x3005, 0)
    chained = cpu(rsp=0x7000, rbp=0x7008)
    assert unwind(chained, stack, code.__contains__) == [Caller(0x1005, True)]
    assert unwind(cpu(rsp=0x7000, rbp=0), stack, code.__contains__) == [
        Caller(0x2005, False),
        Caller(0x1005, False),
        Caller(0x3005, False),
    ]


def test_a_chain_that_goes_in_circles_ends() -> None:
    stack = words(0x7000, 0x1005)
    assert unwind(cpu(rsp=0x7000, rbp=0x7000), stack, {0x1005}.__contains__) == [Caller(0x1005, True)]


@pytest.mark.parametrize(
    ("code", "is_call"),
    [
        ("e800000000", True),
        ("9090ff d0", True),  # call *%rax
        ("41ffd3", True),  # call *%r11
        ("ff1425 00000000", True),  # call *0
        ("ff90 00010000", True),  # call *0x100(%rax)
        ("ff5008", True),  # call *8(%rax)
        ("ff54c108", True),  # call *8(%rcx,%rax,8)
        ("ff15 00000000", True),  # call *0(%rip)
        ("ffe0", False),  # jmp *%rax
        ("9090909090", False),
        ("", False),
    ],
)
def test_calls_are_known_by_their_bytes(code: str, is_call: bool) -> None:
    assert follows_call(bytes.fromhex(code)) is is_call


# Traces.

LOG = """\
Trace 0: 0x7f00 [0000000000000000/0000000000100077/000000b0/ff020201]\x20
Trace 1: 0x7f01 [0000000000000000/ffffffff801000f8/0000c0b0/ff100201] poke
Trace 1: 0x7f01 [00000000000000"""


def test_a_trace_is_read_with_its_mode_and_without_a_line_that_was_cut() -> None:
    assert parse_trace(LOG) == [Step(0, 0x100077, False), Step(1, 0xFFFFFFFF801000F8, True)]
    assert not has_interrupt(LOG)
    assert has_interrupt("Servicing hardware INT=0x20\n")
    assert has_interrupt("     3: v=0e e=0002 i=0 cpl=0 IP=\n")


def test_rounds_of_a_loop_are_counted() -> None:
    steps = [Step(0, a) for a in (1, *(2, 3) * 5, 4, 4, 9, 9)]
    assert trace_lines(steps, lambda step: f"f{step.address}") == [
        "0x1 f1",
        "0x2 f2",
        "0x3 f3",
        "(these 2 instructions 5 times)",
        "0x4 f4",
        "0x4 f4",
        "0x9 f9",
        "0x9 f9",
    ]
    assert trace_lines(steps, lambda step: "" if step.address < 9 else "x")[0] == (
        "(13 instructions outside of the image, from 0x1 to 0x4)"
    )
