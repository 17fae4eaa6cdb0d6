"""Scripts that nobody means: they end in an image or in errors, soon, and without a traceback."""

from __future__ import annotations

import tempfile
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exotool.diagnostics import ToolError
from exotool.elf import write_object
from exotool.link.driver import run_ld
from tests.link.objects import Builder

from .ldgolden import SCRIPTS
from .ldjobs import kernel_objects, our_errors, our_ld, write_objects

TEXTS = [path.read_text() for path in SCRIPTS]
PIECES = (
    "{",
    "}",
    "(",
    ")",
    ";",
    "0",
    "-",
    "/",
    "*",
    ".",
    "0xffffffffffffffff",
    "ALIGN(",
    "<<",
    ">",
    ":",
    "=",
    "\n",
    "x",
)


def attempt(text: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        objects = write_objects(folder, kernel_objects())
        (folder / "k.ld").write_text(text)
        try:
            our_ld(folder, "-T", "k.ld", *objects)
        except ToolError as error:
            assert error.diagnostics
            assert not (folder / "ours").exists()


@settings(max_examples=80, deadline=None)
@given(
    st.sampled_from(TEXTS),
    st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 6), st.sampled_from(PIECES)), min_size=1, max_size=3),
)
def test_spoilt_scripts(text: str, changes: list[tuple[int, int, str]]) -> None:
    for at, cut, piece in changes:
        place = at % (len(text) + 1)
        text = text[:place] + piece + text[place + cut :]
    attempt(text)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (". += 0x7fffffffffff;", "L0509"),
        ("BYTE(1) . += 0x50000000;", "L0509"),
        (". = ALIGN(0x4000000000000000);", "L0509"),
        ("QUAD(1 / 0)", "L0503"),
        ("x = x + 1;", "L0504"),
        (". = -1;", "L0506"),
    ],
)
def test_sizes_beyond_measure(body: str, code: str, tmp_path: Path) -> None:
    objects = write_objects(tmp_path, kernel_objects())
    (tmp_path / "k.ld").write_text(
        f"SECTIONS {{ . = 1M; .text : {{ *(.boot) {body} }} .data ALIGN(1 << 62) : {{ *(.data*) }} }}"
    )
    assert f"error[{code}]" in our_errors(tmp_path, "-T", "k.ld", *objects)


def test_zeros_beyond_what_a_segment_can_be(tmp_path: Path) -> None:
    objects = write_objects(tmp_path, kernel_objects())
    (tmp_path / "k.ld").write_text(
        "SECTIONS { . = 1M; .text : { *(.boot .text*) } .bss : { *(.bss*) . += 0x200000000; } }"
    )
    assert "error[L0" in our_errors(tmp_path, "-T", "k.ld", *objects)


def test_many_output_sections(tmp_path: Path) -> None:
    objects = write_objects(tmp_path, kernel_objects())
    many = "".join(f".s{i} : {{ y{i} = .; *(.x{i}*) }} " for i in range(1500))
    (tmp_path / "k.ld").write_text(f"SECTIONS {{ . = 1M; {many} }}")
    assert our_ld(tmp_path, "-T", "k.ld", *objects).image is not None


def test_a_huge_gap_in_code_is_filled_in_little_memory(tmp_path: Path) -> None:
    """No-operations stand in it, whatever its size, and no byte takes an index."""
    b = Builder("a.o")
    b.symbol("_start", b.text(b"\xc3"))
    b.text(b"\xc3", ".text.far", align=1 << 24)
    (tmp_path / "a.o").write_bytes(write_object(b.obj))
    tracemalloc.start()
    image = run_ld(["a.o", "-o", "a.out"], tmp_path).image
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert image is not None
    text = next(bytes(section.data) for section in image.sections if section.name == ".text")
    assert text[1:11] == text[11:21] == bytes.fromhex("662e0f1f840000000000")
    assert peak < 8 * len(text)
