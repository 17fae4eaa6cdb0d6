"""A hang is told from slow work: real guests that do something for ever, for long, or not at all."""

from __future__ import annotations

import pytest

from tests.launch.conftest import Boot

SOON = 0.8


@pytest.mark.parametrize(
    ("name", "place", "size", "interrupts"),
    [
        ("spin", "spin_here", "1 instruction", "interrupts are off"),
        ("spin_lock", "acquire", "4 instructions", "interrupts are off"),
        ("spin_enabled", "wait_for_flag", "3 instructions", "no interrupt comes"),
    ],
)
def test_a_loop_that_nothing_can_end_is_a_hang(run: Boot, name: str, place: str, size: str, interrupts: str) -> None:
    outcome = run(name, hang_after=SOON)
    assert outcome.kind == "hang", outcome.render()
    assert size in outcome.message
    assert interrupts in outcome.message
    assert outcome.spots[0].where.startswith(place)
    assert any(place in line for line in outcome.instructions)
    assert any("_start" in caller or "main" in caller for caller in outcome.callers[0])


def test_several_cpus(run: Boot) -> None:
    outcome = run("spin", hang_after=SOON, smp=2)
    assert outcome.kind == "hang", outcome.render()
    assert len(outcome.cpus) == 2


def test_a_loop_that_counts_in_memory_is_work(run: Boot) -> None:
    """Its registers never change, so only what it writes tells."""
    outcome = run("count_memory", hang_after=0.3)
    assert outcome.kind == "success", outcome.render()


def test_a_loop_that_is_interrupted_is_work(run: Boot) -> None:
    outcome = run("ticking", hang_after=SOON)
    assert outcome.kind == "success", outcome.render()


def test_output_is_work(run: Boot) -> None:
    assert run("flood", hang_after=SOON, timeout=2.5).kind == "time_out"


def test_waiting_for_an_interrupt_is_no_hang(run: Boot) -> None:
    """A prompt looks like this."""
    outcome = run("idle", hang_after=SOON, timeout=2.5)
    assert outcome.kind == "time_out", outcome.render()


def test_polling_a_uart_for_input_is_no_hang(run: Boot) -> None:
    outcome = run("echo", hang_after=SOON, timeout=2.5)
    assert outcome.kind == "time_out", outcome.render()


def test_it_can_be_switched_off(run: Boot) -> None:
    outcome = run("spin", hang_after=0.0, timeout=3.0)
    assert outcome.kind == "time_out", outcome.render()
    assert outcome.instructions == (*outcome.instructions[:1], "(the last instruction 100 times)")


def test_a_log_of_the_user_is_not_touched(run: Boot) -> None:
    """With -D the log does not come to us: only a CPU with interrupts off counts, and nothing is traced."""
    outcome = run("spin", hang_after=SOON, qemu_args=("-D", "/dev/null"))
    assert outcome.kind == "hang", outcome.render()
    assert "a small loop" in outcome.message
    outcome = run("spin_enabled", hang_after=SOON, timeout=3.0, qemu_args=("-D", "/dev/null"))
    assert outcome.kind == "time_out", outcome.render()


def test_a_dead_guest_comes_with_what_it_did_last(run: Boot) -> None:
    outcome = run("halt")
    assert outcome.kind == "hang"
    assert [line.split("  ")[-1] for line in outcome.instructions[-2:]] == ["cli", "hlt"]


def test_without_explanation_nothing_is_booted_again(run: Boot) -> None:
    assert run("halt", explain=False).instructions == ()
    assert run("triple_fault", explain=False).exceptions == ()
