"""What the firmware's ACPI tables say about CPUs, interrupts and the timer: ACPI 6.5, 5.2.

Nothing in the tables is believed: each is read only within its length, which is bounded, and only if its bytes sum up
to 0. Without tables there is one CPU, and an I/O APIC is looked for where PCs have had it.
"""

from typing import Final

from exotool.lang import Array, Ptr, Struct, array, u8, u16, u32, u64
from kernel.bootinfo import start_info
from kernel.cpu import physical_bits
from kernel.layout import CPUS, PAGE_SIZE
from kernel.vm import map_table

HEADER: Final = 36  # of every table but the RSDP; the length is at 4, the tables of an RSDT or XSDT stand behind it
MAX_TABLE: Final = 0x1_0000
MAX_TABLES: Final = 128
MADT_ENTRIES: Final = 44
FADT_PM_TIMER: Final = 76
FADT_X_PM_TIMER: Final = 208
FADT_FLAGS: Final = 112
HARDWARE_REDUCED: Final = 1 << 20

# Types of entries of a MADT.
LOCAL_APIC: Final = 0
IO_APIC: Final = 1
OVERRIDE: Final = 2
LOCAL_NMI: Final = 4
LOCAL_X2APIC: Final = 9
LOCAL_X2APIC_NMI: Final = 10

ENABLED: Final = 1
IO_APICS: Final = 8
ISA_IRQS: Final = 16
DEFAULT_IO_APIC: Final = 0xFEC0_0000

RSDP: Final[Array[u8]] = array(b"RSD PTR ")
RSDT: Final[Array[u8]] = array(b"RSDT")
XSDT: Final[Array[u8]] = array(b"XSDT")
MADT: Final[Array[u8]] = array(b"APIC")
FADT: Final[Array[u8]] = array(b"FACP")


class Window(Struct):
    """Pages of tables that are mapped."""

    start: u64
    end: u64
    address: u64


class IoApic(Struct):
    """An I/O APIC; its first line is the global interrupt `first`."""

    address: u64
    first: u32


class Line(Struct):
    """The global interrupt that an ISA one is connected to, and how it is signalled."""

    gsi: u32
    low: bool
    level: bool


windows: Array[Window] = array(16)
window_count: u32 = 0

cpu_ids: Array[u32] = array(CPUS)  # APIC ids of the CPUs that can be used, in the order of the table
cpu_id_count: u32 = 0
cpus_left_out: u32 = 0  # what did not fit
io_apics: Array[IoApic] = array(IO_APICS)
io_apic_count: u32 = 0
isa: Array[Line] = array(ISA_IRQS)
nmi_pins: u32 = 0  # bit n: the local APICs' pin LINTn is an NMI
pm_timer: u16 = 0  # I/O port; 0: none


def byte(address: u64) -> u64:
    """Read a byte."""
    return Ptr[u8](address)[0]


def word(address: u64) -> u32:
    """Read 16 bits at any address."""
    return u32(byte(address) | byte(address + 1) << 8)


def dword(address: u64) -> u32:
    """Read 32 bits at any address."""
    return word(address) | word(address + 2) << 16


def qword(address: u64) -> u64:
    """Read 64 bits at any address."""
    return dword(address) | u64(dword(address + 4)) << 32


def view(pa: u64, size: u64) -> u64:
    """Return where a part of the tables can be read; 0 if it cannot be mapped."""
    global window_count
    end = u64(1) << physical_bits()
    if pa == 0 or pa >= end or size > end - pa:
        return 0
    for i in range(window_count):
        w = windows[i]
        if w.start <= pa and pa + size <= w.end:
            return w.address + (pa - w.start)
    first = pa & ~u64(PAGE_SIZE - 1)
    last = (pa + size + PAGE_SIZE - 1) & ~u64(PAGE_SIZE - 1)
    address = map_table(first, last - first)
    if address == 0:
        return 0
    if window_count < len(windows):
        w = windows[window_count]
        w.start = first
        w.end = last
        w.address = address
        window_count += 1
    return address + (pa - first)


def sums_to_zero(address: u64, size: u64) -> bool:
    """Tell whether bytes sum up to 0, as those of every table do."""
    total: u64 = 0
    for i in range(size):
        total += byte(address + i)
    return total & 0xFF == 0


def signed_as(address: u64, signature: Array[u8]) -> bool:
    """Tell whether there is this signature."""
    for i, c in enumerate(signature):
        if byte(address + i) != c:
            break
    else:
        return True
    return False


def table(pa: u64, signature: Array[u8]) -> tuple[u64, u64]:
    """Return address and length of the table at `pa` if it is of this kind and intact; (0, 0) if not."""
    address = view(pa, HEADER)
    if address == 0 or not signed_as(address, signature):
        return 0, 0
    size: u64 = dword(address + 4)
    if size < HEADER or size > MAX_TABLE:
        return 0, 0
    address = view(pa, size)
    if address == 0 or not sums_to_zero(address, size):
        return 0, 0
    return address, size


def is_rsdp(address: u64) -> bool:
    """Tell whether there is an RSDP."""
    return signed_as(address, RSDP) and sums_to_zero(address, 20)


def scan(pa: u64, size: u64) -> u64:
    """Look for the RSDP in memory; 0 if there is none."""
    address = view(pa, size)
    if address == 0 or size < 20:
        return 0
    for offset in range(0, size - 19, 16):
        if is_rsdp(address + offset):
            return address + offset
    return 0


