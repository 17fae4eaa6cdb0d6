"""Every command block of README and docs is executed, and prints what the text shows.

A block is fenced as `console`. A line that begins with `$ ` is a command, the lines up to the next one are what it
prints; there, `…` stands for any text within a line and a line that is `…` alone for any number of lines. The blocks
of one file run in order in one copy of the repository.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from .conftest import REPOSITORY

DOCUMENTS = sorted([REPOSITORY / "README.md", *(REPOSITORY / "docs").rglob("*.md")])

NOT_HERE = {"./exo test": "it is what runs this test; .ci/run calls it from a clean clone"}


@dataclass(frozen=True)
class Step:
    """A command, what it must print, and where it stands."""

    command: str
    expected: str
    line: int


def steps(text: str) -> list[Step]:
    found = []
    for block in re.finditer(r"^```console\n(.*?)^```$", text, re.DOTALL | re.MULTILINE):
        line = text.count("\n", 0, block.start(1)) + 1
        for part in re.split(r"^(?=\$ )", block[1], flags=re.MULTILINE):
            command, _, expected = part.partition("\n")
            if command:
                assert command.startswith("$ "), f"line {line}: a console block begins with a command"
                found.append(Step(command[2:], expected, line))
            line += part.count("\n")
    return found


def pattern(expected: str) -> str:
    lines = [
        r"(?:.*\n)*?" if line == "…" else ".*".join(map(re.escape, line.rstrip().split("…"))) + r"[ \t]*\n"
        for line in expected.splitlines()
    ]
    return "".join(lines)


def tracked_files() -> list[str]:
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, cwd=REPOSITORY, capture_output=True, check=True, text=True).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("the copy is made of the files that git knows")
    return [name for name in listed.split("\0") if name and (REPOSITORY / name).is_file()]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the repository in which `./exo` finds this environment, as after its first start."""
    root = tmp_path / "exotool"
    for name in tracked_files():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(REPOSITORY / name, root / name)
    scripts = root / ".venv" / "bin"
    scripts.mkdir(parents=True)
    launcher = f'#!/bin/sh\nPYTHONPATH="{root}" exec "{sys.executable}" -m exotool "$@"\n'
    for place in (scripts / "exotool", tmp_path / "bin" / "exotool"):
        place.parent.mkdir(exist_ok=True)
        place.write_text(launcher)
        place.chmod(0o755)
    (root / ".venv" / "installed-for-exo").touch()
    return root


def test_patterns_take_what_they_should_and_nothing_else() -> None:
    assert re.fullmatch(pattern("a … c\n…\nend\n"), "a b c\n1\n2\nend\n")
    assert re.fullmatch(pattern("…\nend\n"), "end\n")
    assert not re.fullmatch(pattern("a … c\n"), "a b d\n")
    assert not re.fullmatch(pattern("a\n"), "a\nb\n")
    assert [step.command for step in steps("x\n```console\n$ one\nout\n$ two\n```\n")] == ["one", "two"]


@pytest.mark.slow
@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(REPOSITORY).as_posix())
def test_commands_of_the_documents_do_what_they_say(document: Path, copy: Path) -> None:
    environment = os.environ | {"PATH": f"{copy.parent / 'bin'}{os.pathsep}{os.environ['PATH']}", "NO_COLOR": "1"}
    for step in steps(document.read_text("utf-8")):
        if step.command in NOT_HERE:
            continue
        done = subprocess.run(
            step.command,
            shell=True,
            cwd=copy,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            timeout=250,
            check=False,
        )
        where = f"{document.name}:{step.line}: $ {step.command}"
        assert re.fullmatch(pattern(step.expected), done.stdout), f"{where}\nprinted\n{done.stdout}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(REPOSITORY).as_posix())
def test_links_of_the_documents_lead_somewhere(document: Path) -> None:
    prose = re.sub(r"^```.*?^```|`[^`\n]*`", "", document.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", prose):
        if "://" not in target:
            assert (document.parent / target).exists(), f"{document.name}: {target}"
