"""All CPUs: started by the first one, and what they ask of each other.

A CPU asks by a bit in the other's `request` and an interrupt, T_REQUEST. The other one answers in the interrupt, or in
`poll` if it waits for the big lock with interrupts off; so requests are made by who holds that lock, or in a boot.
"""

from typing import Final, NoReturn

from exotool.lang import Atomic, Ptr, Struct, addressof, export, extern, rotate_left, symbol_address, u8, u32, u64
from kernel import acpi
from kernel.apic import SEND_FIXED, SEND_INIT, SEND_STARTUP, apic_id, apic_start, eoi, rdmsr, send, set_trap_handler
from kernel.bootinfo import module, module_count
from kernel.console import kprint
from kernel.cpu import ANSWER, FLUSH, FLUSH_ALL, OVERFLOW, PANIC, Cpu, cpu_at, cpu_pause, mycpu
from kernel.layout import CPUS, PAGE_SIZE
from kernel.paging import W
from kernel.timer import SECOND, delay, now_ns, timer_start
from kernel.vm import map_window

AP_START: Final = 0x8000  # where real mode begins: a page below 1 MiB that no loader of ours uses

AWAITED: Final = 1  # `claimed`, as kernel_asm/trap.h
OVER: Final = 2

MSR_EFER: Final = 0xC000_0080
MSR_STAR: Final = 0xC000_0081  # then LSTAR, CSTAR, SFMASK
MSR_SFMASK: Final = 0xC000_0084

T_KICK: Final = 0xF0
T_REQUEST: Final = 0xF1

INIT_NS: Final = 10_000_000  # between INIT and startup IPI: the MP specification, B.4
STARTUP_NS: Final = 2_000_000  # until the second one
CLAIM_NS: Final = 5 * SECOND  # until a CPU is given up: the host of a virtual one may be busy
ANSWER_NS: Final = 30 * SECOND  # until a CPU that does not answer is a panic


class Schedule(Struct):
    """What the CPUs wait for: 0, or how often in a second the timer of each is to interrupt it."""

    hz: Atomic[u32]


schedule: Schedule = Schedule()
count: u32 = 1  # CPUs that are numbered; one of them may have failed to start


@extern
def scheduler() -> NoReturn:
    """Run environments, for ever."""
    raise SystemExit(0)


@extern
def idle() -> None:
    """Wait for an interrupt, with interrupts on."""


@extern("cli")
def interrupts_off() -> None:
    """Turn interrupts off."""


@extern
def read_cr0() -> u64:
    """Return CR0."""
    return 0


@extern
def read_cr4() -> u64:
    """Return CR4."""
    return 0


@extern
def tlb_flush() -> None:
    """Forget all pages but global ones on this CPU."""


@extern
def tlb_flush_global() -> None:
    """Forget all pages on this CPU."""


@extern
def fault_panic() -> None:
    """Panic."""


@extern
def fault_stack_overflow() -> None:
    """Call itself, without end."""


def cpu_count() -> u32:
    """Return how many CPUs there are; their numbers are below."""
    return count


def cpu_ticks(cpu: u32) -> u32:
    """Return how often a CPU's timer has interrupted it."""
    return u32(cpu_at(cpu).ticks)


def trampoline_is_free() -> bool:
    """Tell whether no module of the loader is where CPUs start."""
    for i in range(module_count()):
        m = module(i)
        if m.start < AP_START + PAGE_SIZE and m.size > 0 and m.start + m.size > AP_START:
            return False
    return True


def copy_trampoline() -> bool:
    """Put the first instructions of the other CPUs where real mode can reach them."""
    to = map_window(AP_START, PAGE_SIZE, W)
    if to == 0 or not trampoline_is_free():
        return False
    first = symbol_address("ap_start")
    for i in range(symbol_address("ap_start_end") - first):
        Ptr[u8](to)[i] = Ptr[u8](first)[i]
    return True


def awaited() -> u32:
    """Return how many CPUs have not shown up yet."""
    missing: u32 = 0
    for i in range(1, count):
        if cpu_at(u32(i)).claimed.load() == AWAITED:
            missing += 1
    return missing


def wait_for_claims(ns: u64) -> None:
    """Wait until all CPUs have shown up, but not longer."""
    end = now_ns() + ns
    while awaited() != 0 and now_ns() < end:
        cpu_pause()


def send_startup() -> None:
    """Start the CPUs that have not shown up."""
    for i in range(1, count):
        cpu = cpu_at(u32(i))
        if cpu.claimed.load() == AWAITED:
            send(cpu.apic_id, SEND_STARTUP | AP_START >> 12)


