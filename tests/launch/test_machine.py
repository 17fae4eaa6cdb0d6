"""Machine profiles and the forms of options."""

from __future__ import annotations

from pathlib import Path

import pytest

from exotool.diagnostics import ExitCode, ToolError
from exotool.launch import Machine, load_machine, parse_duration, parse_gdb, parse_memory
from tests.conftest import REPOSITORY


@pytest.mark.parametrize("path", sorted((REPOSITORY / "qemu").glob("*.toml")), ids=lambda path: path.stem)
def test_built_in_profiles(path: Path) -> None:
    machine = load_machine(path.stem)
    assert machine.name == path.stem
    assert machine.description
    assert machine.accel == "tcg"


def test_all_keys(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(
        'machine = "q35,smm=off"\nbios = "b.rom"\ncpu = "qemu64"\nmemory = "1G"\nsmp = 4\naccel = "kvm"\n'
        'devices = ["edu"]\nargs = ["-rtc", "base=utc"]\ndescription = "mine"\n'
    )
    expected = Machine(
        "mine", "q35,smm=off", "mine", "b.rom", "qemu64", 1 << 30, 4, "kvm", ("edu",), ("-rtc", "base=utc")
    )
    assert load_machine("mine", [tmp_path]) == expected
    assert load_machine(str(tmp_path / "mine.toml")) == expected


def test_a_profile_of_the_project_goes_first(tmp_path: Path) -> None:
    (tmp_path / "q35.toml").write_text('machine = "q35"\nmemory = "64M"\n')
    assert load_machine("q35", [tmp_path]).memory == 64 << 20
    assert load_machine("pc", [tmp_path]).machine == "pc"


def test_unknown_machine(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text('machine = "q35"\n')
    with pytest.raises(ToolError) as caught:
        load_machine("q53", [tmp_path])
    diagnostic = caught.value.diagnostics[0]
    assert (diagnostic.code, diagnostic.message) == ("P0201", "there is no machine `q53`")
    assert diagnostic.help[:2] == ("did you mean `q35`?", "machines: microvm, mine, pc, q35")
    assert caught.value.exit_code == ExitCode.USAGE


@pytest.mark.parametrize("name", ["../q35", "/etc/passwd", ""])
def test_names_are_no_paths(name: str) -> None:
    with pytest.raises(ToolError, match="there is no machine"):
        load_machine(name)


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        ("", "P0104", "`machine` is missing"),
        ('machine = ""', "P0102", "`machine` must name one of QEMU's machines"),
        ('machine = "pc"\nmemory = "1000"', "P0102", "`memory` must be a multiple of 1 MiB"),
        ('machine = "pc"\nsmp = 0', "P0102", "`smp` must be a whole number between 1 and 255"),
        ('machine = "pc"\nsmp = 1.5', "P0102", "`smp` must be a whole number between 1 and 255"),
        ('machine = "pc"\naccel = "hax"', "P0102", '`accel` must be one of "tcg", "kvm", not "hax"'),
        ('machine = "pc"\nmemroy = 1', "P0103", "unknown key `memroy`"),
        ("machine = ", "P0101", "`qemu/bad.toml` is not valid TOML"),
    ],
)
def test_bad_profiles(tmp_path: Path, text: str, code: str, message: str) -> None:
    folder = tmp_path / "qemu"
    folder.mkdir()
    (folder / "bad.toml").write_text(text)
    with pytest.raises(ToolError) as caught:
        load_machine("bad", [folder])
    assert (caught.value.diagnostics[0].code, caught.value.diagnostics[0].message) == (code, message)
    assert caught.value.diagnostics[0].place is not None
    assert caught.value.diagnostics[0].place.path == "qemu/bad.toml"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("30s", 30), ("30", 30), ("500ms", 0.5), ("2m", 120), ("1h", 3600), ("1.5s", 1.5), (" 1s ", 1)],
)
def test_durations(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "s", "-1s", "0", "0ms", "1 s", "1d", "inf", "nan", "1e9", "31d", "9" * 400, "\u0661s"]
)
def test_bad_durations(text: str) -> None:
    with pytest.raises(ToolError) as caught:
        parse_duration(text)
    assert caught.value.diagnostics[0].code == "P0202"
    assert caught.value.exit_code == ExitCode.USAGE


def test_memory() -> None:
    assert parse_memory("128M") == 128 << 20
    assert parse_memory("2G") == 2 << 30


@pytest.mark.parametrize("text", ["", "0", "128", "1K", "1000000", "-1M", "M", "9" * 30 + "G"])
def test_bad_memory(text: str) -> None:
    with pytest.raises(ToolError) as caught:
        parse_memory(text)
    assert caught.value.diagnostics[0].code == "P0203"


def test_gdb() -> None:
    assert parse_gdb("1234") == 1234
    assert parse_gdb("./gdb.sock") == "./gdb.sock"
    with pytest.raises(ToolError, match="70000 is not a TCP port"):
        parse_gdb("70000")
