"""What a boot must show: `[check]` for kernels without exotool's own protocol, `[[test.boot]]` for tests."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from exotool.diagnostics import Diagnostic, ExitCode, ToolError
from exotool.tables import Table, parse_size

MAX_SMP: Final = 255

MAX_EXIT_VALUE: Final = 0x7F
"""QEMU's exit status for a value v is (v << 1 | 1) & 255: larger values cannot be told apart."""


@dataclass(frozen=True, slots=True)
class Check:
    """What the guest must do, all of it, and what ends it at once.

    `line` is a whole line of the serial line, `regex` is searched in each line, `prompt` is text that the unfinished
    last line ends with, `exit` the value written to the exit port, `event` a QMP event, perhaps with its reason
    (`SHUTDOWN:guest-shutdown`). A line that one of `panic` or `fail` is found in means a panic or a failure.
    """

    line: str = ""
    regex: str = ""
    prompt: str = ""
    exit: int | None = None
    event: str = ""
    panic: tuple[str, ...] = ()
    fail: tuple[str, ...] = ()

    @property
    def is_custom(self) -> bool:
        """Tell whether this replaces exotool's own protocol (the nonce's line and the exit value)."""
        return bool(self.line or self.regex or self.prompt or self.event) or self.exit is not None


def parse_check(table: Table) -> Check:
    """Return a `[check]` table; raises `ToolError` P01xx."""
    value = table.size("exit") if table.has("exit") else None
    if value is not None and not 1 <= value <= MAX_EXIT_VALUE:
        table.fail("exit", "P0102", f"`exit` must be between 1 and {MAX_EXIT_VALUE:#x}, not {value:#x}", *_EXIT_HELP)
    check = Check(
        table.string("line", ""),
        _pattern(table, "regex", table.string("regex", "")),
        table.string("prompt", ""),
        value,
        table.string("event", ""),
        tuple(_pattern(table, "panic", pattern) for pattern in table.strings("panic")),
        tuple(_pattern(table, "fail", pattern) for pattern in table.strings("fail")),
    )
    table.finish()
    return check


OUTCOMES: Final = (
    "success",
    "tests_failed",
    "failed",
    "panic",
    "triple_fault",
    "reset",
    "power_off",
    "hang",
    "time_out",
)
"""How a boot can be expected to end: the words of `exotool.launch.outcome.Kind` that a guest can bring about."""

KTAP: Final = ("auto", "required", "off")
FORMATS: Final = ("disk", "iso", "uefi")
"""Images that firmware boots, without QEMU's -kernel."""

BOOT_WAYS: Final = ("profile", "qboot", "seabios", *FORMATS)


@dataclass(frozen=True, slots=True)
class ScriptStep:
    """One step of a dialogue: wait for text that `expect` (a regular expression) is found in, then send `send`."""

    expect: str = ""
    send: str = ""
    timeout: float = 0.0


@dataclass(frozen=True, slots=True)
class Matrix:
    """Values that are tried with each other; an empty one leaves what the machine or the project says.

    `memory` is in bytes. `boot` is the way the image gets started: `profile` (as the machine profile says), `qboot`,
    `seabios`, or one of `FORMATS`.
    """

    machine: tuple[str, ...] = ()
    cpu: tuple[str, ...] = ()
    smp: tuple[int, ...] = ()
    memory: tuple[int, ...] = ()
    boot: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BootTest:
    """One entry of `[[test.boot]]`.

    The guest must end in `outcome`; each of `contains` must be found in a line of the serial line, in this order, and
    none of `absent` in any. `ktap` says whether test lines of the guest count. With `isolate` each of the guest's tests
    (`tests`, or what the guest lists) gets a boot of its own. `steps` is a dialogue that must come to its end. `module`
    takes the place of the project's.
    `deterministic` counts instructions instead of time. `timeout` is in seconds, 0 means the project's.
    """

    name: str
    image: str = ""
    module: str = ""
    append: str = ""
    outcome: str = "success"
    contains: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    ktap: str = "auto"
    isolate: bool = False
    tests: tuple[str, ...] = ()
    steps: tuple[ScriptStep, ...] = ()
    timeout: float = 0.0
    deterministic: bool = False
    qemu_args: tuple[str, ...] = ()
    matrix: Matrix = field(default_factory=Matrix)


def parse_boot_test(table: Table) -> BootTest:
    """Return an entry of `[[test.boot]]`; raises `ToolError` P01xx."""
    test = BootTest(
        table.string("name"),
        table.string("image", ""),
        table.string("module", ""),
        table.string("append", ""),
        table.choice("outcome", "success", OUTCOMES),
        tuple(_pattern(table, "contains", pattern) for pattern in table.strings("contains")),
        tuple(_pattern(table, "absent", pattern) for pattern in table.strings("absent")),
        table.choice("ktap", "auto", KTAP),
        table.boolean("isolate"),
        table.strings("tests"),
        tuple(_step(step) for step in table.tables("step")),
        table.number("timeout", 0.0),
        table.boolean("deterministic"),
        table.strings("qemu_args"),
        _matrix(table.table("matrix")),
    )
    if re.fullmatch(r"[\w.+-]{1,100}", test.name) is None:
        table.fail("name", "P0102", f'`name` must be made of letters, digits and `_.+-`, not "{test.name}"')
    if test.isolate and test.ktap == "off":
        table.fail("isolate", "P0102", '`isolate` needs the lines of the guest\'s tests, which `ktap = "off"` ignores')
    table.finish()
    return test


def _step(table: Table) -> ScriptStep:
    step = ScriptStep(
        _pattern(table, "expect", table.string("expect", "")), table.string("send", ""), table.number("timeout", 0.0)
    )
    table.finish()
    return step


def _matrix(table: Table) -> Matrix:
    matrix = Matrix(
        table.strings("machine"),
        table.strings("cpu"),
        table.numbers("smp", 1, MAX_SMP),
        tuple(_memory(table, text) for text in table.strings("memory")),
        table.strings("boot"),
    )
    for way in matrix.boot:
        if way not in BOOT_WAYS:
            table.fail("boot", "P0102", f'`boot` must be made of {", ".join(BOOT_WAYS)}, not "{way}"')
    table.finish()
    return matrix


def _memory(table: Table, text: str) -> int:
    size = parse_size(text)
    if size is None or size < 1 << 20 or size % (1 << 20):
        table.fail("memory", "P0102", f'`memory` must be multiples of 1 MiB, not "{text}"', 'write ["64M", "2G"]')
    return size


_EXIT_HELP: Final = ("0 is also the status of QEMU's own errors, and above 0x7f values collide",)


def _pattern(table: Table, key: str, pattern: str) -> str:
    problem = regex_problem(pattern)
    if problem:
        table.fail(key, "P0102", f"`{key}` is not a regular expression: {problem}")
    return pattern


def regex_problem(pattern: str) -> str:
    """Return what is wrong with a regular expression, or nothing."""
    try:
        re.compile(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        return str(error)
    return ""


def check_option(option: str, pattern: str) -> str:
    """Return the regular expression of an option; raises `ToolError` P0205 when it is none."""
    problem = regex_problem(pattern)
    if problem:
        raise ToolError(
            Diagnostic("P0205", f"`{option}` is not a regular expression: {problem}"), exit_code=ExitCode.USAGE
        )
    return pattern
