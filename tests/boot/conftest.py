"""The kernel, built once for all tests of a process."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.boot.exov6 import build, copy_project


@pytest.fixture(scope="session")
def exov6(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Path of ExoV6's image, inside a built copy of the project."""
    folder = tmp_path_factory.mktemp("exov6")
    copy_project(folder)
    return build(folder)
