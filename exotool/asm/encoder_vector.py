"""The vector half of our own encoder: MMX, SSE to SSE4.2, AES, SHA, AVX, AVX2, and the BMI instructions, which use VEX.

Each row of the table is a group of instructions: mandatory prefix, opcode map, operands in Intel order, and the names
with their opcodes. An operand is a role and a kind. Roles: `r` ModRM.reg, `v` VEX.vvvv, `m` ModRM.rm (`R` a register
only, `O` memory only), `i` an immediate byte, `4` a register in the immediate byte. Kinds: `X` xmm, `Y` ymm, `V` xmm or
ymm by VEX.L, `H` xmm whatever VEX.L is, `M` mm, `P` mm without the prefix 66 and `V` with it, `S` the same for a shift
count, which is always xmm with VEX; `D` and `Q` general registers of 32 and 64 bits. Opcodes: SDM volume 2.

In the legacy encodings, `v` is not there (source and destination are one) and `V` is xmm.
"""

from __future__ import annotations

from functools import cache
from typing import Final, NamedTuple

from exotool.asm.machine_code import Encoding, Immediate, Memory, NoFormError, Operand, Operands, encode_address
from exotool.asm.registers import Register

_BOTH: Final = """
0 1 rV,vV,mV addps:58 mulps:59 subps:5c minps:5d divps:5e maxps:5f andps:54 andnps:55 orps:56 xorps:57
0 1 rV,vV,mV unpcklps:14 unpckhps:15
66 1 rV,vV,mV addpd:58 mulpd:59 subpd:5c minpd:5d divpd:5e maxpd:5f andpd:54 andnpd:55 orpd:56 xorpd:57
66 1 rV,vV,mV unpcklpd:14 unpckhpd:15 haddpd:7c hsubpd:7d addsubpd:d0
f3 1 rX,vX,mX addss:58 mulss:59 subss:5c minss:5d divss:5e maxss:5f sqrtss:51 rcpss:53 rsqrtss:52 cvtss2sd:5a
f2 1 rX,vX,mX addsd:58 mulsd:59 subsd:5c minsd:5d divsd:5e maxsd:5f sqrtsd:51 cvtsd2ss:5a
f2 1 rV,vV,mV haddps:7c hsubps:7d addsubps:d0
0 1 rV,mV sqrtps:51 rcpps:53 rsqrtps:52 cvtdq2ps:5b movaps:28 movups:10
66 1 rV,mV sqrtpd:51 cvtps2dq:5b movapd:28 movupd:10 movdqa:6f
f3 1 rV,mV cvttps2dq:5b movdqu:6f movsldup:12 movshdup:16
f2 1 rV,mV movddup:12
0 1 mV,rV movaps:29 movups:11
66 1 mV,rV movapd:29 movupd:11 movdqa:7f
f3 1 mV,rV movdqu:7f
0 1 rV,vV,mV,i cmpps:c2 shufps:c6
66 1 rV,vV,mV,i cmppd:c2 shufpd:c6
f3 1 rX,vX,mX,i cmpss:c2
f2 1 rX,vX,mX,i cmpsd:c2
0 1 rX,mX comiss:2f ucomiss:2e
66 1 rX,mX comisd:2f ucomisd:2e
0 1 rV,mH cvtps2pd:5a
f3 1 rV,mH cvtdq2pd:e6
66 1 rH,mV cvtpd2ps:5a cvttpd2dq:e6
f2 1 rH,mV cvtpd2dq:e6
f3 1 rX,vX,mD cvtsi2ssl:2a
f2 1 rX,vX,mD cvtsi2sdl:2a
f3 1 rX,vX,mQ cvtsi2ssq:2a
f2 1 rX,vX,mQ cvtsi2sdq:2a
f3 1 rD,mX cvtss2si:2d cvttss2si:2c cvtss2sil:2d cvttss2sil:2c
f2 1 rD,mX cvtsd2si:2d cvttsd2si:2c cvtsd2sil:2d cvttsd2sil:2c
f3 1 rQ,mX cvtss2si:2d cvttss2si:2c cvtss2siq:2d cvttss2siq:2c
f2 1 rQ,mX cvtsd2si:2d cvttsd2si:2c cvtsd2siq:2d cvttsd2siq:2c
f3 1 rX,vX,RX movss:10
f2 1 rX,vX,RX movsd:10
f3 1 rX,OX movss:10
f2 1 rX,OX movsd:10
f3 1 OX,rX movss:11
f2 1 OX,rX movsd:11
0 1 rX,vX,OX movlps:12 movhps:16
66 1 rX,vX,OX movlpd:12 movhpd:16
0 1 OX,rX movlps:13 movhps:17
66 1 OX,rX movlpd:13 movhpd:17
0 1 rX,vX,RX movhlps:12 movlhps:16
0 1 OV,rV movntps:2b
66 1 OV,rV movntpd:2b movntdq:e7
66 2 rV,OV movntdqa:2a
f2 1 rV,OV lddqu:f0
66 1 rX,mD movd:6e
66 1 mD,rX movd:7e
f3 1 rX,mX movq:7e
66 1 mX,rX movq:d6
66 1 rX,RQ movq:6e
66 1 RQ,rX movq:7e
0 1 rD,RV movmskps:50
66 1 rD,RV movmskpd:50
P 1 rD,RP pmovmskb:d7
66 1 rX,RX maskmovdqu:f7
P 1 rP,vP,mP punpcklbw:60 punpcklwd:61 punpckldq:62 packsswb:63 pcmpgtb:64 pcmpgtw:65 pcmpgtd:66 packuswb:67
P 1 rP,vP,mP punpckhbw:68 punpckhwd:69 punpckhdq:6a packssdw:6b pcmpeqb:74 pcmpeqw:75 pcmpeqd:76 paddq:d4 pmullw:d5
P 1 rP,vP,mP psubusb:d8 psubusw:d9 pminub:da pand:db paddusb:dc paddusw:dd pmaxub:de pandn:df pavgb:e0 pavgw:e3
P 1 rP,vP,mP pmulhuw:e4 pmulhw:e5 psubsb:e8 psubsw:e9 pminsw:ea por:eb paddsb:ec paddsw:ed pmaxsw:ee pxor:ef
P 1 rP,vP,mP pmuludq:f4 pmaddwd:f5 psadbw:f6 psubb:f8 psubw:f9 psubd:fa psubq:fb paddb:fc paddw:fd paddd:fe
P 1 rP,vP,mS psrlw:d1 psrld:d2 psrlq:d3 psraw:e1 psrad:e2 psllw:f1 pslld:f2 psllq:f3
P 1 vP,RP,i psrlw:71/2 psraw:71/4 psllw:71/6 psrld:72/2 psrad:72/4 pslld:72/6 psrlq:73/2 psllq:73/6
66 1 vV,RV,i psrldq:73/3 pslldq:73/7
66 1 rV,vV,mV punpcklqdq:6c punpckhqdq:6d
P 2 rP,vP,mP pshufb:00 phaddw:01 phaddd:02 phaddsw:03 pmaddubsw:04 phsubw:05 phsubd:06 phsubsw:07 psignb:08 psignw:09
P 2 rP,vP,mP psignd:0a pmulhrsw:0b
P 2 rP,mP pabsb:1c pabsw:1d pabsd:1e
P 3 rP,vP,mP,i palignr:0f
66 1 rV,mV,i pshufd:70
f3 1 rV,mV,i pshufhw:70
f2 1 rV,mV,i pshuflw:70
P 1 rP,vp,mD,i pinsrw:c4
P 1 rD,Rp,i pextrw:c5
66 2 rV,vV,mV pmuldq:28 pcmpeqq:29 packusdw:2b pcmpgtq:37 pminsb:38 pminsd:39 pminuw:3a pminud:3b pmaxsb:3c pmaxsd:3d
66 2 rV,vV,mV pmaxuw:3e pmaxud:3f pmulld:40
66 2 rV,mH pmovsxbw:20 pmovsxbd:21 pmovsxbq:22 pmovsxwd:23 pmovsxwq:24 pmovsxdq:25
66 2 rV,mH pmovzxbw:30 pmovzxbd:31 pmovzxbq:32 pmovzxwd:33 pmovzxwq:34 pmovzxdq:35
66 2 rV,mV ptest:17
66 2 rX,mX phminposuw:41 aesimc:db
66 2 rX,vX,mX aesenc:dc aesenclast:dd aesdec:de aesdeclast:df
66 3 rX,mX,i aeskeygenassist:df pcmpestrm:60 pcmpestri:61 pcmpistrm:62 pcmpistri:63
66 3 rV,mV,i roundps:08 roundpd:09
66 3 rX,vX,mX,i roundss:0a roundsd:0b insertps:21 dppd:41 pclmulqdq:44
66 3 rV,vV,mV,i blendps:0c blendpd:0d pblendw:0e dpps:40 mpsadbw:42
66 3 mD,rX,i pextrb:14 pextrw:15 pextrd:16 extractps:17
66 3 mQ,rX,i pextrq:16
66 3 rX,vX,mD,i pinsrb:20 pinsrd:22
66 3 rX,vX,mQ,i pinsrq:22
"""
"""Instructions with a legacy encoding, and with a VEX encoding under the same name with a `v` before it."""

