"""The process in which LIEF writes: it serves many links, and ends with whoever started it."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from exotool.diagnostics import ToolError
from exotool.link import writer
from exotool.link.lief_process import ANSWER, NO_LIEF, REQUEST
from exotool.link.skeleton import Skeleton
from tests.link.objects import Builder, link_all


@pytest.fixture
def process() -> Iterator[subprocess.Popen[bytes]]:
    """The process of this one, whose end the next test does not see."""
    yield writer._writer.start()
    writer._writer.stop()


def an_image() -> bytes:
    code = Builder("a.o")
    code.symbol("_start", code.text(b"\x90\xc3"))
    return link_all(code).data


def test_a_dead_process_is_replaced(process: subprocess.Popen[bytes]) -> None:
    before = an_image()
    process.kill()
    process.wait()
    assert an_image() == before
    assert writer._writer.start().pid != process.pid


def test_one_process_serves_all_threads(process: subprocess.Popen[bytes]) -> None:
    made: list[bytes] = []
    threads = [threading.Thread(target=lambda: made.append(an_image())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == [made[0]] * 4
    assert writer._writer.start().pid == process.pid


def test_an_interrupt_of_the_group_does_not_reach_it(process: subprocess.Popen[bytes]) -> None:
    an_image()
    process.send_signal(signal.SIGINT)
    assert an_image()
    assert writer._writer.start().pid == process.pid


def test_a_fault_of_the_process_is_an_error(process: subprocess.Popen[bytes]) -> None:
    with pytest.raises(ToolError, match="LIEF does not read the planned file"):
        writer.write(Skeleton(11, [(0, b"no ELF file")]), [])
    image = an_image()
    with pytest.raises(ToolError, match="the process in which LIEF writes ended with 1"):
        writer.write(Skeleton(len(image), [(0, image)]), [(999, b"x")])
    assert process.returncode == 1
    assert an_image()


def test_without_lief(monkeypatch: pytest.MonkeyPatch, process: subprocess.Popen[bytes]) -> None:
    writer._writer.stop()
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ToolError) as caught:
        an_image()
    assert "pip install lief" in caught.value.diagnostics[0].help[0]
    assert process.returncode == -signal.SIGKILL


def test_where_no_process_can_be_started(monkeypatch: pytest.MonkeyPatch, process: subprocess.Popen[bytes]) -> None:
    writer._writer.stop()
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    writer.start()
    with pytest.raises(ToolError, match="cannot be started: No such file or directory"):
        an_image()
    assert process.returncode is not None


def test_it_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    program = "from exotool.link import writer; writer.start(); print(writer._writer.start().pid, flush=True); input()"
    parent = subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]
    )
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    handle = os.pidfd_open(pid)
    parent.kill()
    parent.communicate()
    try:
        # A process descriptor can be read when its process has ended.
        assert select.select([handle], [], [], 30)[0]
    finally:
        os.close(handle)


FAKE = """
import enum
if not isinstance(enum.Enum, type):
    raise ImportError("this one wants its enumerations")
class logging:
    disable = staticmethod(lambda: None)
class ELF:
    class ParserConfig: pass
    parse = staticmethod(lambda skeleton, config: None)
"""


def test_a_lief_that_wants_its_enumerations_gets_them(tmp_path: Path) -> None:
    (tmp_path / "lief").mkdir()
    (tmp_path / "lief" / "__init__.py").write_text(FAKE)
    command = [sys.executable, "-I", "-S", str(writer._PROGRAM), str(tmp_path)]
    done = subprocess.run(command, input=REQUEST.pack(0, 0, 0), capture_output=True, timeout=60, check=True)
    assert done.stdout == ANSWER.pack(0)


def test_a_lief_that_ends_its_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, process: subprocess.Popen[bytes]
) -> None:
    """It is tried once more, with real enumerations: this one gets as far as reading then."""
    writer._writer.stop()
    (tmp_path / "lief").mkdir()
    init = tmp_path / "lief" / "__init__.py"
    init.write_text(FAKE.replace('raise ImportError("this one wants its enumerations")', "import os; os.abort()"))
    monkeypatch.setattr("importlib.util.find_spec", lambda name: SimpleNamespace(origin=str(init)))
    monkeypatch.setattr(writer._writer, "plainly", [])
    with pytest.raises(ToolError, match="LIEF does not read the planned file"):
        writer.write(Skeleton(0, []), [])
    assert writer._writer.plainly
    assert process.returncode == -signal.SIGKILL


def test_a_folder_without_lief(tmp_path: Path) -> None:
    command = [sys.executable, "-I", "-S", str(writer._PROGRAM), str(tmp_path)]
    assert subprocess.run(command, input=b"", timeout=60, check=False).returncode == NO_LIEF
