"""`exotool debug`: a debugger on a guest that runs, or a look at one that has ended."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from exotool.cli.boot import boot_options
from exotool.cli.context import Context, common_options, echo, exotool, pass_context

_NOT_OF_DEBUG = ("timeout", "accel", "serial", "gdb", "hang_after", "interactive", "graphics", "core")
_NONE_OF_DEBUG: dict[str, Any] = {
    **dict.fromkeys(("check_line", "check_regex", "check_prompt", "check_exit", "check_event")),
    "disks": (),
    "forwards": (),
    "check_panic": (),
    "check_fail": (),
}


@exotool.command()
@click.option("--kernel", metavar="FILE", help="Debug this image instead of the project's.")
@click.option("--symbols", metavar="FILE", help="The ELF file with the symbols, if the kernel has none (vmlinux).")
@click.option("--image", metavar="NAME", help="Which image of the project; the first if not given.")
@click.option("--module", metavar="NAME|FILE", help="Hand over another image of the project, or a file, as a module.")
@click.option("-b", "--break", "breakpoints", metavar="PLACE", multiple=True, help="Stop at a symbol or file:line.")
@click.option("--core", metavar="FILE", help="Say what a guest's memory dump holds; with --ex, in gdb.")
@click.option("--reverse", is_flag=True, help="Boot to the end first; gdb begins there, and goes backwards too.")
@click.option("--lldb", is_flag=True, help="Run lldb instead of gdb.")
@click.option(
    "--ex", "commands", metavar="COMMAND", multiple=True, help="A command for the debugger, after the breakpoints."
)
@click.option("--machine", metavar="NAME", help="Machine profile: q35, pc, microvm, one in qemu/, or a .toml file.")
@click.option("--smp", type=click.IntRange(1, 255), help="Number of CPUs.")
@click.option("--memory", metavar="SIZE", help="Memory: 128M, 2G.")
@click.option("--cpu", metavar="MODEL", help="QEMU's CPU model, such as max or qemu64,-nx.")
@click.option("--append", metavar="TEXT", help="Add to the kernel's command line.")
@click.option("--qemu-arg", metavar="ARG", multiple=True, help="Pass ARG to QEMU; may be repeated.")
@common_options
@pass_context
def debug(
    context: Context,
    /,
    kernel: str | None,
    image: str | None,
    breakpoints: tuple[str, ...],
    commands: tuple[str, ...],
    core: str | None,
    reverse: bool,
    lldb: bool,
    **given: Any,
) -> None:
    """Debug the kernel in gdb, from its first instruction, or look into a core.

    gdb has the symbols, the architecture and the breakpoints, which work from before paging on through the switch to
    64-bit mode. Type `continue` to start. The exit code is gdb's; 127 if there is none.

    With --reverse the kernel is booted to its end and recorded, and gdb begins there: `reverse-stepi`,
    `reverse-continue` and so on lead back. With --core, which needs no gdb, nothing is booted: registers, callers, page
    tables and the last lines are printed from the core.
    """
    from exotool import launch
    from exotool.launch import debug as debuggers

    if lldb and (reverse or core is not None):
        raise click.UsageError("--lldb goes with neither --reverse nor --core")
    if core is not None:
        _post_mortem(context, core, _image(context, kernel, image, given["symbols"]), commands)
        return
    options = boot_options(context, kernel, image, given | dict.fromkeys(_NOT_OF_DEBUG) | _NONE_OF_DEBUG)
    reporter = launch.TextReporter(sys.stdout, sys.stderr, color=context.colored(), verbose=context.verbose)
    if lldb:
        code = debuggers.debug_lldb(options, reporter, breakpoints, commands)
    else:
        run = debuggers.debug_backwards if reverse else debuggers.debug
        code = run(options, reporter, breakpoints, commands, _scripts(context))
    click.get_current_context().exit(code)


def _post_mortem(context: Context, core: str, image: Path | None, commands: tuple[str, ...]) -> None:
    from exotool.launch.corereport import report_core
    from exotool.launch.debug import debug_core

    if commands:
        click.get_current_context().exit(debug_core(context.path(core), image, commands, _scripts(context)))
    report = report_core(context.path(core), image)
    if context.json:
        context.emit(report.to_json())
    else:
        echo(report.render())


def _scripts(context: Context) -> list[Path]:
    """Return the scripts for gdb: the project's, and exotool's own."""
    from exotool.launch.debug import gdb_scripts
    from exotool.project import find_project

    project = find_project(context.directory)
    return gdb_scripts([project.root / "qemu"] if project else [])


def _image(context: Context, kernel: str | None, image: str | None, symbols: str | None) -> Path | None:
    """Return the file with a core's names: what the command line says, or the project's image as it was built last."""
    from exotool.project import find_project

    named = symbols or kernel
    if named is not None:
        return context.path(named)
    project = find_project(context.directory)
    built = project.root / project.image(image).output if project else None
    return context.path(str(built)) if built is not None and built.is_file() else None
