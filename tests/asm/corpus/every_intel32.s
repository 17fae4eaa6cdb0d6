# Every mnemonic that GNU as and exotool take, in forms chosen at random. Generated.
        .code32
        .intel_syntax noprefix
        aaa
        aad
        aam
        aas
        adc edi, edx
        adcx edx, [ebx+esi*2+16]
        add ax, dx
        addb [ebx+esi*2+16], 5
        addpd xmm2, xmm1
        addps xmm1, [ebx+esi*2+16]
        addr16 fs
        addr32
        addsd xmm2, xmm1
        addss xmm2, xmm1
        addsubpd xmm2, xmm1
        addsubps xmm2, xmm1
        addw sym, 5
        adox edx, [ebx+esi*2+16]
        aesdec xmm2, xmm1
        aesdeclast xmm1, xmmword ptr [ebx+esi*2+16]
        aesenc xmm1, [ebx+esi*2+16]
        aesenclast xmm2, xmm1
        aesimc xmm1, xmmword ptr [ebx+esi*2+16]
        aeskeygenassist xmm2, xmm1, 5
        and [ecx], eax
        andb al, dh
        andn edi, edx, dword ptr [ebx+esi*2+16]
        andnpd xmm1, [ebx+esi*2+16]
        andnps xmm1, [ebx+esi*2+16]
        andpd xmm1, [ebx+esi*2+16]
        andps xmm1, [ebx+esi*2+16]
        andw [ebx+esi*2+16], bx
        arpl si, bx
        bextr edi, [ebx+esi*2+16], edx
        blendpd xmm1, xmmword ptr [ebx+esi*2+16], 5
        blendps xmm1, xmmword ptr [ebx+esi*2+16], 5
        blendvpd xmm2, xmm1
        blendvps xmm1, [ebx+esi*2+16]
        blsi edx, [ebx+esi*2+16]
        blsmsk edx, dword ptr [ebx+esi*2+16]
        blsr edx, [ebx+esi*2+16]
        bnd
        bound bx, [ebx+esi*2+16]
        bsf edx, [ebx+esi*2+16]
        bsr edx, [ebx+esi*2+16]
        bswap edi
        bt dword ptr [ebx+esi*2+16], 5
        btc dx, ax
        btr [ecx], eax
        bts [ecx], eax
        btw ax, si
        bzhi edi, dword ptr [ebx+esi*2+16], edx
        call edx
        cbtw
        cbw
        cdq
        clac
        clc
        cld
        cldemote qword ptr [ebx+esi*2+16]
        clflush dword ptr [ebx+esi*2+16]
        clflushopt word ptr [ebx+esi*2+16]
        clgi
        cli
        clrssbsy qword ptr [ebx+esi*2+16]
        cltd
        clts
        clwb byte ptr [ebx+esi*2+16]
        clzero eax
        cmc
        cmova edx, dword ptr [ebx+esi*2+16]
        cmovae edx, dword ptr [ebx+esi*2+16]
        cmovb bx, [ebx+esi*2+16]
        cmovbe bx, word ptr [ebx+esi*2+16]
        cmovc ax, si
        cmove dx, ax
        cmovg ax, dx
        cmovge edx, dword ptr [ebx+esi*2+16]
        cmovl bx, word ptr [ebx+esi*2+16]
        cmovle ax, si
        cmovna edi, edx
        cmovnae bx, word ptr [ebx+esi*2+16]
        cmovnb si, bx
        cmovnbe edi, edx
        cmovnc bx, [ebx+esi*2+16]
        cmovne dx, ax
        cmovng eax, edi
        cmovnge bx, [ebx+esi*2+16]
        cmovnl ax, dx
        cmovnle eax, edi
        cmovno bx, [ebx+esi*2+16]
        cmovnp si, bx
        cmovns edx, [ebx+esi*2+16]
        cmovnz edx, [ebx+esi*2+16]
        cmovo dx, ax
        cmovp bx, word ptr [ebx+esi*2+16]
        cmovpe edx, [ebx+esi*2+16]
        cmovpo edx, dword ptr [ebx+esi*2+16]
        cmovs bx, word ptr [ebx+esi*2+16]
        cmovz dx, ax
        cmp si, bx
        cmpb byte ptr [ebx+esi*2+16], 0x1234
        cmpeqpd xmm2, xmm1
        cmpeqps xmm1, [ebx+esi*2+16]
        cmpeqsd xmm1, [ebx+esi*2+16]
        cmpeqss xmm1, dword ptr [ebx+esi*2+16]
        cmplepd xmm2, xmm1
        cmpleps xmm1, xmmword ptr [ebx+esi*2+16]
        cmplesd xmm1, [ebx+esi*2+16]
        cmpless xmm1, [ebx+esi*2+16]
        cmpltpd xmm1, xmmword ptr [ebx+esi*2+16]
        cmpltps xmm1, xmmword ptr [ebx+esi*2+16]
        cmpltsd xmm2, xmm1
        cmpltss xmm2, xmm1
        cmpneqpd xmm2, xmm1
        cmpneqps xmm2, xmm1
        cmpneqsd xmm1, [ebx+esi*2+16]
        cmpneqss xmm1, [ebx+esi*2+16]
        cmpnlepd xmm1, [ebx+esi*2+16]
        cmpnleps xmm2, xmm1
        cmpnlesd xmm2, xmm1
        cmpnless xmm1, [ebx+esi*2+16]
        cmpnltpd xmm1, [ebx+esi*2+16]
        cmpnltps xmm2, xmm1
        cmpnltsd xmm2, xmm1
        cmpnltss xmm1, [ebx+esi*2+16]
        cmpordpd xmm1, [ebx+esi*2+16]
        cmpordps xmm2, xmm1
        cmpordsd xmm1, [ebx+esi*2+16]
        cmpordss xmm2, xmm1
        cmppd xmm5, [ebx+esi*2+16], 5
        cmpps xmm2, xmm1, 5
        cmpsd xmm1, qword ptr [ebx+esi*2+16], 5
        cmpss xmm2, xmm1, 5
        cmpunordpd xmm1, xmmword ptr [ebx+esi*2+16]
        cmpunordps xmm1, [ebx+esi*2+16]
        cmpunordsd xmm2, xmm1
        cmpunordss xmm2, xmm1
        cmpw word ptr [ebx+esi*2+16], 5
        cmpxchg ax, dx
        cmpxchg8b sym
        comisd xmm1, [ebx+esi*2+16]
        comiss xmm2, xmm1
        cpuid
        crc32 edx, word ptr [ebx+esi*2+16]
        cs fs
        cvtdq2pd xmm2, xmm1
        cvtdq2ps xmm1, xmmword ptr [ebx+esi*2+16]
        cvtpd2dq xmm1, [ebx+esi*2+16]
        cvtpd2pi mm1, [ebx+esi*2+16]
        cvtpd2ps xmm2, xmm1
        cvtpi2pd xmm1, qword ptr [ebx+esi*2+16]
        cvtpi2ps xmm1, [ebx+esi*2+16]
        cvtps2dq xmm2, xmm1
        cvtps2pd xmm1, [ebx+esi*2+16]
        cvtps2pi mm1, qword ptr [ebx+esi*2+16]
        cvtsd2si edx, qword ptr [ebx+esi*2+16]
        cvtsd2ss xmm1, [ebx+esi*2+16]
        cvtsi2sd xmm2, edx
        cvtsi2ss xmm1, edx
        cvtss2sd xmm2, xmm1
        cvtss2si edx, dword ptr [ebx+esi*2+16]
        cvttpd2dq xmm1, [ebx+esi*2+16]
        cvttpd2pi mm1, [ebx+esi*2+16]
        cvttps2dq xmm1, [ebx+esi*2+16]
        cvttps2pi mm1, qword ptr [ebx+esi*2+16]
        cvttsd2si edx, xmm2
        cvttss2si edx, [ebx+esi*2+16]
        cwd
        cwde
        cwtd
        cwtl
        daa
        das
        data16
        data32
        dec eax
        div dword ptr [ebx+esi*2+16]
        divpd xmm1, xmmword ptr [ebx+esi*2+16]
        divps xmm2, xmm1
        divsd xmm2, xmm1
        divss xmm2, xmm1
        dppd xmm1, [ebx+esi*2+16], 5
        dpps xmm5, [ebx+esi*2+16], 5
        ds cs
        emms
        encls
        enclu
        enclv
        endbr32
        endbr64
        enqcmd edx, [ebx+esi*2+16]
        enqcmds edx, [ebx+esi*2+16]
        enter 6, 5
        es fs
        extractps dword ptr [ebx+esi*2+16], xmm1, 5
        f2xm1
        fabs
        fadd st(3)
        faddp
        fbld tbyte ptr [ebx+esi*2+16]
        fbstp sym
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
        fcom st
        fcomi
        fcomip
        fcomp st
        fcompi st
        fcompp
        fcos
        fdecstp
        fdisi
        fdiv qword ptr [ebx+esi*2+16]
        fdivp
        fdivr st(3), st
        fdivrp st(3), st
        femms
        feni
        ffree st
        ffreep st
        fiadd word ptr [ebx+esi*2+16]
        ficom word ptr [ebx+esi*2+16]
        ficomp dword ptr [ebx+esi*2+16]
        fidiv word ptr [ebx+esi*2+16]
        fidivr dword ptr [ebx+esi*2+16]
        fild word ptr [ebx+esi*2+16]
        fimul dword ptr [ebx+esi*2+16]
        fincstp
        finit
        fist dword ptr [ebx+esi*2+16]
        fistp word ptr [ebx+esi*2+16]
        fisttp word ptr [ebx+esi*2+16]
        fisub dword ptr [ebx+esi*2+16]
        fisubr dword ptr [ebx+esi*2+16]
        fld st(3)
        fld1
        fldcw word ptr [ebx+esi*2+16]
        fldenv sym
        fldl2e
        fldl2t
        fldlg2
        fldln2
        fldpi
        fldt sym
        fldz
        fmul st(3)
        fmulp
        fnclex
        fndisi
        fneni
        fninit
        fnop
        fnsave sym
        fnsetpm
        fnstcw word ptr [ebx+esi*2+16]
        fnstenv sym
        fnstsw sym
        fpatan
        fprem
        fprem1
        fptan
        frndint
        frstor sym
        frstpm
        fs fs
        fsave [ebx+esi*2+16]
        fscale
        fsetpm
        fsin
        fsincos
        fsqrt
        fst qword ptr [ebx+esi*2+16]
        fstcw sym
        fstenv [ebx+esi*2+16]
        fstp st
        fstpt sym
        fstsw sym
        fsub st(3), st
        fsubp st(3), st
        fsubr st
        fsubrp st
        ftst
        fucom st
        fucomi st(3)
        fucomip st
        fucomp
        fucompi st, st(3)
        fucompp
        fwait
        fxam
        fxch st
        fxrstor sym
        fxsave sym
        fxtract
        fyl2x
        fyl2xp1
        getsec
        gf2p8affineinvqb xmm1, [ebx+esi*2+16], 5
        gf2p8affineqb xmm2, xmm1, 5
        gf2p8mulb xmm1, [ebx+esi*2+16]
        gs fs
        haddpd xmm1, [ebx+esi*2+16]
        haddps xmm2, xmm1
        hlt
        hreset 5
        hsubpd xmm1, xmmword ptr [ebx+esi*2+16]
        hsubps xmm1, [ebx+esi*2+16]
        idiv word ptr [ebx+esi*2+16]
        imul dx, ax
        in al, 5
        inc word ptr [ebx+esi*2+16]
        incsspd eax
        insb
        insertps xmm2, xmm1, 5
        insw
        int 5
        int1
        int3
        into
        invd
        invept edx, [ebx+esi*2+16]
        invlpg sym
        invlpga
        invlpgb
        invpcid edx, [ebx+esi*2+16]
        invvpid edx, [ebx+esi*2+16]
        iret
        ja 0x1234
        jae 5
        jb sym
        jbe 5
        jc 5
        jcxz sym
        je 5
        jecxz sym
        jg 5
        jge 5
        jl sym
        jle sym
        jmp [ebx+esi*2+16]
        jna 0x1234
        jnae sym
        jnb 5
        jnbe 0x1234
        jnc 5
        jne 5
        jng 0x1234
        jnge sym
        jnl sym
        jnle sym
        jno 0x1234
        jnp 0x1234
        jns 5
        jnz 5
        jo 5
        jp 0x1234
        jpe 5
        jpo 5
        js sym
        jz sym
        lahf
        lar bx, [ebx+esi*2+16]
        lcall sym, 5
        lddqu xmm1, xmmword ptr [ebx+esi*2+16]
        ldmxcsr sym
        lds bx, [ebx+esi*2+16]
        lea bx, dword ptr [ebx+esi*2+16]
        leave
        les edx, fword ptr [ebx+esi*2+16]
        lfence
        lfs edx, fword ptr [ebx+esi*2+16]
        lgdt fword ptr [ebx+esi*2+16]
        lgs edx, fword ptr [ebx+esi*2+16]
        lidt sym
        ljmp [ebx+esi*2+16]
        lldt ax
        lmsw si
        lock
        loop sym
        loope sym
        loopne sym
        loopnz sym
        loopz sym
        lret 0x1234
        lsl ax, dx
        lss edx, fword ptr [ebx+esi*2+16]
        ltr word ptr [ebx+esi*2+16]
        lzcnt edx, [ebx+esi*2+16]
        maskmovdqu xmm2, xmm1
        maskmovq mm2, mm1
        maxpd xmm2, xmm1
        maxps xmm2, xmm1
        maxsd xmm1, qword ptr [ebx+esi*2+16]
        maxss xmm2, xmm1
        mcommit
        mfence
        minpd xmm1, [ebx+esi*2+16]
        minps xmm1, [ebx+esi*2+16]
        minsd xmm1, [ebx+esi*2+16]
        minss xmm1, dword ptr [ebx+esi*2+16]
        monitor
        monitorx
        mov dword ptr [ebx+esi*2+16], 0x1234
        movapd xmm1, xmmword ptr [ebx+esi*2+16]
        movaps xmmword ptr [ebx+esi*2+16], xmm1
        movb cl, 5
        movbe [ebx+esi*2+16], bx
        movd edx, mm3
        movddup xmm1, [ebx+esi*2+16]
        movdir64b edx, [ebx+esi*2+16]
        movdiri dword ptr [ecx], eax
        movdq2q mm2, xmm1
        movdqa xmmword ptr [ebx+esi*2+16], xmm0
        movdqu [ebx+esi*2+16], xmm0
        movhlps xmm2, xmm1
        movhpd [ebx+esi*2+16], xmm1
        movhps xmm1, [ebx+esi*2+16]
        movlhps xmm2, xmm1
        movlpd xmm1, [ebx+esi*2+16]
        movlps [ebx+esi*2+16], xmm0
        movmskpd edx, xmm2
        movmskps edx, xmm1
        movntdq xmmword ptr [ebx+esi*2+16], xmm1
        movntdqa xmm1, xmmword ptr [ebx+esi*2+16]
        movnti dword ptr [ecx], eax
        movntpd xmmword ptr [ebx+esi*2+16], xmm1
        movntps [ebx+esi*2+16], xmm0
        movntq [ebx+esi*2+16], mm1
        movntsd qword ptr [ebx+esi*2+16], xmm0
        movntss dword ptr [ebx+esi*2+16], xmm1
        movq [ebx+esi*2+16], mm1
        movq2dq xmm2, mm1
        movsb bx, byte ptr [ebx+esi*2+16]
        movsd [ebx+esi*2+16], xmm0
        movshdup xmm2, xmm1
        movsldup xmm1, [ebx+esi*2+16]
        movss dword ptr [ebx+esi*2+16], xmm0
        movsw edx, word ptr [ebx+esi*2+16]
        movsx edx, cl
        movupd [ebx+esi*2+16], xmm0
        movups xmmword ptr [ebx+esi*2+16], xmm1
        movw si, bx
        movzb edx, byte ptr [ebx+esi*2+16]
        movzw edx, word ptr [ebx+esi*2+16]
        movzx dx, al
        mpsadbw xmm1, xmmword ptr [ebx+esi*2+16], 5
        mul byte ptr [ebx+esi*2+16]
        mulb [ebx+esi*2+16]
        mulpd xmm1, [ebx+esi*2+16]
        mulps xmm1, [ebx+esi*2+16]
        mulsd xmm1, [ebx+esi*2+16]
        mulss xmm1, dword ptr [ebx+esi*2+16]
        mulx eax, edi, edx
        mwait
        mwaitx
        neg cl
        nop bx
        nopw si
        not al
        notb [ebx+esi*2+16]
        notrack
        notw sym
        or bx, word ptr [ebx+esi*2+16]
        orb al, dh
        orpd xmm1, xmmword ptr [ebx+esi*2+16]
        orps xmm1, [ebx+esi*2+16]
        orw bx, 0x1234
        out 5, al
        pabsb xmm2, xmm1
        pabsd xmm2, xmm1
        pabsw mm1, qword ptr [ebx+esi*2+16]
        packssdw mm1, [ebx+esi*2+16]
        packsswb xmm1, xmmword ptr [ebx+esi*2+16]
        packusdw xmm1, [ebx+esi*2+16]
        packuswb mm1, [ebx+esi*2+16]
        paddb mm1, [ebx+esi*2+16]
        paddd mm1, qword ptr [ebx+esi*2+16]
        paddq xmm1, xmmword ptr [ebx+esi*2+16]
        paddsb xmm1, xmmword ptr [ebx+esi*2+16]
        paddsw mm1, qword ptr [ebx+esi*2+16]
        paddusb xmm2, xmm1
        paddusw mm1, [ebx+esi*2+16]
        paddw xmm1, [ebx+esi*2+16]
        palignr mm2, mm1, 5
        pand mm1, [ebx+esi*2+16]
        pandn mm1, [ebx+esi*2+16]
        pause
        pavgb xmm2, xmm1
        pavgw mm2, mm1
        pblendvb xmm1, xmmword ptr [ebx+esi*2+16]
        pblendw xmm5, [ebx+esi*2+16], 5
        pclmulhqhqdq xmm1, xmmword ptr [ebx+esi*2+16]
        pclmulhqlqdq xmm1, xmmword ptr [ebx+esi*2+16]
        pclmullqhqdq xmm1, [ebx+esi*2+16]
        pclmullqlqdq xmm1, xmmword ptr [ebx+esi*2+16]
        pclmulqdq xmm2, xmm1, 5
        pcmpeqb mm2, mm1
        pcmpeqd mm2, mm1
        pcmpeqq xmm2, xmm1
        pcmpeqw xmm1, [ebx+esi*2+16]
        pcmpestri xmm1, [ebx+esi*2+16], 5
        pcmpestrm xmm5, [ebx+esi*2+16], 5
        pcmpgtb mm1, [ebx+esi*2+16]
        pcmpgtd mm1, qword ptr [ebx+esi*2+16]
        pcmpgtq xmm2, xmm1
        pcmpgtw mm1, [ebx+esi*2+16]
        pcmpistri xmm5, [ebx+esi*2+16], 5
        pcmpistrm xmm2, xmm1, 5
        pconfig
        pdep edi, edx, dword ptr [ebx+esi*2+16]
        pext eax, edi, edx
        pextrb edx, xmm2, 5
        pextrd edx, xmm1, 5
        pextrw edx, xmm2, 5
        phaddd xmm1, xmmword ptr [ebx+esi*2+16]
        phaddsw xmm2, xmm1
        phaddw mm1, qword ptr [ebx+esi*2+16]
        phminposuw xmm1, xmmword ptr [ebx+esi*2+16]
        phsubd xmm1, xmmword ptr [ebx+esi*2+16]
        phsubsw xmm2, xmm1
        phsubw xmm1, [ebx+esi*2+16]
        pinsrb xmm1, [ebx+esi*2+16], 5
        pinsrd xmm2, edx, 5
        pinsrw xmm1, edx, 5
        pmaddubsw mm1, qword ptr [ebx+esi*2+16]
        pmaddwd xmm1, xmmword ptr [ebx+esi*2+16]
        pmaxsb xmm1, xmmword ptr [ebx+esi*2+16]
        pmaxsd xmm1, xmmword ptr [ebx+esi*2+16]
        pmaxsw mm1, [ebx+esi*2+16]
        pmaxub xmm2, xmm1
        pmaxud xmm1, xmmword ptr [ebx+esi*2+16]
        pmaxuw xmm1, xmmword ptr [ebx+esi*2+16]
        pminsb xmm1, [ebx+esi*2+16]
        pminsd xmm1, [ebx+esi*2+16]
        pminsw mm1, qword ptr [ebx+esi*2+16]
        pminub mm1, qword ptr [ebx+esi*2+16]
        pminud xmm2, xmm1
        pminuw xmm1, [ebx+esi*2+16]
        pmovmskb edx, xmm2
        pmovsxbd xmm1, [ebx+esi*2+16]
        pmovsxbq xmm2, xmm1
        pmovsxbw xmm1, [ebx+esi*2+16]
        pmovsxdq xmm1, qword ptr [ebx+esi*2+16]
        pmovsxwd xmm2, xmm1
        pmovsxwq xmm1, dword ptr [ebx+esi*2+16]
        pmovzxbd xmm1, [ebx+esi*2+16]
        pmovzxbq xmm2, xmm1
        pmovzxbw xmm1, qword ptr [ebx+esi*2+16]
        pmovzxdq xmm2, xmm1
        pmovzxwd xmm2, xmm1
        pmovzxwq xmm1, [ebx+esi*2+16]
        pmuldq xmm2, xmm1
        pmulhrsw mm2, mm1
        pmulhuw mm2, mm1
        pmulhw xmm1, [ebx+esi*2+16]
        pmulld xmm1, [ebx+esi*2+16]
        pmullw xmm1, [ebx+esi*2+16]
        pmuludq xmm1, xmmword ptr [ebx+esi*2+16]
        pop edx
        popa
        popcnt edx, dword ptr [ebx+esi*2+16]
        popcntw ax, dx
        popf
        por mm2, mm1
        prefetch dword ptr [ebx+esi*2+16]
        prefetchnta xmmword ptr [ebx+esi*2+16]
        prefetcht0 dword ptr [ebx+esi*2+16]
        prefetcht1 tbyte ptr [ebx+esi*2+16]
        prefetcht2 word ptr [ebx+esi*2+16]
        prefetchw [ebx+esi*2+16]
        prefetchwt1 xmmword ptr [ebx+esi*2+16]
        psadbw mm1, qword ptr [ebx+esi*2+16]
        pshufb mm1, qword ptr [ebx+esi*2+16]
        pshufd xmm5, xmmword ptr [ebx+esi*2+16], 5
        pshufhw xmm1, xmmword ptr [ebx+esi*2+16], 5
        pshuflw xmm2, xmm1, 5
        pshufw mm1, [ebx+esi*2+16], 5
        psignb xmm2, xmm1
        psignd mm1, qword ptr [ebx+esi*2+16]
        psignw mm1, [ebx+esi*2+16]
        pslld mm1, qword ptr [ebx+esi*2+16]
        pslldq xmm1, 5
        psllq xmm1, xmmword ptr [ebx+esi*2+16]
        psllw xmm2, xmm1
        psrad xmm2, xmm1
        psraw mm1, [ebx+esi*2+16]
        psrld mm1, qword ptr [ebx+esi*2+16]
        psrldq xmm1, 5
        psrlq xmm1, [ebx+esi*2+16]
        psrlw xmm1, [ebx+esi*2+16]
        psubb mm1, qword ptr [ebx+esi*2+16]
        psubd xmm1, [ebx+esi*2+16]
        psubq xmm1, xmmword ptr [ebx+esi*2+16]
        psubsb mm2, mm1
        psubsw mm1, qword ptr [ebx+esi*2+16]
        psubusb xmm1, xmmword ptr [ebx+esi*2+16]
        psubusw mm2, mm1
        psubw xmm1, [ebx+esi*2+16]
        ptest xmm1, xmmword ptr [ebx+esi*2+16]
        ptwrite eax
        punpckhbw mm2, mm1
        punpckhdq mm1, [ebx+esi*2+16]
        punpckhqdq xmm1, xmmword ptr [ebx+esi*2+16]
        punpckhwd mm1, [ebx+esi*2+16]
        punpcklbw mm2, mm1
        punpckldq mm1, dword ptr [ebx+esi*2+16]
        punpcklqdq xmm1, [ebx+esi*2+16]
        punpcklwd xmm2, xmm1
        push [ebx+esi*2+16]
        pusha
        pushf
        pvalidate
        pxor mm1, [ebx+esi*2+16]
        rcl word ptr [ebx+esi*2+16]
        rcpps xmm1, xmmword ptr [ebx+esi*2+16]
        rcpss xmm1, dword ptr [ebx+esi*2+16]
        rcr bx, cl
        rdmsr
        rdpid eax
        rdpkru
        rdpmc
        rdpru
        rdrand ax
        rdseed si
        rdsspd eax
        rdtsc
        rdtscp
        rep
        repe
        repne
        repnz
        repz
        ret
        retf 0x1234
        rol ax, 5
        ror dword ptr [ebx+esi*2+16], 5
        rorx edx, dword ptr [ebx+esi*2+16], 5
        roundpd xmm1, [ebx+esi*2+16], 5
        roundps xmm1, [ebx+esi*2+16], 5
        roundsd xmm5, [ebx+esi*2+16], 5
        roundss xmm1, [ebx+esi*2+16], 5
        rsm
        rsqrtps xmm1, [ebx+esi*2+16]
        rsqrtss xmm1, [ebx+esi*2+16]
        rstorssp sym
        sahf
        sal edx, cl
        sar byte ptr [ebx+esi*2+16]
        sarx edi, dword ptr [ebx+esi*2+16], edx
        saveprevssp
        sbb cl, byte ptr [ebx+esi*2+16]
        serialize
        seta al
        setae cl
        setb [ebx+esi*2+16]
        setbe byte ptr [ebx+esi*2+16]
        setc byte ptr [ebx+esi*2+16]
        sete sym
        setg byte ptr [ebx+esi*2+16]
        setge al
        setl [ebx+esi*2+16]
        setle sym
        setna cl
        setnae dh
        setnb [ebx+esi*2+16]
        setnbe dh
        setnc sym
        setne cl
        setng dh
        setnge cl
        setnl byte ptr [ebx+esi*2+16]
        setnle [ebx+esi*2+16]
        setno al
        setnp sym
        setns cl
        setnz dh
        seto [ebx+esi*2+16]
        setp al
        setpe cl
        setpo al
        sets byte ptr [ebx+esi*2+16]
        setssbsy
        setz byte ptr [ebx+esi*2+16]
        sfence
        sgdt [ebx+esi*2+16]
        sha1msg1 xmm1, [ebx+esi*2+16]
        sha1msg2 xmm2, xmm1
        sha1nexte xmm2, xmm1
        sha1rnds4 xmm2, xmm1, 5
        sha256msg1 xmm2, xmm1
        sha256msg2 xmm2, xmm1
        sha256rnds2 xmm4, xmm3, xmm0
        shl byte ptr [ebx+esi*2+16]
        shlb cl
        shld ax, dx
        shldw si, bx, 5
        shlw si, cl
        shlx eax, edi, edx
        shr byte ptr [ebx+esi*2+16], cl
        shrd [ebx+esi*2+16], bx
        shrdw word ptr [ebx+esi*2+16], bx, 5
        shrx edi, [ebx+esi*2+16], edx
        shufpd xmm1, [ebx+esi*2+16], 5
        shufps xmm1, [ebx+esi*2+16], 5
        sidt fword ptr [ebx+esi*2+16]
        skinit
        sldt sym
        smsw si
        sqrtpd xmm1, xmmword ptr [ebx+esi*2+16]
        sqrtps xmm2, xmm1
        sqrtsd xmm1, qword ptr [ebx+esi*2+16]
        sqrtss xmm2, xmm1
        ss
        stac
        stc
        std
        stgi
        sti
        stmxcsr [ebx+esi*2+16]
        str bx
        sub edi, edx
        subb cl, 0x1234
        subpd xmm1, xmmword ptr [ebx+esi*2+16]
        subps xmm1, [ebx+esi*2+16]
        subsd xmm1, [ebx+esi*2+16]
        subss xmm2, xmm1
        subw word ptr [ebx+esi*2+16], 5
        syscall
        sysenter
        sysexit
        sysret
        test cl, [ebx+esi*2+16]
        testb cl, 0x1234
        testw bx, 5
        tlbsync
        tpause edi
        tzcnt edi, edx
        ucomisd xmm2, xmm1
        ucomiss xmm2, xmm1
        ud0 ax, si
        ud1 eax, edi
        ud2
        ud2a
        ud2b bx, word ptr [ebx+esi*2+16]
        umonitor edi
        umwait edx
        unpckhpd xmm1, xmmword ptr [ebx+esi*2+16]
        unpckhps xmm1, xmmword ptr [ebx+esi*2+16]
        unpcklpd xmm1, xmmword ptr [ebx+esi*2+16]
        unpcklps xmm1, xmmword ptr [ebx+esi*2+16]
        vaddpd ymm3, ymm2, [ebx+esi*2+16]
        vaddps xmm4, xmm3, xmm0
        vaddsd xmm4, xmm3, xmm0
        vaddss xmm3, xmm2, dword ptr [ebx+esi*2+16]
        vaddsubpd xmm4, xmm3, xmm0
        vaddsubps ymm3, ymm2, [ebx+esi*2+16]
        vaesdec xmm2, xmm1, xmm2
        vaesdeclast xmm4, xmm3, xmm0
        vaesenc xmm2, xmm1, xmm2
        vaesenclast xmm3, xmm2, xmmword ptr [ebx+esi*2+16]
        vaesimc xmm1, xmmword ptr [ebx+esi*2+16]
        vaeskeygenassist xmm5, [ebx+esi*2+16], 5
        vandnpd xmm3, xmm2, [ebx+esi*2+16]
        vandnps ymm3, ymm2, ymmword ptr [ebx+esi*2+16]
        vandpd xmm4, xmm3, xmm0
        vandps xmm2, xmm1, xmm2
        vblendpd xmm3, xmm2, xmm1, 5
        vblendps xmm3, xmm2, xmm1, 5
        vblendvpd ymm4, ymm3, [ebx+esi*2+16], ymm4
        vblendvps xmm4, xmm3, xmmword ptr [ebx+esi*2+16], xmm4
        vbroadcastf128 ymm1, [ebx+esi*2+16]
        vbroadcasti128 ymm1, [ebx+esi*2+16]
        vbroadcastsd ymm2, xmm1
        vbroadcastss xmm1, dword ptr [ebx+esi*2+16]
        vcmpeqpd xmm3, xmm2, xmmword ptr [ebx+esi*2+16]
        vcmpeqps xmm3, xmm2, [ebx+esi*2+16]
        vcmpeqsd xmm3, xmm2, qword ptr [ebx+esi*2+16]
        vcmpeqss xmm4, xmm3, xmm0
        vcmpfalsepd xmm3, xmm2, [ebx+esi*2+16]
        vcmpfalseps xmm3, xmm2, [ebx+esi*2+16]
        vcmpfalsesd xmm2, xmm1, xmm2
        vcmpfalsess xmm3, xmm2, xmm1
        vcmpgepd xmm3, xmm2, [ebx+esi*2+16]
        vcmpgeps xmm3, xmm2, xmm1
        vcmpgesd xmm3, xmm2, [ebx+esi*2+16]
        vcmpgess xmm4, xmm3, xmm0
        vcmpgtpd xmm3, xmm2, xmmword ptr [ebx+esi*2+16]
        vcmpgtps xmm2, xmm1, xmm2
        vcmpgtsd xmm3, xmm2, xmm1
        vcmpgtss xmm4, xmm3, xmm0
        vcmplepd xmm2, xmm1, xmm2
        vcmpleps xmm2, xmm1, xmm2
        vcmplesd xmm2, xmm1, xmm2
        vcmpless xmm3, xmm2, xmm1
        vcmpltpd ymm3, ymm2, [ebx+esi*2+16]
        vcmpltps xmm3, xmm2, [ebx+esi*2+16]
        vcmpltsd xmm4, xmm3, xmm0
        vcmpltss xmm4, xmm3, xmm0
        vcmpneqpd xmm3, xmm2, xmm1
        vcmpneqps xmm3, xmm2, xmm1
        vcmpneqsd xmm3, xmm2, xmm1
        vcmpneqss xmm4, xmm3, xmm0
        vcmpngepd xmm3, xmm2, xmmword ptr [ebx+esi*2+16]
        vcmpngeps xmm3, xmm2, xmm1
        vcmpngesd xmm3, xmm2, [ebx+esi*2+16]
        vcmpngess xmm3, xmm2, [ebx+esi*2+16]
        vcmpngtpd xmm3, xmm2, xmm1
        vcmpngtps xmm3, xmm2, [ebx+esi*2+16]
        vcmpngtsd xmm3, xmm2, qword ptr [ebx+esi*2+16]
        vcmpngtss xmm3, xmm2, [ebx+esi*2+16]
        vcmpnlepd xmm3, xmm2, [ebx+esi*2+16]
        vcmpnleps xmm3, xmm2, [ebx+esi*2+16]
        vcmpnlesd xmm3, xmm2, xmm1
        vcmpnless xmm4, xmm3, xmm0
        vcmpnltpd xmm3, xmm2, xmm1
        vcmpnltps xmm4, xmm3, xmm0
        vcmpnltsd xmm4, xmm3, xmm0
        vcmpnltss xmm3, xmm2, [ebx+esi*2+16]
        vcmpordpd ymm3, ymm2, ymmword ptr [ebx+esi*2+16]
        vcmpordps xmm3, xmm2, [ebx+esi*2+16]
        vcmpordsd xmm3, xmm2, [ebx+esi*2+16]
        vcmpordss xmm3, xmm2, xmm1
        vcmppd ymm3, ymm2, [ebx+esi*2+16], 5
        vcmpps xmm3, xmm2, xmm1, 5
        vcmpsd xmm3, xmm2, [ebx+esi*2+16], 5
        vcmpss xmm3, xmm2, [ebx+esi*2+16], 5
        vcmptruepd ymm3, ymm2, [ebx+esi*2+16]
        vcmptrueps ymm3, ymm2, ymm1
        vcmptruesd xmm3, xmm2, qword ptr [ebx+esi*2+16]
        vcmptruess xmm3, xmm2, [ebx+esi*2+16]
        vcmpunordpd xmm3, xmm2, xmm1
        vcmpunordps xmm3, xmm2, xmm1
        vcmpunordsd xmm3, xmm2, qword ptr [ebx+esi*2+16]
        vcmpunordss xmm3, xmm2, dword ptr [ebx+esi*2+16]
        vcomisd xmm1, qword ptr [ebx+esi*2+16]
        vcomiss xmm2, xmm1
        vcvtdq2pd ymm1, [ebx+esi*2+16]
        vcvtdq2ps ymm1, ymmword ptr [ebx+esi*2+16]
        vcvtpd2dq xmm2, xmm1
        vcvtpd2ps xmm2, ymm1
        vcvtph2ps xmm1, [ebx+esi*2+16]
        vcvtps2dq ymm2, ymm1
        vcvtps2pd xmm1, [ebx+esi*2+16]
        vcvtps2ph qword ptr [ebx+esi*2+16], xmm1, 5
        vcvtsd2si edx, qword ptr [ebx+esi*2+16]
        vcvtsd2ss xmm3, xmm2, xmm1
        vcvtsi2sd xmm3, xmm2, dword ptr [ebx+esi*2+16]
        vcvtsi2ss xmm6, xmm1, edx
        vcvtss2sd xmm4, xmm3, xmm0
        vcvtss2si edx, xmm1
        vcvttpd2dq xmm1, xmmword ptr [ebx+esi*2+16]
        vcvttps2dq ymm1, [ebx+esi*2+16]
        vcvttsd2si edx, qword ptr [ebx+esi*2+16]
        vcvttss2si edx, xmm2
        vdivpd xmm3, xmm2, xmm1
        vdivps xmm3, xmm2, xmm1
        vdivsd xmm3, xmm2, qword ptr [ebx+esi*2+16]
        vdivss xmm4, xmm3, xmm0
        vdppd xmm3, xmm2, [ebx+esi*2+16], 5
        vdpps xmm3, xmm2, xmmword ptr [ebx+esi*2+16], 5
        verr word ptr [ebx+esi*2+16]
        verw sym
        vextractf128 xmmword ptr [ebx+esi*2+16], ymm1, 5
        vextracti128 xmm2, ymm1, 1
        vextractps [ebx+esi*2+16], xmm1, 5
        vfmadd132pd xmm2, xmm1, xmm2
        vfmadd132ps xmm3, xmm2, [ebx+esi*2+16]
        vfmadd132sd xmm3, xmm2, xmm1
        vfmadd132ss xmm3, xmm2, xmm1
        vfmadd213pd ymm3, ymm2, [ebx+esi*2+16]
        vfmadd213ps xmm3, xmm2, xmm1
        vfmadd213sd xmm3, xmm2, [ebx+esi*2+16]
        vfmadd213ss xmm4, xmm3, xmm0
        vfmadd231pd ymm3, ymm2, [ebx+esi*2+16]
        vfmadd231ps xmm3, xmm2, xmm1
        vfmadd231sd xmm2, xmm1, xmm2
        vfmadd231ss xmm2, xmm1, xmm2
        vfmaddsub132pd xmm4, xmm3, xmm0
        vfmaddsub132ps ymm3, ymm2, ymmword ptr [ebx+esi*2+16]
        vfmaddsub213pd xmm2, xmm1, xmm2
        vfmaddsub213ps ymm3, ymm2, ymmword ptr [ebx+esi*2+16]
        vfmaddsub231pd xmm3, xmm2, xmmword ptr [ebx+esi*2+16]
        vfmaddsub231ps ymm3, ymm2, ymm1
        vfmsub132pd xmm3, xmm2, [ebx+esi*2+16]
        vfmsub132ps xmm3, xmm2, xmmword ptr [ebx+esi*2+16]
        vfmsub132sd xmm2, xmm1, xmm2
        vfmsub132ss xmm3, xmm2, [ebx+esi*2+16]
        vfmsub213pd ymm3, ymm2, ymm1
        vfmsub213ps xmm2, xmm1, xmm2
        vfmsub213sd xmm2, xmm1, xmm2
        vfmsub213ss xmm4, xmm3, xmm0
        vfmsub231pd xmm4, xmm3, xmm0
        vfmsub231ps ymm3, ymm2, ymm1
        vfmsub231sd xmm2, xmm1, xmm2
        vfmsub231ss xmm4, xmm3, xmm0
        vfmsubadd132pd xmm4, xmm3, xmm0
        vfmsubadd132ps xmm3, xmm2, xmm1
        vfmsubadd213pd xmm3, xmm2, [ebx+esi*2+16]
        vfmsubadd213ps xmm2, xmm1, xmm2
        vfmsubadd231pd xmm4, xmm3, xmm0
        vfmsubadd231ps xmm3, xmm2, xmm1
        vfnmadd132pd xmm2, xmm1, xmm2
        vfnmadd132ps xmm3, xmm2, xmm1
        vfnmadd132sd xmm3, xmm2, [ebx+esi*2+16]
        vfnmadd132ss xmm3, xmm2, dword ptr [ebx+esi*2+16]
        vfnmadd213pd xmm4, xmm3, xmm0
        vfnmadd213ps ymm3, ymm2, ymmword ptr [ebx+esi*2+16]
        vfnmadd213sd xmm3, xmm2, [ebx+esi*2+16]
        vfnmadd213ss xmm2, xmm1, xmm2
        vfnmadd231pd xmm4, xmm3, xmm0
        vfnmadd231ps xmm3, xmm2, xmmword ptr [ebx+esi*2+16]
        vfnmadd231sd xmm3, xmm2, [ebx+esi*2+16]
        vfnmadd231ss xmm4, xmm3, xmm0
        vfnmsub132pd xmm4, xmm3, xmm0
        vfnmsub132ps xmm3, xmm2, xmm1
        vfnmsub132sd xmm4, xmm3, xmm0
        vfnmsub132ss xmm3, xmm2, xmm1
        vfnmsub213pd xmm3, xmm2, [ebx+esi*2+16]
        vfnmsub213ps xmm4, xmm3, xmm0
        vfnmsub213sd xmm3, xmm2, xmm1
        vfnmsub213ss xmm4, xmm3, xmm0
        vfnmsub231pd xmm3, xmm2, [ebx+esi*2+16]
        vfnmsub231ps ymm3, ymm2, ymm1
        vfnmsub231sd xmm3, xmm2, [ebx+esi*2+16]
        vfnmsub231ss xmm4, xmm3, xmm0
        vgf2p8affineinvqb ymm3, ymm2, ymm1, 5
        vgf2p8affineqb xmm3, xmm2, xmm1, 5
        vgf2p8mulb xmm4, xmm3, xmm0
        vhaddpd xmm3, xmm2, xmm1
        vhaddps ymm3, ymm2, ymmword ptr [ebx+esi*2+16]
        vhsubpd xmm4, xmm3, xmm0
        vhsubps xmm2, xmm1, xmm2
        vinsertf128 ymm3, ymm2, xmmword ptr [ebx+esi*2+16], 5
        vinserti128 ymm3, ymm2, xmmword ptr [ebx+esi*2+16], 5
        vinsertps xmm3, xmm2, [ebx+esi*2+16], 5
        vlddqu xmm1, [ebx+esi*2+16]
        vldmxcsr sym
        vmaskmovdqu xmm2, xmm1
        vmaskmovpd ymm3, ymm2, ymmword ptr [ebx+esi*2+16]
        vmaskmovps ymmword ptr [ebx+esi*2+16], ymm2, ymm1
        vmaxpd ymm3, ymm2, ymmword ptr [ebx+esi*2+16]
        vmaxps xmm2, xmm1, xmm2
        vmaxsd xmm2, xmm1, xmm2
        vmaxss xmm2, xmm1, xmm2
        vmcall
        vmclear sym
        vmfunc
        vmgexit
        vminpd xmm4, xmm3, xmm0
        vminps xmm3, xmm2, xmm1
        vminsd xmm3, xmm2, [ebx+esi*2+16]
        vminss xmm3, xmm2, xmm1
        vmlaunch
        vmload ax
        vmmcall
        vmovapd xmm1, xmmword ptr [ebx+esi*2+16]
        vmovaps [ebx+esi*2+16], ymm1
        vmovd [ebx+esi*2+16], xmm0
        vmovddup ymm1, ymmword ptr [ebx+esi*2+16]
        vmovdqa xmmword ptr [ebx+esi*2+16], xmm1
        vmovdqu xmmword ptr [ebx+esi*2+16], xmm0
        vmovhlps xmm2, xmm1, xmm2
        vmovhpd [ebx+esi*2+16], xmm1
        vmovhps xmm3, xmm2, qword ptr [ebx+esi*2+16]
        vmovlhps xmm2, xmm1, xmm2
        vmovlpd [ebx+esi*2+16], xmm0
        vmovlps xmm3, xmm2, qword ptr [ebx+esi*2+16]
        vmovmskpd edx, ymm1
        vmovmskps edx, xmm1
        vmovntdq [ebx+esi*2+16], xmm1
        vmovntdqa xmm1, xmmword ptr [ebx+esi*2+16]
        vmovntpd [ebx+esi*2+16], xmm0
        vmovntps xmmword ptr [ebx+esi*2+16], xmm0
        vmovq xmm1, [ebx+esi*2+16]
        vmovsd xmm4, xmm3, xmm0
        vmovshdup ymm2, ymm1
        vmovsldup xmm1, [ebx+esi*2+16]
        vmovss xmm1, [ebx+esi*2+16]
        vmovupd xmmword ptr [ebx+esi*2+16], xmm1
        vmovups xmmword ptr [ebx+esi*2+16], xmm1
        vmpsadbw ymm3, ymm2, ymm1, 5
        vmptrld [ebx+esi*2+16]
        vmptrst sym
        vmread [ebx+esi*2+16], edx
        vmresume
        vmrun ax
        vmsave ax
        vmulpd xmm3, xmm2, [ebx+esi*2+16]
        vmulps xmm2, xmm1, xmm2
        vmulsd xmm3, xmm2, qword ptr [ebx+esi*2+16]
        vmulss xmm3, xmm2, xmm1
        vmwrite eax, edi
        vmxoff
        vmxon sym
        vorpd xmm3, xmm2, xmmword ptr [ebx+esi*2+16]
        vorps xmm4, xmm3, xmm0
        vpabsb ymm1, [ebx+esi*2+16]
        vpabsd ymm2, ymm1
        vpabsw xmm2, xmm1
        vpackssdw ymm3, ymm2, ymm1
        vpacksswb ymm3, ymm2, ymm1
        vpackusdw xmm2, xmm1, xmm2
        vpackuswb ymm3, ymm2, ymm1
        vpaddb ymm3, ymm2, [ebx+esi*2+16]
        vpaddd xmm3, xmm2, [ebx+esi*2+16]
        vpaddq xmm3, xmm2, xmmword ptr [ebx+esi*2+16]
        vpaddsb xmm3, xmm2, xmmword ptr [ebx+esi*2+16]
        vpaddsw xmm3, xmm2, xmmword ptr [ebx+esi*2+16]
        vpaddusb ymm3, ymm2, ymmword ptr [ebx+esi*2+16]
        vpaddusw ymm3, ymm2, ymmword ptr [ebx+esi*2+16]
        vpaddw xmm2, xmm1, xmm2
        vpalignr ymm3, ymm2, ymm1, 5
        vpand xmm4, xmm3, xmm0
        vpandn ymm3, ymm2, ymmword ptr [ebx+esi*2+16]
        vpavgb xmm3, xmm2, xmmword ptr [ebx+esi*2+16]
        vpavgw xmm4, xmm3, xmm0
        vpblendd xmm3, xmm2, [ebx+esi*2+16], 5
        vpblendvb xmm4, xmm3, [ebx+esi*2+16], xmm1
        vpblendw xmm3, xmm2, xmmword ptr [ebx+esi*2+16], 5
        vpbroadcastb ymm2, xmm1
        vpbroadcastd ymm1, [ebx+esi*2+16]
        vpbroadcastq xmm1, qword ptr [ebx+esi*2+16]
        vpbroadcastw ymm1, word ptr [ebx+esi*2+16]
        vpclmulhqhqdq ymm3, ymm2, [ebx+esi*2+16]
        vpclmulhqlqdq ymm3, ymm2, ymmword ptr [ebx+esi*2+16]
        vpclmullqhqdq xmm4, xmm3, xmm0
        vpclmullqlqdq ymm3, ymm2, ymmword ptr [ebx+esi*2+16]
        vpclmulqdq xmm3, xmm2, xmm1, 5
        vpcmpeqb xmm4, xmm3, xmm0
        vpcmpeqd xmm3, xmm2, xmmword ptr [ebx+esi*2+16]
        vpcmpeqq xmm3, xmm2, xmm1
        vpcmpeqw ymm3, ymm2, [ebx+esi*2+16]
        vpcmpestri xmm5, [ebx+esi*2+16], 5
        vpcmpestrm xmm5, [ebx+esi*2+16], 5
        vpcmpgtb ymm3, ymm2, [ebx+esi*2+16]
        vpcmpgtd ymm3, ymm2, ymm1
        vpcmpgtq xmm3, xmm2, xmm1
        vpcmpgtw ymm3, ymm2, ymmword ptr [ebx+esi*2+16]
        vpcmpistri xmm1, [ebx+esi*2+16], 5
        vpcmpistrm xmm5, [ebx+esi*2+16], 5
        vperm2f128 ymm3, ymm2, ymmword ptr [ebx+esi*2+16], 5
        vperm2i128 ymm3, ymm2, ymmword ptr [ebx+esi*2+16], 5
        vpermd ymm3, ymm2, [ebx+esi*2+16]
        vpermilpd ymm3, ymm2, [ebx+esi*2+16]
        vpermilps xmm1, xmmword ptr [ebx+esi*2+16], 5
        vpermpd ymm2, ymm1, 5
        vpermps ymm3, ymm2, ymm1
        vpermq ymm2, ymm1, 5
        vpextrb edx, xmm1, 5
        vpextrd edx, xmm2, 5
        vpextrw edx, xmm1, 5
        vphaddd ymm3, ymm2, [ebx+esi*2+16]
        vphaddsw ymm3, ymm2, ymm1
        vphaddw xmm3, xmm2, xmmword ptr [ebx+esi*2+16]
        vphminposuw xmm1, xmmword ptr [ebx+esi*2+16]
        vphsubd xmm3, xmm2, xmm1
        vphsubsw xmm3, xmm2, xmm1
        vphsubw xmm3, xmm2, xmm1
        vpinsrb xmm3, xmm2, byte ptr [ebx+esi*2+16], 5
        vpinsrd xmm3, xmm2, [ebx+esi*2+16], 5
        vpinsrw xmm5, xmm1, edx, 5
        vpmaddubsw ymm3, ymm2, [ebx+esi*2+16]
        vpmaddwd xmm3, xmm2, [ebx+esi*2+16]
        vpmaskmovd xmm3, xmm2, [ebx+esi*2+16]
        vpmaskmovq ymmword ptr [ebx+esi*2+16], ymm2, ymm1
        vpmaxsb xmm3, xmm2, xmm1
        vpmaxsd xmm3, xmm2, xmm1
        vpmaxsw ymm3, ymm2, ymm1
        vpmaxub xmm3, xmm2, xmmword ptr [ebx+esi*2+16]
        vpmaxud ymm3, ymm2, [ebx+esi*2+16]
        vpmaxuw xmm3, xmm2, [ebx+esi*2+16]
        vpminsb xmm3, xmm2, xmm1
        vpminsd ymm3, ymm2, [ebx+esi*2+16]
        vpminsw xmm2, xmm1, xmm2
        vpminub ymm3, ymm2, ymmword ptr [ebx+esi*2+16]
        vpminud ymm3, ymm2, [ebx+esi*2+16]
        vpminuw xmm3, xmm2, [ebx+esi*2+16]
        vpmovmskb edx, xmm1
        vpmovsxbd ymm1, qword ptr [ebx+esi*2+16]
        vpmovsxbq xmm1, [ebx+esi*2+16]
        vpmovsxbw ymm1, [ebx+esi*2+16]
        vpmovsxdq xmm1, qword ptr [ebx+esi*2+16]
        vpmovsxwd xmm2, xmm1
        vpmovsxwq xmm1, dword ptr [ebx+esi*2+16]
        vpmovzxbd xmm1, [ebx+esi*2+16]
        vpmovzxbq ymm1, dword ptr [ebx+esi*2+16]
        vpmovzxbw ymm2, xmm1
        vpmovzxdq ymm1, xmmword ptr [ebx+esi*2+16]
        vpmovzxwd ymm1, [ebx+esi*2+16]
        vpmovzxwq xmm1, [ebx+esi*2+16]
        vpmuldq ymm3, ymm2, [ebx+esi*2+16]
        vpmulhrsw ymm3, ymm2, ymmword ptr [ebx+esi*2+16]
        vpmulhuw ymm3, ymm2, ymmword ptr [ebx+esi*2+16]
        vpmulhw ymm3, ymm2, ymmword ptr [ebx+esi*2+16]
        vpmulld ymm3, ymm2, ymmword ptr [ebx+esi*2+16]
        vpmullw xmm2, xmm1, xmm2
        vpmuludq xmm3, xmm2, xmmword ptr [ebx+esi*2+16]
        vpor xmm3, xmm2, [ebx+esi*2+16]
        vpsadbw ymm3, ymm2, ymm1
        vpshufb xmm3, xmm2, [ebx+esi*2+16]
        vpshufd xmm1, xmmword ptr [ebx+esi*2+16], 5
        vpshufhw xmm5, xmmword ptr [ebx+esi*2+16], 5
        vpshuflw xmm5, xmmword ptr [ebx+esi*2+16], 5
        vpsignb ymm3, ymm2, ymm1
        vpsignd ymm3, ymm2, ymm1
        vpsignw xmm3, xmm2, xmm1
        vpslld ymm2, ymm1, 5
        vpslldq xmm2, xmm1, 5
        vpsllq xmm3, xmm2, xmm1
        vpsllvd ymm3, ymm2, ymmword ptr [ebx+esi*2+16]
        vpsllvq ymm3, ymm2, ymm1
        vpsllw ymm3, ymm2, xmmword ptr [ebx+esi*2+16]
        vpsrad xmm3, xmm2, xmmword ptr [ebx+esi*2+16]
        vpsravd ymm3, ymm2, [ebx+esi*2+16]
        vpsraw ymm2, ymm1, 5
        vpsrld ymm3, ymm2, [ebx+esi*2+16]
        vpsrldq ymm2, ymm1, 5
        vpsrlq xmm3, xmm2, xmm1
        vpsrlvd ymm3, ymm2, [ebx+esi*2+16]
        vpsrlvq xmm3, xmm2, xmmword ptr [ebx+esi*2+16]
        vpsrlw ymm3, ymm2, [ebx+esi*2+16]
        vpsubb xmm2, xmm1, xmm2
        vpsubd xmm3, xmm2, [ebx+esi*2+16]
        vpsubq xmm3, xmm2, [ebx+esi*2+16]
        vpsubsb xmm3, xmm2, xmm1
        vpsubsw xmm2, xmm1, xmm2
        vpsubusb xmm4, xmm3, xmm0
        vpsubusw xmm3, xmm2, xmm1
        vpsubw ymm3, ymm2, ymm1
        vptest ymm1, [ebx+esi*2+16]
        vpunpckhbw ymm3, ymm2, [ebx+esi*2+16]
        vpunpckhdq ymm3, ymm2, ymmword ptr [ebx+esi*2+16]
        vpunpckhqdq xmm4, xmm3, xmm0
        vpunpckhwd xmm4, xmm3, xmm0
        vpunpcklbw xmm2, xmm1, xmm2
        vpunpckldq xmm2, xmm1, xmm2
        vpunpcklqdq xmm2, xmm1, xmm2
        vpunpcklwd ymm3, ymm2, [ebx+esi*2+16]
        vpxor xmm3, xmm2, xmmword ptr [ebx+esi*2+16]
        vrcpps ymm1, ymmword ptr [ebx+esi*2+16]
        vrcpss xmm3, xmm2, dword ptr [ebx+esi*2+16]
        vroundpd xmm5, [ebx+esi*2+16], 5
        vroundps ymm1, [ebx+esi*2+16], 5
        vroundsd xmm3, xmm2, [ebx+esi*2+16], 5
        vroundss xmm3, xmm2, xmm1, 5
        vrsqrtps xmm1, [ebx+esi*2+16]
        vrsqrtss xmm2, xmm1, xmm2
        vshufpd ymm3, ymm2, [ebx+esi*2+16], 5
        vshufps xmm3, xmm2, xmmword ptr [ebx+esi*2+16], 5
        vsqrtpd xmm2, xmm1
        vsqrtps ymm2, ymm1
        vsqrtsd xmm4, xmm3, xmm0
        vsqrtss xmm3, xmm2, dword ptr [ebx+esi*2+16]
        vstmxcsr [ebx+esi*2+16]
        vsubpd xmm3, xmm2, [ebx+esi*2+16]
        vsubps ymm3, ymm2, ymmword ptr [ebx+esi*2+16]
        vsubsd xmm3, xmm2, xmm1
        vsubss xmm3, xmm2, xmm1
        vtestpd xmm1, [ebx+esi*2+16]
        vtestps ymm1, ymmword ptr [ebx+esi*2+16]
        vucomisd xmm2, xmm1
        vucomiss xmm1, dword ptr [ebx+esi*2+16]
        vunpckhpd ymm3, ymm2, ymm1
        vunpckhps ymm3, ymm2, ymm1
        vunpcklpd ymm3, ymm2, ymmword ptr [ebx+esi*2+16]
        vunpcklps xmm3, xmm2, [ebx+esi*2+16]
        vxorpd xmm3, xmm2, [ebx+esi*2+16]
        vxorps ymm3, ymm2, ymm1
        vzeroall
        vzeroupper
        wait
        wbinvd
        wbnoinvd
        wrmsr
        wrmsrns
        wrpkru
        wrssd [ebx+esi*2+16], edx
        wrussd [ecx], eax
        xabort 5
        xacquire
        xadd byte ptr [ebx+esi*2+16], cl
        xbegin sym
        xchg dx, ax
        xend
        xgetbv
        xlat
        xor byte ptr [ebx+esi*2+16], cl
        xorb byte ptr [ebx+esi*2+16], cl
        xorpd xmm1, xmmword ptr [ebx+esi*2+16]
        xorps xmm2, xmm1
        xorw dx, ax
        xrelease
        xresldtrk
        xrstor [ebx+esi*2+16]
        xrstors sym
        xsave [ebx+esi*2+16]
        xsavec sym
        xsaveopt sym
        xsaves sym
        xsetbv
        xsusldtrk
        xtest
        .code64
