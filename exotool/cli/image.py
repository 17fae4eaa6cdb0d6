"""The command that makes boot images."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from exotool.cli.context import Context, common_options, exotool, pass_context

if TYPE_CHECKING:
    from exotool.image import Format


@exotool.command("image")
@click.argument("kernel", metavar="[KERNEL]", required=False)
@click.option("--format", "format_", type=click.Choice(["disk", "iso", "uefi"]), required=True, help="What boots it.")
@click.option("-o", "output", metavar="FILE", help="The image to write; KERNEL's name with .img, .iso or .uefi.img.")
@click.option("--append", metavar="TEXT", default="", help="The kernel's command line.")
@click.option("--module", "modules", metavar="FILE", multiple=True, help="A file for the kernel; may be repeated.")
@click.option("--image", "name", metavar="NAME", help="Which image of the project; the first if not given.")
@common_options
@pass_context
def image_(
    context: Context,
    kernel: str | None,
    format_: Format,
    output: str | None,
    append: str,
    modules: tuple[str, ...],
    name: str | None,
) -> None:
    """Make an image that boots without QEMU's -kernel, from KERNEL or the project's image.

    disk boots by a PC's BIOS, uefi by UEFI, iso by both, from a CD or written to a disk. The kernel is an ELF with a
    PVH note, which finds its command line and modules as under QEMU's -kernel, or one with a Multiboot 2 header. The
    same input makes the same bytes.
    """
    from exotool.files import read_input, write_output
    from exotool.image import Module, make_image
    from exotool.image.booting import SUFFIXES

    if kernel is None:
        from exotool import build
        from exotool.project import require_project

        project = require_project(context.directory)
        built = build.build_image(project, project.image(name), report=context.progress)
        context.diagnose(built.warnings)
        path = built.output
    elif name is not None:
        raise click.UsageError("KERNEL and --image both name a kernel")
    else:
        path = context.path(kernel)
    shown = os.path.relpath(path)
    read = [Module(file, read_input(context.path(file), "module")) for file in modules]
    data = make_image(read_input(path, "kernel"), shown, format_, append, read)
    target = context.path(output) if output else path.with_suffix(SUFFIXES[format_])
    write_output(target, data)
    context.result(f"{target}: {len(data):,} bytes", output=str(target), format=format_, size=len(data))
