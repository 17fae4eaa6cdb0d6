"""Which instructions there are, and how each is to be encoded.

AT&T mnemonics without size suffix. Everything that is not in one of these tables is refused: nothing unknown reaches
Keystone. Opcodes are from the Intel SDM volume 2 and the AMD64 APM volume 3.
"""

from __future__ import annotations

from typing import Final, NamedTuple


def _words(text: str) -> list[str]:
    return text.split()


SUFFIX_BITS: Final = {"b": 8, "w": 16, "l": 32, "q": 64}
BITS_SUFFIX: Final = {8: "b", 16: "w", 32: "l", 64: "q"}

CONDITIONS: Final = {
    **dict.fromkeys(("o",), 0),
    **dict.fromkeys(("no",), 1),
    **dict.fromkeys(("b", "c", "nae"), 2),
    **dict.fromkeys(("ae", "nb", "nc"), 3),
    **dict.fromkeys(("e", "z"), 4),
    **dict.fromkeys(("ne", "nz"), 5),
    **dict.fromkeys(("be", "na"), 6),
    **dict.fromkeys(("a", "nbe"), 7),
    **dict.fromkeys(("s",), 8),
    **dict.fromkeys(("ns",), 9),
    **dict.fromkeys(("p", "pe"), 10),
    **dict.fromkeys(("np", "po"), 11),
    **dict.fromkeys(("l", "nge"), 12),
    **dict.fromkeys(("ge", "nl"), 13),
    **dict.fromkeys(("le", "ng"), 14),
    **dict.fromkeys(("g", "nle"), 15),
}
"""Condition codes: the low four bits of Jcc, SETcc and CMOVcc opcodes (SDM volume 2, appendix B.1.4.7)."""

SIZED: Final[dict[str, str]] = {
    **dict.fromkeys(_words("add or adc sbb and sub xor cmp test"), "bwlq"),
    **dict.fromkeys(_words("inc dec not neg mul div idiv xchg xadd cmpxchg"), "bwlq"),
    **dict.fromkeys(_words("bsf bsr bt bts btr btc popcnt lzcnt tzcnt movbe"), "wlq"),
    **dict.fromkeys((f"cmov{condition}" for condition in CONDITIONS), "wlq"),
    **dict.fromkeys(
        _words("adcx adox andn bextr blsi blsmsk blsr bzhi movnti mulx pdep pext rorx sarx shlx shrx"), "lq"
    ),
}
"""Instructions whose general registers and memory all have the operand size, with the sizes that they have."""

SHIFTS: Final = {
    "shl": "shl",
    "sal": "shl",
    "shr": "shr",
    "sar": "sar",
    "rol": "rol",
    "ror": "ror",
    "rcl": "rcl",
    "rcr": "rcr",
}
LOADS_OF_SEGMENTS: Final = ("lds", "les", "lfs", "lgs", "lss")

EXTENSIONS: Final[dict[str, tuple[str, int, int]]] = {
    f"mov{kind}{source}{target}": (kind, SUFFIX_BITS[source], SUFFIX_BITS[target])
    for kind in "sz"
    for source, target in ("bw", "bl", "bq", "wl", "wq")
}
"""`movzbl` and its like: sign or zero, bits of the source, bits of the destination."""
EXTENSIONS["movslq"] = ("s", 32, 64)

STRING_OPERATIONS: Final = {
    "ins": (0x6C, "bwl", "dx", "di"),
    "outs": (0x6E, "bwl", "si", "dx"),
    "movs": (0xA4, "bwlq", "si", "di"),
    "smov": (0xA4, "bwlq", "si", "di"),
    "cmps": (0xA6, "bwlq", "di", "si"),
    "scmp": (0xA6, "bwlq", "di", "si"),
    "stos": (0xAA, "bwlq", "a", "di"),
    "ssto": (0xAA, "bwlq", "a", "di"),
    "lods": (0xAC, "bwlq", "si", "a"),
    "slod": (0xAC, "bwlq", "si", "a"),
    "scas": (0xAE, "bwlq", "di", "a"),
    "ssca": (0xAE, "bwlq", "di", "a"),
}
"""String instructions: opcode of the byte form, sizes, and their two operands in AT&T order."""