_LEGACY: Final = """
0 1 rX,mM cvtpi2ps:2a
66 1 rX,mM cvtpi2pd:2a
0 1 rM,mX cvtps2pi:2d cvttps2pi:2c
66 1 rM,mX cvtpd2pi:2d cvttpd2pi:2c
0 1 rM,mM,i pshufw:70
0 1 rM,RM maskmovq:f7
0 1 OM,rM movntq:e7
0 1 rM,mD movd:6e
0 1 mD,rM movd:7e
0 1 rM,mM movq:6f
0 1 OM,rM movq:7f
0 1 rM,RQ movq:6e
0 1 RQ,rM movq:7e
f3 1 rX,RM movq2dq:d6
f2 1 rM,RX movdq2q:d6
66 2 rX,mX pblendvb:10 blendvps:14 blendvpd:15
0 2 rX,mX sha1nexte:c8 sha1msg1:c9 sha1msg2:ca sha256rnds2:cb sha256msg1:cc sha256msg2:cd
0 3 rX,mX,i sha1rnds4:cc
"""

_VEX: Final = """
66 2 rV,mX vbroadcastss:18 vpbroadcastb:78 vpbroadcastw:79 vpbroadcastd:58 vpbroadcastq:59
66 2 rY,mX vbroadcastsd:19
66 2 rY,OX vbroadcastf128:1a vbroadcasti128:5a
66 3 mX,rY,i vextractf128:19 vextracti128:39
66 3 rY,vY,mX,i vinsertf128:18 vinserti128:38
66 3 rY,vY,mY,i vperm2f128:06 vperm2i128:46
66 2 rV,vV,OV vmaskmovps:2c vmaskmovpd:2d vpmaskmovd:8c vpmaskmovq:8c+
66 2 OV,vV,rV vmaskmovps:2e vmaskmovpd:2f vpmaskmovd:8e vpmaskmovq:8e+
66 3 rV,vV,mV,i vpblendd:02
66 3 rV,vV,mV,4V vblendvps:4a vblendvpd:4b vpblendvb:4c
66 2 rV,vV,mV vpermilps:0c vpermilpd:0d vpsllvd:47 vpsravd:46 vpsrlvd:45 vpsllvq:47+ vpsrlvq:45+
66 3 rV,mV,i vpermilps:04 vpermilpd:05
66 2 rY,vY,mY vpermd:36 vpermps:16
66 3 rY,mY,i vpermq:00+ vpermpd:01+
66 2 rV,mV vtestps:0e vtestpd:0f
f3 1 RX,vX,rX vmovss:11
f2 1 RX,vX,rX vmovsd:11
0 1 O vldmxcsr:ae/2 vstmxcsr:ae/3
0 2 rD,vD,mD andnl:f2
0 2 rQ,vQ,mQ andnq:f2
0 2 rD,mD,vD bextrl:f7 bzhil:f5
0 2 rQ,mQ,vQ bextrq:f7 bzhiq:f5
0 2 vD,mD blsrl:f3/1 blsmskl:f3/2 blsil:f3/3
0 2 vQ,mQ blsrq:f3/1 blsmskq:f3/2 blsiq:f3/3
f2 2 rD,vD,mD mulxl:f6 pdepl:f5
f2 2 rQ,vQ,mQ mulxq:f6 pdepq:f5
f3 2 rD,vD,mD pextl:f5
f3 2 rQ,vQ,mQ pextq:f5
f2 3 rD,mD,i rorxl:f0
f2 3 rQ,mQ,i rorxq:f0
f3 2 rD,mD,vD sarxl:f7
f3 2 rQ,mQ,vQ sarxq:f7
66 2 rD,mD,vD shlxl:f7
66 2 rQ,mQ,vQ shlxq:f7
f2 2 rD,mD,vD shrxl:f7
f2 2 rQ,mQ,vQ shrxq:f7
"""

