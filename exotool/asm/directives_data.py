"""Directives that store bytes: numbers, strings, padding, files."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final

from exotool.asm.arguments import Arguments
from exotool.asm.expressions import Num, c_number
from exotool.asm.floats import BFLOAT16, BINARY16, BINARY32, BINARY64, EXTENDED
from exotool.asm.floats import encode as encode_float
from exotool.asm.layout import MAX_ALIGNMENT, MAX_BYTES, MAX_SECTION, Align, AsmSection, Data, Fill, Fixup, Number, Org
from exotool.asm.leb128 import sleb, uleb
from exotool.asm.nops import longest_nop, plain_nops
from exotool.asm.source import AsmError
from exotool.elf.constants import SHT_NOBITS, SHT_NOTE

if TYPE_CHECKING:
    from exotool.asm.assembler import Assembler

_WIDTHS: Final = {
    **dict.fromkeys((".byte", ".dc.b"), 1),
    **dict.fromkeys((".word", ".short", ".hword", ".2byte", ".value", ".dc", ".dc.w"), 2),
    **dict.fromkeys((".long", ".int", ".4byte", ".dc.l", ".slong"), 4),
    **dict.fromkeys((".quad", ".8byte", ".dc.a"), 8),
}
MAX_NOPS: Final = 1 << 20
MAX_DIGITS: Final = 400
_FLOATS: Final = {
    **dict.fromkeys((".float", ".single", ".dc.s", ".dcb.s"), BINARY32),
    **dict.fromkeys((".double", ".dc.d", ".dcb.d"), BINARY64),
    **dict.fromkeys((".tfloat", ".dc.x", ".dcb.x"), EXTENDED),
    ".float16": BINARY16,
    ".bfloat16": BFLOAT16,
}
_BLOCKS: Final = {"": 2, ".b": 1, ".w": 2, ".l": 4, ".d": 8, ".s": 4, ".x": 10, ".p": 10}
"""Sizes that `.dcb` and `.ds` may name, in bytes."""
_NUMBER: Final = re.compile(r"\s*([-+]?)\s*(0[xX][0-9a-fA-F]+|0[bB][01]+|0[0-7]*|[1-9][0-9]*)[uUlL]*\s*(?=,|$)")
_FLOAT: Final = re.compile(
    r"\s*(?:0[fFdDeErR])?([-+]?(?:\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?|inf|nan))\s*(?=,|$)"
)


def _plain_number(args: Arguments) -> tuple[int, int, int] | None:
    """Return the value and the columns of the next argument if it is a number without operators; it is not taken."""
    match = _NUMBER.match(args.text, args.position)
    if match is None or len(match[2]) > MAX_DIGITS:
        return None
    value = c_number(match[2])
    return -value if match[1] == "-" else value, match.start(2), match.end()


def numbers(asm: Assembler, args: Arguments) -> None:
    """`.byte`, `.word`, `.long`, `.quad` and their other names: a list of expressions."""
    width = _WIDTHS[args.directive]
    data = bytearray()
    fixups: list[Fixup] = []
    if args.at_end:
        return
    while True:
        number = _plain_number(args)
        if number is None or -(1 << 63) <= number[0] < 1 << 64:
            expr, start, end = args.value()
            value = expr.value if isinstance(expr, Num) else None
        else:
            value, start, end = number
            args.position = end
        if value is None:
            fixups.append(Fixup(len(data), width, expr))
            data += bytes(width)
        else:
            limit = 1 << 8 * width
            if not -limit < value < limit:
                low = hex(value % limit)
                asm.warn(AsmError("A0412", f"value {hex(value)} is shortened to {low}", start, end))
            data += (value % limit).to_bytes(width, "little")
        if not args.comma():
            break
        if fixups or "." in args.text:
            # `.` in the next expression is the place of that expression.
            store(asm, args, bytes(data), fixups)
            data, fixups = bytearray(), []
    args.finish()
    store(asm, args, bytes(data), fixups)


def store(asm: Assembler, args: Arguments, data: bytes, fixups: list[Fixup] | None = None) -> None:
    """Put bytes into the current section; `AsmError` A0207 if it has none."""
    if asm.chunk.section.sh_type == SHT_NOBITS and (fixups or any(data)):
        raise args.fault(f"`{asm.chunk.section.name}` holds zeros only", code="A0207")
    asm.add_data(data, fixups)


def octa(asm: Assembler, args: Arguments) -> None:
    """`.octa`: 128-bit numbers."""
    data = bytearray()
    while True:
        number = _plain_number(args)
        if number is None:
            raise args.fault("`.octa` needs plain numbers", args.position, len(args.text))
        value, start, args.position = number
        if not -(1 << 127) <= value < 1 << 128:
            raise args.fault("the number does not fit 128 bits", start, args.position)
        data += (value % (1 << 128)).to_bytes(16, "little")
        if not args.comma():
            break
    args.finish()
    store(asm, args, bytes(data))


def floats(asm: Assembler, args: Arguments) -> None:
    """`.float`, `.double` and their like: IEEE 754 numbers."""
    data = bytearray()
    while True:
        data += _float(args)
        if not args.comma():
            break
    args.finish()
    store(asm, args, bytes(data))


def _float(args: Arguments) -> bytes:
    """Take a floating-point number of the directive's format."""
    match = _FLOAT.match(args.text, args.position)
    if match is None or len(match[1]) > MAX_DIGITS:
        raise args.fault(f"`{args.directive}` needs decimal numbers", args.position, len(args.text))
    args.position = match.end()
    made = encode_float(match[1], _FLOATS[args.directive])
    if made is None:
        raise args.fault("the number is too large", match.start(1), match.end(1))
    return made


