"""x87, MMX, SSE to SSE4.2, AES, AVX and AVX2: instructions that Keystone encodes as written.

Each encoding is read back like all others; one that begins with an EVEX prefix (0x62) is refused, because Keystone
gets EVEX displacements wrong.
"""

from __future__ import annotations

from typing import Final

_SSE: Final = """
addpd addps addsd addss addsubpd addsubps aesdec aesdeclast aesenc aesenclast aesimc aeskeygenassist andnpd andnps
andpd andps blendpd blendps blendvpd blendvps cmppd cmpps cmpsd cmpss comisd comiss cvtdq2pd cvtdq2ps cvtpd2dq cvtpd2pi
cvtpd2ps cvtpi2pd cvtpi2ps cvtps2dq cvtps2pd cvtps2pi cvtsd2ss cvtss2sd cvttpd2dq cvttpd2pi cvttps2dq cvttps2pi
divpd divps divsd divss dppd dpps extractps haddpd haddps hsubpd hsubps insertps lddqu maskmovdqu
maskmovq maxpd maxps maxsd maxss minpd minps minsd minss movapd movaps movd movddup movdq2q movdqa movdqu movhlps
movhpd movhps movlhps movlpd movlps movmskpd movmskps movntdq movntdqa movntpd movntps movntq movq movq2dq movsd
movshdup movsldup movss movupd movups mpsadbw mulpd mulps mulsd mulss orpd orps pabsb pabsd pabsw packssdw packsswb
packusdw packuswb paddb paddd paddq paddsb paddsw paddusb paddusw paddw palignr pand pandn pavgb pavgw pblendvb pblendw
pclmulqdq pcmpeqb pcmpeqd pcmpeqq pcmpeqw pcmpestri pcmpestrm pcmpgtb pcmpgtd pcmpgtq pcmpgtw pcmpistri pcmpistrm
pextrb pextrd pextrq pextrw phaddd phaddsw phaddw phminposuw phsubd phsubsw phsubw pinsrb pinsrd pinsrq pinsrw
pmaddubsw pmaddwd pmaxsb pmaxsd pmaxsw pmaxub pmaxud pmaxuw pminsb pminsd pminsw pminub pminud pminuw pmovmskb
pmovsxbd pmovsxbq pmovsxbw pmovsxdq pmovsxwd pmovsxwq pmovzxbd pmovzxbq pmovzxbw pmovzxdq pmovzxwd pmovzxwq pmuldq
pmulhrsw pmulhuw pmulhw pmulld pmullw pmuludq por psadbw pshufb pshufd pshufhw pshuflw pshufw psignb psignd psignw
pslld pslldq psllq psllw psrad psraw psrld psrldq psrlq psrlw psubb psubd psubq psubsb psubsw psubusb psubusw psubw
ptest punpckhbw punpckhdq punpckhqdq punpckhwd punpcklbw punpckldq punpcklqdq punpcklwd pxor rcpps rcpss roundpd
roundps roundsd roundss rsqrtps rsqrtss sha1msg1 sha1msg2 sha1nexte sha1rnds4 sha256msg1 sha256msg2 sha256rnds2 shufpd
shufps sqrtpd sqrtps sqrtsd sqrtss subpd subps subsd subss ucomisd ucomiss unpckhpd unpckhps unpcklpd unpcklps xorpd
xorps
""".split()

_X87: Final = """
f2xm1 fabs fadd fadds faddl faddp fchs fcmovb fcmovbe fcmove fcmovnb fcmovnbe fcmovne fcmovnu fcmovu fcom fcoms fcoml
fcomi fcomp fcomps fcompl fcompi fcompp fcos fdecstp fdiv fdivs fdivl ffree fiaddl fiadds fidivl fildl fildll filds
fincstp fistl fistpl fistpll fistps fists fisttpl fisttpll fisttps fisubl fld fld1 fldcw fldenv fldl fldl2e fldl2t fldlg2
fldln2 fldpi flds fldt fldz fmul fmulp fmuls fmull fnclex fninit fnop fnsave fnstcw fnstenv fnstsw fpatan fprem fprem1
fptan frndint frstor fscale fsin fsincos fsqrt fst fsts fstl fstp fstps fstpl fstpt fsubs fsubl ftst fucom fucomi fucomp
fucompi fucompp fxam fxch fxtract fyl2x fyl2xp1
""".split()

_NOT_VEX: Final = frozenset(
    name
    for name in _SSE
    if name.startswith(("sha", "cvtpi", "cvtps2pi", "cvttps2pi", "cvtpd2pi", "cvttpd2pi"))
    or name in ("movdq2q", "movq2dq", "movntq", "maskmovq", "pshufw")
)

_AVX_ONLY: Final = """
vbroadcastf128 vbroadcasti128 vbroadcastsd vbroadcastss vextractf128 vextracti128 vfmadd132pd vfmadd132ps vfmadd213pd
vfmadd213ps vfmadd231pd vfmadd231ps vfmadd231sd vfmadd231ss vfmadd213sd vfmadd213ss vfmadd132sd vfmadd132ss
vinsertf128 vinserti128 vmaskmovpd vmaskmovps vpblendd vpbroadcastb vpbroadcastd vpbroadcastq vpbroadcastw vperm2f128
vperm2i128 vpermd vpermilpd vpermilps vpermpd vpermps vpermq vpmaskmovd vpmaskmovq vpsllvd vpsllvq vpsravd vpsrlvd
vpsrlvq vtestpd vtestps vzeroall vzeroupper
""".split()

_WITH_SUFFIX: Final = "cvtsi2sd cvtsi2ss cvtsd2si cvtss2si cvttsd2si cvttss2si".split()

SIMD: Final = frozenset(
    [*_SSE, *(f"v{name}" for name in _SSE if name not in _NOT_VEX), *_AVX_ONLY]
    + [f"{v}{name}{suffix}" for name in _WITH_SUFFIX for suffix in ("", "l", "q") for v in ("", "v")]
    + ["vldmxcsr", "vstmxcsr"]
)
"""Instructions with vector registers."""

X87: Final = frozenset(_X87)

X87_SIZED: Final = ("fadd", "fmul", "fdiv", "fcom", "fcomp", "fld", "fst", "fstp")
"""x87 instructions whose memory operand needs a suffix; without one, GNU as takes `s`."""

WAITING: Final = {
    "fstcw": "fnstcw",
    "fstsw": "fnstsw",
    "fstenv": "fnstenv",
    "fsave": "fnsave",
    "finit": "fninit",
    "fclex": "fnclex",
}
"""x87 instructions that are an FWAIT and the form that does not wait."""
