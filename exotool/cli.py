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
from exotool.cli_boot import check_options, matrix_of, take_check
from exotool.diagnostics import JSON_SCHEMA, Diagnostic, ExitCode, Place, ToolError, render, to_json

if TYPE_CHECKING:
    from exotool.build import Built
    from exotool.launch import BootOptions, Reporter
    from exotool.launch.control import Control
    from exotool.project import Overflow, Profile, Shift

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
@click.option("--check", type=click.Choice(["llvm"]), help="Assemble with LLVM's assembler too, and compare.")
@click.option("--stats", is_flag=True, help="Say how many instructions were encoded, and how many found in caches.")
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
    check: str | None,
    stats: bool,
) -> None:
    """Assemble GNU-as syntax into an ELF relocatable object.

    `.S` files go through the C preprocessor first, `.s` files do not.
    """
    from exotool import asm as assembler
    from exotool.asm.recipes import default_folder
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
        cache=default_folder(),
    )
    if check:
        from exotool.asm.llvm import check as assemble_twice

        assembly = assemble_twice(read_input(path, "source"), path, options)
    else:
        assembly = assembler.assemble(read_input(path, "source"), path, options)
    context.diagnose(assembly.warnings)
    for message in assembly.messages:
        context.result(message, message=message)
    if stats:
        context.result(str(assembly.stats), **assembly.stats._asdict())
    write_output(target, write_object(assembly.object))


@exotool.command()
@common_options
@pass_context
def doctor(context: Context) -> None:
    """Check that the libraries load, that the encoder is right, and that QEMU is there."""
    from exotool.doctor import examine

    findings = examine()
    for finding in findings:
        state = "ok" if finding.ok else "missing" if not finding.needed else "FAILED"
        context.result(
            f"{state:8}{finding.name:10}{finding.text}", check=finding.name, ok=finding.ok, found=finding.text
        )
    if any(finding.needed and not finding.ok for finding in findings):
        raise click.exceptions.Exit(ExitCode.FAILED)


@exotool.command(
    "as", add_help_option=False, context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False}
)
@click.argument("arguments", metavar="[ARGUMENT]...", nargs=-1, type=click.UNPROCESSED)
def gnu_as(arguments: tuple[str, ...]) -> None:
    """Assemble with the options of GNU as, in its place (`exotool as --help` names them).

    Make takes it as AS="exotool as", compilers as a link to `exotool-as` with the name `as` (-B).
    """
    from exotool.asm.driver import run as assemble_as_gnu

    code = assemble_as_gnu(arguments)
    if code:
        raise click.exceptions.Exit(code)


@exotool.command(
    "ld", add_help_option=False, context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False}
)
@click.argument("arguments", metavar="[ARGUMENT]...", nargs=-1, type=click.UNPROCESSED)
@pass_context
def gnu_ld(context: Context, arguments: tuple[str, ...]) -> None:
    """Link with the options and the scripts of GNU ld, in its place (`exotool ld --help` names them).

    Make takes it as LD="exotool ld", compilers as a link to `exotool-ld` with the name `ld` (-B).
    """
    from exotool.link.driver import run_ld

    result = run_ld(arguments, context.directory)
    context.diagnose(result.warnings)
    for text in result.printed:
        context.result(text, output=text)


@exotool.command()
@click.argument("images", metavar="[IMAGE]...", nargs=-1)
@click.option("--compare", is_flag=True, help="Show what changed from the first IMAGE to the second.")
@common_options
@pass_context
def size(context: Context, images: tuple[str, ...], compare: bool) -> None:
    """Say how large images are: by kind, by section, by symbol.

    Without IMAGE it is the project's, as it was built last. Any ELF image will do.
    """
    from exotool.link import sizes
    from exotool.link.image import read_image

    found = [read_image(path) for path in _images(context, images)]
    if compare:
        if len(found) != 2:
            raise click.UsageError("--compare needs two images")
        context.result(sizes.compare_sizes(*found), **sizes.comparison(*found))
        return
    for image in found:
        context.result(sizes.size_table(image), image=image.path, kinds=sizes.by_kind(image), file=image.file_size)


