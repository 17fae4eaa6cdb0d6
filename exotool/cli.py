"""The command line: every command is a thin call into the library, which it imports when it runs.

Results go to stdout, everything else to stderr. Errors reach the user as diagnostics (see `diagnostics`), or with
`--json` as one JSON object a line.
"""

from __future__ import annotations

import errno
import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from exotool import __version__
from exotool.diagnostics import JSON_SCHEMA, Diagnostic, ExitCode, Place, ToolError, render, to_json

if TYPE_CHECKING:
    from exotool.build import Built
    from exotool.launch import BootOptions

_Function = TypeVar("_Function", bound=Callable[..., Any])


@dataclass
class Context:
    """What the options before or after every command's name say."""

    directory: Path
    verbose: bool = False
    quiet: bool = False
    color: str = "auto"
    json: bool = False

    def colored(self) -> bool:
        """Tell whether stderr gets colors: `--color`, then NO_COLOR and FORCE_COLOR, then whether it is a terminal."""
        if self.color != "auto":
            return self.color == "always"
        if os.environ.get("NO_COLOR"):
            return False
        return bool(os.environ.get("FORCE_COLOR")) or sys.stderr.isatty()

    def diagnose(self, diagnostics: Sequence[Diagnostic]) -> None:
        """Print diagnostics: to stderr for people, to stdout as JSON."""
        for diagnostic in diagnostics:
            if self.json:
                self.emit(to_json(diagnostic))
            else:
                click.echo(render(diagnostic, color=self.colored()) + "\n", err=True)

    def emit(self, document: dict[str, Any]) -> None:
        """Print one JSON object as a line of stdout."""
        _echo(json.dumps(document))

    def result(self, text: str, **fields: Any) -> None:
        """Print a command's result, as a line of text or as JSON."""
        if self.json:
            self.emit({"schema": JSON_SCHEMA, "type": "result", **fields})
        elif not self.quiet:
            _echo(text)

    def progress(self, line: str) -> None:
        """Print what is being done, for `--verbose`."""
        if self.verbose and not self.json:
            click.echo(line, err=True)

    def path(self, name: str) -> Path:
        """Return a path given on the command line, which `-C` moves along, as short as it was given."""
        return Path(name) if Path(name).is_absolute() else Path(os.path.relpath(self.directory / name))


pass_context = click.make_pass_decorator(Context)


def _echo(line: str) -> None:
    """Print a line to stdout; raises `ToolError` T0108 when it cannot be written, for instance to a full disk."""
    try:
        click.echo(line)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise ToolError(_unwritable(error)) from None


def _unwritable(error: OSError) -> Diagnostic:
    return Diagnostic("T0108", f"cannot write to stdout: {(error.strerror or str(error)).lower()}")


def _set(name: str) -> Callable[[click.Context, click.Parameter, Any], None]:
    def callback(context: click.Context, _: click.Parameter, value: Any) -> None:
        if value:
            setattr(context.ensure_object(Context), name, value)

    return callback


def common_options(function: _Function) -> _Function:
    """Add the options that every command takes, before or after its name."""
    options = [
        click.option(
            "-v",
            "--verbose",
            is_flag=True,
            expose_value=False,
            callback=_set("verbose"),
            help="Say what is being done.",
        ),
        click.option(
            "-q",
            "--quiet",
            is_flag=True,
            expose_value=False,
            callback=_set("quiet"),
            help="Print errors and warnings only.",
        ),
        click.option(
            "--color",
            type=click.Choice(["auto", "always", "never"]),
            expose_value=False,
            callback=_set("color"),
            help="Whether messages have colors.",
        ),
        click.option(
            "--json",
            is_flag=True,
            expose_value=False,
            callback=_set("json"),
            help="Print one JSON object a line instead of text.",
        ),
    ]
    for option in reversed(options):
        function = option(function)
    return function


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, "-V", "--version", prog_name="exotool")
@click.option("-C", "directory", metavar="DIR", default=".", help="Work as if started in DIR.")
@common_options
@click.pass_context
def exotool(context: click.Context, directory: str) -> None:
    """Assemble, link, boot and check x86_64 kernel images.

    In a folder with an exotool.toml, `exotool link` builds its kernel and `exotool run` boots it.
    """
    path = Path(directory)
    if not path.is_dir():
        raise ToolError(
            Diagnostic("T0106", f"`-C {directory}` is not a directory", Place(directory)), exit_code=ExitCode.USAGE
        )
    context.obj.directory = path.absolute()


