"""`exotool explain CODE`: the long form of an error, from the same texts that the documentation is made of.

docs/errors.md lists every code with its meaning; docs/explanations/LETTER.md has a section `## CODE` with the reason,
an example and the way out for those that need more than a line. The wheel carries both (see pyproject.toml).
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from exotool.diagnostics import Diagnostic, ExitCode, ToolError, did_you_mean
from exotool.files import read_input

_ROW = re.compile(r"^\| `([A-Z]0\d{3})` \| (.*) \|$", re.MULTILINE)


class Explanation(NamedTuple):
    """A code, the line that says what it means, and its long form in Markdown, empty if the line is all."""

    code: str
    meaning: str
    text: str


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
    return Explanation(code, meanings[code], sections(code[0]).get(code, ""))


def sections(letter: str) -> dict[str, str]:
    """Return the long forms of one letter's codes, in the order of the file."""
    path = texts() / "explanations" / f"{letter}.md"
    if not path.is_file():
        return {}
    parts = re.split(r"^## ([A-Z]0\d{3})\n", _read(path), flags=re.MULTILINE)
    return {code: text.strip() for code, text in zip(parts[1::2], parts[2::2], strict=True)}


def _read(path: Path) -> str:
    return read_input(path, "text").decode("utf-8")
