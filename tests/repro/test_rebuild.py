"""`exotool reproduce` passes what is reproducible and names what is not."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from ..conftest import REPOSITORY, CommandLine
from ..toy import make_project

PLANTED = """\
import {variation}
from exotool import asm
honest = asm.assemble
def varying(source, path, options):
    if path.name == "message.S":
        source = source.replace(b"hello", b"he" + {expression})
    return honest(source, path, options)
asm.assemble = varying
"""


def test_a_good_project_is_reproducible(exotool: CommandLine, tmp_path: Path) -> None:
    make_project(tmp_path)
    done = exotool("reproduce")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert [line.split()[-1] for line in lines[:-1]] == [
        "build/kernel.elf",
        "build/kernel.map",
        "build/kernel.map.json",
        "build/kernel.manifest.json",
    ]
    assert lines[-1] == "reproducible: 4 files are the same in both builds"
    documents = [json.loads(line) for line in exotool("reproduce", "--json").stdout.splitlines()]
    assert documents[-1]["reproducible"] is True


@pytest.mark.slow
@pytest.mark.parametrize(
    ("variation", "expression"),
    [
        ("os", "os.environ['TZ'].encode()[:3]"),
        ("os", "str(len(os.getcwd())).encode().zfill(3)"),
        ("os", "(os.environ.get('SOURCE_DATE_EPOCH', '').encode() + b'000')[:3]"),
        ("sys", "str(hash('x') % 900 + 100).encode()"),
    ],
)
def test_a_build_that_depends_on_its_surroundings_is_caught(
    exotool: CommandLine, tmp_path: Path, variation: str, expression: str
) -> None:
    make_project(tmp_path)
    plant = tmp_path / "plant"
    plant.mkdir()
    (plant / "sitecustomize.py").write_text(PLANTED.format(variation=variation, expression=expression))
    path = f"{REPOSITORY}{os.pathsep}{plant}"
    done = exotool("reproduce", PYTHONPATH=path, TZ="Mars", PYTHONHASHSEED="1")
    assert done.returncode == 1, done.stdout
    assert "error[B0101]: `build/kernel.elf` differs between the first rebuild and the second rebuild" in done.stderr
    assert "section .rodata differs in " in done.stderr
    assert "(message+0x" in done.stderr


@pytest.mark.slow
def test_an_input_that_the_manifest_does_not_name_is_missing_in_the_rebuild(
    exotool: CommandLine, tmp_path: Path
) -> None:
    make_project(tmp_path)
    (tmp_path / "secret").write_text("hello")
    plant = tmp_path / "plant"
    plant.mkdir()
    expression = "open('secret', 'rb').read()[2:]"
    (plant / "sitecustomize.py").write_text(PLANTED.format(variation="os", expression=expression))
    done = exotool("reproduce", PYTHONPATH=f"{REPOSITORY}{os.pathsep}{plant}")
    assert done.returncode == 1
    assert "error[B0102]: the rebuild in " in done.stderr
    assert "the rebuild sees only the files that the manifest names as inputs" in done.stderr
