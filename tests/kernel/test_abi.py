"""The table of system calls, and what is generated from it.

kernel/abi/generate.py is a host program amidst Kernel Python, so it runs in a process of its own here.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY

TABLE = REPOSITORY / "kernel" / "abi" / "calls.toml"
CALL = '[[call]]\nname = "one"\nfile = "misc"\ndoc = "Do."\n'
REST = "[constants.types]\nCAP_ENV = 2\n[constants.rights]\nREAD = 1\n[constants.flags]\n[explain]\n"


def generate(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "kernel.abi.generate", *arguments]
    return subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with a copy of the table."""
    (tmp_path / "kernel" / "abi").mkdir(parents=True)
    shutil.copy(TABLE, tmp_path / "kernel" / "abi")
    return tmp_path


def test_the_generated_files_are_up_to_date() -> None:
    done = generate("--check")
    assert (done.returncode, done.stderr) == (0, "")


def test_a_file_that_was_edited_is_told(root: Path) -> None:
    assert generate("--root", str(root)).returncode == 0
    assert generate("--check", "--root", str(root)).returncode == 0
    path = root / "kernel" / "calls.py"
    assert path.read_text() == (REPOSITORY / "kernel" / "calls.py").read_text()
    path.write_text(path.read_text() + "\n")
    done = generate("--check", "--root", str(root))
    message = "kernel/calls.py is not what kernel/abi/calls.toml makes: run python -m kernel.abi.generate\n"
    assert (done.returncode, done.stderr) == (1, message)


def test_fast_calls_have_the_lowest_numbers() -> None:
    calls = {row["name"]: row.get("fast", False) for row in tomllib.loads(TABLE.read_text())["call"]}
    text = (REPOSITORY / "kernel_asm" / "calls.h").read_text().splitlines()
    numbers = dict(line.split()[1:3] for line in text if line.startswith("#define"))
    assert int(numbers["NCALLS"]) == len(calls)
    fast = int(numbers["SYS_FAST_COUNT"])
    assert {name: int(numbers[f"SYS_{name.upper()}"]) < fast for name in calls} == calls


def test_every_argument_of_a_body_is_checked(root: Path) -> None:
    """Nothing that a program gives reaches a body but by a check, or as a number that the body must expect."""
    table = root / "kernel" / "abi" / "calls.toml"
    table.write_text(table.read_text().replace("body = false\n", ""))
    assert generate("--root", str(root)).returncode == 0
    functions = (root / "kernel" / "calls.py").read_text().split("\n\n\n@export\n")
    for row in tomllib.loads(table.read_text())["call"]:
        (body,) = (text for text in functions if text.startswith(f"def call_{row['name']}("))
        for argument in row.get("args", []):
            name = argument["name"]
            match argument["kind"]:
                case "cap":
                    assert f"{name}_given, CAP_{argument['type']}, " in body
                case "env":
                    assert f"find_env(me, {name}_given, " in body
                case "in" | "out" | "user" | "read" | "write":
                    assert f"is_user({name}_given, " in body
                case "page":
                    assert f"is_page({name})" in body
                case "pages":
                    assert f"pages_fit({argument['of']}, {name})" in body
                case "flags":
                    assert f"{name} & ~u64(" in body
                case "number" if "max" in argument:
                    assert f"{name} > " in body


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (CALL + CALL, "two calls have one name"),
        (CALL + 'colour = "red"\n', "one: unknown keys colour"),
        (CALL + "fast = true\nframe = true\n", "one: a fast call has no frame"),
        (CALL + 'args = [{ name = "a", kind = "wish" }]\n', "one: no kind `wish`"),
        (CALL + 'args = [{ name = "a", kind = "page", max = 3 }]\n', "one: `page` takes no max"),
        (CALL + 'args = [{ name = "a", kind = "cap", type = "EVN" }]\n', "one: no capability type `EVN`"),
        (CALL + 'args = [{ name = "a", kind = "pages", of = "b" }]\n', "one: `a` refers to `b`, which is no argument"),
        (CALL + 'args = [{ name = "a", kind = "in", type = "Foo" }]\n', "one: no struct `Foo`"),
        (
            CALL + 'args = [{ name = "b", kind = "id" }, { name = "a", kind = "cap", type = "ENV", in = "b" }]\n',
            "one: `b` is no environment",
        ),
        (
            CALL + "args = [" + ", ".join(f'{{ name = "a{i}", kind = "id" }}' for i in range(7)) + "]\n",
            "one: more than 6 arguments",
        ),
        (CALL + "[[oops]]\n", "unknown tables: oops"),
    ],
)
def test_mistakes_in_the_table(root: Path, text: str, message: str) -> None:
    (root / "kernel" / "abi" / "calls.toml").write_text(text + REST)
    done = generate("--root", str(root))
    assert (done.returncode, done.stderr) == (1, f"kernel/abi/calls.toml: {message}\n")
    assert not (root / "kernel" / "calls.py").exists()
