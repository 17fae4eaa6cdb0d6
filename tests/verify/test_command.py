"""`exotool verify` as a command: what it prints, its exit codes, and which proofs it takes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

pytest.importorskip("z3", reason="the extra `verify` is not installed")

from exotool.cli import run_command_line

TEXT = """\
from exotool.lang import assume, proof, u8

@proof
def good(a: u8) -> None:
    assert a ^ a == 0

@proof
def bad(a: u8) -> None:
    assert a < 250
"""
PROJECT = """\
[image.kernel]
sources = ["kernel/*.py"]

[[image.kernel.layout.segment]]
name = "text"
flags = "rx"
sections = [{ name = ".text" }]
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "exotool.toml").write_text(PROJECT, "utf-8")
    (tmp_path / "kernel" / "proofs").mkdir(parents=True)
    (tmp_path / "kernel" / "main.py").write_text("", "utf-8")
    (tmp_path / "kernel" / "proofs" / "bits.py").write_text(TEXT, "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_the_proofs_of_a_project(jobs: str, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command_line(["verify", "--jobs", jobs]) == 1
    out, err = capsys.readouterr()
    assert out == "proved      kernel.proofs.bits.good\nrefuted     kernel.proofs.bits.bad\n"
    assert err == (
        "error[V0201]: `kernel.proofs.bits.bad` is refuted: assertion failed\n"
        "  --> kernel/proofs/bits.py:9:5\n"
        "  |\n"
        "9 |     assert a < 250\n"
        "  |     ^^^^^^^^^^^^^^\n"
        "   = note: with a = 250 (0xfa)\n"
        "   = note: these values end the same way under CPython\n\n"
    )


def test_json(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command_line(["--json", "verify"]) == 1
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["type"] for line in lines] == ["result", "diagnostic", "result"]
    assert lines[0]["proof"] == "kernel.proofs.bits.good" and lines[0]["verdict"] == "proved"
    assert lines[0]["ways"] == 1 and lines[0]["values"] == []
    assert lines[2]["verdict"] == "refuted" and lines[2]["values"] == ["a = 250 (0xfa)"]


def test_one_proof(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command_line(["verify", "--proof", "good"]) == 0
    assert capsys.readouterr().out == "proved      kernel.proofs.bits.good\n"
    assert run_command_line(["verify", "--proof", "goood"]) == 5
    assert "V0102" in capsys.readouterr().err


def test_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "law.py").write_text(TEXT, "utf-8")
    (tmp_path / "empty.py").write_text("", "utf-8")
    assert run_command_line(["verify", "law.py", "--proof", "law.good"]) == 0
    assert run_command_line(["verify", "empty.py"]) == 5
    assert "there are no proofs" in capsys.readouterr().err
    assert run_command_line(["verify", "law.py", "--image", "kernel"]) == 2


def test_time_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    text = """\
from exotool.lang import assume, proof, u64

@proof
def prime(a: u64, b: u64) -> None:
    assume(a > 1 and b > 1 and a < 1 << 31 and b < 1 << 31)
    assert a * b != 2305843009213693951
"""
    (tmp_path / "prime.py").write_text(text, "utf-8")
    assert run_command_line(["verify", "prime.py", "--time-limit", "0.3"]) == 124
    out, err = capsys.readouterr()
    assert out == "unknown     prime.prime\n" and "is not decided after 0.3 seconds" in err


def test_without_z3(project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert run_command_line(["verify"]) == 127
    assert capsys.readouterr().err == (
        "error[V0101]: z3 is not installed\n   = help: pip install 'exotool[verify]'\n\n"
    )
