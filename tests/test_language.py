"""Every program of the language's documents compiles, runs in all three lives, or is refused, as the text says.

A block fenced as `python` is a module; the imports of words that it uses are put before it. Lines at its end such as
`# f(3) == 12` and `# f(9) traps BOUNDS` are calls: under CPython, and as machine code of both profiles. A block fenced
as `text` right behind it is the exact message that the compiler refuses it with.
"""

from __future__ import annotations

import ast
import importlib
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from exotool.compiler.frontend import check_program
from exotool.compiler.names import VOCABULARY
from exotool.compiler.native import load_native
from exotool.diagnostics import ToolError, render
from exotool.lang import Trap
from exotool.lang.loader import install

from .conftest import REPOSITORY

DOCUMENTS = [REPOSITORY / "docs" / name for name in ("language.md", "kernel-python-for-c.md")]
BLOCK = re.compile(r"^```python\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?", re.DOTALL | re.MULTILINE)
CALL = re.compile(r"^# (.+\)) (?:== (.+)|traps ([A-Z]+))$", re.MULTILINE)


@dataclass(frozen=True)
class Example:
    document: str
    line: int
    text: str
    refusal: str

    @property
    def name(self) -> str:
        return f"{self.document.replace('-', '_')}_{self.line}"


def examples() -> Iterator[Example]:
    for document in DOCUMENTS:
        text = document.read_text("utf-8")
        for block in BLOCK.finditer(text):
            yield Example(document.stem, text.count("\n", 0, block.start()) + 1, block[1], block[2] or "")


def with_imports(text: str) -> str:
    """Put the imports of the words that a program uses before it."""
    used = {node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)}
    used |= set(re.findall(r"[A-Za-z]\w*", " ".join(re.findall(r'\["(.*?)"\]', text))))
    lines = [
        f"from {module} import {', '.join(sorted(words & used))}"
        for module, words in VOCABULARY.items()
        if words & used
    ]
    return "\n".join(lines) + "\n" * (len(lines) > 0) + text


def calls(text: str) -> list[tuple[str, tuple[Any, ...], object, str]]:
    found = []
    for call, result, trap in CALL.findall(text):
        node = ast.parse(call, mode="eval").body
        assert isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        arguments = tuple(ast.literal_eval(argument) for argument in node.args)
        found.append((node.func.id, arguments, ast.literal_eval(result) if result else None, trap))
    return found


ACCEPTED = [example for example in examples() if not example.refusal]
REFUSED = [example for example in examples() if example.refusal]


@pytest.mark.parametrize("example", ACCEPTED, ids=lambda example: example.name)
def test_example_does_in_all_lives_what_it_says(example: Example, tmp_path: Path) -> None:
    check_lives(example, tmp_path)


def check_lives(example: Example, folder: Path) -> None:
    """Check, compile and import a program, and make its calls in each life."""
    path = folder / f"{example.name}.py"
    path.write_text(with_imports(example.text), "utf-8")
    try:
        program = check_program([path], folder)
    except ToolError as error:
        pytest.fail("\n\n".join(map(render, error.diagnostics)))
    expected = calls(example.text)
    assert expected or "# no calls" in example.text
    natives = [load_native(program, profile, overflow="trap", shift="trap") for profile in ("dev", "release")]
    install(folder, packages=[example.name])
    sys.modules.pop(example.name, None)
    module = importlib.import_module(example.name)
    for name, arguments, result, trap in expected:
        lives = [getattr(module, name), *(native.function(f"{example.name}.{name}") for native in natives)]
        for life in lives:
            if trap:
                with pytest.raises(Trap) as caught:
                    life(*arguments)
                assert caught.value.reason.name == trap
            else:
                assert life(*arguments) == result, f"{name}{arguments} in {life}"


@pytest.mark.parametrize("example", REFUSED, ids=lambda example: example.name)
def test_refused_with_the_message_of_the_document(example: Example, tmp_path: Path) -> None:
    path = tmp_path / "example.py"
    path.write_text(example.text, "utf-8")
    with pytest.raises(ToolError) as caught:
        check_program([path], tmp_path)
    assert "\n\n".join(map(render, caught.value.diagnostics)) + "\n" == example.refusal