def blocks(asm: Assembler, args: Arguments) -> None:
    """`.dcb count, value`: a number, or a floating-point one, so many times."""
    count, start, end = _count(asm, args)
    width = _BLOCKS[args.directive.removeprefix(".dcb")]
    has_value = args.comma()
    if args.directive in _FLOATS:
        pattern = _float(args) if has_value else bytes(width)
        args.finish()
        _repeat_if_allowed(asm, args, count, pattern, start, end)
        return
    expr, first, last = args.value() if has_value else (Num(0), start, end)
    args.finish()
    value = asm.constant(expr)
    if value is not None:
        limit = 1 << 8 * width
        if not -limit < value < limit:
            asm.warn(AsmError("A0412", f"value {hex(value)} is shortened to {hex(value % limit)}", first, last))
        _repeat_if_allowed(asm, args, count, (value % limit).to_bytes(width, "little"), start, end)
        return
    if count > MAX_NOPS:
        raise args.fault(f"a value that is not known here can be stored {MAX_NOPS} times", start, end, "A0502")
    for _ in range(count):
        store(asm, args, bytes(width), [Fixup(0, width, expr)])


def spaces(asm: Assembler, args: Arguments) -> None:
    """`.ds count, fill`: so many numbers, zeros unless another is given."""
    count, start, end = _count(asm, args)
    value = fill_byte(asm, args) if args.comma() else 0
    args.finish()
    width = _BLOCKS[args.directive.removeprefix(".ds")]
    limit = 1 << 8 * width
    if not -limit < value < limit:
        asm.warn(AsmError("A0412", f"value {hex(value)} is shortened to {hex(value % limit)}", start, end))
    pattern = (value % limit if width < 8 else value % (1 << 64)).to_bytes(width, "little")
    _repeat_if_allowed(asm, args, count, pattern, start, end)


def _repeat_if_allowed(asm: Assembler, args: Arguments, count: int, pattern: bytes, start: int, end: int) -> None:
    """Store a pattern `count` times, unless the section holds zeros only and the pattern does not."""
    if any(pattern) and asm.chunk.section.sh_type == SHT_NOBITS:
        raise args.fault(f"`{asm.chunk.section.name}` holds zeros only", code="A0207")
    repeat(asm, count, pattern, start, end)


def _count(asm: Assembler, args: Arguments) -> tuple[int, int, int]:
    """Take a count that is known now, with its columns; a negative one is none, with a warning."""
    start = args.position + len(args.text[args.position :]) - len(args.text[args.position :].lstrip())
    count = asm.absolute(args, "the count")
    if count < 0:
        asm.warn(AsmError("A0414", f"repeat count {count} is negative; nothing is stored", start, args.position))
    return max(count, 0), start, args.position


def version(asm: Assembler, args: Arguments) -> None:
    """`.version`: a note with a name and nothing else (gABI, "Note Section")."""
    name = args.string() + b"\0"
    args.finish()
    note = asm.sections.setdefault(".note", AsmSection(".note", SHT_NOTE, alignment=4))
    data = struct.pack("<III", len(name), 0, 1) + name + bytes(-len(name) % 4)
    note.chunk(0).items.append(Data(asm.statement, data, (), len(data)))


def link_once(asm: Assembler, args: Arguments) -> None:
    """`.linkonce`: of object formats without groups; a warning, as from GNU as."""
    args.rest()
    asm.warn(args.fault("`.linkonce` has no effect: ELF has section groups for it", code="A0206"))


