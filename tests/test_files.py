"""Inputs that are not there or not files, and outputs that are whole or untouched."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from errno import ENODEV
from functools import partial
from mmap import mmap
from pathlib import Path
from resource import RLIM_INFINITY

import pytest

from exotool.diagnostics import ToolError
from exotool.files import map_input, read_input, write_output

from .conftest import REPOSITORY


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def message(error: ToolError) -> str:
    return f"{error.diagnostics[0].code} {error.diagnostics[0].message}"


def test_inputs_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    (tmp_path / "file").write_bytes(b"x")
    cases = {
        tmp_path / "gone.o": f"T0101 object `{tmp_path}/gone.o` does not exist",
        tmp_path: f"T0102 object `{tmp_path}` is a directory",
        fifo: f"T0102 object `{fifo}` is not a regular file",
        tmp_path / "file" / "below": f"T0103 cannot read object `{tmp_path}/file/below`: not a directory",
        Path("a\0b"): "T0103 cannot read object `a\0b`: null character in the name",
    }
    for path, expected in cases.items():
        with pytest.raises(ToolError) as caught:
            read_input(path, "object")
        assert message(caught.value) == expected


def test_output_replaces_the_old_file_and_leaves_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "kernel.elf"
    write_output(target, b"one")
    write_output(target, b"two", executable=True)
    assert target.read_bytes() == b"two"
    assert target.stat().st_mode & 0o100
    assert names(target.parent) == ["kernel.elf"]


def test_output_with_the_same_bytes_is_left_alone(tmp_path: Path) -> None:
    target = tmp_path / "a"
    write_output(target, b"one")
    before = target.stat().st_ino
    write_output(target, b"one")
    assert target.stat().st_ino == before


def test_unwritable_output_is_an_error_and_the_old_file_stays(tmp_path: Path) -> None:
    (tmp_path / "dir").mkdir()
    with pytest.raises(ToolError) as caught:
        write_output(tmp_path / "dir", b"x")
    assert message(caught.value) == f"T0105 cannot write `{tmp_path}/dir`: is a directory"
    (tmp_path / "file").write_bytes(b"good")
    with pytest.raises(ToolError) as caught:
        write_output(tmp_path / "file" / "below", b"x")
    assert caught.value.diagnostics[0].code == "T0105"
    assert (tmp_path / "file").read_bytes() == b"good"


def test_a_file_system_without_nameless_files_is_served_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "O_TMPFILE", raising=False)
    write_output(tmp_path / "a", b"x")
    assert names(tmp_path) == ["a"]


def test_a_write_that_fails_half_way_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    (tmp_path / "a").write_bytes(b"good")
    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(ToolError) as caught:
        write_output(tmp_path / "a", b"bad")
    assert message(caught.value) == f"T0105 cannot write `{tmp_path}/a`: no space left on device"
    assert names(tmp_path) == ["a"]
    assert (tmp_path / "a").read_bytes() == b"good"


@pytest.mark.skipif(not hasattr(os, "O_TMPFILE"), reason="only nameless files survive SIGKILL without a trace")
def test_a_killed_writer_leaves_no_file(tmp_path: Path) -> None:
    script = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from exotool import files\n"
        "os.link = lambda *a, **k: os.kill(os.getpid(), signal.SIGKILL)\n"
        "files.write_output(Path(sys.argv[1]), b'x' * 100_000)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "a")], env={"PYTHONPATH": str(REPOSITORY)}, check=False
    )
    assert done.returncode == -signal.SIGKILL
    assert names(tmp_path) == []


def limits(limit: int, _: int) -> tuple[int, int]:
    return limit, limit


def test_small_files_are_read_where_descriptors_are_few(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before Python 3.13 a map keeps a descriptor: a link of thousands of objects must not run out of them."""
    path = tmp_path / "a.o"
    path.write_bytes(bytes(range(256)) * 256)
    for limit, is_mapped in ((RLIM_INFINITY, True), (4, sys.version_info >= (3, 13))):
        monkeypatch.setattr("resource.getrlimit", partial(limits, limit))
        data = map_input(path, "file")
        assert isinstance(data.obj, mmap) is is_mapped
        assert bytes(data) == path.read_bytes()


def test_files_that_cannot_be_mapped_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(ENODEV, "no such device")

    path = tmp_path / "a.o"
    path.write_bytes(bytes(1 << 20))
    monkeypatch.setattr("exotool.files.mmap.mmap", refuse)
    assert bytes(map_input(path, "file")) == bytes(1 << 20)
