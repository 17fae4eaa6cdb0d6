"""The checks of the CPUs and of the clock, on the machine that the kernel runs on."""

from typing import Final

from exotool.lang import Array, Ptr, addressof, array, export, u8, u32, u64
from kernel import acpi
from kernel.cpu import ANSWER, cpu_at, cpu_pause
from kernel.smp import ask_one, control_registers, cpu_count, smp_start, tlb_shootdown, tlb_shootdown_global
from kernel.timer import LOWEST, SECOND, TURNS, now_ns, rdtsc, tsc_hz

NOT_UP: Final[Array[u8]] = array(b"a CPU of the MADT did not start\0")
OTHER_REGISTERS: Final[Array[u8]] = array(b"the control registers of a CPU are not those of the first\0")
SHARED: Final[Array[u8]] = array(b"two CPUs have the same stack or TSS\0")
NO_ANSWER: Final[Array[u8]] = array(b"a CPU did not answer each request once\0")
BACKWARDS: Final[Array[u8]] = array(b"the clock went backwards\0")
STANDS: Final[Array[u8]] = array(b"the clock did not reach a millisecond\0")
NO_RATE: Final[Array[u8]] = array(b"the TSC was not measured, or the clock does not fit it\0")


def text(problem: Array[u8]) -> Ptr[u8]:
    """Return the address of a text, as the assembly's checks return theirs."""
    return Ptr[u8](addressof(problem))


@export
def check_cpus(spoil: bool) -> Ptr[u8]:
    """Start all CPUs and ask each one thing, then all two. Spoilt, the last is left out."""
    smp_start()
    if cpu_count() != acpi.cpu_id_count:
        return text(NOT_UP)
    for i in range(1, cpu_count()):
        if cpu_at(u32(i)).online.load() == 0:
            return text(NOT_UP)
        ask_one(u32(i), ANSWER)
        cpu = cpu_at(u32(i))
        if cpu.registers != control_registers():
            return text(OTHER_REGISTERS)
        for j in range(i):
            if cpu.tss == cpu_at(u32(j)).tss or cpu.kstack == cpu_at(u32(j)).kstack:
                return text(SHARED)
    tlb_shootdown()
    if not spoil:
        tlb_shootdown_global()
    answers: u32 = 3
    for i in range(1, cpu_count()):
        if cpu_at(u32(i)).done.load() != answers:
            return text(NO_ANSWER)
    return text(NO_ANSWER) if spoil else Ptr[u8](0)


@export
def check_clock(spoil: bool) -> Ptr[u8]:
    """Let a millisecond pass. Spoilt, it is looked for in a time that is too short."""
    if tsc_hz() < LOWEST:
        return text(NO_RATE)
    tsc = rdtsc()
    start = now_ns()
    last = start
    turns: u64 = 1 if spoil else TURNS
    for _ in range(turns):
        now = now_ns()
        if now < last:
            return text(BACKWARDS)
        last = now
        if now - start >= SECOND // 1000:
            break
        cpu_pause()
    else:
        return text(STANDS)
    cycles: u64 = rdtsc() - tsc
    if cycles < tsc_hz() // 1001:
        return text(NO_RATE)
    return Ptr[u8](0)
