"""Local APICs, which CPUs get and send interrupts by, and I/O APICs, which devices send them by.

Intel SDM vol. 3A, chapter 11; 82093AA data sheet. A local APIC has its registers in memory, or as MSRs in x2APIC mode,
which is used if the CPU has it.
"""

from typing import Final

from exotool.lang import Array, Struct, Volatile, addressof, array, export, extern, offsetof, u8, u32, u64
from kernel import acpi
from kernel.console import kprint
from kernel.cpu import cpu_at, cpu_pause, irq_restore, irq_save
from kernel.layout import DEVBASE
from kernel.paging import PCD, PWT, W
from kernel.vm import map_device, map_kernel_page

MSR_APIC_BASE: Final = 0x1B
BASE_X2APIC: Final = 0x400
BASE_ENABLE: Final = 0x800
BASE_ADDRESS: Final = 0x000F_FFFF_FFFF_F000
MSR_X2APIC: Final = 0x800  # the register at offset n is MSR 0x800 + n / 16

ID: Final = 0x020
TPR: Final = 0x080
EOI: Final = 0x0B0
SVR: Final = 0x0F0
ICR_LOW: Final = 0x300
ICR_HIGH: Final = 0x310
LVT_TIMER: Final = 0x320
LVT_LINT0: Final = 0x350
LVT_ERROR: Final = 0x370
TIMER_INITIAL: Final = 0x380
TIMER_CURRENT: Final = 0x390
TIMER_DIVIDE: Final = 0x3E0

SVR_ENABLE: Final = 0x100
LVT_MASKED: Final = 0x1_0000
LVT_PERIODIC: Final = 0x2_0000
DIVIDE_BY_1: Final = 0x0B

# What the ICR can send, to the CPU of an APIC id.
SEND_FIXED: Final = 0x4000
SEND_NMI: Final = 0x4400
SEND_INIT: Final = 0x4500
SEND_STARTUP: Final = 0x4600
ICR_PENDING: Final = 0x1000
ICR_POLLS: Final = 1_000_000

T_TIMER: Final = 0x30
T_SPURIOUS: Final = 0xFF

BASE: Final = DEVBASE  # where the registers of each CPU's APIC are mapped; kernel_asm/stop.S knows it

IO_VERSION: Final = 1
IO_LINES: Final = 0x10  # two registers for each line
IO_LOW: Final = 0x2000
IO_LEVEL: Final = 0x8000
IO_MASKED: Final = 0x1_0000

CPUID_X2APIC: Final = 1 << 21  # leaf 1, ECX


class Register(Struct):
    """A register of a local APIC."""

    value: Volatile[u32]


class IoRegisters(Struct):
    """An I/O APIC: the number of a register is written to `select`, the register is at `window`."""

    select: Volatile[u32]
    unused: Array[u32] = array(3)
    window: Volatile[u32]


class IoApic(Struct):
    """An I/O APIC that is there: lines [first, end) of the global interrupts."""

    registers: u64
    first: u32
    end: u32


assert offsetof(IoRegisters, "window") == 16

x2apic: bool = False
io_apics: Array[IoApic] = array(acpi.IO_APICS)
io_apic_count: u32 = 0


@extern
def rdmsr(msr: u32) -> u64:
    """Read a model-specific register."""
    return 0


@extern
def wrmsr(msr: u32, value: u64) -> None:
    """Write a model-specific register."""


@extern
def cpuid_features() -> u64:
    """Return ECX << 32 | EDX of leaf 1."""
    return 0


@extern
def initial_apic_id() -> u32:
    """Return the APIC id of this CPU."""
    return 0


@extern
def set_trap_handler(vector: u8, handler: u64) -> None:
    """Have a function of a trap frame called for a vector."""


def read(register: u32) -> u32:
    """Read a register of this CPU's APIC."""
    if x2apic:
        return u32(rdmsr(MSR_X2APIC + (register >> 4)))
    return Register.at(BASE + u64(register)).value


