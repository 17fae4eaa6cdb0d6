"""`[check]`: what success is for a kernel that does not keep exotool's own protocol."""

from __future__ import annotations

import shutil

import pytest

from exotool.diagnostics import ToolError
from exotool.expectations import Check, check_option, parse_check
from exotool.launch.check import CheckState
from exotool.launch.qemu import PROGRAM
from exotool.tables import Table
from tests.conftest import CommandLine
from tests.launch.conftest import Boot, Kernel, Recorder


@pytest.mark.parametrize(
    ("name", "check", "kind"),
    [
        ("hello_spin", Check(line="hello"), "success"),
        ("hello_spin", Check(regex="^hel+o$"), "success"),
        ("hello_spin", Check(line="hell"), "hang"),
        ("exit_42", Check(exit=42), "success"),
        ("exit_42", Check(exit=41), "failed"),
        ("exit_42", Check(exit=42, line="hello"), "failed"),
        ("power_off", Check(event="SHUTDOWN:guest-shutdown"), "success"),
        ("power_off", Check(event="SHUTDOWN:guest-reset"), "power_off"),
        ("echo", Check(prompt="echo> "), "success"),
        ("pvpanic", Check(event="GUEST_PANICKED"), "success"),
        ("hello_spin", Check(line="never", fail=("hell",)), "failed"),
        ("panic_foreign", Check(line="never", panic=("^Oops: ",)), "panic"),
        ("triple_fault", Check(line="never"), "triple_fault"),
    ],
)
def test_real_guests(run: Boot, name: str, check: Check, kind: str) -> None:
    outcome = run(name, check=check, hang_after=0.8, explain=False)
    assert outcome.kind == kind, outcome.render()


def test_what_was_not_seen_is_named(run: Boot) -> None:
    outcome = run("exit_42", check=Check(exit=42, line="login:"))
    assert outcome.notes == ("not seen: line `login:`",)
    assert run("exit_42", check=Check(exit=41)).message == "the guest ended with exit value 0x2a, not 0x29"


def test_addresses_of_a_foreign_panic_get_names(run: Boot, recorder: Recorder) -> None:
    outcome = run("panic_foreign", check=Check(panic=("^Oops: ",)))
    assert outcome.message == "Oops: out of frames (then it ran on, and printed nothing more)"
    assert recorder.lines[-1].text == " at 0010004f"
    assert recorder.lines[-1].annotation.startswith("main+0x5 (panic_foreign.S:")
    assert "  main+0x5 (" in "".join(recorder.texts)


def test_all_of_a_check_must_be_seen() -> None:
    state = CheckState(Check(line="a", prompt="$ "))
    state.take_line("a")
    assert not state.is_decided
    assert state.missing() == ("prompt `$ `",)
    state.take_partial("user $ ")
    assert state.is_decided


def test_the_table() -> None:
    values = {"line": "ok", "exit": "0x31", "panic": ["^Oops"], "fail": []}
    assert parse_check(Table("x.toml", "", values)) == Check(line="ok", exit=0x31, panic=("^Oops",))
    assert not Check(panic=("x",)).is_custom


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"regex": "("}, "`regex` is not a regular expression: missing ), unterminated subpattern at position 0"),
        ({"exit": 0}, "`exit` must be between 1 and 0x7f, not 0x0"),
        ({"exit": 0x80}, "`exit` must be between 1 and 0x7f, not 0x80"),
        ({"lines": "x"}, "unknown key `lines`"),
    ],
)
def test_what_is_wrong_in_the_table_is_told(values: dict[str, object], message: str) -> None:
    with pytest.raises(ToolError) as caught:
        parse_check(Table("x.toml", "", values))
    assert caught.value.diagnostics[0].message == message


@pytest.mark.parametrize(("value", "code"), [("0x2a", 0), ("42", 0), ("0x2b", 1), ("0", 2), ("x", 2), ("-1", 2)])
def test_the_exit_value_as_an_option(kernel: Kernel, exotool: CommandLine, value: str, code: int) -> None:
    if shutil.which(PROGRAM) is None:
        pytest.skip(f"{PROGRAM} is not installed")
    done = exotool("run", "--kernel", kernel("exit_42"), f"--check-exit={value}")
    assert done.returncode == code, done.stderr


def test_an_option_that_is_no_expression() -> None:
    with pytest.raises(ToolError, match="`--check-regex` is not a regular expression"):
        check_option("--check-regex", "[")
