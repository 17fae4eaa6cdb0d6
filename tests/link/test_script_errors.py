"""What is wrong with a script is said with its place, all of it in one run; any text ends in a script or an error."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from exotool.diagnostics import ToolError, render
from exotool.link.script import Script, parse_script
from exotool.link.script.match import file_matches, glob
from exotool.link.script.parser import parse_expression
from exotool.link.script.tree import OutputStatement

from .ldjobs import kernel_objects, our_errors, our_ld, write_objects

SYNTAX = {
    "SECTIONS { .text { *(.text) } }": "needed `:` behind the name of output section `.text`, found `{`",
    "SECTIONS { .text : { *(.text) }": "needed `}`, found the end of the script",
    "SECTIONS { x = (1 + 2; }": "needed `)`, found `;`",
    "SECTIONS { x = 1 y = 2; }": "needed `;` behind this assignment, found `y`",
    "SECTIONS { x = ALING(4); }": "there is no function `ALING`",
    "SECTIONS { x = ALIGN(1, 2, 3); }": "`ALIGN` takes 1 or 2 arguments, not 3",
    "SECTION { }": "there is no command `SECTION`",
    "MEMORY { ram (q) : ORIGIN = 0, LENGTH = 1 }": "needed attributes of a region, of `rwxail!`, found `q`",
    "MEMORY { ram : ORIGIM = 0 }": "needed `ORIGIN`, found `ORIGIM`",
    "PHDRS { text PT_LAOD; }": "there is no segment type `PT_LAOD`",
    "x = CONSTANT(PAGESIZE);": "CONSTANT knows no `PAGESIZE`",
    "/* never closed": "this comment has no end",
    'SECTIONS { x = "a ; }': "this string has no end",
    "x = 12Q;": "`1` has no meaning here",
    "PROVIDE(. = 4);": "PROVIDE takes an assignment to a symbol, as in `PROVIDE(end = .)`",
    "SECTIONS { .a : { *(SORT(SORT(SORT(.x)))) } }": "an order inside of an order inside of an order",
}


def syntax_error(text: str) -> str:
    with pytest.raises(ToolError) as caught:
        parse_script(text, "k.ld")
    return render(caught.value.diagnostics[0])


@pytest.mark.parametrize("text", list(SYNTAX))
def test_syntax_errors(text: str) -> None:
    assert syntax_error(text).splitlines()[0] == f"error[L0501]: {SYNTAX[text]}"


def test_caret() -> None:
    text = "ENTRY(_start)\nSECTIONS {\n\t.text : { *(.text) } :code\n\t.data = 5 +;\n}\n"
    assert syntax_error(text) == (
        "error[L0501]: needed an expression, found `;`\n"
        "  --> k.ld:4:13\n"
        "  |\n"
        "4 |         .data = 5 +;\n"
        "  |                    ^"
    )


def test_did_you_mean() -> None:
    assert "did you mean `ALIGN`?" in syntax_error("x = ALING(4);")
    assert "did you mean `SECTIONS`?" in syntax_error("SECTION { }")


def test_deep_nesting_is_an_error() -> None:
    for text in ("x = " + "(" * 5000 + "1;", "x = " + "-" * 5000 + "1;", "x = " + "1 + " * 5000 + "1;"):
        assert "error[L0501]" in syntax_error(text)


def linked(folder: Path, script: str, *arguments: str) -> str:
    objects = write_objects(folder, kernel_objects())
    (folder / "k.ld").write_text(script)
    return our_errors(folder, *arguments, "-T", "k.ld", *objects)


def test_region_overflow_names_the_largest(tmp_path: Path) -> None:
    text = (
        "MEMORY { rom : ORIGIN = 0x1000, LENGTH = 48 ram : ORIGIN = 0x8000, LENGTH = 1M }\n"
        "SECTIONS { .text : { *(.text*) *(.boot) } > rom\n.rest : { *(*) } > ram }\n"
    )
    assert linked(tmp_path, text).splitlines()[:7] == [
        "error[L0507]: region `rom` overflows by 10 bytes",
        "  --> k.ld:2:12",
        "  |",
        "2 | SECTIONS { .text : { *(.text*) *(.boot) } > rom",
        "  |            ^^^^^ rom is 0x1000..0x102f, `.text` takes 0x1000..0x103a",
        "   = note: 21 bytes: .text.helper of main.o",
        "   = note: 10 bytes: .boot of boot.o",
    ]


def test_assertion_shows_its_two_sides(tmp_path: Path) -> None:
    text = 'SECTIONS { . = 1M; .text : { *(.text*) } }\nASSERT(SIZEOF(.text) <= 16, "too large")\n'
    found = linked(tmp_path, text)
    assert "error[L0505]: too large" in found
    assert "^^^^^^^^^^^^^^^^^^^ 0x2d <= 0x10 is not so" in found


def test_all_errors_of_a_run(tmp_path: Path) -> None:
    text = (
        "SECTIONS { . = 1M; .text : { *(.text*) . = 4; }\na = nobody;\nb = ADDR(.txet);\nc = ORIGIN(ram);\n"
        'ASSERT(0, "first") ASSERT(1 == 2, "second") }\n'
    )
    found = linked(tmp_path, text)
    assert "L0506]: the location counter goes backwards inside of `.text`" in found
    assert "L0504]: undefined symbol `nobody` in an expression" in found
    assert "L0504]: there is no output section `.txet`" in found and "did you mean `.text`?" in found
    assert "L0504]: there is no region `ram`" in found
    assert "L0505]: first" in found and "L0505]: second" in found


def test_forward_address(tmp_path: Path) -> None:
    found = linked(tmp_path, "SECTIONS { .text ADDR(.data) : { *(.text*) } .data : { *(.data) } }")
    assert "L0503]: the address of output section `.text` depends on what is not known at this point" in found


def test_no_region(tmp_path: Path) -> None:
    found = linked(tmp_path, "MEMORY { ram (w!x) : ORIGIN = 0, LENGTH = 1M } SECTIONS { .text : { *(.text*) } }")
    assert "L0508]: output section `.text` has no region of MEMORY" in found


def test_unknown_names(tmp_path: Path) -> None:
    assert "there is no region `rma` in MEMORY" in linked(
        tmp_path, "MEMORY { ram : ORIGIN = 0, LENGTH = 1M } SECTIONS { .text : { *(*) } > rma }"
    )
    found = linked(tmp_path, "PHDRS { text PT_LOAD; } SECTIONS { .text : { *(*) } :txet }")
    assert "L0510]" in found and "did you mean `text`?" in found


def test_overlap(tmp_path: Path) -> None:
    text = "SECTIONS { .text 0x1000 : { *(.text*) } .data 0x1008 : { *(.data*) } }"
    assert "L0404]: sections `.text` and `.data` overlap by" in linked(tmp_path, text)


def test_orphan_handling(tmp_path: Path) -> None:
    script = (
        "SECTIONS { . = 1M; .text : { *(.text* .boot) } .data : { *(.data* .table .rodata*) *(.init*) *(orphan_rw) } }"
    )
    found = linked(tmp_path, script, "--orphan-handling=error")
    assert "error[L0301]: section `orphan_ro` has no place in the script" in found
    objects = write_objects(tmp_path, kernel_objects())
    result = our_ld(tmp_path, "--orphan-handling=warn", "-T", "k.ld", *objects)
    assert "L0301" in {d.code for d in result.warnings}
    with pytest.raises(ToolError, match="undefined symbol"):
        our_ld(tmp_path, "--orphan-handling=discard", "-T", "k.ld", *objects, "--defsym=x=orphan")


def test_include_and_insert(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "text.ld").write_text(".text : { *(.boot) INCLUDE inner.ld }")
    (tmp_path / "parts" / "inner.ld").write_text("*(.text*)")
    (tmp_path / "more.ld").write_text("SECTIONS { .mine : { *(.table) } } INSERT AFTER .text;")
    objects = write_objects(tmp_path, kernel_objects())
    (tmp_path / "k.ld").write_text("SECTIONS { . = 1M; INCLUDE text.ld .data : { *(.data*) } }")
    image = our_ld(tmp_path, "-L", "parts", "-T", "k.ld", "-T", "more.ld", *objects).image
    assert image is not None
    names = [s.name for s in image.sections]
    assert names.index(".text") < names.index(".mine") < names.index(".data")
    (tmp_path / "parts" / "inner.ld").write_text("INCLUDE inner.ld")
    assert "L0502]: INCLUDE nests more than 10 deep" in our_errors(tmp_path, "-L", "parts", "-T", "k.ld", *objects)


@pytest.mark.parametrize(
    ("pattern", "name", "takes"),
    [
        (".text*", ".text.x", True),
        ("*.o", "a/b.o", True),
        (".d[ab]ta", ".data", True),
        (".d[!ab]ta", ".data", False),
        ("[^x]?z", "ayz", True),
        ("a\\*b", "a*b", True),
        ("*a*b*c*", "xxaxxbxxcxx", True),
        ("*a*b*c", "acb", False),
        ("[", "[", True),
    ],
)
def test_patterns(pattern: str, name: str, takes: bool) -> None:
    assert glob(pattern)(name) is takes


def test_file_patterns() -> None:
    assert file_matches("*libc.a:printf.o", "lib/libc.a(printf.o)")
    assert file_matches("*libc.a:", "lib/libc.a(puts.o)")
    assert not file_matches("*libc.a:printf.o", "printf.o")
    assert file_matches(":a.o", "a.o") and not file_matches(":a.o", "l.a(a.o)")
    assert file_matches("puts.o", "lib/libc.a(puts.o)")


def test_patterns_of_many_stars_take_no_time() -> None:
    assert not glob("*a" * 40 + "b")("a" * 20000)


def test_numbers() -> None:
    for text, value in (
        ("0x1F", 31),
        ("037", 31),
        ("4K", 4096),
        ("2M", 2 << 20),
        ("1Fh", 31),
        ("$1F", 31),
        ("101b", 5),
    ):
        assert getattr(parse_expression(text, "x"), "value") == value  # noqa: B009


WORDS = """SECTIONS MEMORY PHDRS { } ( ) : ; , = . * .text 0x10 4K + - << ? ALIGN ADDR > AT KEEP SORT /DISCARD/ " /* */
PROVIDE INCLUDE OVERLAY ram ORIGIN LENGTH FILL BYTE PT_LOAD EXCLUDE_FILE [ ! & |"""
ALPHABET = st.sampled_from((*WORDS.split(), "\n"))


@settings(max_examples=400, deadline=None)
@given(st.lists(ALPHABET, max_size=60).map(" ".join))
@example("SECTIONS { .a : { *(.b" + "(" * 3000)
def test_any_words_end_in_a_script_or_an_error(text: str) -> None:
    try:
        assert isinstance(parse_script(text, "k.ld"), Script)
    except ToolError as error:
        assert all(d.code in ("L0501", "L0502") for d in error.diagnostics)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=200))
def test_any_text_ends_in_a_script_or_an_error(text: str) -> None:
    try:
        parse_script(text, "k.ld")
    except ToolError as error:
        assert render(error.diagnostics[0])


def test_the_kept_scripts_read_alike_without_their_blanks() -> None:
    for path in sorted((Path(__file__).parent / "scripts").glob("*.ld")):
        script = parse_script(path.read_text(), path.name)
        assert any(isinstance(s, OutputStatement) for s in script.statements)
