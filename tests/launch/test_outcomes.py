"""Every outcome, each produced by a real kernel."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import pytest

from exotool.diagnostics import ExitCode, ToolError
from exotool.launch import Outcome
from tests.launch.conftest import Boot, Recorder

MACHINES = ["q35", "pc", "microvm"]


def check(outcome: Outcome, kind: str, exit_code: ExitCode) -> None:
    assert outcome.kind == kind, outcome.render()
    assert outcome.exit_code == exit_code
    assert outcome.to_json()["outcome"] == kind
    json.dumps(outcome.to_json())


@pytest.mark.parametrize("machine", MACHINES)
def test_success_needs_the_line_and_the_value(run: Boot, recorder: Recorder, machine: str) -> None:
    outcome = run("success", machine)
    check(outcome, "success", ExitCode.SUCCESS)
    assert outcome.exit_value == 0x10
    assert "".join(recorder.texts).startswith("exotool: ok ")
    assert recorder.outcomes == [outcome]
    assert outcome.render() == f"success: in {outcome.seconds:.2f} s"


def test_the_nonce_comes_before_what_is_appended(run: Boot, recorder: Recorder) -> None:
    check(run("success", append="console=ttyS0 'a b',c", nonce="0123abc"), "success", ExitCode.SUCCESS)
    assert [line.text for line in recorder.lines] == ["exotool: ok 0123abc"]
    command = recorder.command
    assert command[command.index("-append") + 1] == "exotool.nonce=0123abc console=ttyS0 'a b',c"


def test_several_cpus_and_other_memory(run: Boot) -> None:
    check(run("success", smp=3, memory=64 << 20, cpu="qemu64"), "success", ExitCode.SUCCESS)


def test_the_value_without_the_line_fails(run: Boot) -> None:
    outcome = run("no_proof", nonce="77")
    check(outcome, "failed", ExitCode.FAILED)
    assert "did not print the line that proves it" in outcome.message
    assert outcome.notes == ("expected on the serial line: exotool: ok 77",)


def test_the_line_of_another_run_fails(run: Boot, recorder: Recorder) -> None:
    """The guest prints the nonce that it gets, so it is given another one than is expected."""
    outcome = run("success", nonce="1", qemu_args=("-append", "exotool.nonce=2"))
    check(outcome, "failed", ExitCode.FAILED)
    assert [line.text for line in recorder.lines] == ["exotool: ok 2"]


def test_the_line_without_the_value_hangs(run: Boot) -> None:
    outcome = run("no_exit")
    check(outcome, "hang", ExitCode.HANG)
    assert "0x10 was not written" in outcome.notes[0]
    assert outcome.spots[0].where.startswith("stop")


def test_failed_tests(run: Boot) -> None:
    outcome = run("tests_failed")
    check(outcome, "tests_failed", ExitCode.FAILED)
    assert outcome.exit_value == 0x11


def test_any_other_value_fails_and_is_told(run: Boot) -> None:
    outcome = run("exit_42")
    check(outcome, "failed", ExitCode.FAILED)
    assert outcome.message == "the guest ended with exit value 0x2a"


def test_value_zero_is_not_taken_for_anything(run: Boot) -> None:
    check(run("exit_0"), "failed", ExitCode.FAILED)


def test_panic_with_names_for_its_backtrace(run: Boot, recorder: Recorder) -> None:
    outcome = run("panic")
    check(outcome, "panic", ExitCode.PANIC)
    assert outcome.message == "the fourth level was reached"
    assert outcome.exit_value == 0x12
    frames = [line.annotation for line in recorder.lines if line.text.startswith("  #")]
    assert [frame.split()[0] for frame in frames] == ["panic", "level2+0x9", "level1+0x9", "main64+0x5"]
    assert all("panic.S:" in frame for frame in frames)
    assert len(outcome.backtrace) == 4
    assert f"  {frames[1]}\n" in "".join(recorder.texts)


def test_panic_that_halts(run: Boot) -> None:
    outcome = run("panic_halt")
    check(outcome, "panic", ExitCode.PANIC)
    assert outcome.message == "no init process (then it halted)"


@pytest.mark.parametrize("machine", MACHINES)
def test_pvpanic(run: Boot, machine: str) -> None:
    outcome = run("pvpanic", machine)
    check(outcome, "panic", ExitCode.PANIC)
    assert outcome.cpus


@pytest.mark.parametrize("machine", MACHINES)
def test_triple_fault_names_what_led_to_it(run: Boot, machine: str) -> None:
    outcome = run("triple_fault", machine)
    check(outcome, "triple_fault", ExitCode.TRIPLE_FAULT)
    assert outcome.message.startswith("page fault (#PF) at poke+0xa (")
    page_fault, double_fault, last = outcome.exceptions
    assert (page_fault.vector, page_fault.error_code, page_fault.cr2) == (14, 2, 0xDEADBEEF000)
    assert page_fault.explain() == "0xdeadbeef000: write in supervisor mode, the page is not present"
    assert (double_fault.raised, double_fault.vector) == (13, 8)
    assert (last.raised, last.error_code) == (13, None)
    assert outcome.cpus[0].values["cr2"] == 0xDEADBEEF000
    assert outcome.cpus[0].rip == page_fault.pc
    text = outcome.render()
    assert "general protection fault (#GP) while delivering page fault (#PF): double fault (#DF)" in text
    assert "general protection fault (#GP) while delivering double fault (#DF): triple fault" in text
    assert "no `lidt` was executed" in text


def test_triple_fault_by_a_short_idt_in_32_bit_code(run: Boot) -> None:
    outcome = run("triple_fault_idt")
    check(outcome, "triple_fault", ExitCode.TRIPLE_FAULT)
    assert [e.raised for e in outcome.exceptions] == [6, 13, 13, 13]
    assert outcome.exception_spots[0].where.startswith("main+0x7 (")  # found by its physical address
    assert outcome.notes[-1].endswith("with limit 0x7 has no gate for vector 6, 13, 8")


def test_triple_fault_with_a_log_file_of_the_user(run: Boot, tmp_path: Path) -> None:
    log = tmp_path / "qemu.log"
    check(run("triple_fault", qemu_args=("-d", "int", "-D", str(log))), "triple_fault", ExitCode.TRIPLE_FAULT)
    assert "v=0e" in log.read_text()


def test_reset(run: Boot) -> None:
    outcome = run("reset")
    check(outcome, "reset", ExitCode.TRIPLE_FAULT)
    assert "no triple fault" in outcome.notes[0]


def test_power_off(run: Boot) -> None:
    check(run("power_off"), "power_off", ExitCode.FAILED)


@pytest.mark.parametrize("smp", [1, 2])
def test_hang(run: Boot, smp: int) -> None:
    outcome = run("halt", smp=smp)
    check(outcome, "hang", ExitCode.HANG)
    assert len(outcome.cpus) == smp
    assert outcome.spots[0].where.startswith("main+0x2 (")


def test_time_out_of_a_spinning_guest(run: Boot) -> None:
    outcome = run("spin", timeout=1.0)
    check(outcome, "time_out", ExitCode.TIME_OUT)
    assert "running" in outcome.message
    assert outcome.spots[0].where.startswith("spin_here (")
    assert any(spot.where.startswith("spin_here (") and spot.share for spot in outcome.samples)


def test_time_out_of_an_idle_guest(run: Boot) -> None:
    outcome = run("idle", timeout=1.0)
    check(outcome, "time_out", ExitCode.TIME_OUT)
    assert "waiting for an interrupt" in outcome.message


def test_flood_is_streamed_and_not_kept(run: Boot, recorder: Recorder) -> None:
    outcome = run("flood", timeout=1.0)
    check(outcome, "time_out", ExitCode.TIME_OUT)
    kept = sum(len(line) for line in outcome.serial)
    assert len(recorder.texts) > 1
    assert len(outcome.serial) <= 20
    assert sum(len(text) for text in recorder.texts) >= kept > 0
    assert kept <= 20 * 4096


def test_binary_output_is_made_harmless_and_saved_as_it_is(run: Boot, recorder: Recorder, tmp_path: Path) -> None:
    file = tmp_path / "serial.bin"
    check(run("binary", serial_file=file, nonce="5"), "success", ExitCode.SUCCESS)
    assert file.read_bytes() == bytes(range(256)) + b"\nexotool: ok 5\n"
    text = "".join(recorder.texts)
    assert text.startswith("^@^A^B")
    assert "\\x9b" in text
    assert not set(text) - set(map(chr, range(0x20, 0x7F))) - set("\n\t\r\b")


def test_full_disk_under_the_serial_file(run: Boot) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full")
    with pytest.raises(ToolError) as caught:
        run("success", serial_file=Path("/dev/full"))
    reason = os.strerror(errno.ENOSPC).lower()
    assert [d.code for d in caught.value.diagnostics] == ["R0207"]
    assert caught.value.diagnostics[0].message == f"cannot write the serial line to `/dev/full`: {reason}"


def test_serial_file_that_cannot_be_opened(run: Boot, tmp_path: Path) -> None:
    with pytest.raises(ToolError, match=r"cannot write the serial line to .*: is a directory"):
        run("success", serial_file=tmp_path)
