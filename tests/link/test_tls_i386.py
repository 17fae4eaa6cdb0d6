"""Thread-local code of i386 that asks for `___tls_get_addr`: rewritten as Drepper's "ELF Handling For Thread-Local
Storage", section 5, has it, with GNU ld's bytes.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from exotool.diagnostics import ToolError
from exotool.elf import ObjectFile, write_object
from exotool.elf.constants import EM_386, SHF_TLS, SHN_UNDEF, STT_TLS
from exotool.elf.constants import I386Reloc as R
from exotool.link.driver import run_ld
from tests.link.objects import A, Builder, W

SCRIPT = "SECTIONS { . = 0x100000; .text : { *(.text) } .tdata : { *(.tdata) } .got : { *(.got*) } }\n"

LEA_SIB, LEA = bytes.fromhex("8d041d00000000"), bytes.fromhex("8d8300000000")
CALL, CALL_SLOT = bytes.fromhex("e8fcffffff"), bytes.fromhex("ff9300000000")
GENERAL, LOCAL = R.R_386_TLS_GD, R.R_386_TLS_LDM
MOV = "65a100000000"  # mov %gs:0, %eax
SUB_LAST = "81e804000000"  # the last variable is 4 bytes below the thread pointer


def job(folder: Path, sequence: bytes, r_type: int, call: int, *, behind: int = R.R_386_PLT32) -> list[str]:
    """Write an object whose `_start` has a sequence with a field behind its `lea`; return the command line."""
    b = Builder("t.o")
    b.obj = ObjectFile("t.o", EM_386)
    text = b.text(b"\x90" * 4 + sequence + b"\xc3")
    data = b.section(".tdata", bytes(12), A | W | SHF_TLS, align=4)
    b.symbol("_start", text)
    variable = b.symbol("variable", data, 8, kind=STT_TLS)
    getter = b.symbol("___tls_get_addr", SHN_UNDEF)
    lea = 7 if sequence.startswith(LEA_SIB) else 6
    b.refer(text, 4 + lea - 4, r_type, variable)
    if call:
        b.refer(text, 4 + call, behind, getter, -4 if behind == R.R_386_PLT32 else 0)
    (folder / "t.o").write_bytes(write_object(b.obj))
    (folder / "t.ld").write_text(SCRIPT)
    return ["-m", "elf_i386", "-T", "t.ld", "-e", "_start", "--no-warn-rwx-segments", "t.o"]


def text_of(path: Path, size: int) -> str:
    """Return the code at the start of `.text`, which lies at the first page's address in the file too."""
    data = path.read_bytes()
    at = data.index(b"\x90" * 4)
    return data[at + 4 : at + 4 + size].hex()


SEQUENCES = [
    (LEA_SIB + CALL, GENERAL, 8, R.R_386_PLT32, MOV + SUB_LAST),
    (LEA + CALL_SLOT, GENERAL, 8, R.R_386_GOT32X, MOV + SUB_LAST),
    (LEA + CALL + b"\x90", GENERAL, 7, R.R_386_PLT32, MOV + SUB_LAST),
    (LEA + CALL, LOCAL, 7, R.R_386_PLT32, MOV + "908d742600"),
    (LEA + CALL_SLOT, LOCAL, 8, R.R_386_GOT32X, MOV + "8db600000000"),
]


@pytest.mark.parametrize(("sequence", "r_type", "call", "behind", "wanted"), SEQUENCES)
def test_sequence(tmp_path: Path, sequence: bytes, r_type: int, call: int, behind: int, wanted: str) -> None:
    command = job(tmp_path, sequence, r_type, call, behind=behind)
    run_ld([*command, "-o", "ours"], tmp_path)
    assert text_of(tmp_path / "ours", len(sequence)) == wanted
    if (gnu := shutil.which("ld.bfd")) is not None:
        subprocess.run([gnu, *command, "-o", "theirs"], cwd=tmp_path, check=True)
        assert text_of(tmp_path / "theirs", len(sequence)) == wanted


@pytest.mark.parametrize(
    ("sequence", "r_type", "call"),
    [
        (LEA_SIB + CALL, GENERAL, 0),
        (LEA + CALL + b"\xc3", GENERAL, 7),
        (bytes.fromhex("8d8b00000000") + CALL, LOCAL, 7),
        (LEA + b"\x90" * 6, LOCAL, 7),
    ],
)
def test_other_code_is_an_error(tmp_path: Path, sequence: bytes, r_type: int, call: int) -> None:
    with pytest.raises(ToolError) as caught:
        run_ld([*job(tmp_path, sequence, r_type, call), "-o", "ours"], tmp_path)
    assert "L0112" in {d.code for d in caught.value.diagnostics}
