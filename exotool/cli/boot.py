"""The commands that boot."""

from __future__ import annotations

import dataclasses
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from exotool.cli.context import Context, common_options, echo, exotool, pass_context
from exotool.cli.options import check_options, matrix_of, take_check
from exotool.diagnostics import ExitCode, ToolError

if TYPE_CHECKING:
    from exotool.launch import BootOptions, Outcome, Reporter
    from exotool.launch.control import Control
    from exotool.project import Project

_FORMATS = ("disk", "iso", "uefi")
_BOOT_WAYS = ("profile", "qboot", "seabios", *_FORMATS)


@exotool.command()
@click.option("--kernel", metavar="FILE", help="Boot this image instead of the project's.")
@click.option("--symbols", metavar="FILE", help="The ELF file with the symbols, if the kernel has none (vmlinux).")
@click.option("--image", metavar="NAME", help="Which image of the project; the first if not given.")
@click.option("--module", metavar="NAME|FILE", help="Hand over another image of the project, or a file, as a module.")
@click.option("--timeout", metavar="TIME", help="Give up after TIME: 30s, 500ms, 2m.")
@click.option("--machine", metavar="NAME", help="Machine profile: q35, pc, microvm, one in qemu/, or a .toml file.")
@click.option("--smp", type=click.IntRange(1, 255), help="Number of CPUs.")
@click.option("--memory", metavar="SIZE", help="Memory: 128M, 2G.")
@click.option(
    "--accel", type=click.Choice(["tcg", "kvm", "auto"]), help="How QEMU runs the CPU; auto takes KVM if it is faster."
)
@click.option("--cpu", metavar="MODEL", help="QEMU's CPU model, such as max or qemu64,-nx.")
@click.option("--append", metavar="TEXT", help="Add to the kernel's command line.")
@click.option("--serial", metavar="FILE", help="Write the serial line's bytes to FILE as well.")
@click.option(
    "--gdb",
    metavar="PORT|PATH",
    is_flag=False,
    flag_value="1234",
    help="Wait for gdb on a TCP port (1234) or a socket.",
)
@click.option("--qemu-arg", metavar="ARG", multiple=True, help="Pass ARG to QEMU; may be repeated.")
@click.option("--disk", "disks", metavar="FILE[,snapshot]", multiple=True, help="Add a disk; may be repeated.")
@click.option("--forward", "forwards", metavar="HOST:GUEST", multiple=True, help="Forward a TCP port to the guest.")
@click.option("--format", type=click.Choice(_FORMATS), help="Boot from an image of this format, not by -kernel.")
@click.option("--hang-after", metavar="TIME", help="Look for an endless loop after TIME without output; 0 never does.")
@check_options
@click.option("--graphics", is_flag=True, help="Give the guest a display, in a window; there is no time limit.")
@click.option("-i", "--interactive", is_flag=True, help="Type to the guest; Ctrl-] x ends, and there is no time limit.")
@click.option(
    "--count-insns", "ranges", metavar="FROM..TO", multiple=True, help="Count instructions from one symbol to another."
)
@click.option(
    "--timeline",
    "marks",
    metavar="REGEX",
    is_flag=False,
    flag_value="",
    help="Say when each line was printed, in ms and instructions; with REGEX only those that match.",
)
@click.option("--watch", is_flag=True, help="Build and boot again whenever a file of the project changes.")
@click.option("--replay", metavar="BUNDLE", help="Boot what a failed test left behind, exactly as it was booted.")
@click.option("--core", metavar="FILE", help="If the boot fails, write the guest's memory there, as an ELF core.")
@click.option("--dry-run", is_flag=True, help="Print the QEMU command and do nothing.")
@common_options
@pass_context
def run(
    context: Context,
    /,
    kernel: str | None,
    image: str | None,
    dry_run: bool,
    replay: str | None,
    ranges: tuple[str, ...],
    marks: str | None,
    watch: bool,
    **given: Any,
) -> None:
    """Boot the kernel in QEMU and say how it ended.

    Builds the project's image first when it is out of date. The exit code says what happened: 0 success, 1 failed,
    3 panic, 4 triple fault, 6 hang, 124 time-out, 127 QEMU missing, 130 interrupted.
    """
    from exotool import launch

    if watch:
        _watch(context, kernel, image, given)
        return
    before = None
    if replay is None:
        options = boot_options(context, kernel, image, given)
    else:
        from exotool.testing.bundle import read_bundle

        options, before = read_bundle(context.path(replay))
        options = dataclasses.replace(options, core=context.path(given["core"]) if given["core"] else None)
    from exotool.image.booting import planned, prepared

    if dry_run:
        options, first = planned(options)
        lines = [*([first] if first else []), launch.dry_run(options)]
        context.result("\n".join(lines), command=launch.qemu_command(options))
        return
    reporter = _reporter(context)
    with prepared(options) as ready:
        if ranges:
            _count(context, ready, ranges)
            return
        outcome = launch.boot(ready, reporter) if marks is None else _timeline(context, ready, marks, reporter)
    if before is not None:
        reporter.say(f"replay: this is {'the same outcome' if outcome.kind == before else f'new: it was {before}'}")
    click.get_current_context().exit(outcome.exit_code)


