"""Interrupts, ports, slices, the console."""

from typing import Final

from exotool.lang import Array, addressof, array, extern, i64, u8, u64
from kernel.abi.numbers import INFO_CPU, INFO_TICKS, READ, WRITE
from kernel.errno import EACCES, EAGAIN, EBUSY, EFAULT, EINVAL, ENOSPC, ERANGE
from libos.calls import (
    exo_cap_derive,
    exo_clock,
    exo_info,
    exo_irq_ack,
    exo_irq_bind,
    exo_notify_take,
    exo_port_bind,
    exo_port_unbind,
    exo_read,
    exo_slice_bind,
    exo_slice_unbind,
    exo_write,
    exo_yield,
)
from libos.memory import drop
from libos.words import spin_pause
from user.usertests.envs import count_for_ever
from user.usertests.harness import check, equal, need, same, test
from user.usertests.support import (
    ALL,
    KERNEL_TEXT,
    NEVER,
    NOT_CANONICAL,
    PATIENCE,
    SECOND,
    UNMAPPED,
    catch_faults,
    children,
    given,
    goes_on,
    join,
    probe_call,
    stands_still,
    start,
    watch,
)

CMOS: Final = 0x70  # of the clock chip: reading and writing its index does nothing else
COM1: Final = 0x3F8
COM1_LINE: Final = 4
IER: Final = 1
IIR: Final = 2
MCR: Final = 4
LSR: Final = 5
THRE: Final = 2
EMPTY: Final = 0x40
DTR: Final = 1
RTS: Final = 2
OUT2: Final = 8
BITS: Final = 1 << 20
DELAYS: Final = 0x80  # the port that nobody listens to

ids: Array[u64] = array(16)
text: Array[u8] = array(8)


@extern
def probe_in(port: u64) -> u64:
    """Read a port."""
    return 0


@extern
def probe_out(port: u64, value: u64) -> u64:
    """Write a port."""
    return 0


def port_fails(port: u64) -> bool:
    """Tell whether reading a port faults."""
    watch.count = 0
    probe_call(addressof(probe_in), port, 0)
    return watch.count != 0


def ports() -> None:
    catch_faults()
    check(port_fails(CMOS), "a port that is not bound")
    same(watch.trapno, 13, "that is a general protection fault")
    bound = need(exo_cap_derive(given.ports, CMOS, CMOS + 2, ALL), "derive")
    equal(exo_port_bind(bound), 0, "bind")
    check(not port_fails(CMOS), "the first port")
    check(not port_fails(CMOS + 1), "the second port")
    check(port_fails(CMOS - 1), "the port before")
    check(port_fails(CMOS + 2), "the port behind")
    equal(exo_port_bind(bound), -EBUSY, "bind again")
    equal(exo_port_unbind(bound), 0, "unbind")
    check(port_fails(CMOS), "the port afterwards")
    equal(exo_port_unbind(bound), -EINVAL, "unbind again")
    equal(exo_port_bind(bound), 0, "bind once more")
    equal(drop(bound), 0, "drop")
    check(port_fails(CMOS), "the port without a capability")


def ports_are_ones_own() -> None:
    catch_faults()
    bound = need(exo_cap_derive(given.ports, DELAYS, DELAYS + 1, ALL), "derive")
    equal(exo_port_bind(bound), 0, "bind")
    if start(0, read_port, DELAYS):
        for _ in range(10):
            exo_yield(0)
            check(not port_fails(DELAYS), "the port, whoever ran in between")
        equal(join(0), 0x2_0000_0000 + 13, "the port in a child")
    drop(bound)


def read_port(page: u64) -> u64:
    """Read a port that is another one's."""
    return probe_in(DELAYS)


def ports_refused() -> None:
    for i in range(9):
        first = 0x200 + u64(i) * 16
        ids[i] = need(exo_cap_derive(given.ports, first, first + 1, ALL), "derive")
        equal(exo_port_bind(ids[i]), 0 if i < 8 else -ENOSPC, "bind")
    for i in range(9):
        drop(ids[i])
    reader = need(exo_cap_derive(given.ports, CMOS, CMOS + 1, READ), "derive")
    equal(exo_port_bind(reader), -EACCES, "without WRITE")
    drop(reader)
    equal(exo_cap_derive(given.ports, 0x1_0000, 0x1_0001, READ), -ERANGE, "a port that there is not")


