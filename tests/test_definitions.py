"""Finding the source that defines a symbol and is not in the image."""

from __future__ import annotations

from pathlib import Path

import pytest

from exotool.definitions import find_definitions

SOURCES = {
    "a.S": "\tcall kmain\nkmain_not:\n",
    "b.S": "ENTRY(other)\n  kmain:\tret\n",
    "c.S": "ENTRY(kmain)\n\tret\n",
    "d.c": "void kmain(void);\nint\nkmain(void)\n{\n}\n",
    "e.c": "int x = kmain(3);\n  kmain(3);\nextern void (*p)(void);\nint kmain;\n",
    "f.rs": 'pub extern "C" fn kmain() -> ! {\n',
    "g.py": "@export\n@noinline\ndef kmain() -> None: ...\n",
    "k.py": '@export("kmain")\ndef start() -> None: ...\n',
    "l.py": "def kmain() -> None: ...\n",
    "h.txt": "kmain:\n",
    "build/i.S": "kmain:\n",
    ".hidden/j.S": "kmain:\n",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, text in SOURCES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "binary.S").write_bytes(b"\xff\x00kmain")
    (tmp_path / "folder.S").mkdir()
    return tmp_path


def test_definitions_in_every_language_but_no_uses(root: Path) -> None:
    found = {str(place): place.source for place in find_definitions("kmain", root, set())}
    assert found == {
        "b.S:2:3": "  kmain:\tret",
        "c.S:1:7": "ENTRY(kmain)",
        "d.c:3:1": "kmain(void)",
        "e.c:4:5": "int kmain;",
        "f.rs:1:19": 'pub extern "C" fn kmain() -> ! {',
        "g.py:3:5": "def kmain() -> None: ...",
        "k.py:1:10": '@export("kmain")',
    }


def test_files_that_are_linked_are_left_out(root: Path) -> None:
    linked = {"b.S", "c.S", "d.c", "e.c", "f.rs"}
    assert [place.path for place in find_definitions("kmain", root, linked)] == ["g.py", "k.py"]


def test_a_name_is_no_pattern(root: Path) -> None:
    assert find_definitions("k.*", root, set()) == []
