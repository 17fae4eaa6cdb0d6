"""Thread-local storage in a static image: every variable has a fixed distance from the thread pointer.

Code that asks a loader for it (general and local dynamic, initial exec, descriptors) is rewritten to the local exec
form, as psABI x86-64 version 1.0, 11.1.2 "TLS linker optimization", and Drepper, "ELF Handling For Thread-Local
Storage", section 5 have it; where an instruction is none of those a GOT slot keeps the distance.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from exotool.diagnostics import Collector
from exotool.elf.columns import Ints
from exotool.elf.constants import SHF_TLS
from exotool.link.explain import Explainer
from exotool.link.got import Got
from exotool.link.howto import TLS_CALL_KINDS, Kind
from exotool.link.model import OutputPlan, align_up
from exotool.link.relocations import Relocations, of_kinds

_GD_LEA: Final = b"\x66\x48\x8d\x3d"
_GD_CALLS: Final = (b"\x66\x66\x48\xe8", b"\x66\x48\xff\x15", b"\x66\x48\x67\xe8")
_GD_TO_LE: Final = b"\x64\x48\x8b\x04\x25\0\0\0\0\x48\x8d\x80"  # mov %fs:0, %rax; lea tpoff(%rax), %rax
_LD_LEA: Final = b"\x48\x8d\x3d"
_LD_TO_LE: Final = b"\x64\x48\x8b\x04\x25\0\0\0\0"  # mov %fs:0, %rax
_GD_TO_LE_I386: Final = b"\x65\xa1\0\0\0\0\x81\xe8"  # mov %gs:0, %eax; sub $tpoff, %eax
_LD_TO_LE_I386: Final = {
    11: b"\x65\xa1\0\0\0\0\x90\x8d\x74\x26\0",  # mov %gs:0, %eax; nop; lea 0(%esi,1), %esi
    12: b"\x65\xa1\0\0\0\0\x8d\xb6\0\0\0\0",  # mov %gs:0, %eax; lea 0(%esi), %esi
}
_MOV, _ADD = 0x8B, 0x03
_RSP: Final = 4


@dataclass(frozen=True, slots=True)
class ThreadBlock:
    """The memory that every thread has a copy of: `start` and `size` of the image's, and the thread pointer's address.

    On x86 the block lies below the thread pointer (variant II): distances are negative.
    """

    start: int = 0
    size: int = 0
    align: int = 1

    @property
    def pointer(self) -> int:
        """The address that the thread pointer would have if the image's own copy were a thread's."""
        return self.start + align_up(self.size, self.align)


def thread_block(outputs: list[OutputPlan]) -> ThreadBlock:
    """Return the block of an image whose sections have their places."""
    found = [output for output in outputs if output.sh_flags & SHF_TLS and output.sh_size]
    if not found:
        return ThreadBlock()
    start = min(output.sh_addr for output in found)
    return ThreadBlock(start, max(output.end for output in found) - start, max(output.sh_addralign for output in found))


def relax_calls(relocations: Relocations, explain: Explainer, errors: Collector) -> None:
    """Take the calls of `__tls_get_addr` that will be rewritten out of the table: their code goes away.

    Error: L0112 instructions that are not those of the psABI.
    """
    rows = np.flatnonzero(of_kinds(relocations, *TLS_CALL_KINDS) & relocations.is_alloc)
    for index in rows.tolist():
        offset = int(relocations.offset[index])
        data = bytes(relocations.sections[relocations.section[index]].data[max(0, offset - 4) : offset + 12])
        known = _is_known(data, int(relocations.kind[index]))
        following = index + 1
        is_call = (
            following < len(relocations)
            and relocations.section[following] == relocations.section[index]
            and offset + 4 < relocations.offset[following] <= offset + 8
        )
        if offset < 4 or not known or not is_call:
            errors.add(explain.unknown_tls(*relocations.row(index)))
            relocations.kind[index] = Kind.NONE
        else:
            relocations.kind[following] = Kind.NONE


def _is_known(data: bytes, kind: int) -> bool:
    """Tell whether the code around a field, which is at 4, is a sequence that can be rewritten."""
    if kind == Kind.TLS_GD:
        return _is_gd(data)
    if kind == Kind.TLS_LD:
        return _ld_size(data[1:]) > 0
    if kind == Kind.TLS_GD_I386:
        return bool(_gd_start_i386(data))
    return _call_size_i386(data) > 0 and _is_lea_i386(data)


def want_slots(relocations: Relocations, got: Got) -> None:
    """Give slots to the initial-exec references whose instruction is none that can be rewritten."""
    rows = np.flatnonzero(of_kinds(relocations, Kind.TLS_IE, Kind.TLS_IE_I386) & relocations.is_alloc)
    for index in rows.tolist():
        data, offset = relocations.sections[relocations.section[index]].data, int(relocations.offset[index])
        if relocations.kind[index] == Kind.TLS_IE_I386 or not _is_ie(bytes(data[max(0, offset - 3) : offset])):
            got.want_offset(int(relocations.entity[index]))


def _is_gd(data: bytes) -> bool:
    return len(data) == 16 and data[:4] == _GD_LEA and data[8:12] in _GD_CALLS


def _ld_size(data: bytes) -> int:
    """Return the length of a local-dynamic sequence, 0 if it is none."""
    if data[:3] != _LD_LEA:
        return 0
    return 12 if data[7:8] == b"\xe8" else 13 if data[7:9] in (b"\xff\x15", b"\x67\xe8") else 0


def _is_lea_i386(data: bytes) -> bool:
    """Tell whether the field at 4 is that of `leal x(%reg), %eax`."""
    return data[2:3] == b"\x8d" and data[3] & 0xF8 == 0x80 and data[3] & 7 != _RSP


def _call_size_i386(data: bytes) -> int:
    """Return the length of the call behind the field at 4: `call x`, or `call *x(%reg)` and what became of it."""
    if data[8:9] == b"\xe8":
        return 5
    is_indirect = len(data) > 9 and data[8] == 0xFF and data[9] & 0xF8 == 0x90
    return 6 if is_indirect or data[8:10] == b"\x67\xe8" else 0


def _gd_start_i386(data: bytes) -> int:
    """Return how far before the field a general-dynamic sequence of 12 bytes begins, 0 if it is none."""
    if data[1:4] == b"\x8d\x04\x1d":  # leal x(,%ebx,1), %eax
        return 3 if _call_size_i386(data) == 5 else 0
    has_room = _call_size_i386(data) == 6 or (_call_size_i386(data) == 5 and data[13:14] == b"\x90")
    return 2 if has_room and _is_lea_i386(data) else 0


def _is_ie(data: bytes) -> bool:
    return len(data) == 3 and data[0] in (0x48, 0x4C) and data[1] in (_MOV, _ADD) and data[2] & 0xC7 == 0x05


def rewrite_threads(
    image: npt.NDArray[np.uint8],
    relocations: Relocations,
    rows: Ints,
    at: Ints,
    addresses: Ints,
    places: Ints,
    block: ThreadBlock,
    got: Got,
    explain: Explainer,
    errors: Collector,
) -> None:
    """Rewrite the thread-local code at `rows`; `at` is where the field of each is in `image`, `places` its address."""
    for index, p, place in zip(rows.tolist(), at.tolist(), places.tolist(), strict=True):
        kind, entity = relocations.kind[index], int(relocations.entity[index])
        offset = int(addresses[entity]) - block.pointer
        if kind == Kind.TLS_GD:
            _put(image, p - 4, _GD_TO_LE + _word(offset + int(relocations.addend[index]) + 4))
        elif kind == Kind.TLS_LD:
            size = _ld_size(bytes(image[p - 3 : p + 6]))
            _put(image, p - 3, bytes((0x66,)) * (size - len(_LD_TO_LE)) + _LD_TO_LE)
        elif kind == Kind.TLS_GD_I386:
            start = p - _gd_start_i386(bytes(image[p - 4 : p + 12]))
            _put(image, start, _GD_TO_LE_I386 + _word(-offset - int(relocations.addend[index])))
        elif kind == Kind.TLS_LD_I386:
            _put(image, p - 2, _LD_TO_LE_I386[6 + _call_size_i386(bytes(image[p - 4 : p + 12]))])
        elif kind == Kind.TLS_DESC:
            _descriptor(image, p, offset + int(relocations.addend[index]) + 4, index, relocations, explain, errors)
        elif kind == Kind.TLS_DESC_CALL:
            _put(image, p, b"\x66\x90")
        elif kind == Kind.TLS_IE and entity not in got.offset_of:
            _initial_exec(image, p, offset + int(relocations.addend[index]) + 4)
        else:
            slot = got.address + got.word * got.offset_of[entity]
            base = place if kind == Kind.TLS_IE else 0
            if kind == Kind.TLS_IE_I386 and relocations.type[index] == 16:  # R_386_TLS_GOTIE
                base = got.address
            _put(image, p, _word(slot + int(relocations.addend[index]) - base))


def _initial_exec(image: npt.NDArray[np.uint8], p: int, offset: int) -> None:
    """`mov x@gottpoff(%rip), %reg` -> `mov $x, %reg`; `add` -> `lea x(%reg), %reg`, or `add $x` for rsp and r12."""
    rex, opcode, register = int(image[p - 3]), int(image[p - 2]), int(image[p - 1]) >> 3 & 7
    is_high = rex & 4
    if opcode == _MOV:
        _put(image, p - 3, bytes((0x49 if is_high else 0x48, 0xC7, 0xC0 | register)))
    elif register == _RSP:
        _put(image, p - 3, bytes((0x49 if is_high else 0x48, 0x81, 0xC0 | register)))
    else:
        _put(image, p - 3, bytes((0x4D if is_high else 0x48, 0x8D, 0x80 | register << 3 | register)))
    _put(image, p, _word(offset))


def _descriptor(
    image: npt.NDArray[np.uint8],
    p: int,
    offset: int,
    index: int,
    relocations: Relocations,
    explain: Explainer,
    errors: Collector,
) -> None:
    """`lea x@tlsdesc(%rip), %reg` -> `mov $x, %reg`."""
    if relocations.offset[index] < 3 or image[p - 3] not in (0x48, 0x4C) or image[p - 2] != 0x8D:
        errors.add(explain.unknown_tls(*relocations.row(index)))
        return
    register = int(image[p - 1]) >> 3 & 7
    _put(image, p - 3, bytes((0x49 if image[p - 3] & 4 else 0x48, 0xC7, 0xC0 | register)) + _word(offset))


def _put(image: npt.NDArray[np.uint8], at: int, data: bytes) -> None:
    image[at : at + len(data)] = np.frombuffer(data, np.uint8)


def _word(value: int) -> bytes:
    return (value & 0xFFFFFFFF).to_bytes(4, "little")
