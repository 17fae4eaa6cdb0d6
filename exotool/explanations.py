"""`exotool explain CODE`: the long form of an error, from the same texts that the documentation is made of.

docs/errors.md lists every code with its meaning; docs/explanations/LETTER.md has a section `## CODE` with the reason,
an example and the way out for those that need more than a line; what the compiler refuses is shown by the program and
the message that the tests have for it. The wheel carries all of them (see pyproject.toml).
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from exotool.diagnostics import Diagnostic, ExitCode, ToolError, did_you_mean
from exotool.files import read_input

_ROW = re.compile(r"^\| `([A-Z]0\d{3})` \| (.*) \|$", re.MULTILINE)


class Explanation(NamedTuple):
    """A code, the line that says what it means, and what more there is; both texts in Markdown, or empty.

    `text` gives the reason and the way out, `example` a program and what the tool says about it.
    """

    code: str
    meaning: str
    text: str
    example: str


def texts() -> Path:
    """Return the folder of errors.md and explanations/: of an installed package, else the docs of the repository."""
    package = Path(__file__).parent
    installed = package / "texts"
    return installed if installed.is_dir() else package.parent / "docs"


def explain(code: str) -> Explanation:
    """Return what an error code means. Raises `ToolError` T0113 if there is no such code."""
    meanings = dict(_ROW.findall(_read(texts() / "errors.md")))
    code = code.strip().upper()
    if code not in meanings:
        raise ToolError(
            Diagnostic(
                "T0113",
                f"there is no error code `{code}`",
                help=did_you_mean(code, meanings) or ("a code is a letter and four digits, as in `error[L0201]`",),
            ),
            exit_code=ExitCode.USAGE,
        )
    return Explanation(code, meanings[code], sections(code[0]).get(code, ""), example(code))


def example(code: str) -> str:
    """Return the shortest program that has just this error, with the message; empty when there is none."""
    found: list[tuple[int, str, str, str]] = []
    for message in sorted(_refused().glob("*.txt")):
        program = message.with_suffix(".py")
        text = _read(message)
        if program.is_file() and re.findall(r"^\w+\[(\w+)\]", text, re.MULTILINE) == [code]:
            source = read_input(program, "text").decode("utf-8", "replace")
            found.append((len(source), program.name, source, text))
    if not found:
        return ""
    _, name, source, text = min(found)
    return f"{name}:\n\n```python\n{source.strip()}\n```\n\n```text\n{text.strip()}\n```"


def _refused() -> Path:
    package = Path(__file__).parent
    installed = package / "texts" / "refused"
    return installed if installed.is_dir() else package.parent / "tests" / "negative" / "kernel_python"


def sections(letter: str) -> dict[str, str]:
    """Return the long forms of one letter's codes, in the order of the file."""
    path = texts() / "explanations" / f"{letter}.md"
    if not path.is_file():
        return {}
    parts = re.split(r"^## ([A-Z]0\d{3})\n", _read(path), flags=re.MULTILINE)
    return {code: text.strip() for code, text in zip(parts[1::2], parts[2::2], strict=True)}


def _read(path: Path) -> str:
    return read_input(path, "text").decode("utf-8")
