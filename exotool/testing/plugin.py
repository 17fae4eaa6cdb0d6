r"""The pytest plugin: fixtures that boot the project's kernel. It is loaded wherever exotool is installed.

    def test_shell(boot):
        with boot(append="init=/bin/sh") as guest:
            guest.expect(r"# $")
            guest.send("echo hi\n")
            guest.expect("hi")

`kernel` is the path of the image, `boot` starts a guest with the given options of `exotool.launch.BootOptions`, `guest`
is one that was started without any. All of them end with their test. A test whose fixtures need QEMU is skipped where
there is none, unless CI says that nothing may be skipped (`--exotool-strict`).
"""

from __future__ import annotations

import contextlib
import dataclasses
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from exotool.launch.guest import Guest
    from exotool.project import Project

Boot = Callable[..., "Guest"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the plugin's options."""
    group = parser.getgroup("exotool")
    group.addoption("--exotool-image", metavar="NAME", help="the image that the fixture `kernel` builds")
    group.addoption("--exotool-machine", metavar="NAME", help="the machine that the fixture `boot` takes")
    group.addoption("--exotool-shard", metavar="I/N", help="run only the i-th of n parts of the tests")
    group.addoption("--exotool-strict", action="store_true", help="fail where QEMU is missing instead of skipping")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the tests of one shard, spread evenly."""
    text = config.getoption("--exotool-shard", None)
    if text is None:
        return
    from exotool.diagnostics import ToolError
    from exotool.testing.plan import parse_shard

    try:
        index, count = parse_shard(text)
    except ToolError as error:
        raise pytest.UsageError(str(error)) from None
    kept = items[index - 1 :: count]
    left = [item for number, item in enumerate(items) if number % count != index - 1]
    config.hook.pytest_deselected(items=left)
    items[:] = kept


@pytest.fixture(scope="session")
def exotool_project(pytestconfig: pytest.Config) -> Project:
    """Return the project that pytest's root directory is in."""
    from exotool.diagnostics import ToolError, render
    from exotool.project import require_project

    try:
        return require_project(pytestconfig.rootpath)
    except ToolError as error:
        pytest.fail("\n".join(map(render, error.diagnostics)), pytrace=False)


@pytest.fixture(scope="session")
def kernel(exotool_project: Project, pytestconfig: pytest.Config) -> Path:
    """Build the project's image and return its path."""
    from exotool.build import build_image
    from exotool.diagnostics import ToolError, render

    try:
        image = exotool_project.image(pytestconfig.getoption("--exotool-image", None))
        return build_image(exotool_project, image).output
    except ToolError as error:
        pytest.fail("\n".join(map(render, error.diagnostics)), pytrace=False)


@pytest.fixture
def boot(request: pytest.FixtureRequest, exotool_project: Project, pytestconfig: pytest.Config) -> Iterator[Boot]:
    """Start a guest: `boot(append="…", smp=2, machine="pc", memory=64 << 20)`; every option of `BootOptions` is taken.

    `kernel=PATH` boots another image than the project's. Guests that still run are ended with the test.
    """
    from exotool.image.booting import prepared
    from exotool.launch import BootOptions, load_machine
    from exotool.launch.guest import Guest
    from exotool.launch.qemu import PROGRAM

    if shutil.which(PROGRAM) is None:
        problem = f"{PROGRAM} is not installed"
        if pytestconfig.getoption("--exotool-strict", None):
            pytest.fail(problem, pytrace=False)
        pytest.skip(problem)
    run = exotool_project.run
    guests = contextlib.ExitStack()

    def start(machine: str | None = None, **given: Any) -> Guest:
        name = machine or pytestconfig.getoption("--exotool-machine", None) or run.machine
        image = given.pop("kernel", None) or request.getfixturevalue("kernel")
        options = BootOptions(
            kernel=Path(image),
            machine=load_machine(name, [exotool_project.root / "qemu"]),
            timeout=run.timeout,
            append=run.append,
            check=run.check,
            hang_after=run.hang_after,
        )
        asked = guests.enter_context(prepared(dataclasses.replace(options, **given)))
        return guests.enter_context(Guest(asked))

    with guests:
        yield start


@pytest.fixture
def guest(boot: Boot) -> Guest:
    """Return a running guest, booted from the project's image as `exotool run` would."""
    return boot()
