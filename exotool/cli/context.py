"""What all commands share: the context that the common options fill, how results are printed, and the group."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from exotool import __version__
from exotool.diagnostics import (
    JSON_SCHEMA,
    Diagnostic,
    ExitCode,
    Place,
    ToolError,
    render,
    to_json,
    unwritable,
    wants_color,
)

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
        """Tell whether stderr gets colors."""
        if self.color != "auto":
            return self.color == "always"
        return wants_color()

    def diagnose(self, diagnostics: Sequence[Diagnostic]) -> None:
        """Print diagnostics: to stderr for people, to stdout as JSON."""
        for diagnostic in diagnostics:
            if self.json:
                self.emit(to_json(diagnostic))
            else:
                click.echo(render(diagnostic, color=self.colored()) + "\n", err=True)

    def emit(self, document: dict[str, Any]) -> None:
        """Print one JSON object as a line of stdout."""
        echo(json.dumps(document))

    def result(self, text: str, **fields: Any) -> None:
        """Print a command's result, as a line of text or as JSON."""
        if self.json:
            self.emit({"schema": JSON_SCHEMA, "type": "result", **fields})
        elif not self.quiet:
            echo(text)

    def progress(self, line: str) -> None:
        """Print what is being done, for `--verbose`."""
        if self.verbose and not self.json:
            click.echo(line, err=True)

    def path(self, name: str) -> Path:
        """Return a path given on the command line, which `-C` moves along, as short as it was given."""
        return Path(name) if Path(name).is_absolute() else Path(os.path.relpath(self.directory / name))


pass_context = click.make_pass_decorator(Context)


def echo(line: str) -> None:
    """Print a line to stdout; raises `ToolError` T0108 when it cannot be written, for instance to a full disk."""
    try:
        click.echo(line)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise ToolError(unwritable(error)) from None


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
