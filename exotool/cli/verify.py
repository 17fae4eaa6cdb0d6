"""The command that proves."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING

import click

from exotool.cli.context import Context, common_options, exotool, pass_context
from exotool.diagnostics import Diagnostic, ExitCode, ToolError

if TYPE_CHECKING:
    from exotool.project import Profile


@exotool.command()
@click.argument("files", metavar="[FILE.py]...", nargs=-1)
@click.option("--image", metavar="NAME", help="The proofs beside the Kernel Python of this image.")
@click.option("--proof", "names", metavar="NAME", multiple=True, help="Only this proof.")
@click.option("--unroll", type=click.IntRange(1, 1 << 16), help="Rounds of a loop, where a proof does not say.")
@click.option("--time-limit", type=click.FloatRange(0.1), default=60.0, show_default=True, help="Seconds for a proof.")
@click.option(
    "--profile",
    type=click.Choice(["dev", "release"]),
    default="dev",
    show_default=True,
    help="What traps: see compile.",
)
@click.option("-j", "--jobs", type=click.IntRange(0), default=0, help="Prove this many at once; 0 is one a CPU.")
@common_options
@pass_context
def verify(
    context: Context,
    files: tuple[str, ...],
    image: str | None,
    names: tuple[str, ...],
    unroll: int | None,
    time_limit: float,
    profile: Profile,
    jobs: int,
) -> None:
    """Prove what functions decorated with @proof say, for all values.

    Without FILEs the proofs are those of the project: `proofs/*.py` beside the Kernel Python of its images.
    A counterexample is run under CPython too.
    """
    if importlib.util.find_spec("z3") is None:
        missing = Diagnostic("V0101", "z3 is not installed", help=("pip install 'exotool[verify]'",))
        raise ToolError(missing, exit_code=ExitCode.TOOL_MISSING)
    from exotool.project import require_project
    from exotool.verify.find import project_files
    from exotool.verify.run import Options, run

    if files and image:
        raise click.UsageError("FILEs and --image both say where the proofs are")
    root = context.directory
    paths = [context.path(file) for file in files]
    if not files:
        project = require_project(context.directory)
        root, paths = project.root, project_files(project, image)
    failed = undecided = 0
    for outcome in run(paths, root, Options(names, unroll, time_limit, profile), jobs):
        context.diagnose(outcome.diagnostics)
        context.progress(f"{outcome.name}: {outcome.ways} ways, {outcome.seconds:.2f} s")
        context.result(
            f"{outcome.verdict:12}{outcome.name}",
            proof=outcome.name,
            verdict=outcome.verdict,
            ways=outcome.ways,
            values=outcome.values,
        )
        failed += not outcome.proved and not outcome.undecided
        undecided += outcome.undecided
    if failed or undecided:
        raise click.exceptions.Exit(ExitCode.FAILED if failed else ExitCode.TIME_OUT)