@exotool.command("map")
@click.argument("image", metavar="[IMAGE]", required=False)
@click.option("--html", metavar="FILE", required=True, help="The page to write.")
@common_options
@pass_context
def map_(context: Context, image: str | None, html: str) -> None:
    """Draw where everything lies, in memory and in the file, as a page to look at.

    Without IMAGE it is the project's, as it was built last. Any ELF image will do.
    """
    from exotool.files import write_output
    from exotool.link.image import read_image
    from exotool.link.maphtml import map_html

    found = read_image(_images(context, (image,) if image else ())[0])
    write_output(context.path(html), map_html(found).encode())


def _images(context: Context, names: tuple[str, ...]) -> list[Path]:
    """Return the images that are named, or the project's first."""
    from exotool.project import require_project

    if names:
        return [context.path(name) for name in names]
    project = require_project(context.directory)
    return [context.path(str(project.root / project.image(None).output))]


@exotool.command("compile")
@click.argument("files", metavar="FILE.py...", nargs=-1, required=True)
@click.option("-o", "output", metavar="FILE", help="What to write; the first FILE's name with .o or .ll if not given.")
@click.option("--arch", type=click.Choice(["x86_64"]), expose_value=False, help="The machine; there is one.")
@click.option(
    "--profile", type=click.Choice(["dev", "release"]), default="dev", show_default=True, help="How to compile."
)
@click.option("--overflow", type=click.Choice(["trap", "wrap"]), help="What integers do at the ends of their type.")
@click.option("--shift", type=click.Choice(["trap", "mask"]), help="What a shift by the width or more does.")
@click.option(
    "--emit", type=click.Choice(["obj", "llvm"]), default="obj", show_default=True, help="Object or LLVM text."
)
@common_options
@pass_context
def compile_(
    context: Context,
    files: tuple[str, ...],
    output: str | None,
    profile: Profile,
    overflow: Overflow | None,
    shift: Shift | None,
    emit: str,
) -> None:
    """Compile Kernel Python into one ELF relocatable object.

    FILEs and all that they import become one program; what it exports is global. Dotted names of modules start in the
    directory that the command works in. `dev` compiles fast, with every check; `release` optimises for size, @hot
    functions for speed.
    """
    from exotool.compiler.emit import compile_files
    from exotool.compiler.lower_options import options_for
    from exotool.files import write_output

    suffix = ".ll" if emit == "llvm" else ".o"
    target = context.path(output or Path(files[0]).with_suffix(suffix).name)
    paths = [context.path(file) for file in files]
    options = options_for(profile, overflow, shift)
    data, _ = compile_files(paths, context.directory, options, text=emit == "llvm")
    write_output(target, data)


