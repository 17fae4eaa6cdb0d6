"""What the tools say of the sources, and promises about the tree that no tool knows."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import REPOSITORY

CODE = re.compile(r'"([A-Z]0\d{3})"')


def python_files() -> list[Path]:
    return sorted((REPOSITORY / "exotool").rglob("*.py"))


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments", [("ruff", "check", "."), ("ruff", "format", "--check", "."), ("mypy",)], ids=" ".join
)
def test_linters_and_types(arguments: tuple[str, ...]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *arguments], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_diagnostic_code_is_documented_once_and_every_documented_code_exists() -> None:
    used = {code for path in python_files() for code in CODE.findall(path.read_text("utf-8"))}
    documented = re.findall(
        r"^\| `([A-Z]0\d{3})` \|", (REPOSITORY / "docs" / "errors.md").read_text("utf-8"), re.MULTILINE
    )
    assert len(documented) == len(set(documented))
    assert documented == sorted(documented)
    # T0002 is printed without a Diagnostic: it reports that the diagnostics themselves may be broken.
    assert set(documented) == used | {"T0002"}


def test_parts_import_only_what_the_architecture_allows() -> None:
    """cli -> build -> {asm, compiler, link, launch} -> {elf, project, layout} -> {diagnostics, files, tables}."""
    base = {"diagnostics", "files", "tables", "__version__"}
    allowed = {
        "allocation": set(),
        "diagnostics": set(),
        "files": {"diagnostics"},
        "workers": set(),
        "lang": {"lang"},
        "tables": {"diagnostics", "files"},
        "elf": base | {"elf"},
        "expectations": base,
        "layout": set(),
        "project": base | {"elf", "expectations", "layout"},
        "definitions": base,
        "asm": base | {"asm", "elf", "project"},
        "link": base | {"link", "elf", "layout", "allocation"},
        "launch": base | {"launch", "elf", "project", "expectations"},
        "image": base | {"image", "asm", "launch", "elf"},
        "repro": base | {"repro", "elf", "project"},
        "compiler": base | {"compiler", "lang", "elf", "project", "workers"},
        "build": base | {"asm", "compiler", "link", "workers", "repro", "elf", "project", "layout", "definitions"},
        "watching": base | {"launch"},
        "testing": base | {"testing", "build", "image", "repro", "launch", "elf", "project", "expectations"},
    }
    for path in python_files():
        part = path.relative_to(REPOSITORY / "exotool").parts[0].removesuffix(".py")
        if part not in allowed:
            continue
        text = path.read_text("utf-8")
        imported = set(re.findall(r"^\s*from exotool\.(\w+)[\w.]* import", text, re.MULTILINE))
        imported |= set(re.findall(r"^\s*from exotool import (\w+)", text, re.MULTILINE))
        assert imported <= allowed[part], f"{path} imports {sorted(imported - allowed[part])}"


def test_no_file_is_long_without_a_reason() -> None:
    for path in python_files():
        lines = path.read_text("utf-8").splitlines()
        assert len(lines) <= 600 or any("600 lines" in line for line in lines[:12]), f"{path} has {len(lines)} lines"


def test_starting_costs_little() -> None:
    """Heavy libraries are imported by the pass that needs them, not by the command line."""
    script = "import sys; from exotool import cli; sys.stdout.write(' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    heavy = {"lief", "keystone", "capstone", "elftools", "numpy", "qemu", "asyncio", "filelock", "tomllib"}
    assert not heavy & set(done.stdout.split())


def test_the_tool_knows_no_kernel() -> None:
    for path in python_files():
        assert "exov6" not in path.read_text("utf-8").lower(), path