def _count(context: Context, options: BootOptions, ranges: tuple[str, ...]) -> None:
    from exotool.launch.count import count_instructions

    for text in ranges:
        count = count_instructions(options, text)
        fields = {"from": count.start, "to": count.end, "instructions": count.instructions, "before": count.before}
        context.result(str(count), **fields)


def _timeline(context: Context, options: BootOptions, marks: str, reporter: Reporter) -> Outcome:
    from exotool.launch.timeline import timeline

    outcome, found = timeline(options, marks, reporter)
    if context.json:
        context.emit(found.to_json())
    else:
        echo(found.render())
    return outcome


def _reporter(context: Context) -> Reporter:
    from exotool import launch

    if context.json:
        return launch.JsonReporter(sys.stdout)
    return launch.TextReporter(sys.stdout, sys.stderr, color=context.colored(), verbose=context.verbose)


def _watch(context: Context, kernel: str | None, image: str | None, given: dict[str, Any]) -> None:
    """Boot again at every change until there is an interrupt; what cannot be built is told, and awaits its change."""
    from exotool import launch
    from exotool.image.booting import prepared
    from exotool.project import find_project
    from exotool.watching import Watcher, was_changed

    project = find_project(context.directory)
    root = project.root if project else context.directory
    reporter = _reporter(context)

    def boot(control: Control) -> bool:
        try:
            with prepared(boot_options(context, kernel, image, dict(given))) as options:
                outcome = launch.boot(options, reporter, control)
        except ToolError as error:
            context.diagnose(error.diagnostics)
            return True
        return outcome.kind != "interrupted" or was_changed(outcome.message)

    with Watcher(root, root / "build") as watcher:
        watcher.run(boot)
    click.get_current_context().exit(ExitCode.INTERRUPTED)


def boot_options(context: Context, kernel: str | None, image: str | None, given: dict[str, Any]) -> BootOptions:
    """Return what the command line and the project say of a boot, with the project's image brought up to date."""
    from exotool import launch
    from exotool.project import RunSettings, find_project, require_project

    project = require_project(context.directory) if kernel is None else find_project(context.directory)
    settings, profiles = (project.run, [project.root / "qemu"]) if project else (RunSettings(), [])
    path = context.path(kernel) if kernel is not None else _built(context, image)
    module = _module(context, project, given["module"], settings.module)
    machine = given["machine"] or settings.machine
    return launch.BootOptions(
        kernel=Path(os.path.relpath(path)),
        module=Path(os.path.relpath(module)) if module else None,
        machine=launch.load_machine(str(context.path(machine)) if machine.endswith(".toml") else machine, profiles),
        timeout=launch.parse_duration(given["timeout"]) if given["timeout"] else settings.timeout,
        smp=given["smp"],
        memory=launch.parse_memory(given["memory"]) if given["memory"] else None,
        accel=launch.choose_accelerator(given["accel"]),
        cpu=given["cpu"],
        append=" ".join(filter(None, (settings.append, given["append"]))),
        serial_file=context.path(given["serial"]) if given["serial"] else None,
        gdb=_gdb(context, given["gdb"]),
        qemu_args=given["qemu_arg"],
        symbols=context.path(given["symbols"]) if given["symbols"] else None,
        check=take_check(given, settings.check),
        hang_after=_hang_after(given["hang_after"], settings.hang_after),
        interactive=bool(given["interactive"]),
        graphics=bool(given["graphics"]),
        disks=tuple(
            launch.Disk(context.path(path), snapshot) for path, snapshot in map(launch.parse_disk, given["disks"])
        ),
        forwards=tuple(map(launch.parse_forward, given["forwards"])),
        format=given.get("format") or "",
        core=context.path(given["core"]) if given["core"] else None,
    )


def _built(context: Context, name: str | None) -> Path:
    """Return an image of the project, brought up to date."""
    from exotool.build import build_image
    from exotool.project import require_project

    project = require_project(context.directory)
    built = build_image(project, project.image(name), report=context.progress)
    context.diagnose(built.warnings)
    return built.output