@exotool.command()
@click.argument("source", metavar="FILE.S")
@click.option("-o", "output", metavar="FILE.o", help="The object to write; FILE.o beside no path if not given.")
@click.option("-I", "include", metavar="DIR", multiple=True, help="Look for #include and .include files in DIR.")
@click.option("-D", "define", metavar="NAME[=VALUE]", multiple=True, help="Define a preprocessor macro.")
@click.option(
    "--arch",
    type=click.Choice(["x86_64", "i386"]),
    default="x86_64",
    show_default=True,
    help="x86_64 makes ELF64, i386 makes ELF32.",
)
@click.option("-g", "debug", is_flag=True, help="Add DWARF line numbers.")
@common_options
@pass_context
def asm(
    context: Context,
    source: str,
    output: str | None,
    include: tuple[str, ...],
    define: tuple[str, ...],
    arch: str,
    debug: bool,
) -> None:
    """Assemble GNU-as syntax into an ELF relocatable object.

    `.S` files go through the C preprocessor first, `.s` files do not.
    """
    from exotool import asm as assembler
    from exotool.elf import write_object
    from exotool.files import read_input, write_output

    path = context.path(source)
    target = context.path(output or Path(source).with_suffix(".o").name)
    macros = tuple((name, value if equals else "1") for name, equals, value in (d.partition("=") for d in define))
    options = assembler.Options(
        arch="i386" if arch == "i386" else "x86_64",
        include=tuple(context.path(folder) for folder in include),
        define=macros,
        debug=debug,
        root=context.directory,
    )
    assembly = assembler.assemble(read_input(path, "source"), path, options)
    context.diagnose(assembly.warnings)
    write_output(target, write_object(assembly.object))


@exotool.command()
@click.argument("files", metavar="[FILE]...", nargs=-1)
@click.option("-o", "output", metavar="FILE", help="The image to write (with FILEs); kernel.elf if not given.")
@click.option("-e", "--entry", metavar="SYMBOL", help="The entry symbol (with FILEs).")
@click.option("--layout", "layout_file", metavar="TOML", help="A layout table in a file of its own (with FILEs).")
@click.option("--image", metavar="NAME", help="Which image of the project; with FILEs, whose layout.")
@click.option("-j", "--jobs", type=click.IntRange(0), default=0, help="Assemble this many sources at once.")
@common_options
@pass_context
def link(
    context: Context,
    files: tuple[str, ...],
    output: str | None,
    entry: str | None,
    layout_file: str | None,
    image: str | None,
    jobs: int,
) -> None:
    """Build the project's kernel image, or link FILEs (objects and assembly sources).

    FILEs are laid out by --layout or like an --image of the project, else as a kernel at 1 MiB. Beside the image
    come its map (.map, .map.json) and its manifest (.manifest.json).
    """
    from exotool import build
    from exotool.project import require_project

    if not files:
        if output or entry or layout_file:
            raise click.UsageError("-o, --entry and --layout need files to link; a project has them in exotool.toml")
        project = require_project(context.directory)
        built = build.build_image(project, project.image(image), jobs=jobs, report=context.progress)
    else:
        if image and layout_file:
            raise click.UsageError("--image and --layout both name a layout")
        chosen = require_project(context.directory).image(image) if image else None
        layout, default_entry = build.choose_layout(chosen, context.path(layout_file) if layout_file else None)
        built = build.link_files(
            [context.path(f) for f in files],
            context.path(output or "kernel.elf"),
            layout,
            entry or default_entry,
            context.directory,
        )
    context.diagnose(built.warnings)
    _report_image(context, built)


def _report_image(context: Context, built: Built) -> None:
    shown = os.path.relpath(built.output)
    size = built.output.stat().st_size
    state = "linked" if built.made else "up to date"
    context.result(f"{shown}: {state}, {size:,} bytes", output=shown, made=built.made, size=size)


@exotool.command()
@click.option("--kernel", metavar="FILE", help="Boot this image instead of the project's.")
@click.option("--image", metavar="NAME", help="Which image of the project; the first if not given.")
@click.option("--timeout", metavar="TIME", help="Give up after TIME: 30s, 500ms, 2m.")
@click.option("--machine", metavar="NAME", help="Machine profile: q35, pc, microvm, one in qemu/, or a .toml file.")
@click.option("--smp", type=click.IntRange(1, 255), help="Number of CPUs.")
@click.option("--memory", metavar="SIZE", help="Memory: 128M, 2G.")
@click.option("--accel", type=click.Choice(["tcg", "kvm"]), help="How QEMU runs the CPU; tcg if not given.")
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
@click.option("--dry-run", is_flag=True, help="Print the QEMU command and do nothing.")
@common_options
@pass_context
def run(context: Context, /, kernel: str | None, image: str | None, dry_run: bool, **given: Any) -> None:
    """Boot the kernel in QEMU and say how it ended.

    Builds the project's image first when it is out of date. The exit code says what happened: 0 success, 1 failed,
    3 panic, 4 triple fault, 6 hang, 124 time-out, 127 QEMU missing, 130 interrupted.
    """
    from exotool import launch

    options = _boot_options(context, kernel, image, given)
    if dry_run:
        context.result(launch.dry_run(options), command=launch.qemu_command(options))
        return
    reporter: launch.Reporter = (
        launch.JsonReporter(sys.stdout)
        if context.json
        else launch.TextReporter(sys.stdout, sys.stderr, color=context.colored(), verbose=context.verbose)
    )
    click.get_current_context().exit(launch.boot(options, reporter).exit_code)


