"""The command line on bad input: a message and an exit code, no traceback, and good outputs left as they were."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exotool.diagnostics import ExitCode

from .conftest import REPOSITORY, CommandLine

START = """\
.section .note.Xen, "a", @note
.balign 4
.long 4, 8, 18
.asciz "Xen"
.quad _start
.text
.globl _start
.type _start, @function
.code32
_start:
    cli
1:  hlt
    jmp 1b
.size _start, . - _start
"""


def no_traceback(done: subprocess.CompletedProcess[str]) -> None:
    assert "Traceback" not in done.stderr
    assert "internal error" not in done.stderr


@pytest.fixture
def start(tmp_path: Path) -> Path:
    path = tmp_path / "start.S"
    path.write_text(START)
    return path


def test_help_and_version(exotool: CommandLine) -> None:
    done = exotool("--help")
    assert done.returncode == 0
    for command in ("asm", "link", "run", "reproduce", "test"):
        assert f"  {command} " in done.stdout
    assert exotool("--version").stdout.startswith("exotool, version ")


def test_wrong_usage_is_exit_code_2(exotool: CommandLine) -> None:
    for arguments in (["frobnicate"], ["asm"], ["run", "--smp", "many"], ["link", "-o", "x.elf"]):
        done = exotool(*arguments)
        assert done.returncode == ExitCode.USAGE, arguments
        assert "Usage: exotool" in done.stderr or "error[" in done.stderr
        no_traceback(done)


def test_directory_option_that_is_no_directory(exotool: CommandLine) -> None:
    done = exotool("-C", "nowhere", "link")
    assert done.returncode == ExitCode.USAGE
    assert done.stderr == "error[T0106]: `-C nowhere` is not a directory\n  --> nowhere\n\n"


@pytest.mark.parametrize("command", [["link"], ["run"], ["reproduce"], ["test"]])
def test_commands_that_need_a_project_say_so(exotool: CommandLine, command: list[str]) -> None:
    done = exotool(*command)
    assert done.returncode == ExitCode.USAGE
    assert "error[P0105]: there is no exotool.toml in this directory or above it" in done.stderr


def test_assembling_and_linking_files(exotool: CommandLine, tmp_path: Path, start: Path) -> None:
    done = exotool("asm", start, "-o", "start.o", "-g")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    done = exotool("link", "start.o", "-o", "out/k.elf")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("out/k.elf: linked, ")
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["k.elf", "k.manifest.json", "k.map", "k.map.json"]
    assert exotool("link", "start.S", "-o", "out/direct.elf").returncode == 0


def test_json_is_one_object_a_line(exotool: CommandLine, start: Path) -> None:
    done = exotool("link", start, "-o", "k.elf", "--json")
    documents = [json.loads(line) for line in done.stdout.splitlines()]
    assert documents[-1]["type"] == "result"
    assert documents[-1]["output"] == "k.elf"
    done = exotool("--json", "link", "gone.o")
    assert done.returncode == ExitCode.FAILED
    assert [json.loads(line)["code"] for line in done.stdout.splitlines()] == ["T0101"]


BAD_INPUTS = {
    "gone": None,
    "directory": None,
    "empty": b"",
    "random": bytes(range(256)) * 4,
    "truncated": b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x01\x00\x3e\x00",
    "elf32": b"\x7fELF\x01\x01\x01" + bytes(9) + b"\x01\x00\x03\x00" + bytes(40),
    "arm64": b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x01\x00\xb7\x00" + bytes(60),
    "executable": b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x02\x00\x3e\x00" + bytes(60),
    "archive": b"!<arch>\n" + bytes(60),
}


@pytest.mark.parametrize("kind", BAD_INPUTS)
def test_bad_objects_and_images_are_named_and_good_outputs_stay(
    exotool: CommandLine, tmp_path: Path, kind: str, start: Path
) -> None:
    name = f"{kind}.o"
    if kind == "directory":
        (tmp_path / name).mkdir()
    elif (data := BAD_INPUTS[kind]) is not None:
        (tmp_path / name).write_bytes(data)
    (tmp_path / "k.elf").write_text("good")
    for arguments in (["link", name, start, "-o", "k.elf"], ["run", "--kernel", name]):
        done = exotool(*arguments)
        assert done.returncode in (ExitCode.FAILED, ExitCode.USAGE), done.stderr
        assert f"{kind}.o" in done.stderr
        assert "error[" in done.stderr
        no_traceback(done)
    assert (tmp_path / "k.elf").read_text() == "good"


def test_every_bad_file_of_one_link_is_named(exotool: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "a.o").write_bytes(b"")
    done = exotool("link", "a.o", "b.o", "-o", "k.elf")
    assert "`a.o` is empty" in done.stderr
    assert "`b.o` does not exist" in done.stderr or "b.o` does not exist" in done.stderr


@pytest.mark.parametrize("data", [b"", b"\xff\xfe\x00garbage\x00", b"\x00" * 100, b"nonsense $$$\n"])
def test_bad_sources(exotool: CommandLine, tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x.S").write_bytes(data)
    (tmp_path / "x.o").write_text("good")
    done = exotool("asm", "x.S", "-o", "x.o")
    no_traceback(done)
    if data:
        assert done.returncode == ExitCode.FAILED
        assert "error[" in done.stderr
        assert (tmp_path / "x.o").read_text() == "good"
    else:
        assert done.returncode == 0


@pytest.mark.parametrize("command", [["asm", "start.S", "-o"], ["link", "start.S", "-o"]])
def test_unwritable_outputs(exotool: CommandLine, tmp_path: Path, start: Path, command: list[str]) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("good")
    for target in ("folder", "file/below", "/proc/nothing/x"):
        done = exotool(*command, target)
        assert done.returncode == ExitCode.FAILED, target
        assert "error[T0105]: cannot write" in done.stderr
        no_traceback(done)
    assert (tmp_path / "file").read_text() == "good"


def test_a_reader_that_goes_away_is_no_bug(tmp_path: Path) -> None:
    command = f'"{sys.executable}" -m exotool --help | true; exit ${{PIPESTATUS[0]}}'
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
        check=False,
        capture_output=True,
        text=True,
    )
    no_traceback(done)
    assert done.stderr == ""


def test_a_bug_says_that_it_is_one(exotool: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import exotool.files\ndef broken(*_): raise RuntimeError('planted')\nexotool.files.read_input = broken\n"
    )
    done = exotool("asm", "x.S", PYTHONPATH=f"{REPOSITORY}{os.pathsep}{tmp_path}", TMPDIR=str(tmp_path))
    assert done.returncode == ExitCode.FAILED
    assert "internal error[T0002]: RuntimeError: planted" in done.stderr
    assert "this is a bug in exotool, not in your input" in done.stderr
    assert "Traceback" not in done.stderr
    (saved,) = tmp_path.glob("exotool-bug-*.txt")
    assert str(saved) in done.stderr
    assert "Traceback" in saved.read_text()


@pytest.mark.slow
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300))
def test_any_bytes_as_source_or_object_end_in_a_message(exotool: CommandLine, tmp_path: Path, data: bytes) -> None:
    for name in ("x.S", "x.o"):
        (tmp_path / name).write_bytes(data)
        done = exotool("link", name, "-o", "k.elf")
        assert done.returncode in (ExitCode.FAILED, ExitCode.SUCCESS)
        no_traceback(done)


def test_a_killed_link_leaves_no_process(tmp_path: Path) -> None:
    """The workers that assemble notice that their parent is gone, even when it had no time to tell them."""
    for number in range(6):
        (tmp_path / f"s{number}.S").write_text(START.replace("_start", f"start{number}") + "\tnop\n" * 3000)
    (tmp_path / "exotool.toml").write_text(
        '[image.k]\nsources = ["*.S"]\nentry = "start0"\n[[image.k.layout.segment]]\nflags = "rx"\nvaddr = "1M"\n'
        'sections = [{ name = ".text", input = [".note.Xen", ".text"] }]\n'
    )
    command = [sys.executable, "-m", "exotool", "link", "--jobs", "4"]
    process = subprocess.Popen(
        command,
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    workers: list[int] = []
    while process.poll() is None and len(workers) < 2:
        workers = [int(word) for word in children.read_text().split()] if children.exists() else []
    process.send_signal(signal.SIGKILL)
    # The pipe's end comes when the last holder of stdout is gone: the workers have it too.
    process.communicate(timeout=60)
    assert workers, "the link ended before it had workers"
    assert not any((tmp_path / "build").rglob("*.tmp"))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
@pytest.mark.parametrize("arguments", [["--version"], ["link", "start.S"], ["--json", "link", "gone.o"]])
def test_a_full_disk_under_stdout_is_said_once(start: Path, arguments: list[str]) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "exotool", *arguments],
            cwd=start.parent,
            env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == ExitCode.FAILED
    no_traceback(done)
    assert done.stderr.count("error[T0108]: cannot write to stdout: no space left on device") == 1
    assert "Exception ignored" not in done.stderr
    assert ("error[T0101]" in done.stderr) == ("gone.o" in arguments)


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_standard_streams_do_no_harm(start: Path, closed: str) -> None:
    command = f'"{sys.executable}" -m exotool link start.S -o k.elf {closed}'
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=start.parent,
        env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert (start.parent / "k.elf").read_bytes().startswith(b"\x7fELF")


def test_files_are_linked_alike_in_a_project_and_outside(exotool: CommandLine, tmp_path: Path, start: Path) -> None:
    from .toy import make_project

    assert exotool("link", start, "-o", "k.elf").returncode == 0
    project = make_project(tmp_path / "project")
    (project / "start.S").write_bytes(start.read_bytes())
    assert exotool("link", "start.S", "-o", "k.elf", cwd=project).returncode == 0
    assert (project / "k.elf").read_bytes() == (tmp_path / "k.elf").read_bytes()
    done = exotool("link", "start.S", "-o", "k.elf", "--image", "kernel", cwd=project)
    assert "the entry symbol `start` is not defined" in done.stderr
    assert exotool("link", "x.S", "--image", "kernel", "--layout", "l.toml", cwd=project).returncode == ExitCode.USAGE


@pytest.mark.slow
@pytest.mark.parametrize("delay", [0.1, 0.2, 0.3, 0.4, 0.6, 0.8, 1.0])
def test_an_interrupted_link_ends_at_once_and_silently(tmp_path: Path, delay: float) -> None:
    """Wherever it strikes: while modules are loaded, LIEF among them, or while workers assemble."""
    for number in range(4):
        (tmp_path / f"s{number}.S").write_text(
            f".globl start{number}\nstart{number}:\n" + "".join(f"movl ${n}, %eax\n" for n in range(20_000))
        )
    (tmp_path / "exotool.toml").write_text(
        '[image.k]\nsources = ["*.S"]\nentry = "start0"\n[[image.k.layout.segment]]\nflags = "rx"\nvaddr = "1M"\n'
        'sections = [{ name = ".text" }]\n'
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "exotool", "link", "--jobs", "2"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    # Python itself answers an interrupt with a traceback until our code has the control.
    while process.poll() is None and not (tmp_path / "build").exists():
        time.sleep(0.01)
    time.sleep(delay)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=60)
    # Struck inside of an exec(), as dataclasses use it, CPython ends by the signal; shells show that as 130 too.
    assert process.returncode in (ExitCode.INTERRUPTED, -signal.SIGINT, ExitCode.SUCCESS)
    assert err.strip() == ""
    assert (process.returncode == ExitCode.SUCCESS) == ("linked" in out)
    assert not any((tmp_path / "build").rglob("*.tmp"))