CONVERSIONS: Final = {
    **dict.fromkeys(("cbtw", "cbw"), (0x98, 16)),
    **dict.fromkeys(("cwtl", "cwde"), (0x98, 32)),
    **dict.fromkeys(("cltq", "cdqe"), (0x98, 64)),
    **dict.fromkeys(("cwtd", "cwd"), (0x99, 16)),
    **dict.fromkeys(("cltd", "cdq"), (0x99, 32)),
    **dict.fromkeys(("cqto", "cqo"), (0x99, 64)),
}


class Fixed(NamedTuple):
    """An instruction without operands: its bytes, and the modes that have it."""

    code: bytes
    modes: tuple[int, ...] = (16, 32, 64)


def _fixed(text: str, modes: tuple[int, ...] = (16, 32, 64)) -> dict[str, Fixed]:
    words = text.split()
    return {name: Fixed(bytes.fromhex(code), modes) for name, code in zip(words[::2], words[1::2], strict=True)}


FIXED: Final[dict[str, Fixed]] = (
    _fixed(
        "nop 90 hlt f4 cli fa sti fb cld fc std fd clc f8 stc f9 cmc f5 lahf 9f sahf 9e pause f390 int3 cc"
        " int1 f1 ud2 0f0b ud2a 0f0b cpuid 0fa2 rdtsc 0f31 rdtscp 0f01f9 rdpmc 0f33 rdmsr 0f32 wrmsr 0f30"
        " clts 0f06 invd 0f08 wbinvd 0f09 wbnoinvd f30f09 rsm 0faa emms 0f77 lfence 0faee8 mfence 0faef0 sfence 0faef8"
        " xgetbv 0f01d0 xsetbv 0f01d1 clac 0f01ca stac 0f01cb monitor 0f01c8 mwait 0f01c9 monitorx 0f01fa mwaitx 0f01fb"
        " vmcall 0f01c1 vmlaunch 0f01c2 vmresume 0f01c3 vmxoff 0f01c4 vmfunc 0f01d4 vmrun 0f01d8 vmmcall 0f01d9"
        " vmload 0f01da vmsave 0f01db stgi 0f01dc clgi 0f01dd skinit 0f01de invlpga 0f01df xend 0f01d5 xtest 0f01d6"
        " rdpkru 0f01ee wrpkru 0f01ef serialize 0f01e8 pconfig 0f01c5 endbr32 f30f1efb endbr64 f30f1efa encls 0f01cf"
        " enclu 0f01d7 setssbsy f30f01e8 saveprevssp f30f01ea invlpgb 0f01fe tlbsync 0f01ff rdpru 0f01fd"
        " fwait 9b wait 9b getsec 0f37 clzero 0f01fc mcommit f30f01fa pvalidate f20f01ff wrmsrns 0f01c6"
        " vmgexit f30f01d9 xsusldtrk f20f01e8 xresldtrk f20f01e9 enclv 0f01c0 femms 0f0e"
    )
    | _fixed(
        "swapgs 0f01f8 psmash f30f01ff rmpadjust f30f01fe rmpupdate f20f01fe rmpquery f30f01fd rdmsrlist f20f01c6"
        " wrmsrlist f30f01c6 clui f30f01ee stui f30f01ef testui f30f01ed uiret f30f01ec tdcall 660f01cc"
        " seamret 660f01cd seamops 660f01ce seamcall 660f01cf",
        (64,),
    )
    | _fixed("aaa 37 aas 3f daa 27 das 2f into ce salc d6", (16, 32))
)

STACK_USERS: Final = frozenset(_words("call lcall ret lret enter leave push pop pusha popa pushf popf"))
"""Instructions whose operand size `.code16gcc` makes 32 bits where nothing else tells it."""

ADDRESSED: Final = frozenset(
    _words("vmrun vmload vmsave invlpga skinit clzero pvalidate psmash rmpadjust rmpupdate rmpquery")
)
"""Instructions of `FIXED` that may be written with the accumulator, which gives the address size."""

FAST_CALLS: Final = {"sysret": 0x07, "sysexit": 0x35, "syscall": 0x05, "sysenter": 0x34}
"""Second opcode bytes, after 0F; the first two take the suffixes l and q."""

