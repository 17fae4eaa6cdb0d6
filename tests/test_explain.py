"""`exotool explain`, and the texts that it prints."""

from __future__ import annotations

import re

import pytest

from exotool.cli import run_command_line
from exotool.diagnostics import ToolError
from exotool.explanations import explain, sections, texts


def test_every_code_has_a_meaning_and_every_section_a_code() -> None:
    codes = re.findall(r"^\| `([A-Z]0\d{3})`", (texts() / "errors.md").read_text("utf-8"), re.MULTILINE)
    assert all(explain(code).meaning for code in codes)
    for path in (texts() / "explanations").glob("*.md"):
        found = sections(path.stem)
        assert list(found) == sorted(found)
        assert set(found) <= set(codes)
        assert all(code.startswith(path.stem) and text for code, text in found.items())


def test_a_code_is_found_in_any_case() -> None:
    assert explain(" c0501 ").text.startswith("A variable is read")


def test_what_the_compiler_refuses_is_shown_by_an_example() -> None:
    found = explain("C0381")
    assert found.example.startswith("dictionary.py:\n\n```python\nfrom exotool.lang import u64\n")
    assert "error[C0381]: a dictionary is no part of Kernel Python" in found.example
    codes = re.findall(r"^\| `(C0[1-5]\d\d)`", (texts() / "errors.md").read_text("utf-8"), re.MULTILINE)
    without = [code for code in codes if not explain(code).example and not explain(code).text]
    assert without == []


def test_unknown_codes_are_errors() -> None:
    with pytest.raises(ToolError) as caught:
        explain("C9999")
    assert [d.code for d in caught.value.diagnostics] == ["T0113"]


def test_the_command_prints_meaning_and_text(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command_line(["explain", "C0502"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("C0502: a function can end without its result")
    assert "NoReturn" in shown
    assert run_command_line(["explain", "nonsense"]) == 2
