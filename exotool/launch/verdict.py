"""Evidence -> outcome.

What a guest must do, whichever kernel it is:

- success: print the line `exotool: ok NONCE`, with the nonce from `exotool.nonce=` on its command line, and then write
  0x10 to the exit port 0xf4. Neither alone proves anything: another guest may print the line's words, and a guest that
  jumped into nowhere may write to the port.
- failed tests: write 0x11. Panic: print a line that begins with `panic:`, then one line `  #0 0x...` for each frame of
  the backtrace, and write 0x12.

A project's `[check]` replaces the first of these (see `check`).

The status of QEMU's isa-debug-exit is (value << 1 | 1) & 255; 1 is also QEMU's status for its own errors.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from exotool.launch.check import CheckState
from exotool.launch.descriptors import faults
from exotool.launch.exceptions import TRIPLE_FAULT, ExceptionRecord
from exotool.launch.options import BootOptions
from exotool.launch.outcome import Kind, Outcome, Spot
from exotool.launch.postmortem import PostMortem
from exotool.launch.registers import RFLAGS_IF
from exotool.launch.serial import SerialText
from exotool.launch.session import ANSWER_SECONDS, Evidence
from exotool.launch.startup import own_words
from exotool.launch.symbols import Symbolizer
from exotool.launch.trace import TRACED, Step, trace_lines
from exotool.launch.unwind import Caller, unwind

EXIT_SUCCESS: Final = 0x10
EXIT_TESTS_FAILED: Final = 0x11
EXIT_PANIC: Final = 0x12

MAX_SPOTS: Final = 8

NULL_PAGE: Final = 4096
STACK_REACH: Final = 4096
"""How far below the stack pointer a stack that ran over its end is written."""

LONGEST_INSTRUCTION: Final = 15


def decide(
    evidence: Evidence, serial: SerialText, check: CheckState, options: BootOptions, symbols: Symbolizer
) -> Outcome:
    """Return the outcome of a run in which the guest started."""
    judge = _Judge(evidence, serial, check, options, symbols)
    if check.is_decided and evidence.ended != "interrupted":
        return judge.decided()
    by_end = {
        "exited": judge.exited,
        "reset": judge.reset,
        "shutdown": judge.shutdown,
        "panicked": judge.panicked,
        "dead": judge.dead,
        "spinning": judge.spinning,
        "decided": judge.decided,
        "settled": judge.settled,
        "time_out": judge.time_out,
        "interrupted": judge.interrupted,
    }
    return by_end[evidence.ended]()


def spots_of(records: list[ExceptionRecord], symbols: Symbolizer) -> tuple[Spot, ...]:
    """Return where each exception of a chain was met."""
    return tuple(Spot(0, record.pc, symbols.where(record.pc)) for record in records)


def step_lines(steps: Sequence[Step], symbols: Symbolizer) -> tuple[str, ...]:
    """Return executed instructions as text: address, place, and the instruction if the image has its bytes."""
    import capstone

    decoder = capstone.Cs(capstone.CS_ARCH_X86, capstone.CS_MODE_64)
    decoder.syntax = capstone.CS_OPT_SYNTAX_ATT
    in_32_bits = capstone.Cs(capstone.CS_ARCH_X86, capstone.CS_MODE_32)
    in_32_bits.syntax = capstone.CS_OPT_SYNTAX_ATT

    def describe(step: Step) -> str:
        chosen = decoder if step.is_64bit else in_32_bits
        found = next(chosen.disasm_lite(symbols.code(step.address, LONGEST_INSTRUCTION), step.address, 1), None)
        text = f"{found[2]} {found[3]}".strip() if found else ""
        return "  ".join(filter(None, (symbols.where(step.address), text)))

    return tuple(trace_lines(list(steps)[-TRACED:], describe))


def fault_notes(chain: Sequence[ExceptionRecord], post: PostMortem, symbols: Symbolizer) -> tuple[str, ...]:
    """Return what the faulting address and the descriptor tables say about a triple fault."""
    notes: list[str] = []
    met = next((record for record in chain if record.cr2 is not None), None)
    if met is not None and met.cr2 is not None:
        notes.append(_address_note(met, met.cr2, symbols))
    if chain[0].cpu is not None:
        vectors = [vector for record in chain if record.cpu for vector in (record.raised, record.vector)]
        if chain[-1].cpu is None:
            vectors.append(chain[-1].raised)
        notes += faults(chain[0].cpu, post.tables, vectors, lambda address: "code" * bool(symbols.code(address, 1)))
    return tuple(notes)


def _address_note(record: ExceptionRecord, address: int, symbols: Symbolizer) -> str:
    code = record.error_code or 0
    # Without EFER.NXE the error code does not tell a fetch.
    fetch = code & 16 or (address == record.pc and not code & 2)
    access = "jump to" if fetch else "write to" if code & 2 else "read of"
    words = [f"{access} {'mapped' if code & 1 else 'unmapped'} page {address & ~0xFFF:#x}"]
    near = symbols.nearest(address)
    if address < NULL_PAGE:
        words.append(f"{address} bytes past a null pointer" if address else "a null pointer")
    elif near:
        words.append(near)
    if record.cpu is not None and 0 <= record.cpu.values.get("rsp", 0) - address <= STACK_REACH:
        words.append("just below the stack pointer: the stack is too small, or recursion does not end")
    return ", ".join(words)


class _Judge:
    def __init__(
        self, evidence: Evidence, serial: SerialText, check: CheckState, options: BootOptions, symbols: Symbolizer
    ) -> None:
        self.evidence, self.serial, self.check = evidence, serial, check
        self.options, self.symbols = options, symbols

    def outcome(self, kind: Kind, message: str, **details: Any) -> Outcome:
        frames = self.serial.frames if kind == "panic" else []
        return Outcome(
            kind,
            message,
            self.evidence.seconds,
            panic=self.serial.panic,
            backtrace=tuple(f"{line.text.strip()}  {line.annotation}".rstrip() for line in frames),
            serial=tuple(line.text for line in self.serial.tail) if kind != "success" else (),
            **details,
        )

    def state(self) -> dict[str, Any]:
        """Return the registers at the end, for the outcomes in which the guest did not end by itself."""
        cpus = self.evidence.cpus
        stacks = zip(cpus, self.evidence.post.stacks, strict=False)
        return {
            "cpus": cpus,
            # A halted CPU is behind its `hlt`, which may be the last instruction of its function.
            "spots": tuple(Spot(c.number, c.rip, self.symbols.where(c.rip, is_return=c.halted)) for c in cpus),
            "callers": tuple(tuple(map(self.caller, unwind(c, s, self.symbols.is_return))) for c, s in stacks),
        }

    def caller(self, caller: Caller) -> str:
        where = self.symbols.where(caller.address, is_return=True)
        return f"{'' if caller.certain else '? '}{caller.address:#x} {where}".rstrip()

    def panic(self, then: str, **details: Any) -> Outcome:
        """Return the outcome of a guest that printed `panic:` and then did something else than exit with 0x12."""
        said = self.serial.panic.removeprefix("panic:").strip() or "without a reason"
        return self.outcome("panic", f"{said} ({then})", **details)

    def exited(self) -> Outcome:
        status = self.evidence.status
        if status is None or status < 0 or status % 2 == 0:
            how = "did not end" if status is None else f"was ended by signal {-status}" if status < 0 else "ended"
            if status is not None and status >= 0:
                how += f" by itself with status {status}"
            return self.outcome("qemu_error", f"QEMU {how} while the guest ran", qemu=own_words(self.evidence.log))
        value = status >> 1
        if self.check.check.is_custom and not self.serial.panic:
            return self.custom_exit(value)
        if value == EXIT_SUCCESS:
            return self.success(value)
        if value == EXIT_TESTS_FAILED:
            return self.outcome("tests_failed", f"the guest's tests failed (exit value {value:#x})", exit_value=value)
        if value == EXIT_PANIC or self.serial.panic:
            said = self.serial.panic.removeprefix("panic:").strip()
            return self.outcome("panic", said or f"the guest panicked (exit value {value:#x})", exit_value=value)
        if value == 0:
            message = "QEMU ended with status 1: the guest wrote 0 to the exit port, or QEMU failed"
            help_ = "a guest must not write 0, which cannot be told from a failure of QEMU"
            return self.outcome("failed", message, exit_value=0, qemu=own_words(self.evidence.log), help=(help_,))
        return self.outcome("failed", f"the guest ended with exit value {value:#x}", exit_value=value)

    def custom_exit(self, value: int) -> Outcome:
        """Judge an exit value by the check: here something else than exotool's own protocol is asked for."""
        wanted, missing = self.check.check.exit, self.check.missing()
        if value == wanted and not missing:
            return self.outcome("success", f"in {self.evidence.seconds:.2f} s", exit_value=value)
        message = f"the guest ended with exit value {value:#x}"
        if wanted is not None and value != wanted:
            message += f", not {wanted:#x}"
        return self.outcome("failed", message, exit_value=value, notes=self.unseen())

    def decided(self) -> Outcome:
        if self.check.failure:
            message = f"the guest printed `{self.check.failure}`, which the check counts as a failure"
            return self.outcome("failed", message)
        return self.outcome("success", f"in {self.evidence.seconds:.2f} s")

    def settled(self) -> Outcome:
        return self.panic("then it ran on, and printed nothing more", **self.state())

    def unseen(self) -> tuple[str, ...]:
        """Return a note on what the check still waits for."""
        missing = self.check.missing()
        return (f"not seen: {', '.join(missing)}",) if self.check.check.is_custom and missing else ()

    def success(self, value: int) -> Outcome:
        if self.serial.proved:
            return self.outcome("success", f"in {self.evidence.seconds:.2f} s", exit_value=value)
        return self.outcome(
            "failed",
            f"the guest wrote the success value {value:#x}, but did not print the line that proves it",
            exit_value=value,
            notes=(f"expected on the serial line: exotool: ok {self.options.nonce}",),
            help=(
                "print `exotool: ok ` and the value of `exotool.nonce=` from the kernel's command line, then wait "
                "until the UART is empty (LSR bit 6) and write 0x10 to port 0xf4",
            ),
        )

    def reset(self) -> Outcome:
        if TRIPLE_FAULT in self.evidence.log:
            return self.outcome("triple_fault", "the CPU met an exception that it could not deliver", **self.state())
        if self.options.accelerator == "kvm":
            message = "the guest reset the machine, or triple-faulted: KVM does not tell which"
            return self.outcome("reset", message, **self.state())
        if self.serial.panic:
            return self.panic("then it reset the machine", **self.state())
        message = "the guest reset the machine"
        note = "there was no triple fault: it wrote to the keyboard controller (0x64) or the reset port (0xcf9)"
        return self.outcome("reset", message, notes=(note, *self.forgotten_exit()), **self.state())

    def shutdown(self) -> Outcome:
        if self.serial.panic:
            return self.panic("then it powered the machine off", **self.state())
        if self.check.check.is_custom:
            message = "the guest powered the machine off before it did what the check asks for"
            return self.outcome("power_off", message, notes=self.unseen(), **self.state())
        note = "powering off says nothing about success: write 0x10 to port 0xf4 instead"
        return self.outcome("power_off", "the guest powered the machine off by ACPI", notes=(note,), **self.state())

    def panicked(self) -> Outcome:
        if self.serial.panic:
            return self.panic("reported by pvpanic", **self.state())
        return self.outcome("panic", "the guest reported a panic through pvpanic", **self.state())

    def dead(self) -> Outcome:
        if self.serial.panic:
            return self.panic("then it halted", **self.state())
        who = "the CPU is" if len(self.evidence.cpus) == 1 else "all CPUs are"
        message = f"{who} halted with interrupts off: nothing can wake the guest"
        return self.outcome("hang", message, notes=(*self.forgotten_exit(), *self.unseen()), **self.state())

    def spinning(self) -> Outcome:
        if self.serial.panic:
            return self.panic("then it looped", **self.state())
        cpu = next(cpu for cpu in self.evidence.cpus if not cpu.halted)
        body = {step.address for step in self.evidence.steps if step.cpu == cpu.number}
        size = f"a loop of {len(body)} instruction{'s' * (len(body) != 1)}" if body else "a small loop"
        off = "interrupts are off" if not cpu.rflags & RFLAGS_IF else "no interrupt comes"
        return self.outcome(
            "hang",
            f"CPU {cpu.number} goes round {size} that changes nothing, and {off}: it will never do anything else",
            instructions=step_lines(self.evidence.steps, self.symbols),
            notes=(*self.forgotten_exit(), *self.unseen()),
            help=("if it waits for something that takes long, give it more time with `--hang-after`",),
            **self.state(),
        )

    def time_out(self) -> Outcome:
        if not self.evidence.answered:
            message = f"QEMU does not answer: nothing came on its control connection for {ANSWER_SECONDS:g} s"
            return self.outcome("qemu_error", message, qemu=own_words(self.evidence.log))
        if self.serial.panic:
            return self.panic(f"then it ran on until the time limit of {self.options.timeout:g} s", **self.state())
        samples = self.evidence.samples
        halted = sum(sample.halted for sample in samples)
        if samples and halted == len(samples):
            doing = "idle: every look found it halted, waiting for an interrupt"
        elif samples and not halted:
            doing = "running: no look found it halted"
        else:
            doing = f"halted at {halted} of {len(samples)} looks"
        return self.outcome(
            "time_out",
            f"the guest did not end within {self.options.timeout:g} s; it was {doing}",
            samples=self.sample_spots(),
            instructions=step_lines(self.evidence.steps, self.symbols),
            notes=(*self.forgotten_exit(), *self.unseen()),
            help=("give it more time with `--timeout`, or look inside with `--gdb`",),
            **self.state(),
        )

    def interrupted(self) -> Outcome:
        return self.outcome("interrupted", f"by {self.evidence.signal}, after {self.evidence.seconds:.2f} s")

    def forgotten_exit(self) -> tuple[str, ...]:
        if not self.serial.proved:
            return ()
        return ("the line that proves success was printed, but 0x10 was not written to port 0xf4 after it",)

    def sample_spots(self) -> tuple[Spot, ...]:
        """Return where the CPUs were on the way: the places met most often, by function and line if known."""
        total = len(self.evidence.samples)
        counts: Counter[tuple[int, str]] = Counter()
        example: dict[tuple[int, str], int] = {}
        for sample in self.evidence.samples:
            key = (sample.cpu, self.symbols.where(sample.rip) or f"{sample.rip:#x}")
            counts[key] += 1
            example.setdefault(key, sample.rip)
        return tuple(
            Spot(key[0], example[key], self.symbols.where(example[key]), round(100 * count / total))
            for key, count in counts.most_common(MAX_SPOTS)
        )
