"""The library call: files, options, dependencies, warnings, places in messages."""

from __future__ import annotations

from pathlib import Path

import pytest

from exotool.asm import Options, assemble
from exotool.diagnostics import ToolError, render
from exotool.elf import read_object, write_object
from exotool.elf.constants import EM_386, EM_X86_64
from tests.asm.objects import code, errors, ours, summarize


def test_objects_are_read_by_the_linker() -> None:
    data = ours(".globl start\nstart: call other\n.bss\n.balign 4096\n.skip 4096\n")
    obj = read_object(data, "test.o")
    assert [symbol.name for symbol in obj.symbols if symbol.is_global] == ["start", "other"]


@pytest.mark.parametrize(("arch", "machine"), [("x86_64", EM_X86_64), ("i386", EM_386)])
def test_architecture(arch: str, machine: int) -> None:
    options = Options(arch="i386" if arch == "i386" else "x86_64")
    source = b"#ifdef __x86_64__\n.byte 64\n#elif defined(__i386__) && __ASSEMBLER__\n.byte 32\n#endif\n"
    obj = assemble(source, Path("a.S"), options).object
    assert obj.e_machine == machine
    assert bytes(obj.sections[1].data) == (b"\x40" if machine == EM_X86_64 else b"\x20")


def test_only_capital_s_is_preprocessed() -> None:
    source = "#define VALUE 5\n.long VALUE\n"
    assert summarize(ours(source, "a.s"))["sections"][".text"]["relocations"] == [[0, 10, "VALUE", 0]]
    assert summarize(ours(source, "a.S"))["sections"][".text"]["data"] == "05000000"


def test_definitions_and_include_folders(tmp_path: Path) -> None:
    (tmp_path / "include").mkdir()
    (tmp_path / "include" / "value.h").write_text("#define OTHER VALUE + 1\n")
    (tmp_path / "data.bin").write_bytes(b"0123456789")
    (tmp_path / "more.inc").write_text(".byte 0x55 # not preprocessed: OTHER\n")
    source = b'#include <value.h>\n.long OTHER\n.incbin "data.bin", 2, 3\n.include "more.inc"\n'
    options = Options(include=(tmp_path / "include",), define=(("VALUE", "7"),), root=tmp_path)
    found = assemble(source, tmp_path / "a.S", options)
    assert bytes(found.object.sections[1].data) == b"\x08\0\0\x00234U"
    assert [path.name for path in found.dependencies] == ["value.h", "data.bin", "more.inc"]


def test_files_that_are_read_first(tmp_path: Path) -> None:
    (tmp_path / "include").mkdir()
    (tmp_path / "include" / "first.h").write_text("#define VALUE 7\n")
    (tmp_path / "second.h").write_text("#if VALUE == 7\n#define OTHER 8\n#endif\n")
    options = Options(include=(tmp_path / "include",), prelude=(Path("first.h"), tmp_path / "second.h"), root=tmp_path)
    found = assemble(b".byte VALUE, OTHER\n", tmp_path / "a.S", options)
    assert bytes(found.object.sections[1].data) == b"\7\x08"
    assert [path.name for path in found.dependencies] == ["first.h", "second.h"]
    with pytest.raises(ToolError, match=r"cannot find `third\.h`"):
        assemble(b"nop\n", tmp_path / "a.S", Options(prelude=(Path("third.h"),)))


def test_included_files_are_found_beside_the_file_that_asks(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "one.h").write_text('#include "two.h"\n')
    (tmp_path / "sub" / "two.h").write_text("        frobnicate\n")
    text = errors(b'#include "sub/one.h"\n', str(tmp_path / "a.S"), root=tmp_path)
    assert "--> sub/two.h:1:9" in text
    assert "included at sub/one.h:1:1" in text
    assert "included at a.S:1:1" in text


