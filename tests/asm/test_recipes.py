"""The caches of encodings: same bytes from each, damaged files, two runs at once, counts."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exotool.asm import Options, assemble, recipes
from exotool.elf import write_object
from tests.asm.golden import arch_of, sources
from tests.asm.objects import errors

FILES = [path for path in sources() if path.suffix == ".s"]


def made(path: Path, folder: Path | None) -> tuple[bytes, recipes.Stats]:
    options = Options(arch=arch_of(path), cache=folder, root=path.parent)
    found = assemble(path.read_bytes(), path, options)
    return write_object(found.object), found.stats


def forget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recipes, "_known", {})


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_source_is_the_same_from_all_caches(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    forget(monkeypatch)
    cold, first = made(path, tmp_path)
    warm, second = made(path, tmp_path)
    forget(monkeypatch)
    disk, third = made(path, tmp_path)
    assert cold == warm == disk
    assert first.disk == second.disk == 0
    assert second.encoded == third.encoded <= first.encoded
    assert third.disk <= third.disk + third.memory == second.memory


def test_one_changed_instruction_is_encoded_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    forget(monkeypatch)
    text = "".join(f"movl ${number}, {number}(%rbx)\njmp f{number}\nf{number}:\n" for number in range(50))
    options = Options(cache=tmp_path)
    assemble(text.encode(), Path("a.s"), options)
    forget(monkeypatch)
    stats = assemble(text.replace("$7,", "$700,").encode(), Path("a.s"), options).stats
    assert (stats.instructions, stats.encoded) == (100, 1)
    assert str(stats).startswith("100 instructions: ")


@given(st.integers(0, 10**6), st.binary(min_size=1, max_size=8))
def test_a_damaged_cache_is_no_cache(at: int, junk: bytes) -> None:
    key, recipe = "64 movl ?,%eax", recipes.Recipe(b"\x8b\x04\x25\0\0\0\0", ((3, 4, None, True, False, ""),))
    with TemporaryDirectory() as folder:
        store = recipes.Store(Path(folder))
        store.put(key, recipe)
        store.save()
        (file,) = Path(folder).iterdir()
        data = bytearray(before := file.read_bytes())
        at %= len(data)
        data[at : at + len(junk)] = junk
        file.write_bytes(data)
        assert recipes.Store(Path(folder)).get(key) == (recipe if data == before else None)


def test_shapes() -> None:
    def key(text: str) -> str:
        shape = recipes.shape_of(text, 0, 64)
        return "" if shape is None else f"{shape.key}|{text[shape.start : shape.end] if shape.start >= 0 else ''}"

    assert key("movq table+8(%rip), %rcx") == "64 movq ?(%rip),%rcx|table+8"
    assert key("lock  xaddq %rax, %gs:8( %rbx )") == "64 lock xaddq %rax,%gs:8(%rbx)|"
    assert key("jmp 1f") == key("jmp  out@PLT-3").replace("out@PLT-3", "1f") == "64 jmp ?|1f"
    assert key("rep stosb") == "64 rep stosb |"
    for other in (
        "movq a(%rip), b",
        "call *a(,%rax,8) # x",
        "movq 1 2x",
        "movb $'a', %al",
        "MOVL %eax, %ebx",
        "a: ret",
    ):
        assert not key(other), other


def test_a_macro_takes_the_place_of_an_instruction_that_was_there() -> None:
    source = b"movl $1, %eax\nmovl $1, %eax\n.macro movl value, register\nnop\n.endm\nmovl $1, %eax\n"
    assert bytes(assemble(source, Path("a.s")).object.sections[1].data) == b"\xb8\1\0\0\0" * 2 + b"\x90"
    source = b"incl %eax\nincl %eax\n.code32\nincl %eax\n.intel_syntax\n.att_syntax noprefix\nincl eax\n"
    assert bytes(assemble(source, Path("a.s")).object.sections[1].data) == b"\xff\xc0\xff\xc0\x40\x40"


def test_other_damage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = next(path for path in FILES if path.name == "branches.s")
    forget(monkeypatch)
    cold, _ = made(path, tmp_path)
    (file,) = tmp_path.iterdir()
    data = file.read_bytes()
    for broken in (b"", b"\0" * 100, data[: len(data) // 2], data.replace(b"\n", b""), b"\xff" + data, data[::-1]):
        file.write_bytes(broken)
        forget(monkeypatch)
        assert made(path, tmp_path)[0] == cold


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert made(FILES[0], tmp_path / "file")[0] == made(FILES[0], None)[0]


def _child(folder: str) -> list[bytes]:
    with recipes.forgotten():  # of the process that this one was forked from
        return [made(path, Path(folder))[0] for path in FILES[:6]]


@pytest.mark.slow
def test_processes_share_a_folder(tmp_path: Path) -> None:
    with ProcessPoolExecutor(4) as pool:
        results = list(pool.map(_child, [str(tmp_path)] * 8))
    assert all(result == results[0] for result in results)
    assert [path.suffix for path in tmp_path.iterdir()] == [".recipes"]


def test_blanks_do_not_make_numbers_of_parts() -> None:
    errors("addl $12, %eax\naddl $1 2, %eax\n")
    errors("movl 12(%rax), %ebx\nmovl 1 2(%rax), %ebx\n")


def test_warnings_are_given_each_time() -> None:
    source = b"incl (%rax)\nmov $5, (%rax)\nmov $5, (%rax)\n"
    for _ in range(2):
        assert len(assemble(source, Path("a.s")).warnings) == 2


def test_symbols_that_become_numbers() -> None:
    source = b"movl $name, %eax\n.set name, 5\nmovl $name, %eax\naddl $name, %ebx\n.set name, 6\naddl $name, %ebx\n"
    first = write_object(assemble(source, Path("a.s")).object)
    assert write_object(assemble(source, Path("a.s")).object) == first
    assert bytes(assemble(source, Path("a.s")).object.sections[1].data)[-6:] == b"\x83\xc3\x05\x83\xc3\x06"


def test_where_the_cache_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("EXOTOOL_CACHE", str(tmp_path))
    assert recipes.default_folder() == tmp_path
    monkeypatch.setenv("EXOTOOL_CACHE", "")
    assert recipes.default_folder() is None
    monkeypatch.delenv("EXOTOOL_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert recipes.default_folder() == tmp_path / "exotool"