def write(register: u32, value: u32) -> None:
    """Write a register of this CPU's APIC."""
    if x2apic:
        wrmsr(MSR_X2APIC + (register >> 4), value)
    else:
        Register.at(BASE + u64(register)).value = value


@export
def on_spurious() -> None:
    """Take a spurious interrupt. It gets no EOI: SDM vol. 3A, 11.9."""


def apic_init() -> None:
    """Find the APICs, start that of the boot CPU and mask all lines of devices."""
    global x2apic
    acpi.acpi_init(initial_apic_id())
    now = rdmsr(MSR_APIC_BASE)
    x2apic = now & BASE_X2APIC != 0 or (cpuid_features() >> 32) & CPUID_X2APIC != 0
    if not x2apic:
        map_kernel_page(BASE, now & BASE_ADDRESS, W | PWT | PCD)
    set_trap_handler(T_SPURIOUS, addressof(on_spurious))
    apic_start()
    for i in range(acpi.io_apic_count):
        add_io_apic(acpi.io_apics[i].address, acpi.io_apics[i].first)


def apic_start() -> None:
    """Start the APIC of this CPU: nothing but what the kernel asks for, and NMIs."""
    enable: u64 = BASE_ENABLE
    if rdmsr(MSR_APIC_BASE) & BASE_ENABLE == 0:  # from off to x2APIC mode there is no direct way
        wrmsr(MSR_APIC_BASE, rdmsr(MSR_APIC_BASE) | BASE_ENABLE)
    if x2apic:
        enable |= BASE_X2APIC
        wrmsr(MSR_APIC_BASE, rdmsr(MSR_APIC_BASE) | enable)
    assert rdmsr(MSR_APIC_BASE) & enable == enable, "the local APIC cannot be switched on"
    write(TPR, 0)
    write(SVR, SVR_ENABLE | T_SPURIOUS)  # before the LVT: while this is off, its entries stay masked
    write(LVT_TIMER, LVT_MASKED | T_TIMER)
    for pin in range(2):
        nmi = (acpi.nmi_pins >> pin) & 1 != 0
        write(LVT_LINT0 + 0x10 * u32(pin), 0x400 if nmi else LVT_MASKED)
    write(LVT_ERROR, LVT_MASKED)


def apic_id() -> u32:
    """Return the id of this CPU's APIC."""
    return read(ID) if x2apic else read(ID) >> 24


def eoi() -> None:
    """Tell that an interrupt was dealt with."""
    write(EOI, 0)


@export
def lapic_eoi() -> None:
    """Tell that an interrupt was dealt with: for assembly."""
    eoi()


def send(target: u32, what: u32) -> None:
    """Send to the CPU with this APIC id.

    The ICR of x2APIC mode may be written before earlier stores are seen; a locked instruction stands between, as
    requests to other CPUs are made by one.
    """
    if x2apic:
        wrmsr(MSR_X2APIC + (ICR_LOW >> 4), u64(target) << 32 | what)
        return
    rflags = irq_save()
    write(ICR_HIGH, target << 24)
    write(ICR_LOW, what)
    for _ in range(ICR_POLLS):
        if read(ICR_LOW) & ICR_PENDING == 0:
            break
        cpu_pause()
    irq_restore(rflags)


@export
def lapic_nmi_self() -> None:
    """Send an NMI to this CPU. The shorthand for that allows fixed interrupts only: SDM vol. 3A, 11.6.1."""
    send(apic_id(), SEND_NMI)


@export
def lapic_timer_start(count: u32) -> None:
    """Have an interrupt T_TIMER every `count` ticks of this CPU's APIC."""
    write(TIMER_DIVIDE, DIVIDE_BY_1)
    write(LVT_TIMER, LVT_PERIODIC | T_TIMER)
    write(TIMER_INITIAL, count)


@export
def lapic_timer_stop() -> None:
    """Stop this CPU's timer."""
    write(LVT_TIMER, LVT_MASKED | T_TIMER)
    write(TIMER_INITIAL, 0)


