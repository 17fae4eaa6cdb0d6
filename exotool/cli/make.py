"""The commands that make objects and images."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from exotool.cli.context import Context, common_options, exotool, pass_context

if TYPE_CHECKING:
    from exotool.build import Built
    from exotool.project import Overflow, Profile, Shift


@exotool.command()
@click.argument("source", metavar="FILE.S")
@click.option("-o", "output", metavar="FILE.o", help="The object to write; FILE.o beside no path if not given.")
@click.option("-I", "include", metavar="DIR", multiple=True, help="Look for #include and .include files in DIR.")
@click.option("-D", "define", metavar="NAME[=VALUE]", multiple=True, help="Define a preprocessor macro.")
@click.option("-include", "prelude", metavar="FILE", multiple=True, help="Let the preprocessor read FILE first.")
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
    prelude: tuple[str, ...],
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
        prelude=tuple(context.path(name) if context.path(name).is_file() else Path(name) for name in prelude),
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