def _module(context: Context, project: Project | None, given: str | None, configured: str) -> Path | None:
    """Return the module that the command line asks for, or the project."""
    from exotool.project import find_module

    if project is not None and (given is None or any(image.name == given for image in project.images)):
        return find_module(project, given or configured, lambda name: _built(context, name))
    return context.path(given) if given else None


def _hang_after(text: str | None, configured: float) -> float:
    from exotool import launch

    if text is None:
        return configured
    return 0.0 if text.strip() in ("0", "0s") else launch.parse_duration(text)


def _gdb(context: Context, text: str | None) -> str | int | None:
    """Return the TCP port or the socket of `--gdb`, which `-C` moves along."""
    from exotool import launch

    where = launch.parse_gdb(text) if text else None
    return os.path.relpath(context.path(where)) if isinstance(where, str) else where


@exotool.command(context_settings={"ignore_unknown_options": True, "help_option_names": ["--help"]})
@click.argument("arguments", metavar="[PYTEST ARGUMENT]...", nargs=-1, type=click.UNPROCESSED)
@click.option("--suite", type=click.Choice(["all", "boot", "pytest"]), help="Which tests; all if not given.")
@click.option("--boot-test", "patterns", metavar="NAME", multiple=True, help="Only boot tests of this name or pattern.")
@click.option("--machine", metavar="NAME", multiple=True, help="Boot on this machine instead of the matrix's.")
@click.option("--cpu", metavar="MODEL", multiple=True, help="Boot with this CPU model instead.")
@click.option("--smp", type=click.IntRange(1, 255), multiple=True, help="Boot with this number of CPUs instead.")
@click.option("--memory", metavar="SIZE", multiple=True, help="Boot with this memory instead.")
@click.option("--firmware", type=click.Choice(_BOOT_WAYS), multiple=True, help="Boot by it.")
@click.option("-j", "--jobs", type=click.IntRange(0), default=0, help="Boot this many guests at once; 0: one a CPU.")
@click.option("--shard", metavar="I/N", default="1/1", help="Run only the I-th of N parts.")
@click.option("--retry-failed", "retries", type=click.IntRange(0, 100), default=0, help="Boot again up to N times.")
@click.option("--repeat", type=click.IntRange(1, 100_000), default=1, help="Boot each test N times.")
@click.option("--fail-fast", is_flag=True, help="Stop at the first failure.")
@click.option("--durations", type=click.IntRange(0), default=0, help="Show the N slowest.")
@click.option("--scheduler", metavar="tcp://HOST:PORT", help="Boot on the workers of a Dask cluster.")
@click.option("--junit", metavar="FILE", help="Write a JUnit XML report.")
@click.option("--json-report", metavar="FILE", help="Write a JSON report of the boot tests.")
@click.option("--github", is_flag=True, envvar="GITHUB_ACTIONS", help="Print annotations for GitHub (there by itself).")
@click.option("--bundles", metavar="DIR", help="Where failed boots leave their bundles; build/failures if not given.")
@click.option("--list", "list_only", is_flag=True, help="List the boots and do nothing.")
@pass_context
def test(context: Context, /, arguments: tuple[str, ...], suite: str | None, **given: Any) -> None:
    """Run the project's tests: the boots of `[[test.boot]]`, then pytest.

    An argument or option that is not listed here is pytest's, and then only pytest runs. The exit code is 0 when all
    passed, 1 when one failed, 2 for wrong usage, 5 when there was none, 127 when QEMU or pytest is missing.
    """
    from exotool.project import require_project
    from exotool.testing import command
    from exotool.testing.plan import parse_shard
    from exotool.testing.runner import Rules

    project = require_project(context.directory)
    files = {key: context.path(given[key]) if given[key] else None for key in ("junit", "json_report", "bundles")}
    over = matrix_of(given["machine"], given["cpu"], given["smp"], given["memory"], given["firmware"])
    asked = command.Asked(
        suite=command.parse_suite(suite, arguments),
        patterns=given["patterns"],
        over=over,
        jobs=given["jobs"],
        part=parse_shard(given["shard"]),
        rules=Rules(given["repeat"], given["retries"], given["fail_fast"]),
        durations=given["durations"],
        scheduler=given["scheduler"] or "",
        junit=files["junit"],
        json_report=files["json_report"],
        github=given["github"],
        bundles=files["bundles"],
        list_only=given["list_only"],
        pytest=arguments,
    )
    printer = command.Printer(echo, context.emit, context.progress, json=context.json)
    click.get_current_context().exit(command.run_tests(project, asked, printer))