def leb128(signed: bool, asm: Assembler, args: Arguments) -> None:
    """`.uleb128`, `.sleb128`."""
    while True:
        expr, _, _ = args.value()
        value = asm.constant(expr)
        encode = sleb if signed else uleb
        if value is not None:
            asm.add_data(encode(value))
        else:
            asm.add(Number(asm.statement, expr, encode))
        if not args.comma():
            break
    args.finish()


def wide_strings(width: int, asm: Assembler, args: Arguments) -> None:
    """`.string16`, `.string32`: every byte becomes a number of 16 or 32 bits, and a zero ends the string."""
    data = bytearray()
    while not args.at_end:
        for byte in args.string() + b"\0":
            data += byte.to_bytes(width, "little")
        if not args.comma():
            break
    args.finish()
    store(asm, args, bytes(data))


def nops(asm: Assembler, args: Arguments) -> None:
    """`.nops size, most`: nops of at most `most` bytes each."""
    start = args.position
    size = asm.absolute(args, "the size")
    most = asm.absolute(args, "the size of a nop") if args.comma() else 0
    args.finish()
    if not 0 <= size <= MAX_NOPS:
        raise args.fault(f"the size of nops is between 0 and {MAX_NOPS}", start, len(args.text))
    longest = longest_nop(asm.mode, asm.elf32)
    if not 0 <= most <= longest:
        raise args.fault(f"one nop has at most {longest} bytes here", start, len(args.text))
    data = plain_nops(size, most or longest, asm.mode, asm.elf32)
    asm.add(Data(asm.statement, data, size=len(data), is_code=True))


def strings(terminator: bytes, asm: Assembler, args: Arguments) -> None:
    """`.ascii`, `.asciz`, `.string`: strings that stand side by side are one."""
    data = bytearray()
    if args.at_end:
        return
    while True:
        data += args.string()
        while args.has_string():
            data += args.string()
        data += terminator
        if not args.comma():
            break
    args.finish()
    store(asm, args, bytes(data))


def fill_byte(asm: Assembler, args: Arguments) -> int:
    """Take the optional value of padding."""
    if args.at_end or args.peek() == ",":
        return 0
    return asm.absolute(args, "the fill value")


def space(asm: Assembler, args: Arguments) -> None:
    """`.skip`, `.space`, `.zero`: bytes of one value; the size may depend on labels."""
    expr, start, end = args.value()
    value = fill_byte(asm, args) if args.comma() else 0
    args.finish()
    pattern = bytes([value & 0xFF])
    if value & 0xFF and asm.chunk.section.sh_type == SHT_NOBITS:
        raise args.fault(f"`{asm.chunk.section.name}` holds zeros only", code="A0207")
    count = asm.constant(expr)
    if count is None:
        asm.add(Fill(asm.statement, expr, pattern))
        return
    if count < 0:
        asm.warn(AsmError("A0414", f"size {count} is negative; nothing is stored", start, end))
        return
    repeat(asm, count, pattern, start, end)


def repeat(asm: Assembler, count: int, pattern: bytes, start: int, end: int) -> None:
    """Store a pattern `count` times; large counts stay a number until emission."""
    size = count * len(pattern)
    limit = MAX_SECTION if asm.chunk.section.sh_type == SHT_NOBITS else MAX_BYTES
    if size > limit:
        raise AsmError("A0502", f"{size} bytes are more than {limit >> 20} MiB", start, end)
    if size <= 4096:
        asm.add_data(pattern * count)
        return
    asm.add(Fill(asm.statement, Num(count), pattern, size))


def fill(asm: Assembler, args: Arguments) -> None:
    """`.fill repeat, size, value`: the value's low four bytes in units of `size` bytes."""
    expr, start, end = args.value()
    size = asm.absolute(args, "the size") if args.comma() else 1
    value = asm.absolute(args, "the value") if args.comma() else 0
    args.finish()
    if size < 0:
        raise args.fault("the size is negative", start, end)
    size = min(size, 8)
    pattern = (value & 0xFFFFFFFF).to_bytes(4, "little")[:size].ljust(size, b"\0")
    if any(pattern) and asm.chunk.section.sh_type == SHT_NOBITS:
        raise args.fault(f"`{asm.chunk.section.name}` holds zeros only", code="A0207")
    count = asm.constant(expr)
    if count is None:
        asm.add(Fill(asm.statement, expr, pattern))
    elif count > 0 and size:
        repeat(asm, count, pattern, start, end)
    elif count < 0:
        asm.warn(AsmError("A0414", f"repeat count {count} is negative; nothing is stored", start, end))


