"""Disks and forwarded ports."""

from __future__ import annotations

import shutil
import socket
from pathlib import Path

import pytest

from exotool.diagnostics import ToolError
from exotool.launch import Disk, Forward, parse_disk, parse_forward
from exotool.launch.devices import device_arguments
from exotool.launch.qemu import PROGRAM
from tests.launch.conftest import Boot, Recorder


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def test_forms_of_the_options() -> None:
    assert parse_disk("a,b.img") == ("a,b.img", False)
    assert parse_disk("a,b.img,snapshot") == ("a,b.img", True)
    assert parse_forward("2222:22") == Forward(2222, 22)


@pytest.mark.parametrize("text", ["", "22", "0:22", "22:65536", "a:b", "1:2:3", "\u0661:1"])
def test_what_is_no_forward(text: str) -> None:
    with pytest.raises(ToolError, match="does not name two TCP ports"):
        parse_forward(text)


def test_the_format_is_looked_at_and_commas_are_kept(tmp_path: Path) -> None:
    raw, qcow2 = tmp_path / "a,b", tmp_path / "c"
    raw.write_bytes(bytes(512))
    qcow2.write_bytes(b"QFI\xfb" + bytes(508))
    assert device_arguments((Disk(raw, snapshot=True), Disk(qcow2)), (), has_pci=False) == [
        *("-drive", f"if=none,id=disk0,format=raw,file={tmp_path}/a,,b,snapshot=on"),
        *("-device", "virtio-blk-device,drive=disk0"),
        *("-drive", f"if=none,id=disk1,format=qcow2,file={qcow2}", "-device", "virtio-blk-device,drive=disk1"),
    ]
    with pytest.raises(ToolError, match="cannot open the disk"):
        device_arguments((Disk(tmp_path / "missing"),), (), has_pci=True)


@pytest.mark.parametrize("machine", ["q35", "pc", "microvm"])
def test_qemu_takes_them(run: Boot, recorder: Recorder, tmp_path: Path, machine: str) -> None:
    disk = tmp_path / "disk,img"
    disk.write_bytes(bytes(1 << 20))
    port = free_port()
    outcome = run("success", machine, disks=(Disk(disk, snapshot=True),), forwards=(Forward(port, 22),))
    assert outcome.kind == "success", outcome.render()
    assert f"user,id=net,hostfwd=tcp:127.0.0.1:{port}-:22" in recorder.command


def test_a_port_that_is_taken_is_told(run: Boot) -> None:
    if shutil.which(PROGRAM) is None:
        pytest.skip("needs QEMU")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(ToolError, match="the port cannot be forwarded: `tcp:127"):
            run("success", forwards=(Forward(taken.getsockname()[1], 22),))


def test_an_explanation_does_not_write_to_a_disk(run: Boot, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.write_bytes(bytes(1 << 20))
    outcome = run("triple_fault", disks=(Disk(disk),), forwards=(Forward(free_port(), 22),))
    assert outcome.kind == "triple_fault"
    assert outcome.exceptions
