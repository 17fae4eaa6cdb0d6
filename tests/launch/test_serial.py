"""The serial line as text: what is shown, what is kept, what counts as proof."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exotool.launch.serial import MAX_LINE, TAIL_LINES, Frame, Line, SerialText, harmless, parse_frame


class Screen:
    def __init__(self, color: bool = False) -> None:
        self.text = ""
        self.lines: list[Line] = []
        self.serial = SerialText("abc", self.write, self.lines.append, self.annotate, color=color)

    def write(self, text: str) -> None:
        self.text += text

    @staticmethod
    def annotate(frame: Frame) -> str:
        return f"f{frame.number}" if frame.address < 0x200000 else ""


def shown(*pieces: bytes, color: bool = False) -> Screen:
    screen = Screen(color)
    for piece in pieces:
        screen.serial.feed(piece)
    screen.serial.finish()
    return screen


def test_a_prompt_is_shown_before_its_line_ends() -> None:
    screen = Screen()
    screen.serial.feed(b"login: ")
    assert screen.text == "login: "
    assert screen.lines == []


def test_line_ends() -> None:
    screen = shown(b"one\r\ntwo\r", b"\nthree\n\nfour")
    assert screen.text == "one\ntwo\nthree\n\nfour\n"
    assert [line.text for line in screen.lines] == ["one", "two", "three", "", "four"]


@pytest.mark.parametrize(
    "line", [b"exotool: ok abc\n", b"exotool: ok abc\r\n", b"exotool: ok abc", b"x\n\rexotool: ok abc\n"]
)
def test_proof(line: bytes) -> None:
    assert shown(line).serial.proved
    assert shown(*(bytes([byte]) for byte in line)).serial.proved


@pytest.mark.parametrize(
    "line", [b"exotool: ok\n", b"exotool: ok abcd\n", b" exotool: ok abc\n", b"exotool: ok ab", b"exotool: ok ABC\n"]
)
def test_no_proof(line: bytes) -> None:
    assert not shown(line).serial.proved


def test_frames_get_names() -> None:
    screen = shown(b"panic: x\n  #0 0x100", b"000\n  #1 0xfffffff0\n")
    assert screen.text == "panic: x\n  #0 0x100000  f0\n  #1 0xfffffff0\n"
    assert screen.serial.panic == "panic: x"
    assert screen.serial.frames == [Line("  #0 0x100000", "f0"), Line("  #1 0xfffffff0", "")]


@pytest.mark.parametrize(
    ("line", "frame"),
    [
        ("  #0 0xffffffff80101234", Frame(0, 0xFFFFFFFF80101234)),
        ("#12: ffffffff80101234", Frame(12, 0xFFFFFFFF80101234)),
        ("#1 0x10", None),
        ("#1 0x100000 main", None),
        ("see #1 0x100000", None),
        ("#1 0x1ffffffff80101234", None),
    ],
)
def test_frame_lines(line: str, frame: Frame | None) -> None:
    assert parse_frame(line) == frame


def test_only_a_line_that_begins_with_it_is_a_panic() -> None:
    assert shown(b"no panic: here\n").serial.panic == ""
    assert shown(b"panic: a\npanic: b\n").serial.panic == "panic: a"


def test_colors() -> None:
    red = b"\x1b[1;31mred\x1b[0m"
    assert shown(red).text == "red\n"
    assert shown(red, color=True).text == "\x1b[1;31mred\x1b[0m\n"
    assert shown(b"\x1b[1;", b"31mred\x1b", b"[0m", color=True).text == "\x1b[1;31mred\x1b[0m\n"
    assert shown(red + b"\n").lines == [Line("red")]


@pytest.mark.parametrize(
    ("sent", "text"),
    [
        (b"\x1b[2J", "^[[2J"),
        (b"\x1b]0;title\x07", "^[]0;title^G"),
        (b"\x9b2J", "\\x9b2J"),
        ("\x9b\u202e".encode(), "\\x9b\\u202e"),
        ("Grüße €".encode(), "Grüße €"),
        (b"\xff\xfe\x7f", "\\xff\\xfe^?"),
    ],
)
def test_control_characters_are_made_visible(sent: bytes, text: str) -> None:
    assert shown(sent).text == f"{text}\n"


def test_a_character_in_two_pieces() -> None:
    assert shown(b"\xe2\x82", b"\xac").text == "€\n"


@given(st.lists(st.binary(max_size=40), max_size=12), st.booleans())
def test_pieces_do_not_matter_and_nothing_commands_the_terminal(pieces: list[bytes], color: bool) -> None:
    whole, parts = shown(b"".join(pieces), color=color), shown(*pieces, color=color)
    assert whole.text == parts.text
    assert whole.lines == parts.lines
    plain = harmless(whole.text, color=False)
    assert "\x1b" not in plain
    assert color or whole.text == plain


def test_memory_is_bounded() -> None:
    screen = shown(*[b"x" * 1000] * 100, *[b"\ny"] * 1000)
    assert len(screen.serial.tail) == TAIL_LINES
    assert max(len(line.text) for line in screen.lines) <= MAX_LINE
    assert screen.text == "x" * 100_000 + "\ny" * 1000 + "\n"