PLAIN: Final[dict[str, str]] = {
    **dict.fromkeys(_words("invlpg fxsave fxrstor xsave xrstor xsaveopt xsavec xsaves xrstors ldmxcsr stmxcsr"), "m"),
    **dict.fromkeys(_words("fxsave64 fxrstor64 xsave64 xrstor64 xsaveopt64 xsavec64 xsaves64 xrstors64"), "M"),
    **dict.fromkeys(
        _words("clflush clflushopt clwb prefetcht0 prefetcht1 prefetcht2 prefetchnta prefetchw prefetch"), "m"
    ),
    **dict.fromkeys(_words("cmpxchg8b vmptrld vmptrst vmclear vmxon"), "m"),
    **dict.fromkeys(("cmpxchg16b",), "M"),
    **dict.fromkeys(["invept", "invvpid", "invpcid"], "mn"),
    **dict.fromkeys(["vmread", "vmwrite"], "nn"),
    **dict.fromkeys(["rdfsbase", "rdgsbase", "wrfsbase", "wrgsbase"], "B"),
    **dict.fromkeys(["rdrand", "rdseed"], "r"),
}
"""Instructions that Keystone encodes as they are written. `m` memory, `M` memory and 64-bit mode only, `n` a register
of the mode's width (or memory), `r` a register of 16 to 64 bits, `B` a register of 32 or 64 bits in 64-bit mode."""

PLAIN_ALIASES: Final = {f"{name}q": f"{name}64" for name in _words("fxsave fxrstor xsave xrstor xsaveopt")}

PREFIXES: Final[dict[str, int]] = {
    **dict.fromkeys(("lock",), 0xF0),
    **dict.fromkeys(("rep", "repe", "repz"), 0xF3),
    **dict.fromkeys(("repne", "repnz", "bnd"), 0xF2),
    **dict.fromkeys(("xacquire",), 0xF2),
    **dict.fromkeys(("xrelease",), 0xF3),
    **dict.fromkeys(("notrack", "ds"), 0x3E),
    "es": 0x26,
    "cs": 0x2E,
    "ss": 0x36,
    "fs": 0x64,
    "gs": 0x65,
}

LOCKABLE: Final = frozenset(
    _words("add adc and btc btr bts cmpxchg cmpxchg8b cmpxchg16b dec inc neg not or sbb sub xor xadd xchg")
)
"""Instructions that may have a lock prefix when their destination is memory (SDM volume 2, LOCK)."""

REPEATABLE: Final = frozenset(_words("ret nop bsf bsr movsd cmpsd stosd lodsd scasd insd outsd"))
"""Instructions besides the string instructions that may have a repeat prefix."""

SEGMENT_PREFIX: Final = {"es": 0x26, "cs": 0x2E, "ss": 0x36, "ds": 0x3E, "fs": 0x64, "gs": 0x65}

SIZE_PREFIXES: Final = {"data16": 16, "data32": 32, "addr16": 16, "addr32": 32}

REX_PREFIXES: Final = {"rex": 0x40, "rex64": 0x48} | {
    "rex." + "".join(c for bit, c in zip((8, 4, 2, 1), "wrxb", strict=True) if bits & bit): 0x40 | bits
    for bits in range(1, 16)
}


class Proxy(NamedTuple):
    """An instruction that Keystone lacks or gets wrong, encoded by way of `bsf rm, reg` (0F BC /r).

    `opcode` takes the place of 0F BC, behind the mandatory `prefix`; `digit` stands in ModRM.reg, or -1 for a
    register operand. `sizes` are the operand sizes in bits that the encoding distinguishes (16 and 32 by a
    prefix 66, 64 by REX.W); `kinds` are the operands in AT&T order: `m` memory, `e` register or memory, `r` register.
    """

    prefix: bytes
    opcode: bytes
    digit: int
    sizes: tuple[int, ...]
    kinds: str
    modes: tuple[int, ...] = (16, 32, 64)


def _proxy(prefix: str, opcode: str, digit: int, kinds: str, *sizes: int, only64: bool = False) -> Proxy:
    modes = (64,) if only64 else (16, 32, 64)
    return Proxy(bytes.fromhex(prefix), bytes.fromhex(opcode), digit, sizes, kinds, modes)


