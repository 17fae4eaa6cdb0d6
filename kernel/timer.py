"""Time: the TSC, measured against a clock of known frequency; and the timer of each CPU's APIC, measured against that.

Clocks of known frequency are the ACPI power-management timer and channel 2 of the 8254. On a machine that has neither,
CPUID tells the frequency, or else it is a virtual one whose APIC timer runs at 1 GHz, as those of QEMU and KVM do.
"""

from typing import Final

from exotool.lang import extern, u8, u32, u64
from kernel import acpi
from kernel.apic import lapic_timer_count, lapic_timer_current, lapic_timer_start, lapic_timer_stop
from kernel.cpu import inb, inl, outb

SECOND: Final = 1_000_000_000
VIRTUAL_APIC_HZ: Final = 1_000_000_000

PM_HZ: Final = 3_579_545  # ACPI 6.5, 4.8.3.3
PM_MASK: Final = 0xFF_FFFF
PIT_HZ: Final = 1_193_182
PIT_COMMAND: Final = 0x43
PIT_CHANNEL_2: Final = 0x42
PIT_GATE: Final = 0x61  # bit 0: channel 2 counts; bit 1: the speaker; bit 5: it has counted to 0

# Which clock.
PM: Final = 0
PIT: Final = 1
APIC: Final = 2

SAMPLES: Final = 16
STILL: Final = 10_000  # readings after which a clock that has not moved stands still
TURNS: Final = 5_000_000
LOWEST: Final = 1_000_000
HIGHEST: Final = 100_000_000_000

cycles: u64 = SECOND  # of the TSC in a second
apic_hz: u64 = VIRTUAL_APIC_HZ
start: u64 = 0  # the TSC when time was started
clock: u32 = PM  # what the TSC was measured by


@extern
def rdtsc() -> u64:
    """Read the time-stamp counter."""
    return 0


@extern
def cpuid_tsc_hz() -> u64:
    """Return the frequency of the TSC as CPUID leaf 0x15 or 0x16 tells it; 0 if it does not."""
    return 0


def tsc_hz() -> u64:
    """Return how many times in a second the TSC counts."""
    return cycles


def now_ns() -> u64:
    """Return the time since the start, in nanoseconds."""
    passed = rdtsc() - start
    return passed // cycles * SECOND + passed % cycles * SECOND // cycles


def clock_hz(kind: u32) -> u64:
    """Return the frequency of a clock."""
    if kind == PM:
        return PM_HZ
    return PIT_HZ if kind == PIT else VIRTUAL_APIC_HZ


def clock_start(kind: u32) -> None:
    """Make a clock count from its start."""
    if kind == PIT:
        outb(PIT_GATE, u8(inb(PIT_GATE) & 0xFC | 1))
        outb(PIT_COMMAND, 0xB0)  # channel 2, low byte then high byte, once down to 0
        outb(PIT_CHANNEL_2, 0xFF)
        outb(PIT_CHANNEL_2, 0xFF)
    elif kind == APIC:
        lapic_timer_count()


def clock_read(kind: u32) -> u64:
    """Return what a clock has counted."""
    if kind == PM:
        return inl(acpi.pm_timer) & PM_MASK
    if kind == PIT:
        outb(PIT_COMMAND, 0x80)  # latch channel 2
        low: u64 = inb(PIT_CHANNEL_2)
        return 0xFFFF - (low | u64(inb(PIT_CHANNEL_2)) << 8)
    return 0xFFFF_FFFF - u64(lapic_timer_current())


def clock_passed(kind: u32, before: u64, after: u64) -> u64:
    """Return how much a clock counted between two readings."""
    if kind == PM:
        return (after - before if after >= before else after + PM_MASK + 1 - before) & PM_MASK
    return after - before if after > before else 0


def sample(kind: u32) -> tuple[u64, u64]:
    """Read a clock and the TSC at the same time: of some tries the one that took least, as another may interfere."""
    best: u64 = 0xFFFF_FFFF_FFFF_FFFF
    count: u64 = 0
    tsc: u64 = 0
    for _ in range(SAMPLES):
        before = rdtsc()
        now = clock_read(kind)
        took = rdtsc() - before
        if took < best:
            best = took
            count = now
            tsc = before + took // 2
    return count, tsc


def measure(kind: u32) -> u64:
    """Return how often the TSC counts in a second by a clock, within about 10 ms; 0 if that clock does not run."""
    clock_start(kind)
    before, tsc_before = sample(kind)
    for turn in range(TURNS):
        passed = clock_passed(kind, before, clock_read(kind))
        if passed >= clock_hz(kind) // 100:
            break
        if turn == STILL and passed == 0:
            return 0
    else:
        return 0
    after, tsc_after = sample(kind)
    passed = clock_passed(kind, before, after)
    if passed == 0 or (kind == PIT and inb(PIT_GATE) & 0x20 != 0):  # it has run out meanwhile
        return 0
    hz = (tsc_after - tsc_before) * clock_hz(kind) // passed
    return hz if LOWEST <= hz <= HIGHEST else 0


def measure_apic() -> u64:
    """Return how often the timer of this CPU's APIC counts in a second, by the TSC; 0 if it does not run."""
    lapic_timer_count()
    before, tsc_before = sample(APIC)
    while rdtsc() - tsc_before < cycles // 200:
        pass
    after, tsc_after = sample(APIC)
    lapic_timer_stop()
    return (after - before) * cycles // (tsc_after - tsc_before)


def timer_init() -> None:
    """Find out how fast the TSC and the APIC's timer count, on the boot CPU."""
    global cycles, apic_hz, start, clock
    start = rdtsc()
    found = cpuid_tsc_hz()
    if found == 0 and acpi.pm_timer != 0:
        found = measure(PM)
        clock = PM
    for _ in range(3):
        if found == 0:
            found = measure(PIT)
            clock = PIT
    if found == 0:
        found = measure(APIC)
        clock = APIC
    if found != 0:
        cycles = found
    measured = measure_apic()
    if measured != 0:
        apic_hz = measured


def timer_start(hz: u32) -> None:
    """Interrupt this CPU about `hz` times in a second."""
    lapic_timer_start(u32(min(max(apic_hz // max(hz, 1), 1), 0xFFFF_FFFF)))


def delay(ns: u64) -> None:
    """Wait, at least so long. Not for another CPU: on an emulator that runs one at a time, that one would wait too."""
    end = now_ns() + ns
    while now_ns() < end:
        pass
