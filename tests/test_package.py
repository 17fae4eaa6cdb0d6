"""What pip installs: the package with its data, and no tests or kernels."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from .conftest import REPOSITORY


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", str(folder), "."]
    subprocess.run(command, cwd=REPOSITORY, check=True, capture_output=True)
    (path,) = folder.glob("*.whl")
    return zipfile.ZipFile(path)


@pytest.mark.slow
def test_the_wheel_has_the_package_and_the_machines(wheel: zipfile.ZipFile) -> None:
    names = {name for name in wheel.namelist() if ".dist-info/" not in name}
    sources = {
        p.relative_to(REPOSITORY).as_posix()
        for p in (REPOSITORY / "exotool").rglob("*.py*")
        if p.suffix in (".py", ".pyi")
    }
    machines = {f"exotool/machines/{p.name}" for p in (REPOSITORY / "qemu").glob("*.toml")}
    machines |= {f"exotool/machines/gdb/{p.name}" for p in (REPOSITORY / "qemu" / "gdb").glob("*.py")}
    texts = {f"exotool/texts/explanations/{p.name}" for p in (REPOSITORY / "docs" / "explanations").glob("*.md")}
    loader = {f"exotool/image/loader/{p.name}" for p in (REPOSITORY / "exotool" / "image" / "loader").glob("*.[Sh]")}
    refused = REPOSITORY / "tests" / "negative" / "kernel_python"
    programs = (p.relative_to(refused).as_posix() for p in refused.rglob("*") if p.suffix in (".py", ".txt"))
    texts |= {f"exotool/texts/refused/{name}" for name in programs}
    assert texts
    assert names == sources | machines | texts | loader | {"exotool/py.typed", "exotool/texts/errors.md"}


@pytest.mark.slow
def test_an_installed_exotool_needs_nothing_of_the_repository(wheel: zipfile.ZipFile, tmp_path: Path) -> None:
    wheel.extractall(tmp_path / "site")
    done = subprocess.run(
        [sys.executable, "-P", "-c", "from exotool.launch import load_machine; print(load_machine('microvm').machine)"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path / "site")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.startswith("microvm,"), done.stderr