def _boot_options(context: Context, kernel: str | None, image: str | None, given: dict[str, Any]) -> BootOptions:
    """Return what the command line and the project say of a boot, with the project's image brought up to date."""
    from exotool import launch
    from exotool.project import RunSettings, find_project, require_project

    if kernel is None:
        from exotool import build

        project = require_project(context.directory)
        built = build.build_image(project, project.image(image), report=context.progress)
        context.diagnose(built.warnings)
        path, settings, profiles = built.output, project.run, [project.root / "qemu"]
    else:
        found = find_project(context.directory)
        path, settings = context.path(kernel), found.run if found else RunSettings()
        profiles = [found.root / "qemu"] if found else []
    machine = given["machine"] or settings.machine
    return launch.BootOptions(
        kernel=Path(os.path.relpath(path)),
        machine=launch.load_machine(str(context.path(machine)) if machine.endswith(".toml") else machine, profiles),
        timeout=launch.parse_duration(given["timeout"]) if given["timeout"] else settings.timeout,
        smp=given["smp"],
        memory=launch.parse_memory(given["memory"]) if given["memory"] else None,
        accel=given["accel"],
        cpu=given["cpu"],
        append=" ".join(filter(None, (settings.append, given["append"]))),
        serial_file=context.path(given["serial"]) if given["serial"] else None,
        gdb=_gdb(context, given["gdb"]),
        qemu_args=given["qemu_arg"],
    )


def _gdb(context: Context, text: str | None) -> str | int | None:
    """Return the TCP port or the socket of `--gdb`, which `-C` moves along."""
    from exotool import launch

    where = launch.parse_gdb(text) if text else None
    return os.path.relpath(context.path(where)) if isinstance(where, str) else where


@exotool.command()
@click.option("--image", metavar="NAME", help="Which image of the project; the first if not given.")
@common_options
@pass_context
def reproduce(context: Context, image: str | None) -> None:
    """Build twice in different surroundings and compare every byte.

    Directory, hash seed, time zone, locale, umask, number of jobs and SOURCE_DATE_EPOCH differ between the two. A
    difference is named by section and symbol.
    """
    from exotool import build
    from exotool.project import require_project
    from exotool.repro.rebuild import reproduce as rebuild

    project = require_project(context.directory)
    chosen = project.image(image)
    build.build_image(project, chosen, report=context.progress)
    outputs = rebuild(project, chosen, report=context.progress)
    for path, value in outputs.items():
        context.result(f"{value}  {path}", output=path, sha256=value)
    context.result(f"reproducible: {len(outputs)} files are the same in both builds", reproducible=True)


@exotool.command(context_settings={"ignore_unknown_options": True, "help_option_names": ["--help"]})
@click.argument("arguments", metavar="[PYTEST ARGUMENT]...", nargs=-1, type=click.UNPROCESSED)
@pass_context
def test(context: Context, arguments: tuple[str, ...]) -> None:
    """Run the project's tests with pytest, one process a CPU.

    Arguments are pytest's; the tests are those that `[test] paths` of exotool.toml names.
    """
    import importlib.util
    import subprocess

    from exotool.project import require_project

    project = require_project(context.directory)
    if importlib.util.find_spec("pytest") is None:
        raise ToolError(
            Diagnostic("T0107", "pytest is not installed", help=("pip install 'exotool[test]'",)),
            exit_code=ExitCode.TOOL_MISSING,
        )
    jobs = ["-n", "auto"] if importlib.util.find_spec("xdist") and "-n" not in arguments else []
    named = any(not argument.startswith("-") for argument in arguments)
    command = [sys.executable, "-m", "pytest", *jobs, *arguments, *([] if named else project.tests)]
    try:
        sys.exit(subprocess.run(command, cwd=project.root, check=False).returncode)
    except KeyboardInterrupt:
        sys.exit(ExitCode.INTERRUPTED)


def run_command_line(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code, with every error that it raised printed."""
    context = Context(Path.cwd())
    try:
        # Without its standalone mode click returns the code that a command leaves with.
        code = exotool.main(list(arguments), prog_name="exotool", standalone_mode=False, obj=context)
    except ToolError as error:
        try:
            context.diagnose(error.diagnostics)
        except ToolError as unwritable:
            context.json = False
            context.diagnose((*error.diagnostics, *unwritable.diagnostics))
        return error.exit_code
    except OSError as error:
        if error.errno != errno.ENOSPC or error.filename is not None:
            raise
        context.diagnose([_unwritable(error)])  # click's own output, as of --help; files have errors of their own
        return ExitCode.FAILED
    except click.Abort:
        return ExitCode.INTERRUPTED
    except click.ClickException as error:
        error.show()
        return ExitCode.USAGE
    return code if isinstance(code, int) else ExitCode.SUCCESS