_WITHOUT_OPERANDS: Final = {"vzeroupper": b"\xc5\xf8\x77", "vzeroall": b"\xc5\xfc\x77"}
_PREFIXES: Final = {"0": (b"", 0), "66": (b"\x66", 1), "f3": (b"\xf3", 2), "f2": (b"\xf2", 3)}
"""The mandatory prefix, and VEX.pp for it."""

_ESCAPES: Final = {1: b"\x0f", 2: b"\x0f\x38", 3: b"\x0f\x3a"}


class Form(NamedTuple):
    """One form of a mnemonic; `operands` are role and kind, in Intel order."""

    prefix: str
    map: int
    operands: tuple[str, ...]
    opcode: int
    digit: int
    w: int
    vex: bool


def _rows(text: str, *, vex: bool, name_prefix: str = "") -> list[tuple[str, Form]]:
    """Return the forms of a table by mnemonic."""
    found = []
    for row in text.split("\n")[1:-1]:
        prefix, number, spec, *entries = row.split()
        for entry in entries:
            name, _, code = entry.partition(":")
            code, plus, _ = code.partition("+")
            opcode, _, digit = code.partition("/")
            prefixes = [prefix] if prefix != "P" else ["66"] if vex else ["0", "66"]
            for chosen in prefixes:
                kinds = _kinds(spec.split(","), mmx=prefix == "P" and chosen == "0", vex=vex)
                w = int(bool(plus) or any(kind[-1] == "Q" for kind in kinds))
                form = Form(chosen, int(number), kinds, int(opcode, 16), int(digit or 0), w, vex)
                found.append((name_prefix + name, form))
    return found


