"""The commands that look at objects, images, errors and the installation."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from exotool.cli.context import Context, common_options, exotool, pass_context
from exotool.diagnostics import ExitCode

if TYPE_CHECKING:
    pass


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
    text = "\n\n".join(filter(None, (f"{found.code}: {found.meaning}", found.text, found.example)))
    context.result(text, code=found.code, meaning=found.meaning, explanation=found.text, example=found.example)
