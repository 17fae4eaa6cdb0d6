"""A guest that a test talks to."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from exotool.diagnostics import ToolError
from exotool.launch import BootOptions, load_machine
from exotool.launch.guest import Guest, GuestError
from exotool.launch.qemu import PROGRAM

Image = Callable[[str], Path]

pytestmark = pytest.mark.skipif(shutil.which(PROGRAM) is None, reason=f"needs {PROGRAM}")


def start(image: Path, **options: object) -> Guest:
    return Guest(BootOptions(image, load_machine("q35"), timeout=60.0, **options))  # type: ignore[arg-type]


def test_a_dialogue(image: Image) -> None:
    with start(image("echo")) as guest:
        guest.expect(r"echo> $")
        guest.send("hello")
        assert guest.expect("h(.*)o")[1] == "ell"
        guest.send(b"q")
        outcome = guest.wait()
    assert outcome.kind == "success", outcome.render()
    assert guest.lines[0] == "echo> hello"
    assert guest.text.startswith("echo> hello\nexotool: ok ")


def test_more_input_than_a_fifo_holds(image: Image) -> None:
    with start(image("echo")) as guest:
        guest.expect("> ")
        guest.send("x" * 3000)
        guest.expect("x{3000}", timeout=30)


def test_each_match_is_looked_for_behind_the_last(image: Image) -> None:
    with start(image("echo")) as guest:
        guest.expect("echo")
        with pytest.raises(GuestError, match=r"'echo' was not printed within 0.2 s"):
            guest.expect("echo", timeout=0.2)


def test_qemu_answers(image: Image) -> None:
    with start(image("echo")) as guest:
        guest.expect("> ")
        assert guest.qmp("query-status")["running"]
        assert "IP=" in guest.qmp("human-monitor-command", command_line="info registers")
        with pytest.raises(ToolError, match="the QMP command `no-such` failed"):
            guest.qmp("no-such")
    with pytest.raises(ToolError, match="there is no running guest"):
        guest.qmp("query-status")


def test_a_guest_that_ends_before_it_prints(image: Image) -> None:
    with start(image("panic")) as guest, pytest.raises(GuestError) as caught:
        guest.expect("login:")
    text = str(caught.value)
    assert text.startswith("the guest ended before it printed 'login:'\npanic: the fourth level was reached")
    assert "  panic: the fourth level was reached" in text
    with pytest.raises(GuestError, match="takes no input"):
        guest.send("x")


def test_a_guest_is_stopped(image: Image) -> None:
    guest = start(image("idle"))
    with pytest.raises(GuestError, match=r"did not end within 0\.1 s"):
        guest.wait(0.1)
    assert guest.stop().kind == "interrupted"
    assert guest.stop().message.startswith("by the caller, after ")


def test_a_stop_before_the_start_counts(image: Image) -> None:
    assert start(image("idle")).stop().kind == "interrupted"


def test_no_boot_is_told(tmp_path: Path) -> None:
    guest = start(tmp_path / "missing.elf")
    for action in (guest.wait, lambda: guest.expect("x"), lambda: guest.send("x"), lambda: guest.qmp("x")):
        with pytest.raises(ToolError, match="does not exist"):
            action()