def _kinds(spec: list[str], *, mmx: bool, vex: bool) -> tuple[str, ...]:
    """Return the operands of an encoding, with the kinds that stand for several resolved."""
    if not vex:
        spec = [operand for operand in spec if operand[0] != "v"]
    meaning = {
        "P": "M" if mmx else "V" if vex else "X",
        "p": "M" if mmx else "X",
        "S": "M" if mmx else "X",
        "V": "V" if vex else "X",
        "H": "X",
    }
    return tuple(operand[0] + meaning.get(operand[1], operand[1]) if len(operand) > 1 else operand for operand in spec)


@cache
def _table() -> dict[str, list[Form]]:
    table: dict[str, list[Form]] = {}
    rows = _rows(_BOTH, vex=False) + _rows(_LEGACY, vex=False)
    for name, form in rows + _rows(_BOTH, vex=True, name_prefix="v") + _rows(_VEX, vex=True):
        table.setdefault(name, []).append(form)
    return table


_KINDS: Final = {"X": ("xmm",), "Y": ("ymm",), "V": ("xmm", "ymm"), "M": ("mm",), "D": ("gpr",), "Q": ("gpr",)}


def _fits(operand: Operand, wanted: str) -> bool:
    """Tell whether an operand can have a role."""
    role = wanted[0]
    if isinstance(operand, Immediate):
        return role == "i"
    if isinstance(operand, Memory):
        return role in "mO"
    if role in "iO":
        return False
    bits = {"D": 32, "Q": 64}.get(wanted[1], operand.bits)
    return operand.kind in _KINDS[wanted[1]] and operand.bits == bits


def encode_vector(mode: int, mnemonic: str, operands: Operands) -> bytes:
    """Return the bytes of an instruction with operands in AT&T order; `NoFormError` if there is no such form."""
    if not operands and mnemonic in _WITHOUT_OPERANDS:
        return _WITHOUT_OPERANDS[mnemonic]
    ordered = operands[::-1]
    codes: list[bytes] = []
    for form in _table().get(mnemonic, ()):
        if len(form.operands) != len(ordered) or not all(map(_fits, ordered, form.operands)):
            continue
        lengths = {
            operand.kind
            for operand, wanted in zip(ordered, form.operands, strict=True)
            if isinstance(operand, Register) and wanted[1] in "VY"
        }
        if len(lengths) <= 1:
            codes.append(_encode(mode, form, ordered, int(lengths == {"ymm"})))
    if not codes:
        raise NoFormError
    return min(codes, key=len)  # the first of equals; another may do with a VEX prefix of two bytes


def _encode(mode: int, form: Form, operands: Operands, length: int) -> bytes:
    """Encode one form, whose operands fit."""
    parts: dict[str, Operand] = {}
    for wanted, operand in zip(form.operands, operands, strict=True):
        parts["m" if wanted[0] in "RO" else wanted[0]] = operand
    rm, reg, other, last = (parts.get(role) for role in "mrv4")
    immediate = b""
    if isinstance(found := parts.get("i"), Immediate):
        immediate = bytes([found.value & 0xFF])
    if isinstance(last, Register):
        immediate = bytes([last.number << 4])
    number = reg if isinstance(reg, Register) else form.digit
    if rm is None or isinstance(rm, Immediate) or (form.w and mode != 64 and "Q" in "".join(form.operands)):
        raise NoFormError
    prefix, pp = _PREFIXES[form.prefix]
    if not form.vex:
        opcode = _ESCAPES[form.map] + bytes([form.opcode])
        return Encoding(opcode, 0, prefix, number, rm, immediate=immediate, wide=bool(form.w)).encode(mode)
    before, rex, tail = encode_address(mode, number, rm)
    vvvv = other.number if isinstance(other, Register) else 0
    if mode != 64 and rex:
        raise NoFormError
    r, x, b = rex >> 2 & 1, rex >> 1 & 1, rex & 1
    low = (15 - vvvv) << 3 | length << 2 | pp
    body = bytes([form.opcode]) + tail + immediate
    if form.map == 1 and not (form.w or x or b):
        return before + bytes([0xC5, (1 - r) << 7 | low]) + body
    return before + bytes([0xC4, (1 - r) << 7 | (1 - x) << 6 | (1 - b) << 5 | form.map, form.w << 7 | low]) + body
