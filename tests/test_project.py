"""exotool.toml: what it says, and what the tool says when it is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exotool.diagnostics import ExitCode, ToolError, render
from exotool.elf.constants import PF_R, PF_W, PF_X
from exotool.project import PROJECT_FILE, find_project, load_project, require_project
from exotool.tables import parse_size

GOOD = """\
[project]
name = "toy"

[image.kernel]
sources = ["kernel/*.S"]
include = ["include"]
define = { NCPU = 8 }
entry = "start64"

[image.kernel.layout]
discard = [".comment"]

[[image.kernel.layout.segment]]
name = "text"
vaddr = "0xffff_ffff_8010_0000"
paddr = "1M"
flags = "rx"
limit = "64K"
sections = [{ name = ".text", start = "__text_start", end = "__text_end" }]

[[image.kernel.layout.segment]]
flags = "rw"
sections = [
    { name = ".data" },
    { name = ".bss", input = [".bss", "COMMON"], align = 64 },
]

[run]
machine = "pc"
timeout = 5
"""


def errors(tmp_path: Path, text: str | bytes) -> str:
    (tmp_path / PROJECT_FILE).write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(ToolError) as caught:
        load_project(tmp_path)
    assert caught.value.exit_code == ExitCode.USAGE
    return "\n".join(render(d) for d in caught.value.diagnostics)


def test_a_project_as_it_should_be(tmp_path: Path) -> None:
    (tmp_path / PROJECT_FILE).write_text(GOOD)
    below = tmp_path / "kernel" / "deep"
    below.mkdir(parents=True)
    project = find_project(below)
    assert project is not None
    assert (project.name, project.root) == ("toy", tmp_path)
    assert (project.run.machine, project.run.timeout, project.tests) == ("pc", 5, ("tests",))
    image = project.image()
    assert image is project.image("kernel")
    assert (image.output, image.entry, image.define) == ("build/kernel.elf", "start64", (("NCPU", "8"),))
    text, data = image.layout.segments
    assert (text.vaddr, text.paddr, text.flags, text.limit) == (0xFFFFFFFF80100000, 0x100000, PF_R | PF_X, 0x10000)
    assert text.sections[0].input == (".text", ".text.*")
    assert (data.name, data.vaddr, data.flags, data.align) == ("data", None, PF_R | PF_W, 0x1000)
    assert data.sections[1].input == (".bss", "COMMON")


def test_unknown_key_is_shown_with_its_place_and_the_likely_word(tmp_path: Path) -> None:
    assert errors(tmp_path, GOOD.replace("entry =", "enty =")) == (
        "error[P0103]: unknown key `enty` in [image.kernel]\n"
        "  --> exotool.toml:8:1\n"
        "  |\n"
        '8 | enty = "start64"\n'
        "  | ^^^^\n"
        "   = help: did you mean `entry`?\n"
        "   = help: known here: define, entry, include, layout, output, overflow, profile, recursion, shift, sources, "
        "stack"
    )


def test_unknown_key_in_the_second_of_two_segments_is_found_there(tmp_path: Path) -> None:
    text = errors(tmp_path, GOOD.replace('flags = "rw"', 'flags = "rw"\nlimitt = 3'))
    assert "exotool.toml:23:1" in text
    assert "did you mean `limit`?" in text


def test_unknown_key_in_an_inline_table_is_found_there(tmp_path: Path) -> None:
    text = errors(tmp_path, GOOD.replace("align = 64", "algin = 64"))
    assert "unknown key `algin` in [image.kernel.layout.segment.sections]" in text
    assert "exotool.toml:25:50" in text


def test_two_unknown_keys_are_both_named(tmp_path: Path) -> None:
    text = errors(tmp_path, GOOD.replace('name = "toy"', "nam = 1\nversoin = 2"))
    assert "unknown key `nam`" in text
    assert "unknown key `versoin`" in text


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            'machine = "pc"',
            "machine = 3",
            "error[P0102]: `machine` must be a text, not a number\n  --> exotool.toml:29:1",
        ),
        ("timeout = 5", 'timeout = "5s"', "error[P0102]: `timeout` must be a number, zero or more"),
        ("timeout = 5", "timeout = -1", "error[P0102]: `timeout` must be a number, zero or more"),
        ('flags = "rx"', 'flags = "rwx"', "error[P0102]: a segment must not be writable and executable"),
        ('flags = "rx"', 'flags = "rq"', 'error[P0102]: `flags` must be made of r, w and x, not "rq"'),
        ('flags = "rx"\n', "", "error[P0104]: `flags` is missing in [image.kernel.layout.segment]"),
        ('limit = "64K"', 'limit = "64Q"', "error[P0102]: `limit` must be a number"),
        ('"1M"', '"17179869184G"', "error[P0102]: `paddr` must lie between 0 and 0xffffffffffffffff"),
        ("align = 64", "align = 48", "error[P0102]: `align` must be a power of two, not 48"),
        ('["kernel/*.S"]', '["../x.S"]', 'error[P0102]: `sources` must name files inside the project, not "../x.S"'),
        ('["kernel/*.S"]', '["/etc/x.S"]', "must name files inside the project"),
        ('["kernel/*.S"]', "[]", "error[P0104]: image `kernel` has no sources"),
        ('["kernel/*.S"]', '"kernel/*.S"', "error[P0102]: `sources` must be an array of texts"),
        ('discard = [".comment"]', 'orphans = "eror"', 'must be one of "error", "warn", "place", not "eror"'),
    ],
)
def test_wrong_values_are_refused(tmp_path: Path, old: str, new: str, expected: str) -> None:
    assert old in GOOD
    assert expected in errors(tmp_path, GOOD.replace(old, new))


def test_no_toml(tmp_path: Path) -> None:
    assert errors(tmp_path, "[project]\nname = toy\n") == (
        "error[P0101]: `exotool.toml` is not valid TOML\n"
        "  --> exotool.toml:2:8\n"
        "  |\n"
        "2 | name = toy\n"
        "  |        ^ invalid value"
    )
    assert "exotool.toml:2" in errors(tmp_path, b"[project]\nname = '\xff'\n")
    assert "P0101" in errors(tmp_path, "a = " + "[" * 100_000)
    assert "P0104" in errors(tmp_path, "")


@given(st.text(max_size=200))
def test_any_text_is_a_project_or_an_error(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    folder = tmp_path_factory.mktemp("any")
    (folder / PROJECT_FILE).write_text(text, "utf-8", "replace")
    with pytest.raises(ToolError):
        load_project(folder)


def test_no_project_and_no_such_image(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match=r"there is no exotool\.toml in this directory or above it"):
        require_project(tmp_path)
    (tmp_path / PROJECT_FILE).write_text(GOOD)
    with pytest.raises(ToolError) as caught:
        require_project(tmp_path).image("kernle")
    assert caught.value.diagnostics[0].help == ("did you mean `kernel`?", "images: kernel")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("4096", 4096),
        ("4K", 4096),
        ("4 KiB", 4096),
        ("128MB", 128 << 20),
        ("0xffff_0000", 0xFFFF0000),
        ("2G", 2 << 30),
        ("", None),
        ("K", None),
        ("-1", None),
        ("0x", None),
        ("4k", None),
        ("1__0", None),
        ("010", 10),
    ],
)
def test_sizes(text: str, value: int | None) -> None:
    assert parse_size(text) == value
