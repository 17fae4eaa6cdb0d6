# Every mnemonic that GNU as and exotool take, in forms chosen at random. Generated.
        .code64
        .intel_syntax noprefix
        adc cl, cl
        adc qword ptr [rbx+rsi*2+16], 0x1234
        adcx rcx, qword ptr [rbx+rsi*2+16]
        adcx eax, r9d
        add rax, 5
        add eax, r9d
        addb sym, 8
        addb byte ptr [rbx+rsi*2+16], 5
        addpd xmm12, xmm1
        addpd xmm1, [rbx+rsi*2+16]
        addps xmm12, xmm1
        addps xmm1, [rbx+rsi*2+16]
        addq rcx, [rbx+rsi*2+16]
        addq rax, 5
        addr32 cs
        addr32 fs
        addsd xmm12, xmm1
        addsd xmm1, [rbx+rsi*2+16]
        addss xmm1, [rbx+rsi*2+16]
        addss xmm1, dword ptr [rbx+rsi*2+16]
        addsubpd xmm1, [rbx+rsi*2+16]
        addsubpd xmm1, xmmword ptr [rbx+rsi*2+16]
        addsubps xmm12, xmm1
        addsubps xmm1, [rbx+rsi*2+16]
        addw [rbx+rsi*2+16], 5
        addw word ptr [rbx+rsi*2+16], 5
        adox rcx, qword ptr [rbx+rsi*2+16]
        adox rax, sym
        aesdec xmm1, [rbx+rsi*2+16]
        aesdec xmm1, xmmword ptr [rbx+rsi*2+16]
        aesdeclast xmm12, xmm1
        aesdeclast xmm1, [rbx+rsi*2+16]
        aesenc xmm12, xmm1
        aesenc xmm1, xmmword ptr [rbx+rsi*2+16]
        aesenclast xmm12, xmm1
        aesenclast xmm1, xmmword ptr [rbx+rsi*2+16]
        aesimc xmm12, xmm1
        aesimc xmm1, xmmword ptr [rbx+rsi*2+16]
        aeskeygenassist xmm1, xmmword ptr [rbx+rsi*2+16], 5
        aeskeygenassist xmm5, [rbx+rsi*2+16], 5
        and rcx, 5
        and rax, qword ptr [rip+sym]
        andb al, 5
        andb byte ptr [rbx+rsi*2+16], 0x1234
        andn eax, r9d, edx
        andn r9d, edx, dword ptr [rbx+rsi*2+16]
        andnpd xmm12, xmm1
        andnpd xmm1, xmmword ptr [rbx+rsi*2+16]
        andnps xmm12, xmm1
        andnps xmm1, xmmword ptr [rbx+rsi*2+16]
        andnq rax, r11, rcx
        andnq r11, rcx, qword ptr [rbx+rsi*2+16]
        andpd xmm12, xmm1
        andpd xmm1, xmmword ptr [rbx+rsi*2+16]
        andps xmm1, [rbx+rsi*2+16]
        andps xmm1, xmmword ptr [rbx+rsi*2+16]
        andq rcx, 0x1234
        andq rax, [rip+sym]
        andw r10w, bx
        andw [rbx+rsi*2+16], 0x1234
        bextr r11, qword ptr [rbx+rsi*2+16], rcx
        bextr r9d, dword ptr [rbx+rsi*2+16], edx
        blendpd xmm5, [rbx+rsi*2+16], 5
        blendpd xmm5, xmmword ptr [rbx+rsi*2+16], 5
        blendps xmm1, xmmword ptr [rbx+rsi*2+16], 5
        blendps xmm5, xmmword ptr [rbx+rsi*2+16], 5
        blendvpd xmm12, xmm1
        blendvpd xmm1, xmmword ptr [rbx+rsi*2+16]
        blendvps xmm12, xmm1
        blendvps xmm1, xmmword ptr [rbx+rsi*2+16]
        blsi rax, [rip+sym]
        blsi rax, qword ptr [rip+sym]
        blsmsk eax, r9d
        blsmsk edx, dword ptr [rbx+rsi*2+16]
        blsr r11, rcx
        blsr rcx, [rbx+rsi*2+16]
        bnd
        bsf rcx, [rbx+rsi*2+16]
        bsf edx, dword ptr [rbx+rsi*2+16]
        bsr rcx, [rbx+rsi*2+16]
        bsr eax, r9d
        bswap rcx
        bswap r9d
        bt r11, rcx
        bt ax, dx
        btc rax, 5
        btc ax, r10w
        btr [rbx+rsi*2+16], rcx
        btr r10w, bx
        bts bx, 5
        bts qword ptr [rcx], rax
        btw ax, dx
        btw word ptr [rbx+rsi*2+16], 5
        bzhi r11, [rbx+rsi*2+16], rcx
        bzhi r11, qword ptr [rbx+rsi*2+16], rcx
        call [rbx+rsi*2+16]
        call fword ptr [rbx+rsi*2+16]
        cbtw
        cbw
        cdq
        cdqe
        clac
        clc
        cld
        cldemote [rbx+rsi*2+16]
        cldemote qword ptr [rbx+rsi*2+16]
        clflush word ptr [rbx+rsi*2+16]
        clflush xmmword ptr [rbx+rsi*2+16]
        clflushopt xmmword ptr [rip+16]
        clflushopt ymmword ptr [rip+16]
        clgi
        cli
        clrssbsy [rbx+rsi*2+16]
        clrssbsy qword ptr [rbx+rsi*2+16]
        cltd
        cltq
        clts
        clui
        clwb dword ptr [rbx+rsi*2+16]
        clwb sym
        clzero
        clzero eax
        cmc
        cmova r9d, edx
        cmova rax, sym
        cmovae edx, dword ptr [rbx+rsi*2+16]
        cmovae ax, r10w
        cmovb eax, r9d
        cmovb rax, qword ptr [rip+sym]
        cmovbe edx, [rbx+rsi*2+16]
        cmovbe ax, r10w
        cmovc rcx, [rbx+rsi*2+16]
        cmovc rax, qword ptr [rip+sym]
        cmove r9d, edx
        cmove rax, qword ptr [rip+sym]
        cmovg rax, [rip+sym]
        cmovg rax, qword ptr [rip+sym]
        cmovge r9d, edx
        cmovge edx, [rbx+rsi*2+16]
        cmovl ax, r10w
        cmovl ax, dx
        cmovle edx, [rbx+rsi*2+16]
        cmovle edx, dword ptr [rbx+rsi*2+16]
        cmovna rax, r11
        cmovna rax, qword ptr [rip+sym]
        cmovnae rax, [rip+sym]
        cmovnae rax, sym
        cmovnb eax, r9d
        cmovnb ax, dx
        cmovnbe rcx, [rbx+rsi*2+16]
        cmovnbe r9d, edx
        cmovnc rcx, [rbx+rsi*2+16]
        cmovnc rax, qword ptr [rip+sym]
        cmovne bx, [rbx+rsi*2+16]
        cmovne ax, dx
        cmovng r11, rcx
        cmovng eax, r9d
        cmovnge ax, dx
        cmovnge dx, ax
        cmovnl dx, ax
        cmovnl rax, qword ptr [rip+sym]
        cmovnle rcx, [rbx+rsi*2+16]
        cmovnle ax, r10w
        cmovno rcx, qword ptr [rbx+rsi*2+16]
        cmovno ax, dx
        cmovnp r9d, edx
        cmovnp bx, [rbx+rsi*2+16]
        cmovns rcx, [rbx+rsi*2+16]
        cmovns edx, [rbx+rsi*2+16]
        cmovnz r11, rcx
        cmovnz bx, word ptr [rbx+rsi*2+16]
        cmovo rcx, [rbx+rsi*2+16]
        cmovo bx, word ptr [rbx+rsi*2+16]
        cmovp rax, r11
        cmovp eax, r9d
        cmovpe bx, word ptr [rbx+rsi*2+16]
        cmovpe rax, sym
        cmovpo r9d, edx
        cmovpo dx, ax
        cmovs eax, r9d
        cmovs rax, sym
        cmovz r11, rcx
        cmovz rax, [rip+sym]
        cmp eax, 5
        cmp qword ptr [rbx+rsi*2+16], 0x1234
        cmpb sym, 8
        cmpb al, r8b
        cmpeqpd xmm12, xmm1
        cmpeqpd xmm1, [rbx+rsi*2+16]
        cmpeqps xmm12, xmm1
        cmpeqps xmm1, [rbx+rsi*2+16]
        cmpeqsd xmm12, xmm1
        cmpeqsd xmm1, [rbx+rsi*2+16]
        cmpeqss xmm1, [rbx+rsi*2+16]
        cmpeqss xmm1, dword ptr [rbx+rsi*2+16]
        cmplepd xmm12, xmm1
        cmplepd xmm1, xmmword ptr [rbx+rsi*2+16]
        cmpleps xmm12, xmm1
        cmpleps xmm1, [rbx+rsi*2+16]
        cmplesd xmm12, xmm1
        cmplesd xmm1, qword ptr [rbx+rsi*2+16]
        cmpless xmm12, xmm1
        cmpless xmm1, dword ptr [rbx+rsi*2+16]
        cmpltpd xmm12, xmm1
        cmpltpd xmm1, xmmword ptr [rbx+rsi*2+16]
        cmpltps xmm12, xmm1
        cmpltps xmm1, xmmword ptr [rbx+rsi*2+16]
        cmpltsd xmm12, xmm1
        cmpltsd xmm1, qword ptr [rbx+rsi*2+16]
        cmpltss xmm12, xmm1
        cmpltss xmm1, dword ptr [rbx+rsi*2+16]
        cmpneqpd xmm12, xmm1
        cmpneqpd xmm1, xmmword ptr [rbx+rsi*2+16]
        cmpneqps xmm12, xmm1
        cmpneqps xmm1, [rbx+rsi*2+16]
        cmpneqsd xmm12, xmm1
        cmpneqsd xmm1, [rbx+rsi*2+16]
        cmpneqss xmm12, xmm1
        cmpneqss xmm1, dword ptr [rbx+rsi*2+16]
        cmpnlepd xmm12, xmm1
        cmpnlepd xmm1, xmmword ptr [rbx+rsi*2+16]
        cmpnleps xmm12, xmm1
        cmpnleps xmm1, xmmword ptr [rbx+rsi*2+16]
        cmpnlesd xmm12, xmm1
        cmpnlesd xmm1, qword ptr [rbx+rsi*2+16]
        cmpnless xmm12, xmm1
        cmpnless xmm1, [rbx+rsi*2+16]
        cmpnltpd xmm1, [rbx+rsi*2+16]
        cmpnltpd xmm1, xmmword ptr [rbx+rsi*2+16]
        cmpnltps xmm12, xmm1
        cmpnltps xmm1, xmmword ptr [rbx+rsi*2+16]
        cmpnltsd xmm12, xmm1
        cmpnltsd xmm1, [rbx+rsi*2+16]
        cmpnltss xmm12, xmm1
        cmpnltss xmm1, [rbx+rsi*2+16]
        cmpordpd xmm12, xmm1
        cmpordpd xmm1, [rbx+rsi*2+16]
        cmpordps xmm12, xmm1
        cmpordps xmm1, [rbx+rsi*2+16]
        cmpordsd xmm12, xmm1
        cmpordsd xmm1, qword ptr [rbx+rsi*2+16]
        cmpordss xmm1, [rbx+rsi*2+16]
        cmpordss xmm1, dword ptr [rbx+rsi*2+16]
        cmppd xmm5, [rbx+rsi*2+16], 5
        cmppd xmm5, xmmword ptr [rbx+rsi*2+16], 5
        cmpps xmm12, xmm1, 5
        cmpps xmm1, xmmword ptr [rbx+rsi*2+16], 5
        cmpq sym, 5
        cmpq rax, 5
        cmpsd xmm5, [rbx+rsi*2+16], 5
        cmpsd xmm5, qword ptr [rbx+rsi*2+16], 5
        cmpss xmm12, xmm1, 5
        cmpss xmm1, dword ptr [rbx+rsi*2+16], 5
        cmpunordpd xmm12, xmm1
        cmpunordpd xmm1, xmmword ptr [rbx+rsi*2+16]
        cmpunordps xmm1, [rbx+rsi*2+16]
        cmpunordps xmm1, xmmword ptr [rbx+rsi*2+16]
        cmpunordsd xmm12, xmm1
        cmpunordsd xmm1, [rbx+rsi*2+16]
        cmpunordss xmm12, xmm1
        cmpunordss xmm1, dword ptr [rbx+rsi*2+16]
        cmpw r10w, bx
        cmpw bx, 0x1234
        cmpxchg rax, r11
        cmpxchg [rbx+rsi*2+16], bx
        cmpxchg16b [rip+16]
        cmpxchg16b xmmword ptr [rip+16]
        cmpxchg8b [rbx+rsi*2+16]
        cmpxchg8b [rip+16]
        comisd xmm12, xmm1
        comisd xmm1, [rbx+rsi*2+16]
        comiss xmm1, [rbx+rsi*2+16]
        comiss xmm1, dword ptr [rbx+rsi*2+16]
        cpuid
        cqo
        cqto
        crc32 edx, word ptr [rbx+rsi*2+16]
        crc32 r9d, bx
        cs cs
        cs fs
        cvtdq2pd xmm12, xmm1
        cvtdq2pd xmm1, [rbx+rsi*2+16]
        cvtdq2ps xmm1, [rbx+rsi*2+16]
        cvtdq2ps xmm1, xmmword ptr [rbx+rsi*2+16]
        cvtpd2dq xmm1, [rbx+rsi*2+16]
        cvtpd2dq xmm1, xmmword ptr [rbx+rsi*2+16]
        cvtpd2pi mm1, xmmword ptr [rbx+rsi*2+16]
        cvtpd2pi mm2, xmm1
        cvtpd2ps xmm1, [rbx+rsi*2+16]
        cvtpd2ps xmm1, xmmword ptr [rbx+rsi*2+16]
        cvtpi2pd xmm1, [rbx+rsi*2+16]
        cvtpi2pd xmm2, mm1
        cvtpi2ps xmm1, qword ptr [rbx+rsi*2+16]
        cvtpi2ps xmm2, mm1
        cvtps2dq xmm12, xmm1
        cvtps2dq xmm1, xmmword ptr [rbx+rsi*2+16]
        cvtps2pd xmm1, [rbx+rsi*2+16]
        cvtps2pd xmm1, qword ptr [rbx+rsi*2+16]
        cvtps2pi mm1, [rbx+rsi*2+16]
        cvtps2pi mm1, qword ptr [rbx+rsi*2+16]
        cvtsd2si edx, [rbx+rsi*2+16]
        cvtsd2si edx, xmm1
        cvtsd2ss xmm12, xmm1
        cvtsd2ss xmm1, [rbx+rsi*2+16]
        cvtsi2sd xmm1, edx
        cvtsi2sd xmm1, dword ptr [rbx+rsi*2+16]
        cvtsi2ss xmm1, edx
        cvtsi2ss xmm1, qword ptr [rbx+rsi*2+16]
        cvtss2sd xmm12, xmm1
        cvtss2sd xmm1, [rbx+rsi*2+16]
        cvtss2si rcx, dword ptr [rbx+rsi*2+16]
        cvtss2si rcx, xmm12
        cvttpd2dq xmm12, xmm1
        cvttpd2dq xmm1, xmmword ptr [rbx+rsi*2+16]
        cvttpd2pi mm1, [rbx+rsi*2+16]
        cvttpd2pi mm2, xmm1
        cvttps2dq xmm1, [rbx+rsi*2+16]
        cvttps2dq xmm1, xmmword ptr [rbx+rsi*2+16]
        cvttps2pi mm1, [rbx+rsi*2+16]
        cvttps2pi mm1, qword ptr [rbx+rsi*2+16]
        cvttsd2si rcx, xmm1
        cvttsd2si edx, xmm12
        cvttss2si rcx, xmm1
        cvttss2si rax, sym
        cwd
        cwde
        cwtd
        cwtl
        data16
        data16 cs
        dec r10w
        dec dword ptr [rip+16]
        div byte ptr [rbx+rsi*2+16]
        div r10w
        divpd xmm1, [rbx+rsi*2+16]
        divpd xmm1, xmmword ptr [rbx+rsi*2+16]
        divps xmm12, xmm1
        divps xmm1, xmmword ptr [rbx+rsi*2+16]
        divsd xmm12, xmm1
        divsd xmm1, [rbx+rsi*2+16]
        divss xmm12, xmm1
        divss xmm1, dword ptr [rbx+rsi*2+16]
        dppd xmm1, xmmword ptr [rbx+rsi*2+16], 5
        dppd xmm5, [rbx+rsi*2+16], 5
        dpps xmm1, [rbx+rsi*2+16], 5
        dpps xmm5, xmmword ptr [rbx+rsi*2+16], 5
        ds
        ds cs
        emms
        encls
        enclu
        enclv
        endbr32
        endbr64
        enqcmd rax, [rip+sym]
        enqcmd rax, sym
        enqcmds rax, [rip+sym]
        enqcmds rax, sym
        enter 6, 5
        extractps rcx, xmm1, 5
        extractps edx, xmm1, 5
        f2xm1
        fabs
        fadd qword ptr [rbx+rsi*2+16]
        fadd st, st(3)
        faddp st
        faddp st(3), st
        fbld sym
        fbld tbyte ptr [rip+16]
        fbstp tbyte ptr [rbx+rsi*2+16]
        fbstp tbyte ptr [rip+16]
        fchs
        fclex
        fcmova st, st(3)
        fcmovae st, st(3)
        fcmovb st, st(3)
        fcmovbe st, st(3)
        fcmove st, st(3)
        fcmovna st, st(3)
        fcmovnae st, st(3)
        fcmovnb st, st(3)
        fcmovnbe st, st(3)
        fcmovne st, st(3)
        fcmovnu st, st(3)
        fcmovu st, st(3)
        fcom dword ptr [rip+16]
        fcom qword ptr [rip+16]
        fcomi
        fcomi st(3)
        fcomip
        fcomip st
        fcomp
        fcomp dword ptr [rip+16]
        fcompi
        fcompi st, st(3)
        fcompp
        fcos
        fdecstp
        fdisi
        fdiv st(3)
        fdiv qword ptr [rip+16]
        fdivp
        fdivp st
        fdivr st(3), st
        fdivr qword ptr [rip+16]
        fdivrp st
        fdivrp st(3), st
        femms
        feni
        ffree st
        ffree st(3)
        ffreep st
        ffreep st(3)
        fiadd word ptr [rip+16]
        fiadd dword ptr [rip+16]
        ficom word ptr [rbx+rsi*2+16]
        ficom word ptr [rip+16]
        ficomp dword ptr [rbx+rsi*2+16]
        ficomp dword ptr [rip+16]
        fidiv word ptr [rbx+rsi*2+16]
        fidiv word ptr [rip+16]
        fidivr dword ptr [rbx+rsi*2+16]
        fidivr dword ptr [rip+16]
        fild qword ptr [rbx+rsi*2+16]
        fild qword ptr [rip+16]
        fimul dword ptr [rbx+rsi*2+16]
        fimul word ptr [rip+16]
        fincstp
        finit
        fist word ptr [rbx+rsi*2+16]
        fist dword ptr [rip+16]
        fistp word ptr [rbx+rsi*2+16]
        fistp qword ptr [rbx+rsi*2+16]
        fisttp dword ptr [rbx+rsi*2+16]
        fisttp dword ptr [rip+16]
        fisub dword ptr [rbx+rsi*2+16]
        fisub dword ptr [rip+16]
        fisubr dword ptr [rbx+rsi*2+16]
        fisubr word ptr [rip+16]
        fld qword ptr [rbx+rsi*2+16]
        fld tbyte ptr [rbx+rsi*2+16]
        fld1
        fldcw word ptr [rbx+rsi*2+16]
        fldcw sym
        fldenv sym
        fldenv [rip+16]
        fldl2e
        fldl2t
        fldlg2
        fldln2
        fldpi
        fldt sym
        fldt [rip+16]
        fldz
        fmul dword ptr [rbx+rsi*2+16]
        fmul st(3)
        fmulp st
        fmulp st(3)
        fnclex
        fndisi
        fneni
        fninit
        fnop
        fnsave sym
        fnsave [rip+16]
        fnsetpm
        fnstcw [rbx+rsi*2+16]
        fnstcw word ptr [rip+16]
        fnstenv [rbx+rsi*2+16]
        fnstenv [rip+16]
        fnstsw
        fnstsw word ptr [rbx+rsi*2+16]
        fpatan
        fprem
        fprem1
        fptan
        frndint
        frstor sym
        frstor [rip+16]
        frstpm
        fs
        fs cs
        fsave [rbx+rsi*2+16]
        fsave [rip+16]
        fscale
        fsetpm
        fsin
        fsincos
        fsqrt
        fst dword ptr [rbx+rsi*2+16]
        fst qword ptr [rbx+rsi*2+16]
        fstcw [rbx+rsi*2+16]
        fstcw word ptr [rbx+rsi*2+16]
        fstenv [rbx+rsi*2+16]
        fstenv [rip+16]
        fstp dword ptr [rip+16]
        fstp qword ptr [rip+16]
        fstpt sym
        fstpt [rip+16]
        fstsw word ptr [rbx+rsi*2+16]
        fstsw ax
        fsub dword ptr [rbx+rsi*2+16]
        fsub st(3)
        fsubp
        fsubp st(3)
        fsubr st
        fsubr st(3), st
        fsubrp st
        fsubrp st(3)
        ftst
        fucom st
        fucom st(3)
        fucomi st
        fucomi st(3)
        fucomip
        fucomip st, st(3)
        fucomp
        fucomp st(3)
        fucompi st
        fucompi st, st(3)
        fucompp
        fwait
        fxam
        fxch
        fxch st(3)
        fxrstor [rbx+rsi*2+16]
        fxrstor [rip+16]
        fxrstor64 [rbx+rsi*2+16]
        fxrstor64 sym
        fxsave [rbx+rsi*2+16]
        fxsave [rip+16]
        fxsave64 [rbx+rsi*2+16]
        fxsave64 sym
        fxtract
        fyl2x
        fyl2xp1
        getsec
        gf2p8affineinvqb xmm12, xmm1, 5
        gf2p8affineinvqb xmm1, [rbx+rsi*2+16], 5
        gf2p8affineqb xmm12, xmm1, 5
        gf2p8affineqb xmm1, [rbx+rsi*2+16], 5
        gf2p8mulb xmm12, xmm1
        gf2p8mulb xmm1, xmmword ptr [rbx+rsi*2+16]
        gs
        gs fs
        haddpd xmm1, [rbx+rsi*2+16]
        haddpd xmm1, xmmword ptr [rbx+rsi*2+16]
        haddps xmm12, xmm1
        haddps xmm1, [rbx+rsi*2+16]
        hlt
        hreset 5
        hsubpd xmm1, [rbx+rsi*2+16]
        hsubpd xmm1, xmmword ptr [rbx+rsi*2+16]
        hsubps xmm1, [rbx+rsi*2+16]
        hsubps xmm1, xmmword ptr [rbx+rsi*2+16]
        idiv rax
        idiv ax, r10w
        imul cl
        imul dword ptr [rip+16]
        in al, 5
        in al, dx
        inc r9d
        inc qword ptr [rip+16]
        incsspd edx
        incsspd r9d
        incsspq rcx
        incsspq r11
        insb
        insertps xmm1, dword ptr [rbx+rsi*2+16], 5
        insertps xmm5, dword ptr [rbx+rsi*2+16], 5
        insw
        int 5
        int1
        int3
        invd
        invept rcx, xmmword ptr [rbx+rsi*2+16]
        invept rax, sym
        invlpg byte ptr [rbx+rsi*2+16]
        invlpg word ptr [rip+16]
        invlpga
        invlpgb
        invpcid rcx, xmmword ptr [rbx+rsi*2+16]
        invpcid rax, [rip+sym]
        invvpid rcx, xmmword ptr [rbx+rsi*2+16]
        invvpid rax, [rip+sym]
        iret
        ja 5
        ja 0x1234
        jae 0x1234
        jae sym
        jb 0x1234
        jb sym
        jbe 5
        jbe sym
        jc 5
        jc sym
        je 5
        je sym
        jecxz sym
        jg 5
        jg sym
        jge 0x1234
        jge sym
        jl 0x1234
        jl sym
        jle 5
        jle 0x1234
        jmp fword ptr [rbx+rsi*2+16]
        jmp [rip+16]
        jna 5
        jna sym
        jnae 0x1234
        jnae sym
        jnb 5
        jnb 0x1234
        jnbe 5
        jnbe 0x1234
        jnc 5
        jnc sym
        jne 5
        jne sym
        jng 0x1234
        jng sym
        jnge 0x1234
        jnge sym
        jnl 5
        jnl 0x1234
        jnle 0x1234
        jnle sym
        jno 5
        jno 0x1234
        jnp 5
        jnp sym
        jns 5
        jns 0x1234
        jnz 0x1234
        jnz sym
        jo 5
        jo 0x1234
        jp 5
        jp 0x1234
        jpe 5
        jpe 0x1234
        jpo 5
        jpo 0x1234
        jrcxz sym
        js 0x1234
        js sym
        jz 5
        jz 0x1234
        lahf
        lar ax, r10w
        lar rax, word ptr [rip+sym]
        lcall [rbx+rsi*2+16]
        lcall sym
        lddqu xmm1, [rbx+rsi*2+16]
        lddqu xmm1, xmmword ptr [rbx+rsi*2+16]
        ldmxcsr [rbx+rsi*2+16]
        ldmxcsr dword ptr [rip+16]
        lea rax, dword ptr [rip+sym]
        lea rax, tbyte ptr [rip+sym]
        leave
        lfence
        lfs edx, [rbx+rsi*2+16]
        lfs bx, dword ptr [rbx+rsi*2+16]
        lgdt tbyte ptr [rbx+rsi*2+16]
        lgdt [rip+16]
        lgs bx, [rbx+rsi*2+16]
        lgs bx, dword ptr [rbx+rsi*2+16]
        lidt tbyte ptr [rbx+rsi*2+16]
        lidt tbyte ptr [rip+16]
        ljmp [rbx+rsi*2+16]
        ljmp sym
        lldt bx
        lldt [rip+16]
        lmsw ax
        lmsw r10w
        lock
        loop sym
        loope sym
        loopne sym
        loopnz sym
        loopz sym
        lret 5
        lret 0x1234
        lsl rcx, [rbx+rsi*2+16]
        lsl rax, word ptr [rip+sym]
        lss edx, [rbx+rsi*2+16]
        lss bx, dword ptr [rbx+rsi*2+16]
        ltr r10w
        ltr [rip+16]
        lzcnt rax, r11
        lzcnt bx, word ptr [rbx+rsi*2+16]
        lzcntq r11, rcx
        lzcntq rax, r11
        maskmovdqu xmm12, xmm1
        maskmovq mm2, mm1
        maxpd xmm12, xmm1
        maxpd xmm1, [rbx+rsi*2+16]
        maxps xmm12, xmm1
        maxps xmm1, [rbx+rsi*2+16]
        maxsd xmm12, xmm1
        maxsd xmm1, [rbx+rsi*2+16]
        maxss xmm12, xmm1
        maxss xmm1, [rbx+rsi*2+16]
        mcommit
        mfence
        minpd xmm12, xmm1
        minpd xmm1, [rbx+rsi*2+16]
        minps xmm1, [rbx+rsi*2+16]
        minps xmm1, xmmword ptr [rbx+rsi*2+16]
        minsd xmm1, [rbx+rsi*2+16]
        minsd xmm1, qword ptr [rbx+rsi*2+16]
        minss xmm1, [rbx+rsi*2+16]
        minss xmm1, dword ptr [rbx+rsi*2+16]
        monitor
        monitorx
        mov ds, ax
        mov bx, word ptr [rbx+rsi*2+16]
        movabs rcx, 0x1234
        movabs rax, 0x123456789a
        movapd xmm1, [rbx+rsi*2+16]
        movapd xmmword ptr [rbx+rsi*2+16], xmm1
        movaps xmmword ptr [rbx+rsi*2+16], xmm0
        movaps xmm1, [rbx+rsi*2+16]
        movb al, 5
        movb byte ptr [rbx+rsi*2+16], 5
        movbe rcx, [rbx+rsi*2+16]
        movbe rax, sym
        movd xmm1, [rbx+rsi*2+16]
        movd xmm1, dword ptr [rbx+rsi*2+16]
        movddup xmm12, xmm1
        movddup xmm1, qword ptr [rbx+rsi*2+16]
        movdir64b rcx, [rbx+rsi*2+16]
        movdir64b rax, sym
        movdiri qword ptr [rbx+rsi*2+16], rcx
        movdiri [rbx+rsi*2+16], edx
        movdq2q mm2, xmm1
        movdqa xmm12, xmm1
        movdqa xmm1, [rbx+rsi*2+16]
        movdqu xmmword ptr [rbx+rsi*2+16], xmm0
        movdqu xmm1, xmmword ptr [rbx+rsi*2+16]
        movhlps xmm12, xmm1
        movhpd xmm1, qword ptr [rbx+rsi*2+16]
        movhpd [rbx+rsi*2+16], xmm1
        movhps [rbx+rsi*2+16], xmm0
        movhps qword ptr [rbx+rsi*2+16], xmm0
        movlhps xmm12, xmm1
        movlpd [rbx+rsi*2+16], xmm1
        movlpd qword ptr [rbx+rsi*2+16], xmm1
        movlps [rbx+rsi*2+16], xmm0
        movlps qword ptr [rbx+rsi*2+16], xmm1
        movmskpd rcx, xmm1
        movmskpd edx, xmm1
        movmskps rcx, xmm12
        movmskps edx, xmm1
        movntdq [rbx+rsi*2+16], xmm0
        movntdq xmmword ptr [rbx+rsi*2+16], xmm1
        movntdqa xmm1, [rbx+rsi*2+16]
        movntdqa xmm1, xmmword ptr [rbx+rsi*2+16]
        movnti [rbx+rsi*2+16], rcx
        movnti [rbx+rsi*2+16], edx
        movntpd [rbx+rsi*2+16], xmm0
        movntpd xmmword ptr [rbx+rsi*2+16], xmm0
        movntps xmmword ptr [rbx+rsi*2+16], xmm0
        movntps [rbx+rsi*2+16], xmm1
        movntq [rbx+rsi*2+16], mm1
        movntq qword ptr [rbx+rsi*2+16], mm1
        movntsd qword ptr [rbx+rsi*2+16], xmm0
        movntsd qword ptr [rbx+rsi*2+16], xmm1
        movntss [rbx+rsi*2+16], xmm1
        movntss dword ptr [rbx+rsi*2+16], xmm1
        movq rcx, xmm12
        movq [rip+sym], rax
        movq2dq xmm2, mm1
        movsb edx, byte ptr [rbx+rsi*2+16]
        movsb rax, [rip+sym]
        movsd
        movsd qword ptr [rbx+rsi*2+16], xmm1
        movshdup xmm12, xmm1
        movshdup xmm1, xmmword ptr [rbx+rsi*2+16]
        movsl rax, [rip+sym]
        movsl rax, sym
        movsldup xmm12, xmm1
        movsldup xmm1, [rbx+rsi*2+16]
        movss dword ptr [rbx+rsi*2+16], xmm0
        movss xmm1, [rbx+rsi*2+16]
        movsw edx, word ptr [rbx+rsi*2+16]
        movsw eax, dx
        movsx r10w, cl
        movsx r9d, cl
        movsxd r11, edx
        movsxd rax, sym
        movupd xmm12, xmm1
        movupd xmmword ptr [rbx+rsi*2+16], xmm1
        movups xmm12, xmm1
        movups [rbx+rsi*2+16], xmm1
        movw ax, 5
        movw word ptr [rbx+rsi*2+16], 5
        movzb rcx, byte ptr [rbx+rsi*2+16]
        movzb r9d, cl
        movzw eax, dx
        movzw rax, [rip+sym]
        movzx edx, word ptr [rbx+rsi*2+16]
        movzx r11, bx
        mpsadbw xmm12, xmm1, 5
        mpsadbw xmm5, xmmword ptr [rbx+rsi*2+16], 5
        mul word ptr [rbx+rsi*2+16]
        mul edx
        mulb al
        mulb cl
        mulpd xmm1, [rbx+rsi*2+16]
        mulpd xmm1, xmmword ptr [rbx+rsi*2+16]
        mulps xmm12, xmm1
        mulps xmm1, xmmword ptr [rbx+rsi*2+16]
        mulsd xmm12, xmm1
        mulsd xmm1, qword ptr [rbx+rsi*2+16]
        mulss xmm1, [rbx+rsi*2+16]
        mulss xmm1, dword ptr [rbx+rsi*2+16]
        mulx r9d, edx, [rbx+rsi*2+16]
        mulx r9d, edx, dword ptr [rbx+rsi*2+16]
        mwait
        mwaitx
        neg eax
        neg r9d
        nop rcx
        nop word ptr [rip+16]
        nopq rax
        nopq r11
        nopw ax
        nopw bx
        not qword ptr [rbx+rsi*2+16]
        not ax
        notb byte ptr [rbx+rsi*2+16]
        notb byte ptr [rip+16]
        notq [rbx+rsi*2+16]
        notq qword ptr [rip+16]
        notrack
        notw ax
        notw word ptr [rip+16]
        or [rbx+rsi*2+16], edx
        or [rbx+rsi*2+16], bx
        orb al, 5
        orb byte ptr [rbx+rsi*2+16], 5
        orpd xmm1, [rbx+rsi*2+16]
        orpd xmm1, xmmword ptr [rbx+rsi*2+16]
        orps xmm12, xmm1
        orps xmm1, [rbx+rsi*2+16]
        orq rcx, 0x1234
        orq qword ptr [rcx], rax
        orw bx, [rbx+rsi*2+16]
        orw word ptr [rbx+rsi*2+16], 0x1234
        out dx, ax
        out 5, al
        pabsb xmm1, [rbx+rsi*2+16]
        pabsb mm2, mm1
        pabsd xmm12, xmm1
        pabsd mm1, [rbx+rsi*2+16]
        pabsw xmm1, xmmword ptr [rbx+rsi*2+16]
        pabsw mm2, mm1
        packssdw xmm12, xmm1
        packssdw xmm1, [rbx+rsi*2+16]
        packsswb xmm1, [rbx+rsi*2+16]
        packsswb mm1, qword ptr [rbx+rsi*2+16]
        packusdw xmm12, xmm1
        packusdw xmm1, xmmword ptr [rbx+rsi*2+16]
        packuswb xmm12, xmm1
        packuswb mm1, qword ptr [rbx+rsi*2+16]
        paddb xmm12, xmm1
        paddb xmm1, xmmword ptr [rbx+rsi*2+16]
        paddd xmm12, xmm1
        paddd xmm1, [rbx+rsi*2+16]
        paddq xmm12, xmm1
        paddq xmm1, xmmword ptr [rbx+rsi*2+16]
        paddsb mm1, [rbx+rsi*2+16]
        paddsb mm1, qword ptr [rbx+rsi*2+16]
        paddsw xmm1, xmmword ptr [rbx+rsi*2+16]
        paddsw mm2, mm1
        paddusb xmm1, xmmword ptr [rbx+rsi*2+16]
        paddusb mm1, qword ptr [rbx+rsi*2+16]
        paddusw mm1, [rbx+rsi*2+16]
        paddusw mm1, qword ptr [rbx+rsi*2+16]
        paddw xmm1, [rbx+rsi*2+16]
        paddw mm1, [rbx+rsi*2+16]
        palignr xmm1, xmmword ptr [rbx+rsi*2+16], 5
        palignr mm1, qword ptr [rbx+rsi*2+16], 5
        pand xmm12, xmm1
        pand mm1, qword ptr [rbx+rsi*2+16]
        pandn xmm1, [rbx+rsi*2+16]
        pandn mm2, mm1
        pause
        pavgb mm2, mm1
        pavgb mm1, [rbx+rsi*2+16]
        pavgw xmm12, xmm1
        pavgw mm2, mm1
        pblendvb xmm12, xmm1
        pblendvb xmm1, xmmword ptr [rbx+rsi*2+16]
        pblendw xmm1, [rbx+rsi*2+16], 5
        pblendw xmm5, [rbx+rsi*2+16], 5
        pclmulhqhqdq xmm1, [rbx+rsi*2+16]
        pclmulhqhqdq xmm1, xmmword ptr [rbx+rsi*2+16]
        pclmulhqlqdq xmm12, xmm1
        pclmulhqlqdq xmm1, xmmword ptr [rbx+rsi*2+16]
        pclmullqhqdq xmm12, xmm1
        pclmullqhqdq xmm1, xmmword ptr [rbx+rsi*2+16]
        pclmullqlqdq xmm12, xmm1
        pclmullqlqdq xmm1, [rbx+rsi*2+16]
        pclmulqdq xmm1, [rbx+rsi*2+16], 5
        pclmulqdq xmm5, [rbx+rsi*2+16], 5
        pcmpeqb xmm1, xmmword ptr [rbx+rsi*2+16]
        pcmpeqb mm1, [rbx+rsi*2+16]
        pcmpeqd xmm12, xmm1
        pcmpeqd xmm1, [rbx+rsi*2+16]
        pcmpeqq xmm1, [rbx+rsi*2+16]
        pcmpeqq xmm1, xmmword ptr [rbx+rsi*2+16]
        pcmpeqw xmm12, xmm1
        pcmpeqw xmm1, [rbx+rsi*2+16]
        pcmpestri xmm1, xmmword ptr [rbx+rsi*2+16], 5
        pcmpestri xmm5, [rbx+rsi*2+16], 5
        pcmpestrm xmm1, [rbx+rsi*2+16], 5
        pcmpestrm xmm1, xmmword ptr [rbx+rsi*2+16], 5
        pcmpgtb xmm12, xmm1
        pcmpgtb mm2, mm1
        pcmpgtd xmm1, xmmword ptr [rbx+rsi*2+16]
        pcmpgtd mm1, qword ptr [rbx+rsi*2+16]
        pcmpgtq xmm1, [rbx+rsi*2+16]
        pcmpgtq xmm1, xmmword ptr [rbx+rsi*2+16]
        pcmpgtw xmm1, xmmword ptr [rbx+rsi*2+16]
        pcmpgtw mm1, [rbx+rsi*2+16]
        pcmpistri xmm1, [rbx+rsi*2+16], 5
        pcmpistri xmm1, xmmword ptr [rbx+rsi*2+16], 5
        pcmpistrm xmm1, [rbx+rsi*2+16], 5
        pcmpistrm xmm5, xmmword ptr [rbx+rsi*2+16], 5
        pconfig
        pdep r11, rcx, qword ptr [rbx+rsi*2+16]
        pdep r9d, edx, [rbx+rsi*2+16]
        pext rax, r11, rcx
        pext r9d, edx, [rbx+rsi*2+16]
        pextrb rcx, xmm12, 5
        pextrb edx, xmm1, 5
        pextrd edx, xmm1, 5
        pextrd [rbx+rsi*2+16], xmm1, 5
        pextrq rcx, xmm1, 5
        pextrq rcx, xmm12, 5
        pextrw rcx, mm3, 5
        pextrw edx, mm3, 5
        phaddd xmm12, xmm1
        phaddd mm1, [rbx+rsi*2+16]
        phaddsw xmm1, xmmword ptr [rbx+rsi*2+16]
        phaddsw mm1, [rbx+rsi*2+16]
        phaddw xmm1, xmmword ptr [rbx+rsi*2+16]
        phaddw mm1, [rbx+rsi*2+16]
        phminposuw xmm1, [rbx+rsi*2+16]
        phminposuw xmm1, xmmword ptr [rbx+rsi*2+16]
        phsubd mm1, [rbx+rsi*2+16]
        phsubd mm1, qword ptr [rbx+rsi*2+16]
        phsubsw xmm1, xmmword ptr [rbx+rsi*2+16]
        phsubsw mm1, qword ptr [rbx+rsi*2+16]
        phsubw xmm1, [rbx+rsi*2+16]
        phsubw xmm1, xmmword ptr [rbx+rsi*2+16]
        pinsrb xmm5, [rbx+rsi*2+16], 5
        pinsrb xmm5, byte ptr [rbx+rsi*2+16], 5
        pinsrd xmm1, dword ptr [rbx+rsi*2+16], 5
        pinsrd xmm5, [rbx+rsi*2+16], 5
        pinsrq xmm1, rcx, 5
        pinsrq xmm12, rcx, 5
        pinsrw mm3, rcx, 5
        pinsrw xmm12, edx, 5
        pmaddubsw mm1, [rbx+rsi*2+16]
        pmaddubsw mm1, qword ptr [rbx+rsi*2+16]
        pmaddwd xmm1, [rbx+rsi*2+16]
        pmaddwd mm2, mm1
        pmaxsb xmm1, [rbx+rsi*2+16]
        pmaxsb xmm1, xmmword ptr [rbx+rsi*2+16]
        pmaxsd xmm12, xmm1
        pmaxsd xmm1, xmmword ptr [rbx+rsi*2+16]
        pmaxsw mm1, [rbx+rsi*2+16]
        pmaxsw mm1, qword ptr [rbx+rsi*2+16]
        pmaxub xmm1, [rbx+rsi*2+16]
        pmaxub mm2, mm1
        pmaxud xmm12, xmm1
        pmaxud xmm1, [rbx+rsi*2+16]
        pmaxuw xmm12, xmm1
        pmaxuw xmm1, xmmword ptr [rbx+rsi*2+16]
        pminsb xmm12, xmm1
        pminsb xmm1, xmmword ptr [rbx+rsi*2+16]
        pminsd xmm1, [rbx+rsi*2+16]
        pminsd xmm1, xmmword ptr [rbx+rsi*2+16]
        pminsw xmm12, xmm1
        pminsw mm2, mm1
        pminub xmm1, xmmword ptr [rbx+rsi*2+16]
        pminub mm1, qword ptr [rbx+rsi*2+16]
        pminud xmm12, xmm1
        pminud xmm1, xmmword ptr [rbx+rsi*2+16]
        pminuw xmm12, xmm1
        pminuw xmm1, xmmword ptr [rbx+rsi*2+16]
        pmovmskb edx, xmm1
        pmovmskb edx, mm3
        pmovsxbd xmm12, xmm1
        pmovsxbd xmm1, [rbx+rsi*2+16]
        pmovsxbq xmm12, xmm1
        pmovsxbq xmm1, [rbx+rsi*2+16]
        pmovsxbw xmm12, xmm1
        pmovsxbw xmm1, [rbx+rsi*2+16]
        pmovsxdq xmm1, [rbx+rsi*2+16]
        pmovsxdq xmm1, qword ptr [rbx+rsi*2+16]
        pmovsxwd xmm12, xmm1
        pmovsxwd xmm1, [rbx+rsi*2+16]
        pmovsxwq xmm12, xmm1
        pmovsxwq xmm1, dword ptr [rbx+rsi*2+16]
        pmovzxbd xmm12, xmm1
        pmovzxbd xmm1, dword ptr [rbx+rsi*2+16]
        pmovzxbq xmm12, xmm1
        pmovzxbq xmm1, [rbx+rsi*2+16]
        pmovzxbw xmm12, xmm1
        pmovzxbw xmm1, [rbx+rsi*2+16]
        pmovzxdq xmm12, xmm1
        pmovzxdq xmm1, [rbx+rsi*2+16]
        pmovzxwd xmm1, [rbx+rsi*2+16]
        pmovzxwd xmm1, qword ptr [rbx+rsi*2+16]
        pmovzxwq xmm12, xmm1
        pmovzxwq xmm1, [rbx+rsi*2+16]
        pmuldq xmm12, xmm1
        pmuldq xmm1, [rbx+rsi*2+16]
        pmulhrsw xmm1, xmmword ptr [rbx+rsi*2+16]
        pmulhrsw mm1, [rbx+rsi*2+16]
        pmulhuw xmm1, [rbx+rsi*2+16]
        pmulhuw mm2, mm1
        pmulhw xmm12, xmm1
        pmulhw mm1, qword ptr [rbx+rsi*2+16]
        pmulld xmm12, xmm1
        pmulld xmm1, [rbx+rsi*2+16]
        pmullw xmm12, xmm1
        pmullw mm1, [rbx+rsi*2+16]
        pmuludq xmm1, [rbx+rsi*2+16]
        pmuludq mm2, mm1
        pop r11
        pop [rip+16]
        popcnt rcx, [rbx+rsi*2+16]
        popcnt bx, word ptr [rbx+rsi*2+16]
        popcntq rcx, qword ptr [rbx+rsi*2+16]
        popcntq rax, sym
        popcntw ax, r10w
        popcntw dx, ax
        popf
        por xmm1, xmmword ptr [rbx+rsi*2+16]
        por mm2, mm1
        prefetch dword ptr [rbx+rsi*2+16]
        prefetch qword ptr [rip+16]
        prefetchit0 tbyte ptr [rbx+rsi*2+16]
        prefetchit0 qword ptr [rip+16]
        prefetchit1 [rip+16]
        prefetchit1 qword ptr [rip+16]
        prefetchnta [rbx+rsi*2+16]
        prefetchnta xmmword ptr [rip+16]
        prefetcht0 word ptr [rbx+rsi*2+16]
        prefetcht0 word ptr [rip+16]
        prefetcht1 xmmword ptr [rbx+rsi*2+16]
        prefetcht1 word ptr [rip+16]
        prefetcht2 ymmword ptr [rbx+rsi*2+16]
        prefetcht2 qword ptr [rip+16]
        prefetchw xmmword ptr [rbx+rsi*2+16]
        prefetchw ymmword ptr [rip+16]
        prefetchwt1 ymmword ptr [rbx+rsi*2+16]
        prefetchwt1 tbyte ptr [rip+16]
        psadbw xmm1, [rbx+rsi*2+16]
        psadbw xmm1, xmmword ptr [rbx+rsi*2+16]
        pshufb mm1, [rbx+rsi*2+16]
        pshufb mm1, qword ptr [rbx+rsi*2+16]
        pshufd xmm12, xmm1, 5
        pshufd xmm1, [rbx+rsi*2+16], 5
        pshufhw xmm1, [rbx+rsi*2+16], 5
        pshufhw xmm5, [rbx+rsi*2+16], 5
        pshuflw xmm12, xmm1, 5
        pshuflw xmm1, xmmword ptr [rbx+rsi*2+16], 5
        pshufw mm1, [rbx+rsi*2+16], 5
        pshufw mm1, qword ptr [rbx+rsi*2+16], 5
        psignb xmm12, xmm1
        psignb mm1, qword ptr [rbx+rsi*2+16]
        psignd xmm1, [rbx+rsi*2+16]
        psignd mm2, mm1
        psignw xmm12, xmm1
        psignw mm1, [rbx+rsi*2+16]
        pslld xmm1, [rbx+rsi*2+16]
        pslld mm1, qword ptr [rbx+rsi*2+16]
        pslldq xmm1, 5
        psllq xmm1, xmmword ptr [rbx+rsi*2+16]
        psllq mm1, qword ptr [rbx+rsi*2+16]
        psllw xmm1, [rbx+rsi*2+16]
        psllw mm1, [rbx+rsi*2+16]
        psmash
        psmash eax
        psrad xmm1, xmmword ptr [rbx+rsi*2+16]
        psrad mm1, [rbx+rsi*2+16]
        psraw xmm12, xmm1
        psraw mm2, mm1
        psrld xmm1, 5
        psrld mm1, 5
        psrldq xmm1, 5
        psrlq xmm1, 5
        psrlq mm1, 5
        psrlw xmm12, xmm1
        psrlw mm2, mm1
        psubb xmm1, [rbx+rsi*2+16]
        psubb mm2, mm1
        psubd mm2, mm1
        psubd mm1, qword ptr [rbx+rsi*2+16]
        psubq mm2, mm1
        psubq mm1, [rbx+rsi*2+16]
        psubsb xmm1, [rbx+rsi*2+16]
        psubsb mm2, mm1
        psubsw xmm1, [rbx+rsi*2+16]
        psubsw mm1, qword ptr [rbx+rsi*2+16]
        psubusb xmm1, xmmword ptr [rbx+rsi*2+16]
        psubusb mm2, mm1
        psubusw xmm1, xmmword ptr [rbx+rsi*2+16]
        psubusw mm1, qword ptr [rbx+rsi*2+16]
        psubw xmm1, [rbx+rsi*2+16]
        psubw mm1, qword ptr [rbx+rsi*2+16]
        ptest xmm12, xmm1
        ptest xmm1, xmmword ptr [rbx+rsi*2+16]
        ptwrite r11
        ptwrite dword ptr [rip+16]
        punpckhbw xmm1, xmmword ptr [rbx+rsi*2+16]
        punpckhbw mm2, mm1
        punpckhdq xmm1, [rbx+rsi*2+16]
        punpckhdq mm2, mm1
        punpckhqdq xmm12, xmm1
        punpckhqdq xmm1, [rbx+rsi*2+16]
        punpckhwd xmm1, [rbx+rsi*2+16]
        punpckhwd mm1, [rbx+rsi*2+16]
        punpcklbw xmm12, xmm1
        punpcklbw xmm1, [rbx+rsi*2+16]
        punpckldq xmm1, [rbx+rsi*2+16]
        punpckldq xmm1, xmmword ptr [rbx+rsi*2+16]
        punpcklqdq xmm12, xmm1
        punpcklqdq xmm1, [rbx+rsi*2+16]
        punpcklwd xmm1, [rbx+rsi*2+16]
        punpcklwd xmm1, xmmword ptr [rbx+rsi*2+16]
        push bx
        push [rip+16]
        pushf
        pvalidate
        pvalidate rax
        pxor xmm12, xmm1
        pxor xmm1, xmmword ptr [rbx+rsi*2+16]
        rcl qword ptr [rbx+rsi*2+16]
        rcl edx
        rcpps xmm1, [rbx+rsi*2+16]
        rcpps xmm1, xmmword ptr [rbx+rsi*2+16]
        rcpss xmm12, xmm1
        rcpss xmm1, [rbx+rsi*2+16]
        rcr rax, 5
        rcr cl, 5
        rdfsbase r11
        rdfsbase eax
        rdgsbase eax
        rdgsbase edx
        rdmsr
        rdmsrlist
        rdpid rax
        rdpid r11
        rdpkru
        rdpmc
        rdpru
        rdrand rcx
        rdrand r10w
        rdseed rcx
        rdseed r10w
        rdsspd eax
        rdsspd r9d
        rdsspq rax
        rdsspq r11
        rdtsc
        rdtscp
        rep
        repe
        repne
        repnz
        repz
        ret
        ret 5
        retf
        retf 5
        rex
        rex cs
        rex64
        rex64 fs
        rmpadjust
        rmpadjust rax
        rmpquery
        rmpupdate
        rmpupdate eax
        rol ax
        rol al, 5
        rolq [rbx+rsi*2+16]
        rolq [rbx+rsi*2+16], 5
        ror r10w
        ror qword ptr [rbx+rsi*2+16], 5
        rorq rax, 5
        rorq rcx, cl
        rorx rcx, [rbx+rsi*2+16], 5
        rorx edx, [rbx+rsi*2+16], 5
        roundpd xmm1, [rbx+rsi*2+16], 5
        roundpd xmm1, xmmword ptr [rbx+rsi*2+16], 5
        roundps xmm1, [rbx+rsi*2+16], 5
        roundps xmm5, xmmword ptr [rbx+rsi*2+16], 5
        roundsd xmm5, [rbx+rsi*2+16], 5
        roundsd xmm5, qword ptr [rbx+rsi*2+16], 5
        roundss xmm1, [rbx+rsi*2+16], 5
        roundss xmm5, [rbx+rsi*2+16], 5
        rsm
        rsqrtps xmm1, [rbx+rsi*2+16]
        rsqrtps xmm1, xmmword ptr [rbx+rsi*2+16]
        rsqrtss xmm12, xmm1
        rsqrtss xmm1, dword ptr [rbx+rsi*2+16]
        rstorssp sym
        rstorssp qword ptr [rip+16]
        sahf
        sal cl
        sal qword ptr [rbx+rsi*2+16], 5
        sar r11
        sar edx, cl
        sarx r11, [rbx+rsi*2+16], rcx
        sarx eax, r9d, edx
        saveprevssp
        sbb word ptr [rbx+rsi*2+16], bx
        sbb [rip+sym], rax
        seamcall
        seamops
        seamret
        senduipi rax
        senduipi rcx
        serialize
        seta [rbx+rsi*2+16]
        seta byte ptr [rip+16]
        setae cl
        setae byte ptr [rip+16]
        setb cl
        setb r8b
        setbe al
        setbe byte ptr [rip+16]
        setc al
        setc r8b
        sete al
        sete [rip+16]
        setg [rbx+rsi*2+16]
        setg cl
        setge [rbx+rsi*2+16]
        setge byte ptr [rip+16]
        setl r8b
        setl byte ptr [rip+16]
        setle [rbx+rsi*2+16]
        setle al
        setna [rbx+rsi*2+16]
        setna al
        setnae al
        setnae cl
        setnb sym
        setnb al
        setnbe byte ptr [rbx+rsi*2+16]
        setnbe byte ptr [rip+16]
        setnc al
        setnc byte ptr [rip+16]
        setne al
        setne cl
        setng [rbx+rsi*2+16]
        setng al
        setnge [rbx+rsi*2+16]
        setnge al
        setnl sym
        setnl byte ptr [rip+16]
        setnle sym
        setnle al
        setno byte ptr [rbx+rsi*2+16]
        setno cl
        setnp [rbx+rsi*2+16]
        setnp sym
        setns [rbx+rsi*2+16]
        setns al
        setnz sym
        setnz al
        seto [rbx+rsi*2+16]
        seto [rip+16]
        setp sym
        setp cl
        setpe al
        setpe r8b
        setpo [rip+16]
        setpo byte ptr [rip+16]
        sets r8b
        sets [rip+16]
        setssbsy
        setz [rbx+rsi*2+16]
        setz sym
        sfence
        sgdt tbyte ptr [rbx+rsi*2+16]
        sgdt sym
        sha1msg1 xmm12, xmm1
        sha1msg1 xmm1, xmmword ptr [rbx+rsi*2+16]
        sha1msg2 xmm12, xmm1
        sha1msg2 xmm1, [rbx+rsi*2+16]
        sha1nexte xmm1, [rbx+rsi*2+16]
        sha1nexte xmm1, xmmword ptr [rbx+rsi*2+16]
        sha1rnds4 xmm1, xmmword ptr [rbx+rsi*2+16], 5
        sha1rnds4 xmm5, [rbx+rsi*2+16], 5
        sha256msg1 xmm12, xmm1
        sha256msg1 xmm1, xmmword ptr [rbx+rsi*2+16]
        sha256msg2 xmm12, xmm1
        sha256msg2 xmm1, xmmword ptr [rbx+rsi*2+16]
        sha256rnds2 xmm4, xmm3, xmm0
        sha256rnds2 xmm12, xmm1
        shl rax, 5
        shl cl, cl
        shlb sym, 8
        shlb al, 5
        shld eax, r9d
        shld [rbx+rsi*2+16], bx
        shldq r11, rcx, 5
        shldq [rip+sym], rax
        shldw [rbx+rsi*2+16], bx
        shldw word ptr [rbx+rsi*2+16], bx, cl
        shlq sym, 8
        shlq rcx, 5
        shlw sym, 5
        shlw ax, 5
        shlx rax, r11, rcx
        shlx r11, qword ptr [rbx+rsi*2+16], rcx
        shr qword ptr [rbx+rsi*2+16], cl
        shr qword ptr [rip+16]
        shrd qword ptr [rbx+rsi*2+16], rcx
        shrd r9d, edx
        shrdq rax, r11
        shrdq r11, rcx, 5
        shrdw r10w, bx
        shrdw ax, r10w
        shrx r11, [rbx+rsi*2+16], rcx
        shrx r11, qword ptr [rbx+rsi*2+16], rcx
        shufpd xmm12, xmm1, 5
        shufpd xmm1, [rbx+rsi*2+16], 5
        shufps xmm1, xmmword ptr [rbx+rsi*2+16], 5
        shufps xmm5, xmmword ptr [rbx+rsi*2+16], 5
        sidt [rbx+rsi*2+16]
        sidt tbyte ptr [rip+16]
        skinit
        skinit eax
        sldt r11
        sldt edx
        smsw word ptr [rbx+rsi*2+16]
        smsw rcx
        sqrtpd xmm12, xmm1
        sqrtpd xmm1, [rbx+rsi*2+16]
        sqrtps xmm1, [rbx+rsi*2+16]
        sqrtps xmm1, xmmword ptr [rbx+rsi*2+16]
        sqrtsd xmm12, xmm1
        sqrtsd xmm1, [rbx+rsi*2+16]
        sqrtss xmm12, xmm1
        sqrtss xmm1, [rbx+rsi*2+16]
        stac
        stc
        std
        stgi
        sti
        stmxcsr [rbx+rsi*2+16]
        stmxcsr [rip+16]
        str r9d
        str r10w
        stui
        sub [rbx+rsi*2+16], cl
        sub word ptr [rbx+rsi*2+16], 5
        subb al, r8b
        subb cl, byte ptr [rbx+rsi*2+16]
        subpd xmm12, xmm1
        subpd xmm1, xmmword ptr [rbx+rsi*2+16]
        subps xmm12, xmm1
        subps xmm1, xmmword ptr [rbx+rsi*2+16]
        subq [rbx+rsi*2+16], 5
        subq rax, sym
        subsd xmm12, xmm1
        subsd xmm1, [rbx+rsi*2+16]
        subss xmm12, xmm1
        subss xmm1, dword ptr [rbx+rsi*2+16]
        subw sym, 8
        subw bx, [rbx+rsi*2+16]
        swapgs
        syscall
        sysenter
        tdcall
        test rcx, [rbx+rsi*2+16]
        test bx, word ptr [rbx+rsi*2+16]
        testb sym, 8
        testb byte ptr [rbx+rsi*2+16], cl
        testq rax, 5
        testq qword ptr [rbx+rsi*2+16], 0x1234
        testui
        testw bx, word ptr [rbx+rsi*2+16]
        testw word ptr [rbx+rsi*2+16], 0x1234
        tlbsync
        tpause eax
        tpause edx
        tzcnt rcx, [rbx+rsi*2+16]
        tzcnt bx, word ptr [rbx+rsi*2+16]
        ucomisd xmm12, xmm1
        ucomisd xmm1, [rbx+rsi*2+16]
        ucomiss xmm12, xmm1
        ucomiss xmm1, dword ptr [rbx+rsi*2+16]
        ud0 rcx, [rbx+rsi*2+16]
        ud0 r9d, edx
        ud1 eax, r9d
        ud1 rax, [rip+sym]
        ud2
        ud2a
        ud2b r9d, edx
        ud2b edx, [rbx+rsi*2+16]
        uiret
        umonitor eax
        umonitor edx
        umwait eax
        umwait edx
        unpckhpd xmm1, [rbx+rsi*2+16]
        unpckhpd xmm1, xmmword ptr [rbx+rsi*2+16]
        unpckhps xmm12, xmm1
        unpckhps xmm1, xmmword ptr [rbx+rsi*2+16]
        unpcklpd xmm12, xmm1
        unpcklpd xmm1, xmmword ptr [rbx+rsi*2+16]
        unpcklps xmm1, [rbx+rsi*2+16]
        unpcklps xmm1, xmmword ptr [rbx+rsi*2+16]
        vaddpd xmm4, xmm3, xmm0
        vaddpd ymm3, ymm2, ymmword ptr [rbx+rsi*2+16]
        vaddps ymm3, ymm2, [rbx+rsi*2+16]
        vaddps ymm3, ymm2, ymmword ptr [rbx+rsi*2+16]
        vaddsd xmm3, xmm12, [rbx+rsi*2+16]
        vaddsd xmm3, xmm12, qword ptr [rbx+rsi*2+16]
        vaddss xmm3, xmm12, dword ptr [rbx+rsi*2+16]
        vaddss xmm12, xmm1, xmm2
        vaddsubpd xmm3, xmm12, xmmword ptr [rbx+rsi*2+16]
        vaddsubpd xmm12, xmm1, xmm2
        vaddsubps xmm3, xmm12, xmm1
        vaddsubps xmm12, xmm1, xmm2
        vaesdec ymm3, ymm2, [rbx+rsi*2+16]
        vaesdec ymm3, ymm2, ymmword ptr [rbx+rsi*2+16]
        vaesdeclast xmm3, xmm12, [rbx+rsi*2+16]
        vaesdeclast xmm3, xmm12, xmmword ptr [rbx+rsi*2+16]
        vaesenc xmm3, xmm12, [rbx+rsi*2+16]
        vaesenc xmm3, xmm12, xmmword ptr [rbx+rsi*2+16]
        vaesenclast xmm3, xmm12, [rbx+rsi*2+16]
        vaesenclast xmm12, xmm1, xmm2
        vaesimc xmm12, xmm1
        vaesimc xmm1, xmmword ptr [rbx+rsi*2+16]
        vaeskeygenassist xmm12, xmm1, 5
        vaeskeygenassist xmm1, xmmword ptr [rbx+rsi*2+16], 5
        vandnpd xmm12, xmm1, xmm2
        vandnpd ymm3, ymm2, ymmword ptr [rbx+rsi*2+16]
        vandnps xmm3, xmm12, xmmword ptr [rbx+rsi*2+16]
        vandnps ymm3, ymm2, ymm9
        vandpd xmm3, xmm12, [rbx+rsi*2+16]
        vandpd xmm12, xmm1, xmm2
        vandps xmm3, xmm12, [rbx+rsi*2+16]
        vandps ymm3, ymm2, ymmword ptr [rbx+rsi*2+16]
        vblendpd xmm3, xmm12, [rbx+rsi*2+16], 5
        vblendpd ymm3, ymm2, ymm9, 5
        vblendps xmm3, xmm12, xmm1, 5
        vblendps xmm3, xmm12, xmmword ptr [rbx+rsi*2+16], 5
        vblendvpd ymm4, ymm3, [rbx+rsi*2+16], ymm4
        vblendvpd ymm4, ymm3, ymmword ptr [rbx+rsi*2+16], ymm4
        vblendvps xmm4, xmm3, xmmword ptr [rbx+rsi*2+16], xmm4
        vblendvps ymm4, ymm3, [rbx+rsi*2+16], ymm9
        vbroadcastf128 ymm9, [rbx+rsi*2+16]
        vbroadcastf128 ymm9, xmmword ptr [rbx+rsi*2+16]
        vbroadcasti128 ymm9, [rbx+rsi*2+16]
        vbroadcasti128 ymm9, xmmword ptr [rbx+rsi*2+16]
        vbroadcastsd ymm9, [rbx+rsi*2+16]
        vbroadcastsd ymm9, qword ptr [rbx+rsi*2+16]
        vbroadcastss xmm1, [rbx+rsi*2+16]
        vbroadcastss ymm9, dword ptr [rbx+rsi*2+16]
        vcmpeqpd xmm3, xmm12, xmm1
        vcmpeqpd ymm3, ymm2, ymm9
        vcmpeqps xmm3, xmm12, xmmword ptr [rbx+rsi*2+16]
        vcmpeqps ymm3, ymm2, ymmword ptr [rbx+rsi*2+16]
        vcmpeqsd xmm3, xmm12, [rbx+rsi*2+16]
        vcmpeqsd xmm3, xmm12, qword ptr [rbx+rsi*2+16]
        vcmpeqss xmm3, xmm12, xmm1
        vcmpeqss xmm12, xmm1, xmm2
        vcmpfalsepd xmm4, xmm3, xmm0
        vcmpfalsepd xmm12, xmm1, xmm2
        vcmpfalseps xmm4, xmm3, xmm0
        vcmpfalseps xmm12, xmm1, xmm2
        vcmpfalsesd xmm3, xmm12, xmm1
        vcmpfalsesd xmm12, xmm1, xmm2
        vcmpfalsess xmm4, xmm3, xmm0
        vcmpfalsess xmm3, xmm12, xmm1
        vcmpgepd xmm3, xmm12, xmm1
        vcmpgepd xmm3, xmm12, xmmword ptr [rbx+rsi*2+16]
        vcmpgeps xmm12, xmm1, xmm2
        vcmpgeps ymm3, ymm2, [rbx+rsi*2+16]
        vcmpgesd xmm3, xmm12, xmm1
        vcmpgesd xmm12, xmm1, xmm2
        vcmpgess xmm3, xmm12, dword ptr [rbx+rsi*2+16]
        vcmpgess xmm12, xmm1, xmm2
        vcmpgtpd xmm12, xmm1, xmm2
        vcmpgtpd ymm3, ymm2, ymmword ptr [rbx+rsi*2+16]
        vcmpgtps xmm3, xmm12, [rbx+rsi*2+16]
        vcmpgtps xmm12, xmm1, xmm2
        vcmpgtsd xmm3, xmm12, [rbx+rsi*2+16]
        vcmpgtsd xmm3, xmm12, qword ptr [rbx+rsi*2+16]
        vcmpgtss xmm3, xmm12, dword ptr [rbx+rsi*2+16]
        vcmpgtss xmm12, xmm1, xmm2
        vcmplepd xmm4, xmm3, xmm0
        vcmplepd ymm3, ymm2, ymmword ptr [rbx+rsi*2+16]
        vcmpleps xmm12, xmm1, xmm2
        vcmpleps ymm3, ymm2, ymm9
        vcmplesd xmm3, xmm12, xmm1
        vcmplesd xmm3, xmm12, [rbx+rsi*2+16]
        vcmpless xmm3, xmm12, xmm1
        vcmpless xmm12, xmm1, xmm2
        vcmpltpd xmm3, xmm12, [rbx+rsi*2+16]
        vcmpltpd ymm3, ymm2, ymm9
        vcmpltps xmm3, xmm12, xmm1
        vcmpltps xmm3, xmm12, xmmword ptr [rbx+rsi*2+16]
        vcmpltsd xmm4, xmm3, xmm0
        vcmpltsd xmm3, xmm12, qword ptr [rbx+rsi*2+16]
        vcmpltss xmm3, xmm12, xmm1
        vcmpltss xmm3, xmm12, [rbx+rsi*2+16]
        vcmpneqpd xmm3, xmm12, xmmword ptr [rbx+rsi*2+16]
        vcmpneqpd ymm3, ymm2, ymmword ptr [rbx+rsi*2+16]
        vcmpneqps xmm3, xmm12, xmm1
        vcmpneqps ymm3, ymm2, [rbx+rsi*2+16]
        vcmpneqsd xmm4, xmm3, xmm0
        vcmpneqsd xmm3, xmm12, [rbx+rsi*2+16]
        vcmpneqss xmm4, xmm3, xmm0
        vcmpneqss xmm3, xmm12, [rbx+rsi*2+16]
        vcmpngepd xmm4, xmm3, xmm0
        vcmpngepd ymm3, ymm2, ymm9
        vcmpngeps xmm3, xmm12, xmm1
        vcmpngeps ymm3, ymm2, ymmword ptr [rbx+rsi*2+16]
        vcmpngesd xmm3, xmm12, [rbx+rsi*2+16]
        vcmpngesd xmm3, xmm12, qword ptr [rbx+rsi*2+16]
        vcmpngess xmm4, xmm3, xmm0
        vcmpngess xmm3, xmm12, dword ptr [rbx+rsi*2+16]
        vcmpngtpd xmm3, xmm12, xmm1
        vcmpngtpd ymm3, ymm2, ymmword ptr [rbx+rsi*2+16]
        vcmpngtps ymm3, ymm2, ymm9
        vcmpngtps ymm3, ymm2, [rbx+rsi*2+16]
        vcmpngtsd xmm3, xmm12, xmm1
        vcmpngtsd xmm12, xmm1, xmm2
        vcmpngtss xmm4, xmm3, xmm0
        vcmpngtss xmm3, xmm12, [rbx+rsi*2+16]
        vcmpnlepd xmm3, xmm12, xmmword ptr [rbx+rsi*2+16]
        vcmpnlepd ymm3, ymm2, ymmword ptr [rbx+rsi*2+16]
        vcmpnleps xmm4, xmm3, xmm0
        vcmpnleps xmm3, xmm12, [rbx+rsi*2+16]
        vcmpnlesd xmm4, xmm3, xmm0
        vcmpnlesd xmm3, xmm12, xmm1
        vcmpnless xmm3, xmm12, xmm1
        vcmpnless xmm12, xmm1, xmm2
        vcmpnltpd xmm3, xmm12, xmm1
        vcmpnltpd xmm3, xmm12, [rbx+rsi*2+16]
        vcmpnltps xmm12, xmm1, xmm2
        vcmpnltps ymm3, ymm2, [rbx+rsi*2+16]
        vcmpnltsd xmm4, xmm3, xmm0
        vcmpnltsd xmm3, xmm12, [rbx+rsi*2+16]
        vcmpnltss xmm3, xmm12, xmm1
        vcmpnltss xmm3, xmm12, [rbx+rsi*2+16]
        vcmpordpd xmm3, xmm12, xmm1
        vcmpordpd ymm3, ymm2, ymmword ptr [rbx+rsi*2+16]
        vcmpordps ymm3, ymm2, ymm9
        vcmpordps ymm3, ymm2, [rbx+rsi*2+16]
        vcmpordsd xmm3, xmm12, xmm1
        vcmpordsd xmm3, xmm12, [rbx+rsi*2+16]
        vcmpordss xmm3, xmm12, [rbx+rsi*2+16]
        vcmpordss xmm12, xmm1, xmm2
        vcmppd xmm3, xmm12, [rbx+rsi*2+16], 5
        vcmppd xmm3, xmm12, xmmword ptr [rbx+rsi*2+16], 5
        vcmpps xmm3, xmm12, xmm1, 5
        vcmpps xmm3, xmm12, [rbx+rsi*2+16], 5
        vcmpsd xmm3, xmm12, xmm1, 5
        vcmpsd xmm3, xmm12, [rbx+rsi*2+16], 5
        vcmpss xmm3, xmm12, [rbx+rsi*2+16], 5
        vcmpss xmm3, xmm12, dword ptr [rbx+rsi*2+16], 5
        vcmptruepd ymm3, ymm2, ymm9
        vcmptruepd ymm3, ymm2, [rbx+rsi*2+16]
        vcmptrueps xmm4, xmm3, xmm0
        vcmptrueps ymm3, ymm2, [rbx+rsi*2+16]
        vcmptruesd xmm3, xmm12, xmm1
        vcmptruesd xmm3, xmm12, [rbx+rsi*2+16]
        vcmptruess xmm3, xmm12, xmm1
        vcmptruess xmm3, xmm12, [rbx+rsi*2+16]
        vcmpunordpd xmm3, xmm12, [rbx+rsi*2+16]
        vcmpunordpd ymm3, ymm2, ymm9
        vcmpunordps xmm3, xmm12, [rbx+rsi*2+16]
        vcmpunordps ymm3, ymm2, ymm9
        vcmpunordsd xmm3, xmm12, qword ptr [rbx+rsi*2+16]
        vcmpunordsd xmm12, xmm1, xmm2
        vcmpunordss xmm3, xmm12, xmm1
        vcmpunordss xmm3, xmm12, dword ptr [rbx+rsi*2+16]
        vcomisd xmm12, xmm1
        vcomisd xmm1, [rbx+rsi*2+16]
        vcomiss xmm1, [rbx+rsi*2+16]
        vcomiss xmm1, dword ptr [rbx+rsi*2+16]
        vcvtdq2pd xmm1, qword ptr [rbx+rsi*2+16]
        vcvtdq2pd ymm9, xmmword ptr [rbx+rsi*2+16]
        vcvtdq2ps xmm1, xmmword ptr [rbx+rsi*2+16]
        vcvtdq2ps ymm9, ymmword ptr [rbx+rsi*2+16]
        vcvtpd2dq xmm12, xmm1
        vcvtpd2dq xmm2, ymm1
        vcvtpd2ps xmm1, ymmword ptr [rbx+rsi*2+16]
        vcvtpd2ps xmm2, ymm1
        vcvtph2ps xmm12, xmm1
        vcvtph2ps xmm1, [rbx+rsi*2+16]
        vcvtps2dq xmm1, xmmword ptr [rbx+rsi*2+16]
        vcvtps2dq ymm9, [rbx+rsi*2+16]
        vcvtps2pd xmm12, xmm1
        vcvtps2pd ymm9, xmmword ptr [rbx+rsi*2+16]
        vcvtps2ph qword ptr [rbx+rsi*2+16], xmm1, 5
        vcvtps2ph xmm2, ymm1, 1
        vcvtsd2si rcx, xmm12
        vcvtsd2si edx, qword ptr [rbx+rsi*2+16]
        vcvtsd2ss xmm4, xmm3, xmm0
        vcvtsd2ss xmm3, xmm12, [rbx+rsi*2+16]
        vcvtsi2sd xmm6, xmm1, edx
        vcvtsi2sd xmm3, xmm12, dword ptr [rbx+rsi*2+16]
        vcvtsi2ss xmm6, xmm12, rcx
        vcvtsi2ss xmm3, xmm12, dword ptr [rbx+rsi*2+16]
        vcvtss2sd xmm3, xmm12, xmm1
        vcvtss2sd xmm12, xmm1, xmm2
        vcvtss2si edx, dword ptr [rbx+rsi*2+16]
        vcvtss2si rax, sym
        vcvttpd2dq xmm1, xmmword ptr [rbx+rsi*2+16]
        vcvttpd2dq xmm1, ymmword ptr [rbx+rsi*2+16]
        vcvttps2dq ymm9, [rbx+rsi*2+16]
        vcvttps2dq ymm9, xmmword ptr [rbx+rsi*2+16]
        vcvttsd2si edx, [rbx+rsi*2+16]
        vcvttsd2si edx, xmm1
        vcvttss2si rcx, xmm1
        vcvttss2si rax, sym
        vdivpd xmm12, xmm1, xmm2
        vdivpd ymm3, ymm2, [rbx+rsi*2+16]
        vdivps ymm3, ymm2, [rbx+rsi*2+16]
        vdivps ymm3, ymm2, ymmword ptr [rbx+rsi*2+16]
        vdivsd xmm3, xmm12, qword ptr [rbx+rsi*2+16]
        vdivsd xmm12, xmm1, xmm2
        vdivss xmm4, xmm3, xmm0
        vdivss xmm3, xmm12, [rbx+rsi*2+16]
        vdppd xmm3, xmm12, [rbx+rsi*2+16], 5
        vdppd xmm3, xmm12, xmmword ptr [rbx+rsi*2+16], 5
        vdpps xmm3, xmm12, xmm1, 5
        vdpps ymm3, ymm2, [rbx+rsi*2+16], 5
        verr [rbx+rsi*2+16]
        verr sym
        verw ax
        verw bx
        vextractf128 xmmword ptr [rbx+rsi*2+16], ymm9, 5
        vextractf128 xmm2, ymm1, 1
        vextracti128 [rbx+rsi*2+16], ymm9, 5
        vextracti128 xmm2, ymm1, 1
        vextractps rcx, xmm12, 5
        vextractps edx, xmm12, 5
        vfmadd132pd xmm3, xmm12, xmmword ptr [rbx+rsi*2+16]
        vfmadd132pd ymm3, ymm2, ymmword ptr [rbx+rsi*2+16]
        vfmadd132ps xmm3, xmm12, xmmword ptr [rbx+rsi*2+16]
        vfmadd132ps xmm12, xmm1, xmm2
        vfmadd132sd xmm4, xmm3, xmm0
        vfmadd132sd xmm3, xmm12, [rbx+rsi*2+16]
        vfmadd132ss xmm4, xmm3, xmm0
        vfmadd132ss xmm12, xmm1, xmm2
        vfmadd213pd xmm3, xmm12, xmmword ptr [rbx+rsi*2+16]
        vfmadd213pd ymm3, ymm2, [rbx+rsi*2+16]
        vfmadd213ps ymm3, ymm2, ymm9
        vfmadd213ps ymm3, ymm2, [rbx+rsi*2+16]
        vfmadd213sd xmm3, xmm12, qword ptr [rbx+rsi*2+16]
        vfmadd213sd xmm12, xmm1, xmm2
        vfmadd213ss xmm3, xmm12, xmm1
        vfmadd213ss xmm3, xmm12, dword ptr [rbx+rsi*2+16]
        vfmadd231pd xmm3, xmm12, [rbx+rsi*2+16]
        vfmadd231pd ymm3, ymm2, ymm9
        vfmadd231ps xmm3, xmm12, [rbx+rsi*2+16]
        vfmadd231ps ymm3, ymm2, ymmword ptr [rbx+rsi*2+16]
        vfmadd231sd xmm4, xmm3, xmm0
        vfmadd231sd xmm3, xmm12, qword ptr [rbx+rsi*2+16]
        vfmadd231ss xmm3, xmm12, dword ptr [rbx+rsi*2+16]
        vfmadd231ss xmm12, xmm1, xmm2
        vfmaddsub132pd xmm3, xmm12, xmmword ptr [rbx+rsi*2+16]
        vfmaddsub132pd ymm3, ymm2, ymm9
        vfmaddsub132ps xmm3, xmm12, xmm1
        vfmaddsub132ps xmm3, xmm12, [rbx+rsi*2+16]
        vfmaddsub213pd xmm3, xmm12, xmmword ptr [rbx+rsi*2+16]
        vfmaddsub213pd ymm3, ymm2, ymmword ptr [rbx+rsi*2+16]
        vfmaddsub213ps xmm4, xmm3, xmm0
        vfmaddsub213ps xmm3, xmm12, [rbx+rsi*2+16]
        vfmaddsub231pd ymm3, ymm2, [rbx+rsi*2+16]
        vfmaddsub231pd ymm3, ymm2, ymmword ptr [rbx+rsi*2+16]
        vfmaddsub231ps ymm3, ymm2, ymm9
        vfmaddsub231ps ymm3, ymm2, ymmword ptr [rbx+rsi*2+16]
        vfmsub132pd ymm3, ymm2, ymm9
        vfmsub132pd ymm3, ymm2, ymmword ptr [rbx+rsi*2+16]
        vfmsub132ps xmm3, xmm12, xmm1
        vfmsub132ps xmm3, xmm12, [rbx+rsi*2+16]
        vfmsub132sd xmm3, xmm12, qword ptr [rbx+rsi*2+16]
        vfmsub132sd xmm12, xmm1, xmm2
        vfmsub132ss xmm3, xmm12, [rbx+rsi*2+16]
        vfmsub132ss xmm12, xmm1, xmm2
        vfmsub213pd ymm3, ymm2, ymm9
        vfmsub213pd ymm3, ymm2, ymmword ptr [rbx+rsi*2+16]
        vfmsub213ps xmm3, xmm12, xmm1
        vfmsub213ps xmm3, xmm12, [rbx+rsi*2+16]
        vfmsub213sd xmm3, xmm12, xmm1
        vfmsub213sd xmm3, xmm12, qword ptr [rbx+rsi*2+16]
        vfmsub213ss xmm4, xmm3, xmm0
        vfmsub213ss xmm3, xmm12, xmm1
        vfmsub231pd xmm12, xmm1, xmm2
        vfmsub231pd ymm3, ymm2, [rbx+rsi*2+16]
        vfmsub231ps xmm3, xmm12, [rbx+rsi*2+16]
        vfmsub231ps xmm12, xmm1, xmm2
        vfmsub231sd xmm3, xmm12, xmm1
        vfmsub231sd xmm12, xmm1, xmm2
        vfmsub231ss xmm4, xmm3, xmm0
        vfmsub231ss xmm3, xmm12, [rbx+rsi*2+16]
        vfmsubadd132pd xmm3, xmm12, xmmword ptr [rbx+rsi*2+16]
        vfmsubadd132pd ymm3, ymm2, [rbx+rsi*2+16]
        vfmsubadd132ps xmm3, xmm12, xmmword ptr [rbx+rsi*2+16]
        vfmsubadd132ps xmm12, xmm1, xmm2
        vfmsubadd213pd ymm3, ymm2, ymm9
        vfmsubadd213pd ymm3, ymm2, [rbx+rsi*2+16]
        vfmsubadd213ps xmm3, xmm12, xmm1
        vfmsubadd213ps ymm3, ymm2, [rbx+rsi*2+16]
        vfmsubadd231pd xmm3, xmm12, xmm1
        vfmsubadd231pd ymm3, ymm2, [rbx+rsi*2+16]
        vfmsubadd231ps ymm3, ymm2, ymm9
        vfmsubadd231ps ymm3, ymm2, ymmword ptr [rbx+rsi*2+16]
        vfnmadd132pd xmm4, xmm3, xmm0
        vfnmadd132pd xmm3, xmm12, [rbx+rsi*2+16]
        vfnmadd132ps xmm3, xmm12, xmm1
        vfnmadd132ps ymm3, ymm2, [rbx+rsi*2+16]
        vfnmadd132sd xmm3, xmm12, [rbx+rsi*2+16]
        vfnmadd132sd xmm12, xmm1, xmm2
        vfnmadd132ss xmm3, xmm12, [rbx+rsi*2+16]
        vfnmadd132ss xmm12, xmm1, xmm2
        vfnmadd213pd xmm4, xmm3, xmm0
        vfnmadd213pd ymm3, ymm2, ymmword ptr [rbx+rsi*2+16]
        vfnmadd213ps xmm4, xmm3, xmm0
        vfnmadd213ps xmm3, xmm12, xmmword ptr [rbx+rsi*2+16]
        vfnmadd213sd xmm3, xmm12, [rbx+rsi*2+16]
        vfnmadd213sd xmm12, xmm1, xmm2
        vfnmadd213ss xmm4, xmm3, xmm0
        vfnmadd213ss xmm3, xmm12, xmm1
        vfnmadd231pd xmm3, xmm12, xmm1
        vfnmadd231pd ymm3, ymm2, [rbx+rsi*2+16]
        vfnmadd231ps ymm3, ymm2, [rbx+rsi*2+16]
        vfnmadd231ps ymm3, ymm2, ymmword ptr [rbx+rsi*2+16]
        vfnmadd231sd xmm3, xmm12, [rbx+rsi*2+16]
        vfnmadd231sd xmm12, xmm1, xmm2
        vfnmadd231ss xmm3, xmm12, [rbx+rsi*2+16]
        vfnmadd231ss xmm3, xmm12, dword ptr [rbx+rsi*2+16]
        vfnmsub132pd xmm3, xmm12, [rbx+rsi*2+16]
        vfnmsub132pd xmm3, xmm12, xmmword ptr [rbx+rsi*2+16]
        vfnmsub132ps xmm3, xmm12, [rbx+rsi*2+16]
        vfnmsub132ps ymm3, ymm2, [rbx+rsi*2+16]
        vfnmsub132sd xmm4, xmm3, xmm0
        vfnmsub132sd xmm3, xmm12, xmm1
        vfnmsub132ss xmm4, xmm3, xmm0
        vfnmsub132ss xmm3, xmm12, [rbx+rsi*2+16]
        vfnmsub213pd xmm3, xmm12, xmmword ptr [rbx+rsi*2+16]
        vfnmsub213pd ymm3, ymm2, ymmword ptr [rbx+rsi*2+16]
        vfnmsub213ps xmm4, xmm3, xmm0
        vfnmsub213ps ymm3, ymm2, ymmword ptr [rbx+rsi*2+16]
        vfnmsub213sd xmm3, xmm12, xmm1
        vfnmsub213sd xmm12, xmm1, xmm2
        vfnmsub213ss xmm3, xmm12, [rbx+rsi*2+16]
        vfnmsub213ss xmm12, xmm1, xmm2
        vfnmsub231pd xmm4, xmm3, xmm0
        vfnmsub231pd xmm3, xmm12, xmm1
        vfnmsub231ps ymm3, ymm2, ymm9
        vfnmsub231ps ymm3, ymm2, [rbx+rsi*2+16]
        vfnmsub231sd xmm4, xmm3, xmm0
        vfnmsub231sd xmm12, xmm1, xmm2
        vfnmsub231ss xmm4, xmm3, xmm0
        vfnmsub231ss xmm12, xmm1, xmm2
        vgf2p8affineinvqb xmm3, xmm12, [rbx+rsi*2+16], 5
        vgf2p8affineinvqb ymm3, ymm2, ymm9, 5
        vgf2p8affineqb xmm3, xmm12, [rbx+rsi*2+16], 5
        vgf2p8affineqb ymm3, ymm2, ymmword ptr [rbx+rsi*2+16], 5
        vgf2p8mulb xmm3, xmm12, xmm1
        vgf2p8mulb xmm3, xmm12, xmmword ptr [rbx+rsi*2+16]
        vhaddpd ymm3, ymm2, ymm9
        vhaddpd ymm3, ymm2, [rbx+rsi*2+16]
        vhaddps xmm12, xmm1, xmm2
        vhaddps ymm3, ymm2, ymmword ptr [rbx+rsi*2+16]
        vhsubpd xmm3, xmm12, xmmword ptr [rbx+rsi*2+16]
        vhsubpd xmm12, xmm1, xmm2
        vhsubps xmm3, xmm12, xmmword ptr [rbx+rsi*2+16]
        vhsubps ymm3, ymm2, [rbx+rsi*2+16]
        vinsertf128 ymm3, ymm2, xmmword ptr [rbx+rsi*2+16], 5
        vinsertf128 ymm3, ymm2, xmm1, 1
        vinserti128 ymm3, ymm2, xmmword ptr [rbx+rsi*2+16], 5
        vinserti128 ymm3, ymm2, xmm1, 1
        vinsertps xmm3, xmm12, xmm1, 5
        vinsertps xmm3, xmm12, dword ptr [rbx+rsi*2+16], 5
        vlddqu xmm1, xmmword ptr [rbx+rsi*2+16]
        vlddqu ymm9, ymmword ptr [rbx+rsi*2+16]
        vldmxcsr dword ptr [rbx+rsi*2+16]
        vldmxcsr [rip+16]
        vmaskmovdqu xmm12, xmm1
        vmaskmovpd xmm3, xmm12, [rbx+rsi*2+16]
        vmaskmovpd xmmword ptr [rbx+rsi*2+16], xmm12, xmm1
        vmaskmovps xmm3, xmm12, xmmword ptr [rbx+rsi*2+16]
        vmaskmovps ymm3, ymm2, ymmword ptr [rbx+rsi*2+16]
        vmaxpd ymm3, ymm2, ymm9
        vmaxpd ymm3, ymm2, [rbx+rsi*2+16]
        vmaxps xmm4, xmm3, xmm0
        vmaxps xmm12, xmm1, xmm2
        vmaxsd xmm4, xmm3, xmm0
        vmaxsd xmm3, xmm12, qword ptr [rbx+rsi*2+16]
        vmaxss xmm4, xmm3, xmm0
        vmaxss xmm3, xmm12, xmm1
        vmcall
        vmclear qword ptr [rbx+rsi*2+16]
        vmclear qword ptr [rip+16]
        vmfunc
        vmgexit
        vminpd xmm3, xmm12, xmmword ptr [rbx+rsi*2+16]
        vminpd ymm3, ymm2, ymm9
        vminps xmm3, xmm12, [rbx+rsi*2+16]
        vminps ymm3, ymm2, ymmword ptr [rbx+rsi*2+16]
        vminsd xmm4, xmm3, xmm0
        vminsd xmm12, xmm1, xmm2
        vminss xmm4, xmm3, xmm0
        vminss xmm3, xmm12, dword ptr [rbx+rsi*2+16]
        vmlaunch
        vmload
        vmload eax
        vmmcall
        vmovapd [rbx+rsi*2+16], xmm0
        vmovapd ymmword ptr [rbx+rsi*2+16], ymm9
        vmovaps xmmword ptr [rbx+rsi*2+16], xmm0
        vmovaps ymm9, [rbx+rsi*2+16]
        vmovd xmm12, rcx
        vmovd [rbx+rsi*2+16], xmm0
        vmovddup xmm1, [rbx+rsi*2+16]
        vmovddup ymm9, [rbx+rsi*2+16]
        vmovdqa xmm1, xmmword ptr [rbx+rsi*2+16]
        vmovdqa ymmword ptr [rbx+rsi*2+16], ymm9
        vmovdqu [rbx+rsi*2+16], xmm0
        vmovdqu [rbx+rsi*2+16], xmm1
        vmovhlps xmm4, xmm3, xmm0
        vmovhlps xmm3, xmm12, xmm1
        vmovhpd qword ptr [rbx+rsi*2+16], xmm1
        vmovhpd xmm3, xmm12, qword ptr [rbx+rsi*2+16]
        vmovhps qword ptr [rbx+rsi*2+16], xmm1
        vmovhps xmm3, xmm12, qword ptr [rbx+rsi*2+16]
        vmovlhps xmm4, xmm3, xmm0
        vmovlhps xmm3, xmm12, xmm1
        vmovlpd qword ptr [rbx+rsi*2+16], xmm0
        vmovlpd [rbx+rsi*2+16], xmm1
        vmovlps [rbx+rsi*2+16], xmm1
        vmovlps xmm3, xmm12, qword ptr [rbx+rsi*2+16]
        vmovmskpd rcx, xmm1
        vmovmskpd edx, xmm1
        vmovmskps rcx, xmm12
        vmovmskps edx, xmm1
        vmovntdq [rbx+rsi*2+16], xmm0
        vmovntdq [rbx+rsi*2+16], ymm9
        vmovntdqa xmm1, [rbx+rsi*2+16]
        vmovntdqa ymm9, [rbx+rsi*2+16]
        vmovntpd [rbx+rsi*2+16], xmm1
        vmovntpd xmmword ptr [rbx+rsi*2+16], xmm1
        vmovntps xmmword ptr [rbx+rsi*2+16], xmm0
        vmovntps ymmword ptr [rbx+rsi*2+16], ymm9
        vmovq rcx, xmm1
        vmovq qword ptr [rbx+rsi*2+16], xmm1
        vmovsd [rbx+rsi*2+16], xmm0
        vmovsd xmm4, xmm3, xmm0
        vmovshdup xmm12, xmm1
        vmovshdup xmm1, [rbx+rsi*2+16]
        vmovsldup xmm1, xmmword ptr [rbx+rsi*2+16]
        vmovsldup ymm9, ymmword ptr [rbx+rsi*2+16]
        vmovss [rbx+rsi*2+16], xmm1
        vmovss xmm12, xmm1, xmm2
        vmovupd [rbx+rsi*2+16], ymm9
        vmovupd ymmword ptr [rbx+rsi*2+16], ymm9
        vmovups xmm12, xmm1
        vmovups xmmword ptr [rbx+rsi*2+16], xmm1
        vmpsadbw xmm3, xmm12, xmm1, 5
        vmpsadbw xmm3, xmm12, [rbx+rsi*2+16], 5
        vmptrld qword ptr [rbx+rsi*2+16]
        vmptrld qword ptr [rip+16]
        vmptrst sym
        vmptrst [rip+16]
        vmread [rbx+rsi*2+16], rcx
        vmread qword ptr [rbx+rsi*2+16], rcx
        vmresume
        vmrun rax
        vmrun eax
        vmsave rax
        vmsave eax
        vmulpd ymm3, ymm2, ymm9
        vmulpd ymm3, ymm2, ymmword ptr [rbx+rsi*2+16]
        vmulps xmm3, xmm12, xmm1
        vmulps xmm3, xmm12, [rbx+rsi*2+16]
        vmulsd xmm3, xmm12, xmm1
        vmulsd xmm3, xmm12, [rbx+rsi*2+16]
        vmulss xmm3, xmm12, dword ptr [rbx+rsi*2+16]
        vmulss xmm12, xmm1, xmm2
        vmwrite rcx, [rbx+rsi*2+16]
        vmwrite rax, sym
        vmxoff
        vmxon qword ptr [rbx+rsi*2+16]
        vmxon [rip+16]
        vorpd xmm12, xmm1, xmm2
        vorpd ymm3, ymm2, ymmword ptr [rbx+rsi*2+16]
        vorps xmm4, xmm3, xmm0
        vorps ymm3, ymm2, [rbx+rsi*2+16]
        vpabsb ymm2, ymm9
        vpabsb ymm9, [rbx+rsi*2+16]
        vpabsd ymm2, ymm9
        vpabsd ymm9, ymmword ptr [rbx+rsi*2+16]
        vpabsw xmm1, [rbx+rsi*2+16]
        vpabsw xmm1, xmmword ptr [rbx+rsi*2+16]
        vpackssdw xmm12, xmm1, xmm2
        vpackssdw ymm3, ymm2, [rbx+rsi*2+16]
        vpacksswb xmm4, xmm3, xmm0
        vpacksswb xmm12, xmm1, xmm2
        vpackusdw ymm3, ymm2, ymm9
        vpackusdw ymm3, ymm2, ymmword ptr [rbx+rsi*2+16]
        vpackuswb ymm3, ymm2, ymm9
        vpackuswb ymm3, ymm2, [rbx+rsi*2+16]
        vpaddb xmm4, xmm3, xmm0
        vpaddb xmm3, xmm12, [rbx+rsi*2+16]
        vpaddd xmm3, xmm12, xmmword ptr [rbx+rsi*2+16]
        vpaddd ymm3, ymm2, ymm9
        vpaddq ymm3, ymm2, [rbx+rsi*2+16]
        vpaddq ymm3, ymm2, ymmword ptr [rbx+rsi*2+16]
        vpaddsb xmm4, xmm3, xmm0
        vpaddsb xmm3, xmm12, xmmword ptr [rbx+rsi*2+16]
        vpaddsw xmm4, xmm3, xmm0
        vpaddsw ymm3, ymm2, ymm9
        vpaddusb xmm3, xmm12, xmm1
        vpaddusb ymm3, ymm2, ymm9
        vpaddusw xmm4, xmm3, xmm0
        vpaddusw ymm3, ymm2, ymmword ptr [rbx+rsi*2+16]
        vpaddw xmm3, xmm12, xmmword ptr [rbx+rsi*2+16]
        vpaddw ymm3, ymm2, [rbx+rsi*2+16]
        vpalignr xmm3, xmm12, xmmword ptr [rbx+rsi*2+16], 5
        vpalignr ymm3, ymm2, ymm9, 5
        vpand xmm3, xmm12, xmm1
        vpand xmm12, xmm1, xmm2
        vpandn ymm3, ymm2, ymm9
        vpandn ymm3, ymm2, [rbx+rsi*2+16]
        vpavgb xmm3, xmm12, xmm1
        vpavgb xmm3, xmm12, [rbx+rsi*2+16]
        vpavgw xmm3, xmm12, [rbx+rsi*2+16]
        vpavgw ymm3, ymm2, ymmword ptr [rbx+rsi*2+16]
        vpblendd xmm3, xmm12, xmm1, 5
        vpblendd ymm3, ymm2, ymmword ptr [rbx+rsi*2+16], 5
        vpblendvb xmm4, xmm3, xmm12, xmm1
        vpblendvb xmm4, xmm3, xmmword ptr [rbx+rsi*2+16], xmm1
        vpblendw ymm3, ymm2, ymm9, 5
        vpblendw ymm3, ymm2, [rbx+rsi*2+16], 5
        vpbroadcastb xmm1, byte ptr [rbx+rsi*2+16]
        vpbroadcastb ymm9, byte ptr [rbx+rsi*2+16]
        vpbroadcastd ymm9, [rbx+rsi*2+16]
        vpbroadcastd ymm2, xmm1
        vpbroadcastq xmm1, [rbx+rsi*2+16]
        vpbroadcastq xmm1, qword ptr [rbx+rsi*2+16]
        vpbroadcastw xmm1, [rbx+rsi*2+16]
        vpbroadcastw ymm9, [rbx+rsi*2+16]
        vpclmulhqhqdq xmm4, xmm3, xmm0
        vpclmulhqhqdq ymm3, ymm2, ymmword ptr [rbx+rsi*2+16]
        vpclmulhqlqdq xmm4, xmm3, xmm0
        vpclmulhqlqdq xmm3, xmm12, xmmword ptr [rbx+rsi*2+16]
        vpclmullqhqdq xmm3, xmm12, xmmword ptr [rbx+rsi*2+16]
        vpclmullqhqdq xmm12, xmm1, xmm2
        vpclmullqlqdq xmm3, xmm12, xmm1
        vpclmullqlqdq xmm12, xmm1, xmm2
        vpclmulqdq xmm3, xmm12, xmm1, 5
        vpclmulqdq ymm3, ymm2, [rbx+rsi*2+16], 5
        vpcmpeqb xmm4, xmm3, xmm0
        vpcmpeqb ymm3, ymm2, ymmword ptr [rbx+rsi*2+16]
        vpcmpeqd xmm4, xmm3, xmm0
        vpcmpeqd ymm3, ymm2, [rbx+rsi*2+16]
        vpcmpeqq xmm3, xmm12, xmm1
        vpcmpeqq xmm3, xmm12, xmmword ptr [rbx+rsi*2+16]
        vpcmpeqw xmm4, xmm3, xmm0
        vpcmpeqw xmm3, xmm12, xmmword ptr [rbx+rsi*2+16]
        vpcmpestri xmm5, [rbx+rsi*2+16], 5
        vpcmpestri xmm5, xmmword ptr [rbx+rsi*2+16], 5
        vpcmpestrm xmm1, xmmword ptr [rbx+rsi*2+16], 5
        vpcmpestrm xmm5, [rbx+rsi*2+16], 5
        vpcmpgtb ymm3, ymm2, ymm9
        vpcmpgtb ymm3, ymm2, ymmword ptr [rbx+rsi*2+16]
        vpcmpgtd xmm3, xmm12, [rbx+rsi*2+16]
        vpcmpgtd ymm3, ymm2, ymmword ptr [rbx+rsi*2+16]
        vpcmpgtq xmm3, xmm12, xmm1
        vpcmpgtq xmm3, xmm12, [rbx+rsi*2+16]
        vpcmpgtw xmm12, xmm1, xmm2
        vpcmpgtw ymm3, ymm2, [rbx+rsi*2+16]
        vpcmpistri xmm5, [rbx+rsi*2+16], 5
        vpcmpistri xmm5, xmmword ptr [rbx+rsi*2+16], 5
        vpcmpistrm xmm1, [rbx+rsi*2+16], 5
        vpcmpistrm xmm5, [rbx+rsi*2+16], 5
        vperm2f128 ymm3, ymm2, [rbx+rsi*2+16], 5
        vperm2f128 ymm3, ymm2, ymmword ptr [rbx+rsi*2+16], 5
        vperm2i128 ymm3, ymm2, ymm9, 5
        vperm2i128 ymm3, ymm2, [rbx+rsi*2+16], 5
        vpermd ymm3, ymm2, ymm9
        vpermd ymm3, ymm2, ymmword ptr [rbx+rsi*2+16]
        vpermilpd xmm12, xmm1, 5
        vpermilpd ymm2, ymm9, 5
        vpermilps xmm1, xmmword ptr [rbx+rsi*2+16], 5
        vpermilps ymm3, ymm2, ymm9
        vpermpd ymm2, ymm9, 5
        vpermpd ymm9, ymmword ptr [rbx+rsi*2+16], 5
        vpermps ymm3, ymm2, [rbx+rsi*2+16]
        vpermps ymm3, ymm2, ymmword ptr [rbx+rsi*2+16]
        vpermq ymm2, ymm9, 5
        vpermq ymm9, ymmword ptr [rbx+rsi*2+16], 5
        vpextrb rcx, xmm1, 5
        vpextrb [rbx+rsi*2+16], xmm1, 5
        vpextrd [rbx+rsi*2+16], xmm1, 5
        vpextrd dword ptr [rbx+rsi*2+16], xmm1, 5
        vpextrq rcx, xmm1, 5
        vpextrq rcx, xmm12, 5
        vpextrw edx, xmm1, 5
        vpextrw word ptr [rbx+rsi*2+16], xmm1, 5
        vphaddd xmm12, xmm1, xmm2
        vphaddd ymm3, ymm2, ymmword ptr [rbx+rsi*2+16]
        vphaddsw xmm12, xmm1, xmm2
        vphaddsw ymm3, ymm2, ymmword ptr [rbx+rsi*2+16]
        vphaddw xmm3, xmm12, [rbx+rsi*2+16]
        vphaddw ymm3, ymm2, [rbx+rsi*2+16]
        vphminposuw xmm12, xmm1
        vphminposuw xmm1, xmmword ptr [rbx+rsi*2+16]
        vphsubd xmm3, xmm12, [rbx+rsi*2+16]
        vphsubd ymm3, ymm2, ymmword ptr [rbx+rsi*2+16]
        vphsubsw xmm3, xmm12, xmmword ptr [rbx+rsi*2+16]
        vphsubsw ymm3, ymm2, ymmword ptr [rbx+rsi*2+16]
        vphsubw xmm3, xmm12, [rbx+rsi*2+16]
        vphsubw xmm12, xmm1, xmm2
        vpinsrb xmm3, xmm12, [rbx+rsi*2+16], 5
        vpinsrb xmm3, xmm12, byte ptr [rbx+rsi*2+16], 5
        vpinsrd xmm5, xmm1, edx, 5
        vpinsrd xmm3, xmm12, dword ptr [rbx+rsi*2+16], 5
        vpinsrq xmm5, xmm1, rcx, 5
        vpinsrq xmm3, xmm12, qword ptr [rbx+rsi*2+16], 5
        vpinsrw xmm5, xmm12, edx, 5
        vpinsrw xmm3, xmm12, word ptr [rbx+rsi*2+16], 5
        vpmaddubsw xmm3, xmm12, xmm1
        vpmaddubsw ymm3, ymm2, [rbx+rsi*2+16]
        vpmaddwd xmm3, xmm12, xmm1
        vpmaddwd xmm12, xmm1, xmm2
        vpmaskmovd xmm3, xmm12, xmmword ptr [rbx+rsi*2+16]
        vpmaskmovd ymmword ptr [rbx+rsi*2+16], ymm2, ymm9
        vpmaskmovq xmm3, xmm12, [rbx+rsi*2+16]
        vpmaskmovq xmmword ptr [rbx+rsi*2+16], xmm12, xmm1
        vpmaxsb xmm3, xmm12, xmmword ptr [rbx+rsi*2+16]
        vpmaxsb ymm3, ymm2, ymm9
        vpmaxsd ymm3, ymm2, ymm9
        vpmaxsd ymm3, ymm2, ymmword ptr [rbx+rsi*2+16]
        vpmaxsw xmm3, xmm12, [rbx+rsi*2+16]
        vpmaxsw ymm3, ymm2, ymmword ptr [rbx+rsi*2+16]
        vpmaxub xmm3, xmm12, xmmword ptr [rbx+rsi*2+16]
        vpmaxub ymm3, ymm2, [rbx+rsi*2+16]
        vpmaxud xmm3, xmm12, xmmword ptr [rbx+rsi*2+16]
        vpmaxud xmm12, xmm1, xmm2
        vpmaxuw xmm4, xmm3, xmm0
        vpmaxuw xmm12, xmm1, xmm2
        vpminsb ymm3, ymm2, [rbx+rsi*2+16]
        vpminsb ymm3, ymm2, ymmword ptr [rbx+rsi*2+16]
        vpminsd xmm4, xmm3, xmm0
        vpminsd xmm12, xmm1, xmm2
        vpminsw xmm3, xmm12, xmmword ptr [rbx+rsi*2+16]
        vpminsw xmm12, xmm1, xmm2
        vpminub xmm4, xmm3, xmm0
        vpminub xmm12, xmm1, xmm2
        vpminud xmm4, xmm3, xmm0
        vpminud xmm3, xmm12, [rbx+rsi*2+16]
        vpminuw xmm12, xmm1, xmm2
        vpminuw ymm3, ymm2, ymmword ptr [rbx+rsi*2+16]
        vpmovmskb rcx, xmm1
        vpmovmskb rcx, xmm12
        vpmovsxbd xmm1, dword ptr [rbx+rsi*2+16]
        vpmovsxbd ymm9, [rbx+rsi*2+16]
        vpmovsxbq xmm12, xmm1
        vpmovsxbq ymm9, [rbx+rsi*2+16]
        vpmovsxbw ymm9, [rbx+rsi*2+16]
        vpmovsxbw ymm9, xmmword ptr [rbx+rsi*2+16]
        vpmovsxdq xmm1, qword ptr [rbx+rsi*2+16]
        vpmovsxdq ymm9, xmmword ptr [rbx+rsi*2+16]
        vpmovsxwd xmm1, qword ptr [rbx+rsi*2+16]
        vpmovsxwd ymm9, xmmword ptr [rbx+rsi*2+16]
        vpmovsxwq xmm1, dword ptr [rbx+rsi*2+16]
        vpmovsxwq ymm9, [rbx+rsi*2+16]
        vpmovzxbd xmm1, dword ptr [rbx+rsi*2+16]
        vpmovzxbd ymm2, xmm1
        vpmovzxbq xmm1, [rbx+rsi*2+16]
        vpmovzxbq xmm1, word ptr [rbx+rsi*2+16]
        vpmovzxbw ymm9, [rbx+rsi*2+16]
        vpmovzxbw ymm2, xmm1
        vpmovzxdq ymm9, [rbx+rsi*2+16]
        vpmovzxdq ymm2, xmm1
        vpmovzxwd ymm9, [rbx+rsi*2+16]
        vpmovzxwd ymm2, xmm1
        vpmovzxwq xmm12, xmm1
        vpmovzxwq ymm9, qword ptr [rbx+rsi*2+16]
        vpmuldq xmm3, xmm12, xmmword ptr [rbx+rsi*2+16]
        vpmuldq xmm12, xmm1, xmm2
        vpmulhrsw xmm4, xmm3, xmm0
        vpmulhrsw ymm3, ymm2, [rbx+rsi*2+16]
        vpmulhuw xmm3, xmm12, [rbx+rsi*2+16]
        vpmulhuw ymm3, ymm2, ymm9
        vpmulhw ymm3, ymm2, [rbx+rsi*2+16]
        vpmulhw ymm3, ymm2, ymmword ptr [rbx+rsi*2+16]
        vpmulld xmm3, xmm12, xmm1
        vpmulld ymm3, ymm2, [rbx+rsi*2+16]
        vpmullw ymm3, ymm2, [rbx+rsi*2+16]
        vpmullw ymm3, ymm2, ymmword ptr [rbx+rsi*2+16]
        vpmuludq xmm3, xmm12, xmmword ptr [rbx+rsi*2+16]
        vpmuludq ymm3, ymm2, ymmword ptr [rbx+rsi*2+16]
        vpor xmm3, xmm12, [rbx+rsi*2+16]
        vpor xmm3, xmm12, xmmword ptr [rbx+rsi*2+16]
        vpsadbw xmm4, xmm3, xmm0
        vpsadbw xmm3, xmm12, [rbx+rsi*2+16]
        vpshufb xmm12, xmm1, xmm2
        vpshufb ymm3, ymm2, ymmword ptr [rbx+rsi*2+16]
        vpshufd xmm12, xmm1, 5
        vpshufd xmm5, xmmword ptr [rbx+rsi*2+16], 5
        vpshufhw ymm9, [rbx+rsi*2+16], 5
        vpshufhw ymm9, ymmword ptr [rbx+rsi*2+16], 5
        vpshuflw xmm1, [rbx+rsi*2+16], 5
        vpshuflw xmm5, [rbx+rsi*2+16], 5
        vpsignb xmm3, xmm12, xmmword ptr [rbx+rsi*2+16]
        vpsignb xmm12, xmm1, xmm2
        vpsignd xmm4, xmm3, xmm0
        vpsignd xmm12, xmm1, xmm2
        vpsignw xmm3, xmm12, [rbx+rsi*2+16]
        vpsignw ymm3, ymm2, ymmword ptr [rbx+rsi*2+16]
        vpslld xmm4, xmm3, xmm0
        vpslld ymm3, ymm2, [rbx+rsi*2+16]
        vpslldq xmm12, xmm1, 5
        vpslldq ymm2, ymm9, 5
        vpsllq xmm3, xmm12, [rbx+rsi*2+16]
        vpsllq ymm2, ymm9, xmm2
        vpsllvd xmm3, xmm12, xmm1
        vpsllvd xmm3, xmm12, xmmword ptr [rbx+rsi*2+16]
        vpsllvq xmm4, xmm3, xmm0
        vpsllvq xmm12, xmm1, xmm2
        vpsllw xmm3, xmm12, xmm1
        vpsllw ymm3, ymm2, xmmword ptr [rbx+rsi*2+16]
        vpsrad xmm3, xmm12, [rbx+rsi*2+16]
        vpsrad ymm2, ymm9, xmm2
        vpsravd xmm12, xmm1, xmm2
        vpsravd ymm3, ymm2, [rbx+rsi*2+16]
        vpsraw xmm12, xmm1, 5
        vpsraw xmm12, xmm1, xmm2
        vpsrld xmm3, xmm12, xmm1
        vpsrld ymm3, ymm2, xmmword ptr [rbx+rsi*2+16]
        vpsrldq xmm12, xmm1, 5
        vpsrldq ymm2, ymm9, 5
        vpsrlq xmm12, xmm1, 5
        vpsrlq xmm12, xmm1, xmm2
        vpsrlvd xmm3, xmm12, xmmword ptr [rbx+rsi*2+16]
        vpsrlvd ymm3, ymm2, ymm9
        vpsrlvq xmm3, xmm12, xmm1
        vpsrlvq xmm3, xmm12, xmmword ptr [rbx+rsi*2+16]
        vpsrlw xmm3, xmm12, [rbx+rsi*2+16]
        vpsrlw xmm12, xmm1, xmm2
        vpsubb xmm12, xmm1, xmm2
        vpsubb ymm3, ymm2, ymmword ptr [rbx+rsi*2+16]
        vpsubd xmm3, xmm12, [rbx+rsi*2+16]
        vpsubd xmm3, xmm12, xmmword ptr [rbx+rsi*2+16]
        vpsubq xmm3, xmm12, xmm1
        vpsubq ymm3, ymm2, [rbx+rsi*2+16]
        vpsubsb xmm4, xmm3, xmm0
        vpsubsb ymm3, ymm2, ymmword ptr [rbx+rsi*2+16]
        vpsubsw xmm3, xmm12, xmm1
        vpsubsw ymm3, ymm2, [rbx+rsi*2+16]
        vpsubusb xmm3, xmm12, [rbx+rsi*2+16]
        vpsubusb ymm3, ymm2, ymmword ptr [rbx+rsi*2+16]
        vpsubusw xmm12, xmm1, xmm2
        vpsubusw ymm3, ymm2, ymm9
        vpsubw xmm3, xmm12, xmmword ptr [rbx+rsi*2+16]
        vpsubw ymm3, ymm2, [rbx+rsi*2+16]
        vptest xmm1, [rbx+rsi*2+16]
        vptest ymm9, [rbx+rsi*2+16]
        vpunpckhbw xmm3, xmm12, [rbx+rsi*2+16]
        vpunpckhbw ymm3, ymm2, ymm9
        vpunpckhdq xmm3, xmm12, xmmword ptr [rbx+rsi*2+16]
        vpunpckhdq ymm3, ymm2, ymmword ptr [rbx+rsi*2+16]
        vpunpckhqdq xmm3, xmm12, [rbx+rsi*2+16]
        vpunpckhqdq xmm12, xmm1, xmm2
        vpunpckhwd xmm4, xmm3, xmm0
        vpunpckhwd ymm3, ymm2, ymmword ptr [rbx+rsi*2+16]
        vpunpcklbw xmm4, xmm3, xmm0
        vpunpcklbw ymm3, ymm2, ymmword ptr [rbx+rsi*2+16]
        vpunpckldq xmm3, xmm12, xmmword ptr [rbx+rsi*2+16]
        vpunpckldq ymm3, ymm2, ymmword ptr [rbx+rsi*2+16]
        vpunpcklqdq xmm3, xmm12, xmm1
        vpunpcklqdq xmm12, xmm1, xmm2
        vpunpcklwd ymm3, ymm2, ymm9
        vpunpcklwd ymm3, ymm2, ymmword ptr [rbx+rsi*2+16]
        vpxor xmm4, xmm3, xmm0
        vpxor ymm3, ymm2, ymm9
        vrcpps xmm12, xmm1
        vrcpps ymm2, ymm9
        vrcpss xmm3, xmm12, [rbx+rsi*2+16]
        vrcpss xmm3, xmm12, dword ptr [rbx+rsi*2+16]
        vroundpd xmm1, [rbx+rsi*2+16], 5
        vroundpd xmm5, xmmword ptr [rbx+rsi*2+16], 5
        vroundps xmm12, xmm1, 5
        vroundps ymm9, [rbx+rsi*2+16], 5
        vroundsd xmm3, xmm12, xmm1, 5
        vroundsd xmm3, xmm12, qword ptr [rbx+rsi*2+16], 5
        vroundss xmm3, xmm12, xmm1, 5
        vroundss xmm3, xmm12, dword ptr [rbx+rsi*2+16], 5
        vrsqrtps xmm1, [rbx+rsi*2+16]
        vrsqrtps ymm2, ymm9
        vrsqrtss xmm3, xmm12, xmm1
        vrsqrtss xmm12, xmm1, xmm2
        vshufpd xmm3, xmm12, xmm1, 5
        vshufpd ymm3, ymm2, ymm9, 5
        vshufps ymm3, ymm2, ymm9, 5
        vshufps ymm3, ymm2, [rbx+rsi*2+16], 5
        vsqrtpd xmm1, [rbx+rsi*2+16]
        vsqrtpd ymm2, ymm9
        vsqrtps xmm12, xmm1
        vsqrtps ymm2, ymm9
        vsqrtsd xmm3, xmm12, [rbx+rsi*2+16]
        vsqrtsd xmm12, xmm1, xmm2
        vsqrtss xmm3, xmm12, xmm1
        vsqrtss xmm3, xmm12, dword ptr [rbx+rsi*2+16]
        vstmxcsr [rbx+rsi*2+16]
        vstmxcsr [rip+16]
        vsubpd xmm4, xmm3, xmm0
        vsubpd xmm3, xmm12, xmmword ptr [rbx+rsi*2+16]
        vsubps xmm4, xmm3, xmm0
        vsubps ymm3, ymm2, ymm9
        vsubsd xmm3, xmm12, xmm1
        vsubsd xmm12, xmm1, xmm2
        vsubss xmm4, xmm3, xmm0
        vsubss xmm3, xmm12, xmm1
        vtestpd xmm1, xmmword ptr [rbx+rsi*2+16]
        vtestpd ymm9, [rbx+rsi*2+16]
        vtestps xmm1, [rbx+rsi*2+16]
        vtestps xmm1, xmmword ptr [rbx+rsi*2+16]
        vucomisd xmm12, xmm1
        vucomisd xmm1, [rbx+rsi*2+16]
        vucomiss xmm12, xmm1
        vucomiss xmm1, [rbx+rsi*2+16]
        vunpckhpd xmm3, xmm12, xmm1
        vunpckhpd ymm3, ymm2, [rbx+rsi*2+16]
        vunpckhps xmm3, xmm12, [rbx+rsi*2+16]
        vunpckhps xmm12, xmm1, xmm2
        vunpcklpd ymm3, ymm2, [rbx+rsi*2+16]
        vunpcklpd ymm3, ymm2, ymmword ptr [rbx+rsi*2+16]
        vunpcklps ymm3, ymm2, [rbx+rsi*2+16]
        vunpcklps ymm3, ymm2, ymmword ptr [rbx+rsi*2+16]
        vxorpd xmm3, xmm12, [rbx+rsi*2+16]
        vxorpd ymm3, ymm2, [rbx+rsi*2+16]
        vxorps ymm3, ymm2, [rbx+rsi*2+16]
        vxorps ymm3, ymm2, ymmword ptr [rbx+rsi*2+16]
        vzeroall
        vzeroupper
        wait
        wbinvd
        wbnoinvd
        wrfsbase rax
        wrfsbase eax
        wrgsbase rcx
        wrgsbase edx
        wrmsr
        wrmsrlist
        wrmsrns
        wrpkru
        wrssd [rbx+rsi*2+16], edx
        wrssd dword ptr [rbx+rsi*2+16], edx
        wrssq [rbx+rsi*2+16], rcx
        wrssq qword ptr [rip+sym], rax
        wrussd [rbx+rsi*2+16], edx
        wrussd dword ptr [rbx+rsi*2+16], edx
        wrussq [rbx+rsi*2+16], rcx
        wrussq qword ptr [rbx+rsi*2+16], rcx
        xabort 5
        xacquire
        xadd al, r8b
        xadd [rip+sym], rax
        xbegin 0x1234
        xbegin sym
        xchg bx, [rbx+rsi*2+16]
        xchg r8b, cl
        xend
        xgetbv
        xlat
        xor r10w, bx
        xor ax, dx
        xorb byte ptr [rbx+rsi*2+16], cl
        xorb cl, 0x1234
        xorpd xmm12, xmm1
        xorpd xmm1, [rbx+rsi*2+16]
        xorps xmm12, xmm1
        xorps xmm1, xmmword ptr [rbx+rsi*2+16]
        xorq rax, 5
        xorq [rbx+rsi*2+16], 0x1234
        xorw sym, 8
        xorw word ptr [rbx+rsi*2+16], 5
        xrelease
        xresldtrk
        xrstor [rbx+rsi*2+16]
        xrstor sym
        xrstor64 [rbx+rsi*2+16]
        xrstor64 [rip+16]
        xrstors [rbx+rsi*2+16]
        xrstors [rip+16]
        xrstors64 sym
        xrstors64 [rip+16]
        xsave [rbx+rsi*2+16]
        xsave [rip+16]
        xsave64 [rbx+rsi*2+16]
        xsave64 sym
        xsavec [rbx+rsi*2+16]
        xsavec [rip+16]
        xsavec64 [rbx+rsi*2+16]
        xsavec64 sym
        xsaveopt [rbx+rsi*2+16]
        xsaveopt sym
        xsaveopt64 [rbx+rsi*2+16]
        xsaveopt64 [rip+16]
        xsaves [rbx+rsi*2+16]
        xsaves [rip+16]
        xsaves64 [rbx+rsi*2+16]
        xsaves64 [rip+16]
        xsetbv
        xsusldtrk
        xtest
        .code64
