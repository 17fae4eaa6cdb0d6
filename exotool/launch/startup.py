"""QEMU's complaints when it does not start -> what to do about them, with QEMU's own words."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from exotool.diagnostics import Diagnostic, ExitCode, Note, ToolError
from exotool.launch.capabilities import ask, version_of
from exotool.launch.install import install_help
from exotool.launch.qemu import OLDEST, PROGRAM
from exotool.launch.serial import harmless

MAX_WORDS: Final = 12
"""Lines of QEMU's output that are repeated."""

_OWN: Final = re.compile(r"^(?:\S*/)?qemu[-\w.]*: *(.*)$", re.MULTILINE)


class _Known(NamedTuple):
    """One complaint: the words to recognise it by, what it means, and what to do. Groups fill `{0}`, `{1}`."""

    pattern: re.Pattern[str]
    code: str
    exit_code: ExitCode
    message: str
    help: tuple[str, ...]


def _known(pattern: str, code: str, exit_code: ExitCode, message: str, *help_: str) -> _Known:
    return _Known(re.compile(pattern), code, exit_code, message, help_)


_KNOWN: Final = (
    _known(
        r"unable to find CPU model '(.*?)'",
        "R0208",
        ExitCode.USAGE,
        "QEMU knows no CPU model `{0}`",
        f"`{PROGRAM} -cpu help` lists them; `max` has everything that QEMU can emulate",
    ),
    _known(r"Property '\S*?-x86_64-cpu\.(.*?)' not found", "R0208", ExitCode.USAGE, "the CPU has no feature `{0}`"),
    _known(
        r"CPU model 'host' requires KVM",
        "R0208",
        ExitCode.USAGE,
        "the CPU model `host` needs KVM",
        "use `--cpu max`, or `--accel kvm` if this computer has it",
    ),
    _known(
        r"unsupported machine type|No machine specified",
        "R0209",
        ExitCode.USAGE,
        "this QEMU does not have the machine of the profile",
        f"`{PROGRAM} -machine help` lists what it has",
    ),
    _known(
        r"Property '(\S*?-machine\.\S*?)' not found",
        "R0209",
        ExitCode.USAGE,
        "the machine has no property `{0}`",
        f"`{PROGRAM} -machine NAME,help` lists what it has",
    ),
    _known(
        r"(?i)(?:could not access kvm|failed to initialize kvm|/dev/kvm|invalid accelerator kvm|kvm.*not supported)",
        "R0210",
        ExitCode.USAGE,
        "KVM cannot be used here",
        "leave `--accel kvm` out: QEMU then emulates the CPU (TCG), which works everywhere",
    ),
    _known(
        r"'(.*?)' is not a valid device model name",
        "R0203",
        ExitCode.TOOL_MISSING,
        "this QEMU has no device `{0}`",
        "isa-debug-exit is needed for a verdict; install the full QEMU of your system, not a minimal one",
    ),
    _known(r"Invalid SMP CPUs (\d+).*?(\d+)$", "R0211", ExitCode.USAGE, "the machine takes {1} CPUs at most, not {0}"),
    _known(
        r"cannot set up guest memory|[Cc]annot allocate memory",
        "R0212",
        ExitCode.USAGE,
        "this computer has not enough memory for the guest",
        "give it less: `--memory 128M`",
    ),
    _known(
        r"(?i)-gdb .*?(?:address already in use)",
        "R0213",
        ExitCode.USAGE,
        "the port for gdb is in use",
        "choose another one: `--gdb 1235`, or a socket: `--gdb ./gdb.sock`",
    ),
    _known(
        r"Could not set up host forwarding rule '(.*?)'",
        "R0224",
        ExitCode.USAGE,
        "the port cannot be forwarded: `{0}`",
        "it is in use, or needs root: choose another one for `--forward`",
    ),
    _known(r"-gdb .*?: (.*)$", "R0213", ExitCode.USAGE, "the place for gdb cannot be used: {0}"),
    _known(r"could not load PC BIOS '(.*?)'", "R0203", ExitCode.TOOL_MISSING, "QEMU does not have the firmware `{0}`"),
    _known(
        r"Cannot load x86-64 image, give a 32bit one|elfboot unsupported flags|without PVH ELF Note"
        r"|ROM regions are overlapping|Error while loading elf kernel|[Ii]nvalid (?:kernel|ELF)",
        "R0214",
        ExitCode.FAILED,
        "QEMU cannot load the kernel image",
        "exotool links images that QEMU can load; for one of your own see QEMU's words above",
    ),
    _known(r"could not open kernel file '(.*?)': (.*)$", "R0214", ExitCode.FAILED, "QEMU cannot open `{0}`: {1}"),
    _known(
        r"gtk initialization failed|Could not initialize SDL|Display '\S*' is not available|[Cc]ould not open display",
        "R0236",
        ExitCode.USAGE,
        "QEMU cannot open a window here",
        "a graphical session is needed (DISPLAY or WAYLAND_DISPLAY); without one leave `--graphics` out",
    ),
    _known(r"(-\S+): invalid option", "R0215", ExitCode.USAGE, "QEMU knows no option `{0}`", "see `--qemu-arg`"),
)


def start_error(log: str, status: int | None, qemu: str) -> ToolError:
    """Return the error for a QEMU that ended, or said nothing, before the guest ran; `log` is its error output.

    Codes: R0202 too old (exit code 127), R0203 a part is missing (127), R0208 CPU model, R0209 machine, R0210 KVM,
    R0211 number of CPUs, R0212 memory, R0213 gdb, R0214 kernel image, R0215 option, R0224 forwarding, R0216 the rest.
    """
    words = own_words(log)
    notes = tuple(Note(f"QEMU said: {line}") for line in words)
    old = check_version(reported_version(qemu))
    if old is not None:
        return old
    for line in (*words, *log.splitlines()[-MAX_WORDS:]):  # what a window needs complains without QEMU's name
        for known in _KNOWN:
            match = known.pattern.search(line)
            if match is not None:
                message = known.message.format(*match.groups())
                diagnostic = Diagnostic(known.code, message, notes=notes, help=known.help)
                return ToolError(diagnostic, exit_code=known.exit_code)
    if status is None:
        how = "did not answer"
    else:
        how = f"was ended by signal {-status}" if status < 0 else f"ended with status {status}"
    return ToolError(Diagnostic("R0216", f"QEMU {how} before the guest started", notes=notes))


def own_words(log: str) -> tuple[str, ...]:
    """Return what QEMU itself said in its error output, without warnings and register dumps."""
    words = [harmless(line, color=False) for line in _OWN.findall(log) if line and not line.startswith("warning:")]
    return tuple(words[:MAX_WORDS])


def reported_version(qemu: str) -> tuple[int, int]:
    """Return the version that a QEMU reports, or (0, 0) if it reports none."""
    major, minor, *_ = version_of(ask(qemu, "--version"))
    return major, minor


def check_version(version: tuple[int, int]) -> ToolError | None:
    """Return error R0202 for a QEMU that is older than `OLDEST`; an unknown version, (0, 0), passes."""
    if version == (0, 0) or version >= OLDEST:
        return None
    return ToolError(
        Diagnostic(
            "R0202",
            f"QEMU {version[0]}.{version[1]} is too old",
            label=f"exotool needs {OLDEST[0]}.{OLDEST[1]} or later",
            help=(install_help(),),
        ),
        exit_code=ExitCode.TOOL_MISSING,
    )
