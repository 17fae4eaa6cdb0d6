"""Reading files and following imports: Python's rules, and what no input can make the reader do."""

from __future__ import annotations

from pathlib import Path

import pytest

from exotool.compiler.frontend import check_program
from exotool.diagnostics import Diagnostic, ToolError

from .programs import write

UTIL = "from exotool.lang import u64\nfrom typing import Final\nPAGE: Final = 4096\nlevel: u64 = 0\n"
UTIL += "def double(x: u64) -> u64:\n    return x * 2\n"
HEAD = "from exotool.lang import u64\n"


def refused(folder: Path, files: dict[str, str | bytes], main: str = "main.py") -> tuple[Diagnostic, ...]:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ToolError) as caught:
        check_program([folder / main], folder)
    return caught.value.diagnostics


@pytest.mark.parametrize(
    ("line", "use"),
    [
        ("import lib.util", "lib.util.double(lib.util.PAGE)"),
        ("import lib.util as other", "other.double(other.PAGE)"),
        ("from lib import util", "util.double(util.PAGE)"),
        ("from lib.util import PAGE as size, double", "double(size)"),
        ("from .lib.util import PAGE, double", "double(PAGE)"),
        ("from . import lib", "lib.relay(4096)"),
    ],
)
def test_every_way_to_import_finds_the_same_function(tmp_path: Path, line: str, use: str) -> None:
    main = f"{HEAD}{line}\ndef f() -> u64:\n    return {use}\n"
    relay = "from exotool.lang import u64\nfrom .util import double\ndef relay(x: u64) -> u64:\n    return double(x)\n"
    write(tmp_path, {"top/lib/util.py": UTIL, "top/lib/__init__.py": relay, "top/main.py": main})
    root = tmp_path if line.startswith("from .") else tmp_path / "top"
    program = check_program([tmp_path / "top" / "main.py"], root)
    prefix = "top." if root == tmp_path else ""
    assert f"{prefix}lib.util.double" in [f.symbol for f in program.functions]
    names = [m.name for m in program.modules]
    assert names.index(f"{prefix}lib.util") < names.index(f"{prefix}main")


def test_modules_stand_behind_what_they_import(tmp_path: Path) -> None:
    files = {"c.py": HEAD, "b.py": "import c\n", "a.py": "import b\nimport c\n"}
    paths = write(tmp_path, files)
    program = check_program(paths[::-1], tmp_path)
    assert [m.name for m in program.modules] == ["c", "b", "a"]
    assert program.modules[2].imports == ("b", "c")


def test_a_circle_of_imports_is_shown(tmp_path: Path) -> None:
    found = refused(tmp_path, {"main.py": "import a\n", "a.py": "import b\n", "b.py": "import a\n"})
    assert [(d.code, d.label) for d in found] == [("C0106", "a -> b -> a")]


def test_type_checking_imports_close_no_circle(tmp_path: Path) -> None:
    node = (
        "from __future__ import annotations\nfrom typing import TYPE_CHECKING\n"
        "from exotool.lang import Struct, Ref, u64\n"
        "if TYPE_CHECKING:\n    from tree import Tree\nclass Node(Struct):\n    tree: Ref[Tree] | None\n    n: u64\n"
    )
    tree = "from exotool.lang import Struct\nfrom node import Node\nclass Tree(Struct):\n    root: Node\n"
    write(tmp_path, {"node.py": node, "tree.py": tree, "main.py": "import tree\n"})
    program = check_program([tmp_path / "main.py"], tmp_path)
    assert {s.name: s.size for s in program.structs} == {"Node": 16, "Tree": 16}


def test_a_variable_is_not_imported_by_value(tmp_path: Path) -> None:
    (found,) = refused(tmp_path, {"util.py": UTIL, "main.py": "from util import level\n"})
    assert found.code == "C0112"
    assert found.help == ("write `import util` and use `util.level`",)


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        ("import os\n", "C0105", "no module `os`"),
        ("from exotool.lang import u65\n", "C0113", "`exotool.lang.u65` is no part of Kernel Python"),
        ("from exotool.lang import *\n", "C0110", "`import *` hides where names come from"),
        ("from ... import x\n", "C0105", "the relative import leaves the root folder"),
        ("for i in 3: pass\n", "C0108", "a statement at module level"),
        ("def f(:\n", "C0103", "syntax error: invalid syntax"),
        (b"x = '\xff'\n", "C0101", "byte 0xff is not UTF-8"),
        (b"x = 1\0\n", "C0101", "a null character in the source"),
        (b"# -*- coding: latin-1 -*-\n", "C0101", "a source in the encoding `latin-1`"),
        (
            "x = " + "(" * 150 + "1" + ")" * 150 + " + " + "+".join("1" * 200),
            "C0102",
            "nested more than 160 levels deep",
        ),
        ("x = " + "-" * 100_000 + "1\n", "C0102", "nested more than 160 levels deep"),
        ("#" * (1 << 20) + "\n", "C0102", None),
    ],
)
def test_refused_sources(tmp_path: Path, text: str | bytes, code: str, message: str | None) -> None:
    found = refused(tmp_path, {"main.py": text})
    assert found[0].code == code
    if message is not None:
        assert found[0].message == message


def test_files_that_are_no_module(tmp_path: Path) -> None:
    inside = tmp_path / "root"
    assert refused(tmp_path, {"root/a-b.py": ""}, "root/a-b.py")[0].code == "C0104"
    with pytest.raises(ToolError) as caught:
        check_program([inside / "missing.py", tmp_path / "outside.py"], inside)
    assert [d.code for d in caught.value.diagnostics] == ["C0104", "C0104"]


def test_columns_are_characters_and_a_mark_at_the_start_is_no_character(tmp_path: Path) -> None:
    text = "\ufeff" + HEAD + 'def f() -> u64:\n    """ä"""; return ünknown\n'
    (found,) = refused(tmp_path, {"main.py": text})
    assert found.place is not None
    assert (found.place.line, found.place.column, found.place.end_column) == (3, 21, 28)


@pytest.mark.parametrize(
    "text",
    [
        "A: Final = 1 << 10**9\n",
        "A: Final = 9 ** 9 ** 9\n",
        "A: Final = (2**200) * (2**200)\n",
        "\n".join(
            ["A0: TypeAlias = tuple[u64, u64]", *(f"A{i}: TypeAlias = tuple[A{i - 1}, A{i - 1}]" for i in range(1, 64))]
        ),
        "\n".join(
            ["class S0(Struct):\n    x: u64"]
            + [f"class S{i}(Struct):\n    a: S{i - 1}\n    b: S{i - 1}" for i in range(1, 64)]
        ),
        "def grow(x: T) -> None:\n    grow((x, x))\n    grow((x, 1 == 1))\ndef f() -> None:\n    grow(u64(1))\n",
        "x: Array[u64] = array(1 << 62)\n",
    ],
)
def test_no_source_makes_the_checker_run_away(tmp_path: Path, text: str) -> None:
    head = "from typing import Final, TypeAlias, TypeVar\nfrom exotool.lang import Array, Struct, array, u64\n"
    refused(tmp_path, {"main.py": head + 'T = TypeVar("T")\n' + text})
