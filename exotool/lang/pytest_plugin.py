"""The pytest plugin: Kernel Python files are importable in tests, each test starts with the memory as imports left it.

    [tool.pytest.ini_options]
    kernel_python_roots = ["."]              # every package there, or
    kernel_python_roots = [".: kernel libos"]  # these packages

Roots are relative to pytest's root directory. Without the option the plugin does nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

STARTED = pytest.StashKey[list[object]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option."""
    parser.addini("kernel_python_roots", "directories of Kernel Python: `DIR` or `DIR: PACKAGE...`", type="linelist")


def pytest_configure(config: pytest.Config) -> None:
    """Install the import hook."""
    roots = config.getini("kernel_python_roots")
    finders: list[object] = []
    config.stash[STARTED] = finders
    if not roots:
        return
    from exotool.lang.loader import install

    for line in roots:
        directory, _, packages = line.partition(":")
        place = config.rootpath / directory.strip()
        if not place.is_dir():
            raise pytest.UsageError(f"kernel_python_roots: there is no directory {directory.strip()!r}")
        finders.append(install(place, packages.split()))


def pytest_unconfigure(config: pytest.Config) -> None:
    """Take the import hook away."""
    from exotool.lang.loader import KernelFinder, uninstall

    for finder in config.stash.get(STARTED, []):
        if isinstance(finder, KernelFinder):
            uninstall(finder)


@pytest.fixture(autouse=True)
def _kernel_python_state(request: pytest.FixtureRequest) -> Iterator[None]:
    """Give each test the memory, devices, statics, models and settings that it would find alone."""
    if not request.config.getini("kernel_python_roots"):
        yield
        return
    from exotool.lang.state import save

    restore = save()
    yield
    restore()