def interrupts() -> None:
    """Let the UART interrupt when it can take a byte: National Semiconductor, PC16550D, 8.6."""
    catch_faults()
    uart = need(exo_cap_derive(given.ports, COM1, COM1 + 8, ALL), "derive")
    equal(exo_port_bind(uart), 0, "bind the UART's ports")
    line = need(exo_cap_derive(given.irqs, COM1_LINE, COM1_LINE + 1, ALL), "derive")
    equal(exo_irq_bind(line, COM1_LINE, BITS), 0, "bind the interrupt")
    equal(exo_irq_bind(line, COM1_LINE, 1), -EBUSY, "bind it again")
    probe_out(COM1 + MCR, DTR | RTS | OUT2)
    for _ in range(5):
        send_interrupt()
        equal(wait_or_give_up(BITS, PATIENCE), BITS, "an interrupt")
        equal(exo_irq_ack(line, COM1_LINE), 0, "acknowledge")
    send_interrupt()
    equal(wait_or_give_up(BITS, PATIENCE), BITS, "one more")
    send_interrupt()
    equal(wait_or_give_up(BITS, SECOND // 50), 0, "none before it is acknowledged")
    equal(exo_irq_ack(line, COM1_LINE), 0, "acknowledge")
    probe_out(COM1 + IER, 0)
    probe_out(COM1 + MCR, DTR | RTS)
    drop(line)
    exo_notify_take(BITS)
    equal(exo_irq_ack(given.irqs, COM1_LINE), -EINVAL, "acknowledging what is not bound")
    drop(uart)


def send_interrupt() -> None:
    """Have the UART interrupt once, when all that was printed has left it."""
    probe_out(COM1 + IER, 0)
    while probe_in(COM1 + LSR) & EMPTY == 0:
        exo_yield(0)
    probe_out(COM1 + IER, THRE)
    probe_in(COM1 + IIR)


def wait_or_give_up(bits: u64, patience: i64) -> i64:
    """Return notification bits that come within some nanoseconds."""
    end = exo_clock() + patience
    while exo_clock() < end:
        got = exo_notify_take(bits)
        if got != 0:
            return got
        exo_yield(0)
    return 0


def interrupts_refused() -> None:
    line = need(exo_cap_derive(given.irqs, 5, 7, ALL), "derive")
    equal(exo_irq_bind(line, 4, 1), -ERANGE, "a line before the capability's")
    equal(exo_irq_bind(line, 7, 1), -ERANGE, "a line behind the capability's")
    equal(exo_irq_bind(line, 64, 1), -EINVAL, "a line that there is not")
    equal(exo_irq_bind(line, 5, 0), -EINVAL, "no bits")
    equal(exo_irq_ack(line, 5), -EINVAL, "acknowledging what is not bound")
    drop(line)
    mute = need(exo_cap_derive(given.irqs, 5, 6, WRITE), "derive")
    equal(exo_irq_bind(mute, 5, 1), -EACCES, "without READ")
    drop(mute)


def slices() -> None:
    if start(0, count_for_ever, 0):
        env = children[0].env
        check(goes_on(0, 0), "it counts in its slice")
        equal(exo_slice_unbind(children[0].slices), 0, "take the slice away")
        check(stands_still(0, 0), "it does not count without one")
        equal(exo_slice_bind(children[0].slices, env), 0, "give it again")
        check(goes_on(0, 0), "it counts again")
        equal(exo_slice_bind(given.slices, env), -EBUSY, "all slices: some are bound by another capability")
        drop(children[0].slices)
        children[0].slices = 0
        check(stands_still(0, 0), "a dropped capability takes its slice")
        drop(env)
        children[0].env = 0
        join(0)


def more_slices_more_time() -> None:
    """Let two children count, one in three times as many slices. What else the computer does disturbs this."""
    if start(0, count_for_ever, 0) and start(1, count_for_ever, 0):
        more = need(exo_cap_derive(given.slices, 20, 22, ALL), "derive")
        equal(exo_slice_bind(more, children[1].env), 0, "two more slices")
        for _ in range(10):
            ratio = share()
            if 20 <= ratio <= 45:
                break
        check(20 <= ratio <= 45, "about three times as much")
        drop(more)
        drop(children[0].env)
        drop(children[1].env)
        children[0].env = 0
        children[1].env = 0
        join(0)
        join(1)


def share() -> u64:
    """Return how much faster the second child counts than the first, in tenths."""
    first, second = children[0].page(), children[1].page()
    first.words[0] = 0
    second.words[0] = 0
    begun = exo_info(INFO_TICKS, 0)
    while exo_info(INFO_TICKS, 0) < begun + 60:
        exo_yield(0)
    return second.words[0] * 10 // (first.words[0] + 1)


def slices_refused() -> None:
    none = need(exo_cap_derive(given.slices, 30, 31, READ), "derive")
    equal(exo_slice_bind(none, 0), -EACCES, "without WRITE")
    drop(none)
    equal(exo_cap_derive(given.slices, 8 * 64, 8 * 64 + 1, READ), -ERANGE, "a CPU that there is not")


def preempted() -> None:
    """See that a program that calls nothing does not keep the CPU."""
    if start(0, count_for_ever, 0):
        check(goes_on(0, 0), "it runs")
        begun = exo_info(INFO_TICKS, u64(exo_info(INFO_CPU, 0)))
        for _ in range(5):
            exo_yield(0)
        check(exo_info(INFO_TICKS, 0) - begun < 100, "this program runs again in time")
        drop(children[0].env)
        children[0].env = 0
        join(0)


def time() -> None:
    before = exo_clock()
    for _ in range(1000):
        now = exo_clock()
        check(now >= before, "time does not run backwards")
        before = now
    ticks = exo_info(INFO_TICKS, 0)
    end = exo_clock() + SECOND // 5
    while exo_clock() < end:
        spin_pause()
    check(exo_info(INFO_TICKS, 0) > ticks, "the timer ticks")
    equal(exo_info(INFO_TICKS, 1000), -EINVAL, "ticks of a CPU that there is not")
    equal(exo_info(18, 0), -EINVAL, "a number that there is not")


def the_console() -> None:
    equal(exo_write(given.console, addressof(text), 0), 0, "no text")
    equal(exo_write(given.console, UNMAPPED, 1), -EFAULT, "text that is not mapped")
    equal(exo_write(given.console, KERNEL_TEXT, 1), -EFAULT, "text of the kernel")
    equal(exo_write(given.console, NOT_CANONICAL, 1), -EFAULT, "text nowhere")
    equal(exo_write(given.console, addressof(text), NEVER), -EFAULT, "too much text")
    check(exo_read(given.console) == -EAGAIN, "nothing was typed")


def run() -> None:
    """Run these tests."""
    test("device.ports", ports)
    test("device.own_ports", ports_are_ones_own)
    test("device.ports_refused", ports_refused)
    test("device.interrupt", interrupts)
    test("device.interrupt_refused", interrupts_refused)
    test("device.console", the_console)
    test("time.slices", slices)
    test("time.shares", more_slices_more_time)
    test("time.slices_refused", slices_refused)
    test("time.preempted", preempted)
    test("time.clock", time)