def smp_start() -> None:
    """Start all CPUs that ACPI knows. They idle, and answer requests, until smp_run."""
    global count
    set_trap_handler(T_REQUEST, addressof(on_request))
    boot = cpu_at(0)
    boot.apic_id = apic_id()
    boot.online.store(1)
    if acpi.cpus_left_out != 0:
        kprint(f"more than {CPUS} CPUs; {acpi.cpus_left_out} of them are not used\n")
    if acpi.cpu_id_count == 1:
        return
    if not copy_trampoline():
        kprint("no room below 1 MiB to start other CPUs\n")
        return
    count = acpi.cpu_id_count
    for i in range(1, count):
        cpu = cpu_at(u32(i))
        cpu.index = u32(i)
        cpu.apic_id = acpi.cpu_ids[i]
        cpu.claimed.store(AWAITED)
        send(cpu.apic_id, SEND_INIT)
    wait_for_claims(INIT_NS // 1000)  # an emulator that runs one CPU at a time lets them see the INIT
    delay(INIT_NS)
    send_startup()
    wait_for_claims(STARTUP_NS)
    send_startup()
    wait_for_claims(CLAIM_NS)
    for i in range(1, count):
        cpu = cpu_at(u32(i))
        if cpu.claimed.cas(AWAITED, OVER):
            kprint(f"cpu {i} with APIC id {cpu.apic_id} did not start\n")
        else:
            wait_online(cpu)


def wait_online(cpu: Cpu) -> None:
    """Wait for a CPU that has shown up."""
    end = now_ns() + ANSWER_NS
    while cpu.online.load() == 0:
        assert now_ns() < end, "a CPU began to start and did not end"
        cpu_pause()


@export
def smp_started() -> NoReturn:
    """Go on with the start of another CPU: kernel_asm/ap.S calls it. It idles until there is something to run."""
    apic_start()
    cpu = mycpu()
    cpu.online.store(1)
    while schedule.hz.load() == 0:
        idle()
        interrupts_off()
    timer_start(schedule.hz.load())
    scheduler()


def smp_run(hz: u32) -> None:
    """Let all CPUs run environments, with timers of `hz` interrupts in a second. This one has to begin by itself."""
    schedule.hz.store(hz)
    for i in range(count):
        if u32(i) != mycpu().index:
            kick_cpu(u32(i))
    timer_start(hz)


def kick_cpu(cpu: u32) -> None:
    """Make a CPU enter the kernel, by T_KICK."""
    if cpu_at(cpu).online.load() != 0:
        send(cpu_at(cpu).apic_id, SEND_FIXED | T_KICK)


def control_registers() -> u64:
    """Return a sum of what the start of a CPU sets: it must be the same on all."""
    total = read_cr0() ^ rotate_left(read_cr4(), 32)
    for msr in range(MSR_STAR, MSR_SFMASK + 1):
        total = rotate_left(total, 7) ^ rdmsr(u32(msr))
    return rotate_left(total, 7) ^ rdmsr(MSR_EFER)


def poll() -> None:
    """Answer what other CPUs ask of this one. Interrupts are off."""
    cpu = mycpu()
    asked = cpu.request.load()
    if asked == 0:
        return
    if asked & FLUSH_ALL != 0:
        tlb_flush_global()
    elif asked & FLUSH != 0:
        tlb_flush()
    if asked & ANSWER != 0:
        cpu.registers = control_registers()
    if asked & PANIC != 0:
        fault_panic()
    if asked & OVERFLOW != 0:
        fault_stack_overflow()
    cpu.done.add(1)
    cpu.request.and_(~asked)


@export
def on_request() -> None:
    """Take the interrupt T_REQUEST."""
    eoi()
    poll()


def ask(what: u32) -> None:
    """Ask all other CPUs for the same, and wait until all have answered."""
    me = mycpu().index
    for i in range(count):
        cpu = cpu_at(u32(i))
        if u32(i) != me and cpu.online.load() != 0:
            cpu.request.or_(what)
            send(cpu.apic_id, SEND_FIXED | T_REQUEST)
    for i in range(count):
        if u32(i) != me:
            wait_answer(cpu_at(u32(i)))


def wait_answer(cpu: Cpu) -> None:
    """Wait until a CPU has answered."""
    end = now_ns() + ANSWER_NS
    while cpu.request.load() != 0:
        assert now_ns() < end, "a CPU does not answer"
        cpu_pause()


def tlb_shootdown() -> None:
    """Make all other CPUs forget the pages of ring 3. The caller holds the big lock."""
    ask(FLUSH)


def tlb_shootdown_global() -> None:
    """Make all other CPUs forget all pages, those of the kernel too. The caller holds the big lock."""
    ask(FLUSH_ALL)


def ask_one(cpu: u32, what: u32) -> None:
    """Ask one CPU, and wait until it has answered."""
    other = cpu_at(cpu)
    other.request.or_(what)
    send(other.apic_id, SEND_FIXED | T_REQUEST)
    wait_answer(other)


def fault_on_last(what: u32) -> None:
    """Have the last CPU fail, for exov6.fault."""
    smp_start()
    if count > 1:
        ask_one(count - 1, what)


@export
def fault_other_panic() -> None:
    """Panic on another CPU than this."""
    fault_on_last(PANIC)


@export
def fault_other_overflow() -> None:
    """Overflow the stack of another CPU."""
    fault_on_last(OVERFLOW)