@exotool.command()
@click.argument("files", metavar="[FILE]...", nargs=-1)
@click.option("-o", "output", metavar="FILE", help="The image to write (with FILEs); kernel.elf if not given.")
@click.option("-e", "--entry", metavar="SYMBOL", help="The entry symbol (with FILEs).")
@click.option("--layout", "layout_file", metavar="TOML", help="A layout table in a file of its own (with FILEs).")
@click.option("-T", "--script", metavar="FILE.ld", help="Lay out by a GNU ld script (with FILEs).")
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
    script: str | None,
    image: str | None,
    jobs: int,
) -> None:
    """Build the project's kernel image, or link FILEs (objects, assembly and Kernel Python).

    FILEs are laid out by --layout, by the script -T or like an --image of the project, else as a kernel at 1 MiB.
    Beside the image come its map (.map, .map.json) and its manifest (.manifest.json).
    """
    from exotool import build
    from exotool.project import require_project

    if not files:
        if output or entry or layout_file or script:
            raise click.UsageError("-o, -e, -T and --layout need files to link; a project has them in exotool.toml")
        project = require_project(context.directory)
        built = build.build_image(project, project.image(image), jobs=jobs, report=context.progress)
    else:
        if sum(map(bool, (image, layout_file, script))) > 1:
            raise click.UsageError("--image, --layout and -T each name a layout")
        chosen = require_project(context.directory).image(image) if image else None
        layout, default_entry = build.choose_layout(chosen, context.path(layout_file) if layout_file else None)
        built = build.link_files(
            [context.path(f) for f in files],
            context.path(output or "kernel.elf"),
            context.path(script) if script else layout,
            entry or (None if script else default_entry),
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
@click.option("--symbols", metavar="FILE", help="The ELF file with the symbols, if the kernel has none (vmlinux).")
@click.option("--image", metavar="NAME", help="Which image of the project; the first if not given.")
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
@click.option("--hang-after", metavar="TIME", help="Look for an endless loop after TIME without output; 0 never does.")
@check_options
@click.option("-i", "--interactive", is_flag=True, help="Type to the guest; Ctrl-] x ends, and there is no time limit.")
@click.option(
    "--count-insns", "ranges", metavar="FROM..TO", multiple=True, help="Count instructions from one symbol to another."
)
@click.option("--watch", is_flag=True, help="Build and boot again whenever a file of the project changes.")
@click.option("--replay", metavar="BUNDLE", help="Boot what a failed test left behind, exactly as it was booted.")
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
        options = _boot_options(context, kernel, image, given)
    else:
        from exotool.testing.bundle import read_bundle

        options, before = read_bundle(context.path(replay))
    if dry_run:
        context.result(launch.dry_run(options), command=launch.qemu_command(options))
        return
    if ranges:
        from exotool.launch.count import count_instructions

        for text in ranges:
            count = count_instructions(options, text)
            fields = {"from": count.start, "to": count.end, "instructions": count.instructions, "before": count.before}
            context.result(str(count), **fields)
        return
    reporter = _reporter(context)
    outcome = launch.boot(options, reporter)
    if before is not None:
        reporter.say(f"replay: this is {'the same outcome' if outcome.kind == before else f'new: it was {before}'}")
    click.get_current_context().exit(outcome.exit_code)


@exotool.command()
@click.option("--kernel", metavar="FILE", help="Debug this image instead of the project's.")
@click.option("--symbols", metavar="FILE", help="The ELF file with the symbols, if the kernel has none (vmlinux).")
@click.option("--image", metavar="NAME", help="Which image of the project; the first if not given.")
@click.option("-b", "--break", "breakpoints", metavar="PLACE", multiple=True, help="Stop at a symbol or file:line.")
@click.option("--ex", "commands", metavar="COMMAND", multiple=True, help="A command for gdb, after the breakpoints.")
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
    **given: Any,
) -> None:
    """Debug the kernel in gdb, from its first instruction.

    gdb has the symbols, the architecture and the breakpoints, which work from before paging on through the switch to
    64-bit mode. Type `continue` to start. The exit code is gdb's; 127 if there is none.
    """
    from exotool import launch
    from exotool.launch.debug import debug as run_debugger

    options = _boot_options(context, kernel, image, given | dict.fromkeys(_NOT_OF_DEBUG) | _NONE_OF_DEBUG)
    reporter = launch.TextReporter(sys.stdout, sys.stderr, color=context.colored(), verbose=context.verbose)
    click.get_current_context().exit(run_debugger(options, reporter, breakpoints, commands))


_NOT_OF_DEBUG = ("timeout", "accel", "serial", "gdb", "hang_after", "interactive")
_NONE_OF_DEBUG: dict[str, Any] = {
    **dict.fromkeys(("check_line", "check_regex", "check_prompt", "check_exit", "check_event")),
    "disks": (),
    "forwards": (),
    "check_panic": (),
    "check_fail": (),
}
"""Options of `run` that `debug` does not have."""