def org(asm: Assembler, args: Arguments) -> None:
    """`.org offset, fill`."""
    place_at(asm, args)


def place_at(asm: Assembler, args: Arguments) -> None:
    """Advance to an offset in the section (`.org`, or an assignment to `.`)."""
    expr, _, _ = args.value()
    value = fill_byte(asm, args) if args.comma() else 0
    args.finish()
    asm.add(Org(asm.statement, expr, value & 0xFF))


def align(power: bool, width: int, asm: Assembler, args: Arguments) -> None:
    """`.align`, `.balign`, `.p2align` and their forms with 2- and 4-byte fill."""
    start = args.position
    number = 0 if args.at_end or args.peek() == "," else asm.absolute(args, "the alignment")
    end = args.position
    if power:
        if not 0 <= number < 31:
            raise args.fault("the power of two must be between 0 and 30", start, end)
        number = 1 << number
    number = number or 1
    if number < 0 or number & (number - 1) or number > 1 << 30:
        raise args.fault("the alignment must be a power of two, at most 2^30", start, end)
    given = False
    value = limit = 0
    if args.comma():
        given = not args.at_end and args.peek() != ","
        value = fill_byte(asm, args)
        if args.comma() and not args.at_end:
            limit = asm.absolute(args, "the most bytes to skip")
    args.finish()
    section = asm.chunk.section
    nops = section.is_code and (not given or (width == 1 and value & 0xFF == 0x90))
    pattern = None if nops else (value % (1 << 8 * width)).to_bytes(width, "little")
    if pattern and any(pattern) and section.sh_type == SHT_NOBITS:
        raise args.fault(f"`{section.name}` holds zeros only", code="A0207")
    if number > MAX_ALIGNMENT:
        message = f"an alignment of more than {MAX_ALIGNMENT >> 20} MiB makes the object as large"
        raise args.fault(message, start, end, "A0502")
    section.alignment = max(section.alignment, number)
    if number > 1:
        asm.add(Align(asm.statement, number, pattern, max(0, limit), asm.mode, asm.elf32))


def incbin(asm: Assembler, args: Arguments) -> None:
    """`.incbin "file", skip, count`."""
    start = args.position
    name = args.string("a file name in quotes").decode(errors="replace")
    end = args.position
    skip = count = 0
    counted = False
    if args.comma():
        skip = 0 if args.peek() == "," else asm.absolute(args, "the bytes to skip")
        if args.comma():
            counted, count = True, asm.absolute(args, "the number of bytes")
    args.finish()
    path = asm.files.find(name, asm.statement.origin.outermost.file)
    if path is None:
        raise AsmError("A0104", f"cannot find `{name}`", start, end, help=("add its folder to the include folders",))
    data = asm.files.read(path, "included file")
    if skip < 0 or count < 0 or skip > len(data) or (counted and skip + count > len(data)):
        raise AsmError("A0208", f"`{name}` has {len(data)} bytes", start, end, f"{skip} + {count} bytes are asked for")
    store(asm, args, data[skip : skip + count] if counted else data[skip:])


_Directive = Callable[["Assembler", Arguments], None]
DIRECTIVES: Final[dict[str, _Directive]] = {
    **dict.fromkeys(_WIDTHS, numbers),
    **dict.fromkeys((name for name in _FLOATS if not name.startswith(".dcb")), floats),
    ".octa": octa,
    ".uleb128": partial(leb128, False),
    ".sleb128": partial(leb128, True),
    ".ascii": partial(strings, b""),
    ".asciz": partial(strings, b"\0"),
    ".string": partial(strings, b"\0"),
    ".string8": partial(strings, b"\0"),
    **dict.fromkeys((".skip", ".space", ".zero"), space),
    ".fill": fill,
    ".org": org,
    **dict.fromkeys((".align", ".balign"), partial(align, False, 1)),
    ".balignw": partial(align, False, 2),
    ".balignl": partial(align, False, 4),
    ".p2align": partial(align, True, 1),
    ".p2alignw": partial(align, True, 2),
    ".p2alignl": partial(align, True, 4),
    ".incbin": incbin,
    ".string16": partial(wide_strings, 2),
    ".string32": partial(wide_strings, 4),
    ".nops": nops,
    **dict.fromkeys((f".dcb{size}" for size in ("", ".b", ".w", ".l", ".d", ".s", ".x")), blocks),
    **dict.fromkeys((f".ds{size}" for size in _BLOCKS), spaces),
    ".version": version,
    ".linkonce": link_once,
}