PROXIES: Final[dict[str, Proxy]] = {
    "nop": _proxy("", "0f1f", 0, "e", 16, 32, 64),
    "ud0": _proxy("", "0fff", -1, "er", 16, 32, 64),
    "ud1": _proxy("", "0fb9", -1, "er", 16, 32, 64),
    "ud2b": _proxy("", "0fb9", -1, "er", 16, 32, 64),
    "sgdt": _proxy("", "0f01", 0, "m", 16, 32),
    "sidt": _proxy("", "0f01", 1, "m", 16, 32),
    "lgdt": _proxy("", "0f01", 2, "m", 16, 32),
    "lidt": _proxy("", "0f01", 3, "m", 16, 32),
    "smsw": _proxy("", "0f01", 4, "e", 16, 32, 64),
    "lmsw": _proxy("", "0f01", 6, "e"),
    "sldt": _proxy("", "0f00", 0, "e", 16, 32, 64),
    "str": _proxy("", "0f00", 1, "e", 16, 32, 64),
    "lldt": _proxy("", "0f00", 2, "e"),
    "ltr": _proxy("", "0f00", 3, "e"),
    "verr": _proxy("", "0f00", 4, "e"),
    "verw": _proxy("", "0f00", 5, "e"),
    "lar": _proxy("", "0f02", -1, "er", 16, 32, 64),
    "lsl": _proxy("", "0f03", -1, "er", 16, 32, 64),
    "ptwrite": _proxy("f3", "0fae", 4, "e", 32, 64),
    "cldemote": _proxy("", "0f1c", 0, "m"),
    "clrssbsy": _proxy("f3", "0fae", 6, "m"),
    "rstorssp": _proxy("f3", "0f01", 5, "m"),
    "wrssd": _proxy("", "0f38f6", -1, "rm", 32),
    "wrussd": _proxy("66", "0f38f5", -1, "rm", 32),
    "wrssq": _proxy("", "0f38f6", -1, "rm", 64, only64=True),
    "wrussq": _proxy("66", "0f38f5", -1, "rm", 64, only64=True),
    "movdiri": _proxy("", "0f38f9", -1, "rm", 32, 64),
    "prefetchwt1": _proxy("", "0f0d", 2, "m"),
    "prefetchit0": _proxy("", "0f18", 7, "m", only64=True),
    "prefetchit1": _proxy("", "0f18", 6, "m", only64=True),
}

DIRECT_STORES: Final = {
    "movdir64b": _proxy("66", "0f38f8", -1, "mr"),
    "enqcmd": _proxy("f2", "0f38f8", -1, "mr"),
    "enqcmds": _proxy("f3", "0f38f8", -1, "mr"),
}
"""Stores of 64 bytes to the address in a register, which has the width of the addresses."""

REGISTER_PROXIES: Final = {
    "rdpid": (Proxy(b"\xf3", b"\x0f\xc7", 7, (), "e"), 0),
    "incsspd": (Proxy(b"\xf3", b"\x0f\xae", 5, (), "e"), 32),
    "incsspq": (Proxy(b"\xf3", b"\x0f\xae", 5, (), "e"), 64),
    "rdsspd": (Proxy(b"\xf3", b"\x0f\x1e", 1, (), "e"), 32),
    "rdsspq": (Proxy(b"\xf3", b"\x0f\x1e", 1, (), "e"), 64),
    "umwait": (Proxy(b"\xf2", b"\x0f\xae", 6, (), "e"), 32),
    "tpause": (Proxy(b"\x66", b"\x0f\xae", 6, (), "e"), 32),
    "umonitor": (Proxy(b"\xf3", b"\x0f\xae", 6, (), "e"), 0),
    "senduipi": (Proxy(b"\xf3", b"\x0f\xc7", 6, (), "e"), 64),
}
"""Proxy and register size (0: the mode's)."""

SIMPLE: Final = {
    "pushf": (0x9C, (16, 32, 64)),
    "popf": (0x9D, (16, 32, 64)),
    "pusha": (0x60, (16, 32)),
    "popa": (0x61, (16, 32)),
    "leave": (0xC9, (16, 32, 64)),
    "iret": (0xCF, (16, 32, 64)),
}
"""Instructions with an operand size but no operands: opcode and modes."""

LOOPS: Final = {
    "loopne": 0xE0,
    "loopnz": 0xE0,
    "loope": 0xE1,
    "loopz": 0xE1,
    "loop": 0xE2,
    "jcxz": 0xE3,
    "jecxz": 0xE3,
    "jrcxz": 0xE3,
}
"""Branches that have an 8-bit displacement only."""

OTHERS: Final = _words(
    "mov movabs lea imul bswap crc32 shld shrd push pop ret lret enter int aam aad in out xlat jmp call ljmp lcall"
    " movzx movsx movslq movs stos lods cmps scas ins outs sysret sysexit syscall sysenter"
)
"""Mnemonics outside the tables, to suggest for a misspelt one."""
