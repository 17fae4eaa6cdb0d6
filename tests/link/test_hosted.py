"""Static programs of the machine's own C and C++ libraries, linked by `exotool ld` in the compiler's place, run."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ..conftest import REPOSITORY

pytestmark = pytest.mark.slow

C_PROGRAM = r"""
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
__thread int counter = 41;
static __thread char zeros[100];
static void last(void) { puts("last"); }
__attribute__((constructor(200))) static void second(void) { printf("second "); }
__attribute__((constructor(101))) static void first(void) { printf("first "); }
int main(int argc, char **argv) {
    char copy[32];
    strcpy(copy, argv[0] ? "copied" : "");
    zeros[3] += argc;
    errno = 5;
    atexit(last);
    printf("%s %d %d %d %.3f\n", copy, ++counter, zeros[3], errno, sqrt(argc + 1.0));
    return strlen(copy) + memcmp(copy, "copied", 6);
}
"""

CXX_PROGRAM = r"""
#include <iostream>
#include <map>
#include <stdexcept>
#include <string>
#include <thread>
struct Global {
    Global() { std::cout << "made\n"; }
    ~Global() { std::cout << "gone\n"; }
} global;
static thread_local std::string own = "main";
int main() {
    std::map<std::string, int> numbers{{"a", 1}, {"b", 2}};
    try {
        if (numbers.size() == 2) throw std::runtime_error("thrown");
    } catch (const std::exception &error) {
        std::cout << "caught " << error.what() << "\n";
    }
    std::thread other([] { own += " other"; std::cout << own << "\n"; });
    other.join();
    std::cout << own << " " << dynamic_cast<std::ostream *>(&std::cout)->good() << "\n";
    return 3;
}
"""


@pytest.fixture
def linker(tmp_path: Path) -> Path:
    """Return a folder in which compilers find `exotool ld` as `ld`."""
    folder = tmp_path / "bin"
    folder.mkdir()
    script = folder / "ld"
    script.write_text(f'#!/bin/sh\nPYTHONPATH={REPOSITORY} exec {sys.executable} -m exotool ld "$@"\n')
    script.chmod(0o755)
    return folder


def library(name: str) -> bool:
    if shutil.which("gcc") is None:
        return False
    found = subprocess.run(["gcc", f"-print-file-name={name}"], capture_output=True, text=True, check=True)
    return Path(found.stdout.strip()).is_absolute()


def build(compiler: str, linker: Path, source: str, *options: str) -> Path:
    path = linker.parent / ("program.cc" if compiler == "g++" else "program.c")
    path.write_text(source)
    output = linker.parent / "program"
    static = () if "-static-pie" in options else ("-static",)
    done = subprocess.run(
        [compiler, f"-B{linker}", "-O1", *static, *options, str(path), "-o", str(output), "-lm"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return output


def run(program: Path) -> tuple[int, str]:
    done = subprocess.run([program], capture_output=True, text=True, check=False, timeout=20)
    return done.returncode, done.stdout


needs_c = pytest.mark.skipif(not library("libc.a"), reason="needs gcc and a static C library")
needs_cxx = pytest.mark.skipif(
    shutil.which("g++") is None or not library("libstdc++.a"), reason="needs g++ and a static C++ library"
)


@needs_c
@pytest.mark.parametrize(
    "options",
    [[], ["-fpic"], ["-Wl,--gc-sections", "-ffunction-sections"], ["-Wl,--no-relax"], ["-static-pie", "-fPIE"]],
)
def test_c_program(linker: Path, options: list[str]) -> None:
    program = build("gcc", linker, C_PROGRAM, *options)
    assert run(program) == (6, "first second copied 42 1 5 1.414\nlast\n")


@needs_cxx
@pytest.mark.parametrize("options", [[], ["-Wl,--gc-sections", "-ffunction-sections", "-g"], ["-static-pie", "-fPIE"]])
def test_cxx_program_with_exceptions_and_threads(linker: Path, options: list[str]) -> None:
    program = build("g++", linker, CXX_PROGRAM, *options)
    assert run(program) == (3, "made\ncaught thrown\nmain other\nmain 1\ngone\n")


@needs_cxx
def test_program_of_a_partial_link(linker: Path) -> None:
    source = linker.parent / "program.cc"
    source.write_text(CXX_PROGRAM)
    parts = linker.parent / "parts.o"
    subprocess.run(
        ["g++", f"-B{linker}", "-g", "-r", "-nostdlib", str(source), "-o", str(parts)], check=True, capture_output=True
    )
    for folder in (f"-B{linker}", "-B/usr/bin"):
        program = linker.parent / "whole"
        subprocess.run(["g++", folder, "-static", str(parts), "-o", str(program)], check=True, capture_output=True)
        assert run(program)[0] == 3


@needs_c
def test_what_gc_sections_left_out_and_why_the_rest_is_there(linker: Path) -> None:
    source = "static int used(void) { return 4; } int unused(void) { return 5; } int main(void) { return used(); }"
    path = linker.parent / "program.c"
    path.write_text(source)
    asked = ["-Wl,--gc-sections", "-Wl,--print-gc-sections", "-Wl,--why=main"]
    output = str(linker.parent / "program")
    done = subprocess.run(
        ["gcc", f"-B{linker}", "-static", "-ffunction-sections", *asked, str(path), "-o", output],
        capture_output=True,
        text=True,
        check=True,
    )
    shown = done.stdout + done.stderr
    assert "removing unused section .text.unused of " in shown
    assert "refers to `main`\n`main` is in .text.main of " in shown