def _reporter(context: Context) -> Reporter:
    from exotool import launch

    if context.json:
        return launch.JsonReporter(sys.stdout)
    return launch.TextReporter(sys.stdout, sys.stderr, color=context.colored(), verbose=context.verbose)


def _watch(context: Context, kernel: str | None, image: str | None, given: dict[str, Any]) -> None:
    """Boot again at every change until there is an interrupt; what cannot be built is told, and awaits its change."""
    from exotool import launch
    from exotool.project import find_project
    from exotool.watching import Watcher, was_changed

    project = find_project(context.directory)
    root = project.root if project else context.directory
    reporter = _reporter(context)

    def boot(control: Control) -> bool:
        try:
            outcome = launch.boot(_boot_options(context, kernel, image, dict(given)), reporter, control)
        except ToolError as error:
            context.diagnose(error.diagnostics)
            return True
        return outcome.kind != "interrupted" or was_changed(outcome.message)

    with Watcher(root, root / "build") as watcher:
        watcher.run(boot)
    click.get_current_context().exit(ExitCode.INTERRUPTED)


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
        disks=tuple(
            launch.Disk(context.path(path), snapshot) for path, snapshot in map(launch.parse_disk, given["disks"])
        ),
        forwards=tuple(map(launch.parse_forward, given["forwards"])),
    )


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
@click.option("--suite", type=click.Choice(["all", "boot", "pytest"]), help="Which tests; all if not given.")
@click.option("--boot-test", "patterns", metavar="NAME", multiple=True, help="Only boot tests of this name or pattern.")
@click.option("--machine", metavar="NAME", multiple=True, help="Boot on this machine instead of the matrix's.")
@click.option("--cpu", metavar="MODEL", multiple=True, help="Boot with this CPU model instead.")
@click.option("--smp", type=click.IntRange(1, 255), multiple=True, help="Boot with this number of CPUs instead.")
@click.option("--memory", metavar="SIZE", multiple=True, help="Boot with this memory instead.")
@click.option("--firmware", type=click.Choice(["profile", "qboot", "seabios"]), multiple=True, help="Boot by it.")
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
    printer = command.Printer(_echo, context.emit, context.progress, json=context.json)
    click.get_current_context().exit(command.run_tests(project, asked, printer))


@exotool.command()
@click.argument("file")
@click.option("--stack", is_flag=True, required=True, help="How much stack each entry can take, and by which calls.")
@click.option("--recursive", metavar="NAME=N", multiple=True, help="NAME calls itself, open N times at most.")
@common_options
@pass_context
def inspect(context: Context, file: str, stack: bool, recursive: tuple[str, ...]) -> None:  # noqa: ARG001
    """Say what the machine code of an object or image does.

    FILE is any ELF64 object or image for x86_64. Entries are the global functions of an object, and of an image its
    entry and all that nothing calls. A depth is in bytes, without the return address of the entry itself.
    """
    from exotool.compiler.stack import stack_depths
    from exotool.compiler.stack_report import table, to_json
    from exotool.files import read_input

    counts: dict[str, int] = {}
    for text in recursive:
        name, _, number = text.rpartition("=")
        if not name or not number.isdecimal() or not 1 <= int(number) <= 1 << 20:
            raise click.BadParameter(f"`{text}` is not NAME=N", param_hint="--recursive")
        counts[name] = int(number)
    depths = stack_depths(read_input(context.path(file), "file"), file, counts)
    context.result(table(depths), entries=[to_json(depth) for depth in depths])


@exotool.command()
@click.argument("code")
@common_options
@pass_context
def explain(context: Context, code: str) -> None:
    """Print what an error code means, why it is an error, and what to do."""
    from exotool.explanations import explain as look_up

    found = look_up(code)
    text = f"{found.code}: {found.meaning}" + (f"\n\n{found.text}" if found.text else "")
    context.result(text, code=found.code, meaning=found.meaning, explanation=found.text)


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
