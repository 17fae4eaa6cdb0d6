"""What is made again and what is not, and that a build that fails loses nothing."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from exotool.build import build_image, choose_layout, expand_sources
from exotool.diagnostics import ToolError, render
from exotool.project import load_project

from .conftest import REPOSITORY, CommandLine
from .toy import MESSAGE, make_project


def build(root: Path, jobs: int = 1) -> list[str]:
    """Build the project; return what was done, a line a step."""
    project = load_project(root)
    steps: list[str] = []
    build_image(project, project.image(), jobs=jobs, report=steps.append)
    return steps


def outputs(root: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (root / "build").iterdir() if path.is_file()}


ALL = ["assemble src/message.S", "assemble src/start.S", "link build/kernel.elf"]


def test_first_build_makes_all_and_the_second_nothing(tmp_path: Path) -> None:
    make_project(tmp_path)
    assert build(tmp_path) == ALL
    assert build(tmp_path) == []
    manifest = json.loads((tmp_path / "build/kernel.manifest.json").read_text())
    assert sorted(manifest["inputs"]) == ["exotool.toml", "include/exit.h", "src/message.S", "src/start.S"]
    assert sorted(manifest["outputs"]) == ["build/kernel.elf", "build/kernel.map", "build/kernel.map.json"]
    assert str(tmp_path).encode() not in b"".join(outputs(tmp_path).values())


def test_new_times_of_files_change_nothing(tmp_path: Path) -> None:
    make_project(tmp_path)
    build(tmp_path)
    for path in tmp_path.rglob("*"):
        os.utime(path, (1, 1))
    assert build(tmp_path) == []


def test_a_change_makes_again_what_depends_on_it(tmp_path: Path) -> None:
    make_project(tmp_path)
    build(tmp_path)
    before = outputs(tmp_path)
    (tmp_path / "src/message.S").write_text(MESSAGE.replace("hello", "howdy"))
    assert build(tmp_path) == ["assemble src/message.S", "link build/kernel.elf"]
    assert outputs(tmp_path)["kernel.elf"] != before["kernel.elf"]
    (tmp_path / "include/exit.h").write_text("#define EXIT_VALUE 0x12\n")
    assert build(tmp_path) == ["assemble src/start.S", "link build/kernel.elf"]
    (tmp_path / "src/message.S").write_text(MESSAGE)
    (tmp_path / "include/exit.h").write_text("#define EXIT_VALUE 0x11\n")
    build(tmp_path)
    assert outputs(tmp_path) == before


def test_a_change_of_the_layout_links_again(tmp_path: Path) -> None:
    make_project(tmp_path)
    build(tmp_path)
    settings = tmp_path / "exotool.toml"
    settings.write_text(settings.read_text().replace('vaddr = "1M"', 'vaddr = "2M"'))
    assert build(tmp_path) == ["link build/kernel.elf"]
    settings.write_text(settings.read_text() + "[run]\ntimeout = 3\n")
    assert build(tmp_path) == [
        "link build/kernel.elf"
    ]  # the project file is an input, and the manifest names its digest


def test_a_new_or_removed_source_is_noticed(tmp_path: Path) -> None:
    make_project(tmp_path)
    build(tmp_path)
    (tmp_path / "src/more.S").write_text("    .data\nmore: .quad more\n")
    assert build(tmp_path) == ["assemble src/more.S", "link build/kernel.elf"]
    (tmp_path / "src/more.S").unlink()
    assert build(tmp_path) == ["link build/kernel.elf"]


@pytest.mark.parametrize("name", ["kernel.elf", "kernel.map", "kernel.map.json", "kernel.manifest.json"])
@pytest.mark.parametrize("damage", [b"", b"damaged", None])
def test_a_damaged_or_missing_output_is_made_again(tmp_path: Path, name: str, damage: bytes | None) -> None:
    make_project(tmp_path)
    build(tmp_path)
    good = outputs(tmp_path)
    (tmp_path / "build" / name).unlink()
    if damage is not None:
        (tmp_path / "build" / name).write_bytes(damage)
    assert build(tmp_path) == ["link build/kernel.elf"]
    assert outputs(tmp_path) == good


@pytest.mark.parametrize("part", ["message.S.o", "message.S.json"])
def test_a_damaged_object_is_not_taken(tmp_path: Path, part: str) -> None:
    make_project(tmp_path)
    build(tmp_path)
    good = outputs(tmp_path)
    (tmp_path / "build/obj/kernel/src" / part).write_bytes(b"{}")
    (tmp_path / "build/kernel.elf").unlink()
    assert build(tmp_path) == ["assemble src/message.S", "link build/kernel.elf"]
    assert outputs(tmp_path) == good


def test_jobs_do_not_change_the_bytes(exotool: CommandLine, tmp_path: Path) -> None:
    one, four = make_project(tmp_path / "one"), make_project(tmp_path / "four")
    assert exotool("link", "--jobs", "1", cwd=one).returncode == 0
    assert exotool("link", "--jobs", "4", cwd=four).returncode == 0
    assert outputs(one) == outputs(four)


def test_errors_of_all_sources_come_at_once_and_the_good_image_stays(tmp_path: Path) -> None:
    make_project(tmp_path)
    build(tmp_path)
    good = outputs(tmp_path)
    (tmp_path / "src/start.S").write_text("frobnicate %eax\n")
    (tmp_path / "src/message.S").write_text(".text\n mov %nosuch, %eax\n")
    with pytest.raises(ToolError) as caught:
        build(tmp_path)
    places = {d.place.path for d in caught.value.diagnostics if d.place}
    assert places == {"src/start.S", "src/message.S"}
    assert outputs(tmp_path) == good


def test_an_undefined_symbol_names_the_source_that_was_left_out(tmp_path: Path) -> None:
    make_project(tmp_path)
    (tmp_path / "src/message.S").rename(tmp_path / "message.S")
    with pytest.raises(ToolError) as caught:
        build(tmp_path)
    text = "\n".join(render(d) for d in caught.value.diagnostics)
    assert "undefined symbol `message`" in text
    assert "--> src/start.S:12:5" in text
    assert "message.S:4:1" in text
    assert not (tmp_path / "build/kernel.elf").exists()


def test_sources_that_are_none(tmp_path: Path) -> None:
    make_project(tmp_path)
    settings = tmp_path / "exotool.toml"
    settings.write_text(
        settings.read_text().replace('"src/*.S"', '"src/*.S", "src/strat.S", "nowhere/*.S", "include/*"')
    )
    project = load_project(tmp_path)
    with pytest.raises(ToolError) as caught:
        expand_sources(project, project.image())
    found = [(d.code, d.message, d.help[:1]) for d in caught.value.diagnostics]
    assert found == [
        ("P0107", "no file matches the source `src/strat.S` of image `kernel`", ("did you mean `src/start.S`?",)),
        (
            "P0107",
            "no file matches the source `nowhere/*.S` of image `kernel`",
            ("the folder `nowhere` does not exist",),
        ),
        ("P0108", "`include/exit.h` is not a kind of source that exotool knows", ("known are .S, .s, .py, .o",)),
    ]


def test_layout_of_files_is_the_file_s_the_project_s_or_the_default(tmp_path: Path) -> None:
    image = load_project(make_project(tmp_path)).image()
    (tmp_path / "layout.toml").write_text('[[segment]]\nflags = "rx"\nvaddr = "3M"\nsections = [{ name = ".text" }]\n')
    own, entry = choose_layout(image, tmp_path / "layout.toml")
    assert (own.segments[0].vaddr, entry) == (3 << 20, "_start")
    assert choose_layout(image, None) == (image.layout, "start")
    assert choose_layout(None, None)[0].segments[0].paddr == 1 << 20


def test_prebuilt_objects_are_sources_too(exotool: CommandLine, tmp_path: Path) -> None:
    make_project(tmp_path)
    assert exotool("asm", "src/message.S", "-o", "src/message.o").returncode == 0
    (tmp_path / "src/message.S").unlink()
    settings = tmp_path / "exotool.toml"
    settings.write_text(settings.read_text().replace('"src/*.S"', '"src/*.S", "src/*.o"'))
    assert build(tmp_path) == ["assemble src/start.S", "link build/kernel.elf"]
    (tmp_path / "src/message.o").write_bytes(b"")
    with pytest.raises(ToolError, match=r"`src/message\.o` is empty"):
        build(tmp_path)


def test_a_killed_worker_is_told_and_no_bug(exotool: CommandLine, tmp_path: Path) -> None:
    make_project(tmp_path)
    plant = tmp_path / "plant"
    plant.mkdir()
    (plant / "sitecustomize.py").write_text(
        "import os, signal\nfrom exotool import asm\nasm.assemble = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = exotool("link", "--jobs", "2", PYTHONPATH=f"{REPOSITORY}{os.pathsep}{plant}")
    assert done.returncode == 1
    assert done.stderr == (
        "error[T0109]: a process that assembled was killed\n"
        "   = help: there may be too little memory: `--jobs 1` needs the least\n\n"
    )
