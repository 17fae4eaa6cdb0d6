"""What a user waits for: linking and booting the project's kernel, beside GNU as + ld and a bare QEMU.

    python -m bench.end_to_end [--rounds N]

The GNU rows assemble the same sources with gcc's preprocessor and GNU as, and link them at the same addresses with
GNU ld; they are left out where binutils or gcc are not installed. The bare QEMU rows boot exotool's image with the
command that `exotool run --dry-run` prints, without the control connection, the verdict and the symbols.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

from bench.table import milliseconds, print_table
from exotool.build import expand_sources
from exotool.elf.constants import PF_R, PF_W, PF_X
from exotool.launch import BootOptions, load_machine, qemu_command
from exotool.layout import Layout
from exotool.project import Image, load_project

REPOSITORY = Path(__file__).parent.parent
MACHINES = ("q35", "pc", "microvm")
Row = tuple[str, list[float], str]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=10)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch, "project")
        copy_project(root)
        print_table(f"link ({rounds} rounds)", link_rows(root, rounds))
        print_table(f"boot ({rounds} rounds)", boot_rows(root, rounds))


def copy_project(root: Path) -> None:
    for name in ("exotool.toml", "kernel", "kernel_asm", "libos", "qemu", "user"):
        source = REPOSITORY / name
        if source.is_dir():
            shutil.copytree(source, root / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            root.mkdir(parents=True)
            shutil.copy(source, root / name)


def exotool(root: Path, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "exotool", "-C", str(root), *arguments]


def run(command: list[str]) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment())


def environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(REPOSITORY)}


def link_rows(root: Path, rounds: int) -> list[Row]:
    assembly, python = root / "kernel_asm" / "backtrace.S", root / "kernel" / "format.py"
    counter = iter(range(1_000_000))

    def link() -> None:
        run(exotool(root, "link"))

    def touch_assembly() -> None:
        with assembly.open("a") as file:
            file.write(f"\n/* {next(counter)} */\n")

    def touch_python() -> None:
        with python.open("a") as file:
            file.write(f"\nNUMBER_{next(counter)}: Final = 0\n")

    rows: list[Row] = [
        ("python -c pass", milliseconds(lambda: run([sys.executable, "-c", "pass"]), rounds), "start of Python"),
        ("exotool --help", milliseconds(lambda: run(exotool(root, "--help")), rounds), "goal 150"),
        ("exotool link, empty cache", milliseconds(link, rounds, lambda: shutil.rmtree(root / "build", True)), ""),
        ("exotool link, nothing changed", milliseconds(link, rounds), "goal 250"),
        (f"exotool link, {assembly.name} changed", milliseconds(link, rounds, touch_assembly), "goal 1000"),
        (f"exotool link, {python.name} changed", milliseconds(link, rounds, touch_python), ""),
    ]
    if all(map(shutil.which, ("gcc", "as", "ld"))):
        project = load_project(root)
        image = project.image()
        rows.append(
            ("GNU as + ld, all .S", milliseconds(lambda: gnu_build(root, image), rounds), "Kernel Python as compiled")
        )
    return rows


def gnu_build(root: Path, image: Image) -> None:
    out = root / "build" / "gnu"
    out.mkdir(parents=True, exist_ok=True)
    objects = []
    for source in expand_sources(load_project(root), image):
        if source.endswith(".py"):
            objects.append(str(root / "build" / "obj" / image.name / f"{source}.o"))
            continue
        objects.append(str(out / f"{Path(source).stem}.o"))
        include = [f"-I{root / folder}" for folder in image.include]
        define = [f"-D{name}={value}" for name, value in image.define]
        run(["gcc", "-c", "-g", *include, *define, str(root / source), "-o", objects[-1]])
    script = out / "kernel.ld"
    script.write_text(ld_script(image.layout, image.entry))
    run(["ld", "-T", str(script), "--build-id=sha1", "-z", "noexecstack", *objects, "-o", str(out / "kernel.elf")])


def ld_script(layout: Layout, entry: str) -> str:
    """Return the layout as a GNU ld script."""
    headers, body = [], []
    for number, segment in enumerate(layout.segments):
        name = f"s{number}"
        flags = sum(bit for bit in (PF_R, PF_W, PF_X) if segment.flags & bit)
        headers.append(f"{name} PT_LOAD FLAGS({flags});")
        start = f"{segment.vaddr:#x}" if segment.vaddr is not None else f"ALIGN({segment.align:#x})"
        body.append(f". = {start};")
        if segment.paddr is not None and segment.vaddr is not None:
            body.append(f"distance = {(segment.vaddr - segment.paddr) % (1 << 64):#x};")
        body += [f"{segment.start} = .;"] * bool(segment.start)
        for section in segment.sections:
            inputs = " ".join(f"*({pattern})" for pattern in section.input)
            first = f"{section.start} = .;" if section.start else ""
            last = f"{section.end} = .;" if section.end else ""
            note = " :note" if section.name.startswith(".note") else ""
            body.append(
                f"{section.name} ALIGN({section.align}) : AT(ADDR({section.name}) - distance) "
                f"{{ {first} {inputs} {last} }} :{name}{note}"
            )
        body += [f"{segment.end} = .;"] * bool(segment.end)
    discard = " ".join(f"*({pattern})" for pattern in (*layout.discard, ".note.gnu.property"))
    return (
        f"ENTRY({entry})\nPHDRS {{ {' '.join(headers)} note PT_NOTE FLAGS(4); }}\n"
        f"SECTIONS {{\n" + "\n".join(body) + f"\n/DISCARD/ : {{ {discard} }}\n}}\n"
    )


def boot_rows(root: Path, rounds: int) -> list[Row]:
    rows: list[Row] = []
    run(exotool(root, "link"))
    for name in MACHINES:
        command = exotool(root, "run", "--machine", name)
        machine = load_machine(name, [root / "qemu"])
        bare = qemu_command(BootOptions(root / "build/kernel.elf", machine))
        for label, what, goal in (("bare QEMU", bare, ""), ("exotool run", command, "goal: bare + 500")):
            rows += [
                (f"{name}: {label} to first serial byte", milliseconds(partial(first_byte, what), rounds), ""),
                (f"{name}: {label} to exit", milliseconds(partial(whole, what), rounds), goal),
            ]
    return rows


def first_byte(command: list[str]) -> None:
    process = start(command)
    assert process.stdout is not None
    process.stdout.read(1)
    process.kill()
    process.communicate()


def whole(command: list[str]) -> None:
    start(command).communicate()


def start(command: list[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment()
    )


if __name__ == "__main__":
    main()
