"""The kernel, built once for all tests of a process."""

from __future__ import annotations

from pathlib import Path

import pytest

from exotool.project import Project, load_project
from exotool.testing.plugin import boot, guest, kernel
from tests.boot.exov6 import build, copy_project

__all__ = ["boot", "exotool_project", "exov6", "guest", "kernel"]


@pytest.fixture(scope="session")
def exov6(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Path of ExoV6's image, inside a built copy of the project."""
    folder = tmp_path_factory.mktemp("exov6")
    copy_project(folder)
    return build(folder)


@pytest.fixture(scope="session")
def exotool_project(exov6: Path) -> Project:
    """The copy as the project of the plugin's fixtures, instead of the repository itself."""
    return load_project(exov6.parent.parent)