def test_paths_outside_the_root_are_not_shown(tmp_path: Path) -> None:
    text = errors("frobnicate\n", str(tmp_path / "secret" / "a.s"), root=tmp_path / "project")
    assert "--> a.s:1:1" in text


def test_line_markers_of_another_preprocessor() -> None:
    assert "--> kernel/trap.S:42" in errors('# 42 "kernel/trap.S"\nfrobnicate\n')


def test_warnings_leave_an_object() -> None:
    found = assemble(b'.code64\nincl (%rax)\nmov $5, (%rax)\n.byte 300\n.warning "careful"\n', Path("a.s"))
    assert [warning.code for warning in found.warnings] == ["A0409", "A0412", "A0212"]
    assert render(found.warnings[0]).splitlines()[0] == (
        "warning[A0409]: `mov` has no size suffix and no register; `movl` is assumed"
    )
    assert bytes(found.object.sections[1].data) == bytes.fromhex("ff00c700050000002c")


def test_all_errors_of_a_file_are_reported() -> None:
    text = errors("frobnicate\nmovl %rax, %ebx\n.globol x\n1: jmp 2b\n")
    assert [line.split("]")[0] for line in text.splitlines() if line.startswith("error")] == [
        "error[A0404",
        "error[A0407",
        "error[A0204",
        "error[A0303",
    ]


def test_missing_files() -> None:
    with pytest.raises(ToolError, match=r"cannot find `nothing\.h`"):
        assemble(b'#include "nothing.h"\n', Path("a.S"))
    with pytest.raises(ToolError, match=r"cannot find `nothing\.inc`"):
        assemble(b'.include "nothing.inc"\n', Path("a.s"))


def test_the_same_text_is_assembled_the_same_after_other_texts() -> None:
    """Templates are kept between assemblies."""
    first = ours("movl $sym, 8(%rax)\n.code16\nmovl $sym, 8(%bx)\n")
    ours(".code32\nmovl $sym, 8(%eax)\n")
    assert ours("movl $sym, 8(%rax)\n.code16\nmovl $sym, 8(%bx)\n") == first


def test_padding_uses_the_mode_where_it_stands() -> None:
    """GNU as takes the mode at the end of the file, and leaves a truncated instruction here."""
    assert code("nop\n.balign 8\n.code16\nnop\n") == bytes.fromhex("900f1f800000000090")


@pytest.mark.parametrize("size", [*range(1, 40), 77, 87, 88, 130, 200, 300])
@pytest.mark.parametrize("mode", [16, 32, 64])
def test_padding_is_whole_instructions(size: int, mode: int) -> None:
    import capstone

    text = f".code{mode}\n.balign 512\n.skip {512 - size}, 0x90\n.balign 512\n"
    data = code(text)[-size:]
    modes = {16: capstone.CS_MODE_16, 32: capstone.CS_MODE_32, 64: capstone.CS_MODE_64}
    found = list(capstone.Cs(capstone.CS_ARCH_X86, modes[mode]).disasm(data, 0))
    assert sum(insn.size for insn in found) == len(data) == size
    if found[0].mnemonic == "jmp":
        assert int(found[0].op_str, 0) == size
    else:
        assert {insn.mnemonic for insn in found} <= {"nop", "lea"}


def test_objects_of_tools_that_need_no_preprocessor() -> None:
    assert write_object(assemble(b"", Path("empty.s")).object).startswith(b"\x7fELF")


def test_line_markers_do_not_carry_paths_of_the_builder() -> None:
    data = ours('# 7 "/home/builder/kernel/trap.S"\nnop\n', debug=True)
    assert b"trap.S" in data
    assert b"builder" not in data


def test_threads_share_the_encoder() -> None:
    """Two threads in one Keystone engine would end the process."""
    from concurrent.futures import ThreadPoolExecutor

    def one(number: int) -> bytes:
        return code("".join(f"addl ${number * 1000 + i}, {i}(%rax)\n" for i in range(200)))

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(one, range(8))) == [one(number) for number in range(8)]
