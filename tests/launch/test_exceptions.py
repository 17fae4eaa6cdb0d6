"""QEMU's register dumps and log of interrupts, as QEMU 7.2 prints them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exotool.launch.exceptions import ExceptionRecord, page_fault_reason, selector_reason, triple_fault_chain
from exotool.launch.registers import Cpu, describe, parse_cpus

DUMP64 = """\
RAX=00000deadbeef000 RBX=00000000000f31e0 RCX=00000000c0000080 RDX=0000000000000000
RSI=00000000000cfea0 RDI=0000000000106000 RBP=0000000000000000 RSP=ffffffff80102ff0
R8 =0000000000000008 R9 =0000000000000000 R10=0000000000000000 R11=0000000000000000
R12=0000000000000000 R13=0000000000000000 R14=0000000000000000 R15=000000000000000f
RIP=ffffffff801000f8 RFL=00000046 [---Z-P-] CPL=0 II=0 A20=1 SMM=0 HLT=0
ES =0010 0000000000000000 ffffffff 00cf9300 DPL=0 DS   [-WA]
CS =0008 0000000000000000 ffffffff 00af9a00 DPL=0 CS64 [-R-]
SS =0010 0000000000000000 ffffffff 00cf9300 DPL=0 DS   [-WA]
LDT=0000 0000000000000000 0000ffff 00008200 DPL=0 LDT
TR =0000 0000000000000000 0000ffff 00008b00 DPL=0 TSS64-busy
GDT=     0000000000101010 00000017
IDT=     0000000000000000 0000ffff
CR0=80000011 CR2=00000deadbeef000 CR3=0000000000103000 CR4=00000020
DR6=00000000ffff0ff0 DR7=0000000000000400
EFER=0000000000000500
"""
DUMP32 = """\
EAX=2badb002 EBX=000f31e0 ECX=00100000 EDX=00000511
ESI=000cfea0 EDI=000cff48 EBP=00000007 ESP=00102ffc
EIP=00100051 EFL=00000006 [-----P-] CPL=0 II=0 A20=1 SMM=0 HLT=1
CS =0008 00000000 ffffffff 00c09b00 DPL=0 CS32 [-RA]
GDT=     000f5008 00000027
IDT=     00101010 00000007
CR0=00000011 CR2=00000000 CR3=00000000 CR4=00000000
EFER=0000000000000000
"""
PAGE_FAULT = f"""\
check_exception old: 0xffffffff new 0xe
     0: v=0e e=0002 i=0 cpl=0 IP=0008:ffffffff801000f8 pc=ffffffff801000f8 SP=0010:ffffffff80102ff0 CR2=00000deadbeef000
{DUMP64}check_exception old: 0xe new 0xd
     1: v=08 e=0000 i=0 cpl=0 IP=0008:ffffffff801000f8 pc=ffffffff801000f8 SP=0010:ffffffff80102ff0 env->regs[R_EAX]=00
{DUMP64}check_exception old: 0x8 new 0xd
Triple fault
CPU Reset (CPU 0)
{DUMP64}"""
BREAKPOINT_BEFORE = f"""\
check_exception old: 0xffffffff new 0x3
     0: v=03 e=0000 i=1 cpl=0 IP=0008:ffffffff80100000 pc=ffffffff80100000 SP=0010:ffffffff80102ff0 env->regs[R_EAX]=00
{DUMP64}"""
INVALID_OPCODE = f"""\
check_exception old: 0xffffffff new 0x6
     0: v=06 e=0000 i=0 cpl=0 IP=0008:0000000000100051 pc=0000000000100051 SP=0010:0000000000102ffc env->regs[R_EAX]=00
{DUMP32}check_exception old: 0xffffffff new 0xd
     1: v=0d e=0032 i=0 cpl=0 IP=0008:0000000000100051 pc=0000000000100051 SP=0010:0000000000102ffc env->regs[R_EAX]=00
{DUMP32}check_exception old: 0xd new 0xd
     2: v=08 e=0000 i=0 cpl=0 IP=0008:0000000000100051 pc=0000000000100051 SP=0010:0000000000102ffc env->regs[R_EAX]=00
{DUMP32}check_exception old: 0x8 new 0xd
Triple fault
"""


def test_registers() -> None:
    first, second = parse_cpus(f"\nCPU#0\n{DUMP64}\nCPU#1\n{DUMP32}")
    assert (first.number, first.rip, first.rflags, first.halted) == (0, 0xFFFFFFFF801000F8, 0x46, False)
    assert first.is_64bit
    assert (first.values["r8"], first.values["r15"], first.values["efer"]) == (8, 15, 0x500)
    assert first.values["cr2"] == 0xDEADBEEF000
    assert first.selectors == {"cs": 8, "ss": 0x10, "tr": 0}
    assert first.idt == (0, 0xFFFF)
    assert (second.number, second.rip, second.values["rax"]) == (1, 0x100051, 0x2BADB002)
    assert second.is_dead
    assert not second.is_64bit


def test_register_lines() -> None:
    (cpu,) = parse_cpus(f"CPU#0\n{DUMP32}")
    assert describe(cpu) == [
        "rip=00100051 rflags=00000006 cpl=0 hlt=1 cs=0008",
        " rax=2badb002  rbx=000f31e0  rcx=00100000  rdx=00000511",
        " rsi=000cfea0  rdi=000cff48  rbp=00000007  rsp=00102ffc",
        " cr0=00000011  cr2=00000000  cr3=00000000  cr4=00000000",
        "efer=00000000",
    ]


@pytest.mark.parametrize(("rflags", "halted", "dead"), [(0x202, True, False), (2, True, True), (2, False, False)])
def test_dead_cpus(rflags: int, halted: bool, dead: bool) -> None:
    assert Cpu(0, 0, rflags, 0, halted, True, {}, {}, (0, 0)).is_dead is dead


def summary(chain: list[ExceptionRecord]) -> list[tuple[int, int, int | None]]:
    return [(record.raised, record.vector, record.error_code) for record in chain]


def test_chain() -> None:
    chain = triple_fault_chain(PAGE_FAULT)
    assert summary(chain) == [(14, 14, 2), (13, 8, 0), (13, 13, None)]
    assert {record.pc for record in chain} == {0xFFFFFFFF801000F8}
    assert chain[0].explain() == "0xdeadbeef000: write in supervisor mode, the page is not present"


def test_exceptions_that_were_handled_before_are_left_out() -> None:
    assert summary(triple_fault_chain(BREAKPOINT_BEFORE + PAGE_FAULT)) == [(14, 14, 2), (13, 8, 0), (13, 13, None)]


def test_the_vector_without_a_gate_comes_first() -> None:
    chain = triple_fault_chain(INVALID_OPCODE)
    assert summary(chain) == [(6, 6, 0), (13, 13, 0x32), (13, 8, 0), (13, 13, None)]
    assert chain[1].explain() == "IDT vector 6"


def test_a_log_without_triple_fault_or_beginning() -> None:
    assert triple_fault_chain("") == []
    assert triple_fault_chain(BREAKPOINT_BEFORE) == []
    assert triple_fault_chain("check_exception old: 0x8 new 0xd\nTriple fault\n") == []


@given(st.integers(0, len(INVALID_OPCODE)), st.integers(0, len(INVALID_OPCODE)))
def test_a_log_with_a_hole(start: int, end: int) -> None:
    for record in triple_fault_chain(INVALID_OPCODE[:start] + INVALID_OPCODE[end:]):
        record.to_json()


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (0, "read in supervisor mode, the page is not present"),
        (3, "write in supervisor mode, the page is present but does not allow it"),
        (6, "write in user mode, the page is not present"),
        (0x15, "instruction fetch in user mode, the page is present but does not allow it"),
        (9, "read in supervisor mode, a reserved bit is set in a page-table entry"),
        (0x21, "read in supervisor mode, a protection key forbids it"),
    ],
)
def test_page_fault_error_codes(code: int, reason: str) -> None:
    assert page_fault_reason(code) == reason


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (0x32, "IDT vector 6"),
        (0x10, "GDT selector 0x10"),
        (0x0C, "LDT selector 0x8"),
        (0x103, "IDT vector 32, external event"),
    ],
)
def test_selector_error_codes(code: int, reason: str) -> None:
    assert selector_reason(code) == reason
