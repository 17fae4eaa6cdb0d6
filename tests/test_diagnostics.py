"""How errors look: caret under the right column, notes and help below, the same as data with --json."""

from __future__ import annotations

import pytest

from exotool.diagnostics import (
    MAX_ERRORS,
    Collector,
    Diagnostic,
    Note,
    Place,
    Severity,
    ToolError,
    did_you_mean,
    render,
    to_json,
)


def test_caret_stands_under_the_columns_meant() -> None:
    diagnostic = Diagnostic(
        "L0107",
        "relocation R_X86_64_32 cannot reach `console_buf`",
        Place("kernel_asm/trap.S", 41, 5, 9, "    movl  $console_buf, %edi"),
        "needs 0..0xffffffff",
        ".text+0x9c in trap.o",
        (Note("defined here", Place("console.S", 3)),),
        ("take the address with `leaq`",),
    )
    assert render(diagnostic) == (
        "error[L0107]: relocation R_X86_64_32 cannot reach `console_buf`\n"
        "  --> kernel_asm/trap.S:41:5   (.text+0x9c in trap.o)\n"
        "   |\n"
        "41 |     movl  $console_buf, %edi\n"
        "   |     ^^^^ needs 0..0xffffffff\n"
        "   = note: defined here at console.S:3\n"
        "   = help: take the address with `leaq`"
    )


def test_tabs_before_the_caret_are_counted_as_the_terminal_shows_them() -> None:
    text = render(Diagnostic("A0001", "x", Place("f", 1, 2, 5, "\tmov\t%eax"), "here"))
    assert text.splitlines()[-2:] == ["1 |         mov     %eax", "  |         ^^^ here"]


def test_control_characters_of_the_input_do_not_reach_the_terminal() -> None:
    text = render(Diagnostic("A0001", "bad \x1b[2J name", Place("a\x07", 1, 1, 2, "\x1b]0;evil\x07")))
    assert "\x1b" not in text
    assert "\x07" not in text


def test_caret_of_a_place_behind_the_line_stands_at_its_end() -> None:
    assert render(Diagnostic("A0001", "x", Place("f", 1, 9, 12, "mov"), "")).splitlines()[-1] == "  |    ^"


def test_color_changes_nothing_but_colors() -> None:
    diagnostic = Diagnostic("A0001", "x", Place("f", 7, 1, 2, "mov"), "y", help=("z",), severity=Severity.WARNING)
    colored = render(diagnostic, color=True)
    assert "\x1b[1;33mwarning[A0001]\x1b[0m" in colored
    import re

    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == render(diagnostic)


def test_json_form_has_everything() -> None:
    document = to_json(Diagnostic("A0001", "x", Place("f", 7, 1, 2), "y", "c", (Note("n"),), ("h",)))
    assert document == {
        "schema": 1,
        "type": "diagnostic",
        "severity": "error",
        "code": "A0001",
        "message": "x",
        "place": {"path": "f", "line": 7, "column": 1, "end_column": 2},
        "label": "y",
        "context": "c",
        "notes": [{"message": "n", "place": None}],
        "help": ["h"],
    }


def test_collector_raises_all_errors_at_once_and_counts_the_rest() -> None:
    collector = Collector()
    collector.check()
    collector.add(Diagnostic("A0001", "w", severity=Severity.WARNING))
    collector.check()
    for number in range(MAX_ERRORS + 3):
        collector.add(Diagnostic("A0002", f"e{number}"))
    with pytest.raises(ToolError) as caught:
        collector.check()
    messages = [d.message for d in caught.value.diagnostics]
    assert messages[0] == "w"
    assert messages[-1] == "3 more errors are not shown"
    assert len(messages) == MAX_ERRORS + 2


def test_did_you_mean_keeps_silent_when_nothing_is_close() -> None:
    assert did_you_mean("kmian", ["kmain", "panic"]) == ("did you mean `kmain`?",)
    assert did_you_mean("zzz", ["kmain", "panic"]) == ()
