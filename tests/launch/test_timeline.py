"""`exotool run --timeline`: lines with their moments, exact and the same in every run."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from exotool.diagnostics import ToolError
from exotool.launch import BootOptions, load_machine
from exotool.launch.count import count_instructions
from exotool.launch.qemu import PROGRAM
from exotool.launch.timeline import Mark, Timeline, marked_lines, timeline
from tests.launch.conftest import Kernel, Recorder
from tests.launch.test_core import exotool

needs_qemu = pytest.mark.skipif(shutil.which(PROGRAM) is None, reason=f"{PROGRAM} is not installed")


def options(path: Path) -> BootOptions:
    return BootOptions(path, load_machine("q35"), timeout=60, nonce="0123456789abcdef")


@needs_qemu
def test_moments_are_those_that_breakpoints_count(kernel: Kernel, recorder: Recorder) -> None:
    """`putc` has written the newline one instruction before it asks for the UART's state."""
    path = kernel("timer_halt")
    outcome, found = timeline(options(path), "", recorder)
    assert outcome.kind == "success"
    assert [mark.text for mark in found.marks] == ["timer: begins", "timer: five ticks", "exotool: ok 0123456789abcdef"]
    assert [line.text for line in recorder.lines] == [mark.text for mark in found.marks]
    assert all(mark.milliseconds is not None and mark.milliseconds > 0 for mark in found.marks)
    end = count_instructions(options(path), "reset..puts_done").instructions
    # From the newline to the end of `puts`: movw, inb, testb, jz, ret, jmp, lodsb, testb, jz.
    assert end - found.marks[0].instructions == 9


@needs_qemu
@pytest.mark.slow
def test_runs_are_the_same_and_json_has_the_numbers(kernel: Kernel) -> None:
    path = kernel("panic")
    runs = [exotool(path.parent, "--json", "run", "--kernel", path.name, "--timeline", "#[0-9]") for _ in range(2)]
    assert [run.returncode for run in runs] == [3, 3], runs[0].stderr
    found = [json.loads(run.stdout.splitlines()[-1]) for run in runs]
    numbers = [[(mark["line"], mark["instructions"]) for mark in one["marks"]] for one in found]
    assert numbers[0] == numbers[1]
    assert [line.split()[0] for line, _ in numbers[0]] == ["#0", "#1", "#2", "#3"]
    chart = exotool(path.parent, "run", "--kernel", path.name, "--timeline", "^panic").stdout.splitlines()
    assert re.fullmatch(r" +ms +instructions +since", chart[-2])
    assert re.fullmatch(r" *[\d.]+ +([\d,]+) +\1  █{40} +panic: the fourth level was reached", chart[-1])


@needs_qemu
def test_no_line_and_no_expression(kernel: Kernel, recorder: Recorder) -> None:
    _, found = timeline(options(kernel("success")), "nowhere", recorder)
    assert found.render() == "no line was marked"
    with pytest.raises(ToolError) as caught:
        timeline(options(kernel("success")), "(", recorder)
    assert caught.value.diagnostics[0].code == "P0205"


def test_lines_and_where_they_end() -> None:
    printed = b"one\r\n\ntwo \x1b[2J\xff\nthree"
    assert marked_lines(printed, re.compile("")) == [("one", 5), (marked_lines(printed, re.compile("two"))[0][0], 16)]
    assert "\x1b" not in marked_lines(printed, re.compile("two"))[0][0]


def test_the_chart() -> None:
    marks = (Mark("a", 1_000, 1.25), Mark("b", 3_000, None), Mark("c", 4_000, 20.0))
    assert Timeline(marks, 2).render().splitlines() == [
        "       ms  instructions  since",
        "      1.2         1,000  1,000  ██████████                                a",
        "                  3,000  2,000            ████████████████████            b",
        "     20.0         4,000  1,000                                ██████████  c",
        "(2 more lines; an expression chooses among them)",
    ]