def find_rsdp() -> u64:
    """Return the address of the RSDP: that of the boot loader, or where PC firmware keeps it; 0 if there is none."""
    address = view(start_info().rsdp, 36)
    if address != 0 and is_rsdp(address):
        return address
    ebda = view(0x40E, 2)
    if ebda != 0 and word(ebda) != 0:
        address = scan(u64(word(ebda)) << 4, 1024)
        if address != 0:
            return address
    return scan(0xE_0000, 0x2_0000)


def read_root(pa: u64, signature: Array[u8], width: u64) -> bool:
    """Read the tables that an RSDT or XSDT lists, whose addresses are `width` bytes. False if it is not intact."""
    address, size = table(pa, signature)
    if address == 0:
        return False
    for i in range(min((size - HEADER) // width, MAX_TABLES)):
        place = address + HEADER + i * width
        entry = qword(place) if width == 8 else dword(place)
        madt, madt_size = table(entry, MADT)
        if madt != 0:
            read_madt(madt, madt_size)
        else:
            fadt, fadt_size = table(entry, FADT)
            if fadt != 0:
                read_fadt(fadt, fadt_size)
    return True


def read_fadt(address: u64, size: u64) -> None:
    """Note the port of the power-management timer."""
    global pm_timer
    if size < FADT_FLAGS + 4 or dword(address + FADT_FLAGS) & HARDWARE_REDUCED != 0:
        return
    port = dword(address + FADT_PM_TIMER)
    if port == 0 and size >= FADT_X_PM_TIMER + 12 and byte(address + FADT_X_PM_TIMER) == 1:  # in the I/O space
        port = dword(address + FADT_X_PM_TIMER + 4)
    if 0 < port <= 0xFFFC:
        pm_timer = u16(port)


def add_cpu(apic_id: u32, flags: u32) -> None:
    """Note a CPU that can be used, once."""
    global cpu_id_count, cpus_left_out
    if flags & ENABLED == 0:
        return
    for i in range(cpu_id_count):
        if cpu_ids[i] == apic_id:
            return
    if cpu_id_count == CPUS:
        cpus_left_out += 1
        return
    cpu_ids[cpu_id_count] = apic_id
    cpu_id_count += 1


def add_io_apic(pa: u64, first: u32) -> None:
    """Note an I/O APIC."""
    global io_apic_count
    if io_apic_count < IO_APICS:
        io_apics[io_apic_count].address = pa
        io_apics[io_apic_count].first = first
        io_apic_count += 1


def add_override(irq: u64, gsi: u32, flags: u32) -> None:
    """Note how an ISA interrupt is connected. Flags as in the MPS: 2 bits polarity, 2 bits trigger; 0: as the bus."""
    if irq < ISA_IRQS:
        line = isa[irq]
        line.gsi = gsi
        line.low = flags & 3 == 3
        line.level = (flags >> 2) & 3 == 3


def add_nmi(pin: u64) -> None:
    """Note an NMI at a pin of the local APICs. Those of single CPUs are taken for those of all."""
    global nmi_pins
    if pin < 2:
        nmi_pins |= u32(1) << u32(pin)


def read_madt(address: u64, size: u64) -> None:
    """Read CPUs, I/O APICs and how interrupts are connected."""
    offset: u64 = MADT_ENTRIES
    while offset + 2 <= size:
        entry = address + offset
        kind = byte(entry)
        length = byte(entry + 1)
        if length < 2 or length > size - offset:
            return
        if kind == LOCAL_APIC and length >= 8:
            add_cpu(u32(byte(entry + 3)), dword(entry + 4))
        elif kind == LOCAL_X2APIC and length >= 16:
            add_cpu(dword(entry + 4), dword(entry + 8))
        elif kind == IO_APIC and length >= 12:
            add_io_apic(dword(entry + 4), dword(entry + 8))
        elif kind == OVERRIDE and length >= 10:
            add_override(byte(entry + 3), dword(entry + 4), word(entry + 8))
        elif kind == LOCAL_NMI and length >= 6:
            add_nmi(byte(entry + 5))
        elif kind == LOCAL_X2APIC_NMI and length >= 12:
            add_nmi(byte(entry + 8))
        offset += length


def put_first(apic_id: u32) -> None:
    """Make the boot CPU the first one, whether the tables know it or not."""
    global cpu_id_count
    last = min(cpu_id_count, CPUS - 1)
    for i in range(cpu_id_count):
        if cpu_ids[i] == apic_id:
            last = u32(i)
            break
    else:
        cpu_id_count = last + 1
    for i in reversed(range(last)):
        cpu_ids[i + 1] = cpu_ids[i]
    cpu_ids[0] = apic_id


def acpi_init(boot_cpu: u32) -> None:
    """Read the tables. `boot_cpu` is the APIC id of the CPU that this runs on; it becomes the first."""
    for i in range(ISA_IRQS):
        isa[i].gsi = u32(i)
    rsdp = find_rsdp()
    if rsdp != 0:
        xsdt: u64 = qword(rsdp + 24) if byte(rsdp + 15) >= 2 else 0
        if xsdt == 0 or not read_root(xsdt, XSDT, 8):
            read_root(dword(rsdp + 16), RSDT, 4)
    put_first(boot_cpu)
    if io_apic_count == 0:
        add_io_apic(DEFAULT_IO_APIC, 0)
    if nmi_pins == 0:
        add_nmi(1)  # as the MP specification has it