def lapic_timer_count() -> None:
    """Have this CPU's timer count down from 0xffffffff, without an interrupt."""
    write(TIMER_DIVIDE, DIVIDE_BY_1)
    write(LVT_TIMER, LVT_MASKED | T_TIMER)
    write(TIMER_INITIAL, 0xFFFF_FFFF)


def lapic_timer_current() -> u32:
    """Return the count of this CPU's timer."""
    return read(TIMER_CURRENT)


def io_read(io: IoApic, register: u32) -> u32:
    """Read a register of an I/O APIC."""
    registers = IoRegisters.at(io.registers)
    registers.select = register
    return registers.window


def io_write(io: IoApic, register: u32, value: u32) -> None:
    """Write a register of an I/O APIC."""
    registers = IoRegisters.at(io.registers)
    registers.select = register
    registers.window = value


def add_io_apic(pa: u64, first: u32) -> None:
    """Take an I/O APIC over, all lines masked, if there is one at this address."""
    global io_apic_count
    address = map_device(pa, 4096)
    if address == 0 or pa & 0xF != 0:
        kprint(f"no I/O APIC at {pa:#x}\n")
        return
    io = io_apics[io_apic_count]
    io.registers = address
    version = io_read(io, IO_VERSION)
    lines = ((version >> 16) & 0xFF) + 1
    if version == 0xFFFF_FFFF or lines > 240 or first > 0xFFFF:
        return
    io.first = first
    io.end = first + lines
    for line in range(lines):
        io_write(io, IO_LINES + 2 * u32(line), IO_MASKED)
    io_apic_count += 1


def line_of(irq: u32) -> tuple[u32, u32]:
    """Return the global interrupt of an IRQ and how it is signalled. All but ISA's are as those of PCI: level, low."""
    if irq < acpi.ISA_IRQS:
        line = acpi.isa[irq]
        low: u32 = IO_LOW if line.low else 0
        level: u32 = IO_LEVEL if line.level else 0
        return line.gsi, low | level
    return irq, IO_LOW | IO_LEVEL


def io_apic_of(gsi: u32) -> u32:
    """Return which I/O APIC has a global interrupt; io_apic_count if none has."""
    for i in range(io_apic_count):
        if io_apics[i].first <= gsi < io_apics[i].end:
            return u32(i)
    return io_apic_count


def irq_route(irq: u32, vector: u8, cpu: u32) -> bool:
    """Send an IRQ to a CPU as this vector, masked at first. False if the machine has no such line."""
    gsi, signal = line_of(irq)
    number = io_apic_of(gsi)
    target = cpu_at(cpu).apic_id
    if number == io_apic_count or target > 0xFF:
        return False
    io = io_apics[number]
    register: u32 = IO_LINES + 2 * (gsi - io.first)
    io_write(io, register, IO_MASKED)
    io_write(io, register + 1, target << 24)
    io_write(io, register, IO_MASKED | signal | vector)
    return True


def set_masked(irq: u32, masked: bool) -> None:
    """Mask or unmask the line of an IRQ."""
    gsi, _ = line_of(irq)
    number = io_apic_of(gsi)
    if number == io_apic_count:
        return
    io = io_apics[number]
    register: u32 = IO_LINES + 2 * (gsi - io.first)
    now = io_read(io, register)
    io_write(io, register, now | IO_MASKED if masked else now & ~u32(IO_MASKED))


def irq_mask(irq: u32) -> None:
    """Let no more interrupts of this line through."""
    set_masked(irq, True)


def irq_unmask(irq: u32) -> None:
    """Let interrupts of this line through."""
    set_masked(irq, False)


def irq_hold(irq: u32) -> None:
    """Let none through until irq_unmask, if the line is level-triggered: it would come at once again.

    An edge-triggered line stays open: an edge that comes while it is masked would be lost for ever.
    """
    _, signal = line_of(irq)
    if signal & IO_LEVEL != 0:
        irq_mask(irq)
