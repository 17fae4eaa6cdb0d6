"""`exotool image`, `exotool run --format` and the boot ways of a matrix, as users have them."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from exotool.diagnostics import ToolError
from exotool.expectations import Matrix
from exotool.image.booting import prepared
from exotool.launch import BootOptions, Outcome, boot, load_machine
from exotool.launch.firmware import find_uefi
from exotool.launch.qemu import PROGRAM, machine_command
from tests.conftest import REPOSITORY
from tests.launch.conftest import Recorder, kernel_bytes
from tests.testing.conftest import PROJECT

needs_qemu = pytest.mark.skipif(shutil.which(PROGRAM) is None, reason=f"needs {PROGRAM}")


def exotool(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "exotool", *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(REPOSITORY), "NO_COLOR": "1"} | variables,
        capture_output=True,
        text=True,
        check=False,
    )


def run(folder: Path, name: str, format_: str, machine: str = "q35", **options: object) -> Outcome:
    kernel = folder / f"{name}.elf"
    kernel.write_bytes(kernel_bytes(name))
    asked = BootOptions(kernel, load_machine(machine), timeout=60.0, format=format_, **options)  # type: ignore[arg-type]
    with prepared(asked) as ready:
        return boot(ready, Recorder())


def test_the_same_input_makes_the_same_bytes(tmp_path: Path) -> None:
    """Wherever, whenever and by whomever it is made; the loaders are assembled anew without the cache."""
    made: dict[str, set[str]] = {}
    for number, variables in enumerate(
        ({"PYTHONHASHSEED": "1", "TZ": "UTC"}, {"PYTHONHASHSEED": "2", "TZ": "Asia/Tokyo", "LC_ALL": "C"})
    ):
        folder = tmp_path / f"folder{number}"
        folder.mkdir()
        (folder / f"k{number}.elf").write_bytes(kernel_bytes("success"))
        (folder / "module").write_bytes(b"module")
        for format_ in ("disk", "iso", "uefi"):
            done = exotool(
                folder,
                *("image", f"k{number}.elf", "--format", format_, "-o", "out", "--append", "a=b", "--module", "module"),
                XDG_CACHE_HOME=str(folder / "cache"),
                **variables,
            )
            assert done.returncode == 0, done.stderr
            made.setdefault(format_, set()).add(hashlib.sha256((folder / "out").read_bytes()).hexdigest())
    assert [len(digests) for digests in made.values()] == [1, 1, 1]


def test_names_of_outputs_and_errors(tmp_path: Path) -> None:
    (tmp_path / "k.elf").write_bytes(kernel_bytes("success"))
    for format_, name in (("disk", "k.img"), ("iso", "k.iso"), ("uefi", "k.uefi.img")):
        done = exotool(tmp_path, "image", "k.elf", "--format", format_)
        assert done.returncode == 0, done.stderr
        assert done.stdout == f"{name}: {(tmp_path / name).stat().st_size:,} bytes\n"
    done = exotool(tmp_path, "--json", "image", "k.elf", "--format", "iso")
    assert json.loads(done.stdout)["output"] == "k.iso"
    done = exotool(tmp_path, "image", "k.img", "--format", "iso", "-o", "out")
    assert (done.returncode, (tmp_path / "out").exists()) == (1, False)
    assert "error[R0101]: `k.img` is not an ELF kernel image" in done.stderr
    done = exotool(tmp_path, "image", "k.elf", "--format", "iso", "--module", "none")
    assert "error[T0101]: module `none` does not exist" in done.stderr
    assert exotool(tmp_path, "image", "k.elf").returncode == 2


@needs_qemu
@pytest.mark.parametrize("format_", ["disk", "iso"])
@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("success", "success"),
        ("panic", "panic"),
        ("triple_fault", "triple_fault"),
        ("halt", "hang"),
        ("reset", "reset"),
    ],
)
def test_outcomes_are_those_of_every_boot(tmp_path: Path, format_: str, name: str, kind: str) -> None:
    outcome = run(tmp_path, name, format_)
    assert outcome.kind == kind, outcome.render()


@needs_qemu
@pytest.mark.slow
@pytest.mark.parametrize(("name", "kind"), [("success", "success"), ("triple_fault", "triple_fault")])
def test_outcomes_by_uefi(tmp_path: Path, name: str, kind: str) -> None:
    try:
        outcome = run(tmp_path, name, "uefi")
    except ToolError as error:
        pytest.skip(error.diagnostics[0].message)
    assert outcome.kind == kind, outcome.render()


@needs_qemu
def test_the_image_is_gone_with_the_boot(tmp_path: Path) -> None:
    kernel = tmp_path / "k.elf"
    kernel.write_bytes(kernel_bytes("success"))
    with prepared(BootOptions(kernel, load_machine("q35"), format="disk")) as ready:
        assert ready.medium is not None
        data = ready.medium.read_bytes()
        assert ready.nonce.encode() in data
    assert not ready.medium.exists()
    assert [path.name for path in tmp_path.iterdir()] == ["k.elf"]


@needs_qemu
def test_a_machine_without_drives(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="the machine `microvm` boots from no iso image: it has no drives"):
        run(tmp_path, "success", "iso", "microvm")


def test_qemu_is_told_of_the_medium_and_not_of_the_kernel(tmp_path: Path) -> None:
    options = BootOptions(Path("k.elf"), load_machine("q35"), format="iso", medium=Path("a,b.iso"))
    command = machine_command(options, "/nonexistent/qemu")
    assert "-kernel" not in command
    assert "-append" not in command
    assert "-bios" not in command
    assert "if=none,id=medium,format=raw,readonly=on,file=a,,b.iso" in command


def test_uefi_firmware_is_found_by_its_description(tmp_path: Path) -> None:
    folder = tmp_path / "firmware"
    folder.mkdir()
    with pytest.raises(ToolError) as caught:
        find_uefi([tmp_path])
    assert caught.value.exit_code == 127
    assert caught.value.diagnostics[0].code == "R0240"
    assert str(folder) in caught.value.diagnostics[0].label
    files = {name: {"filename": str(tmp_path / name), "format": "raw"} for name in ("code", "vars")}
    good = {
        "interface-types": ["uefi"],
        "mapping": {"device": "flash", "executable": files["code"], "nvram-template": files["vars"]},
        "targets": [{"architecture": "x86_64", "machines": ["pc-q35-*"]}],
        "features": ["acpi-s3"],
    }
    (folder / "10.json").write_text("{")
    (folder / "20.json").write_text("[]")
    (folder / "30.json").write_text(json.dumps(good | {"features": ["secure-boot"]}))
    (folder / "40.json").write_text(json.dumps(good | {"targets": [{"architecture": "aarch64"}]}))
    (folder / "50.json").write_text(json.dumps(good))
    with pytest.raises(ToolError):
        find_uefi([tmp_path])
    (tmp_path / "code").touch()
    (tmp_path / "vars").touch()
    assert find_uefi([tmp_path]) == (tmp_path / "code", tmp_path / "vars")


@needs_qemu
def test_run_with_a_module_and_dry_run(tmp_path: Path) -> None:
    (tmp_path / "k.elf").write_bytes(kernel_bytes("success"))
    (tmp_path / "m").write_bytes(b"module")
    options = ("run", "--kernel", "k.elf", "--module", "m", "--format", "iso")
    done = exotool(tmp_path, *options)
    assert done.returncode == 0, done.stderr
    planned = exotool(tmp_path, *options, "--dry-run").stdout.splitlines()
    assert planned[0].startswith("exotool image k.elf --format iso -o k.iso --append exotool.nonce=")
    assert planned[0].endswith(" --module m")
    assert "file=k.iso" in planned[1]
    assert not (tmp_path / "k.iso").exists()


@needs_qemu
def test_ways_of_a_matrix(tmp_path: Path) -> None:
    from exotool.expectations import BootTest
    from exotool.project import load_project
    from exotool.testing.bundle import read_bundle, write_bundle
    from exotool.testing.plan import plan
    from exotool.testing.worker import run_job

    kernel = tmp_path / "k.elf"
    kernel.write_bytes(kernel_bytes("success"))
    (tmp_path / "exotool.toml").write_text(PROJECT)
    project = load_project(tmp_path)
    jobs = plan(project, [BootTest("boots")], lambda _: kernel, Matrix(boot=("profile", "disk", "iso")))
    assert [job.name for job in jobs] == ["boots", "boots[boot=disk]", "boots[boot=iso]"]
    results = [run_job(job) for job in jobs]
    assert [result.status for result in results] == ["passed"] * 3
    again, outcome = read_bundle(write_bundle(tmp_path / "bundles", jobs[1], results[1]))
    assert (again.format, again.medium, outcome) == ("disk", None, "success")
