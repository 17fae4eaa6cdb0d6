# Every mnemonic that GNU as and exotool take, in forms chosen at random. Generated.
        .code16
        .intel_syntax noprefix
        aaa
        aad
        aam
        aas
        adc edi, edx
        add ax, dx
        addb [bx+si+16], 5
        addps xmm1, [bx+si+16]
        addr16
        addr32 cs
        addsd xmm2, xmm1
        addss xmm2, xmm1
        addsubps xmm2, xmm1
        addw sym, 5
        adox edx, [bx+si+16]
        and word ptr [bx+si+16], 0x1234
        andb sym, 8
        andn eax, edi, edx
        andnps xmm1, xmmword ptr [bx+si+16]
        andps xmm1, xmmword ptr [bx+si+16]
        andw bx, [bx+si+16]
        arpl ax, dx
        bextr edi, [bx+si+16], edx
        blsi edx, [bx+si+16]
        blsmsk edx, dword ptr [bx+si+16]
        blsr edx, [bx+si+16]
        bnd
        bound bx, [bx+si+16]
        bsf edx, [bx+si+16]
        bsr edx, [bx+si+16]
        bswap edi
        bt dword ptr [bx+si+16], 5
        btc dx, ax
        btr [ecx], eax
        bts [ecx], eax
        btw ax, si
        bzhi edi, dword ptr [bx+si+16], edx
        call edx
        cbtw
        cbw
        cdq
        clac
        clc
        cld
        cldemote qword ptr [bx+si+16]
        clflush dword ptr [bx+si+16]
        clflushopt word ptr [bx+si+16]
        clgi
        cli
        clrssbsy sym
        cltd
        clts
        clwb word ptr [bx+si+16]
        clzero eax
        cmc
        cmova ax, si
        cmovae ax, si
        cmovb ax, dx
        cmovbe dx, ax
        cmovc bx, word ptr [bx+si+16]
        cmove edx, dword ptr [bx+si+16]
        cmovg eax, edi
        cmovge ax, si
        cmovl eax, edi
        cmovle bx, word ptr [bx+si+16]
        cmovna edx, [bx+si+16]
        cmovnae edi, edx
        cmovnb bx, [bx+si+16]
        cmovnbe edx, [bx+si+16]
        cmovnc ax, dx
        cmovne ax, dx
        cmovng edx, dword ptr [bx+si+16]
        cmovnge ax, dx
        cmovnl edx, [bx+si+16]
        cmovnle edi, edx
        cmovno ax, dx
        cmovnp bx, [bx+si+16]
        cmovns si, bx
        cmovnz edi, edx
        cmovo edx, dword ptr [bx+si+16]
        cmovp eax, edi
        cmovpe edi, edx
        cmovpo ax, si
        cmovs dx, ax
        cmovz edx, [bx+si+16]
        cmp [ecx], eax
        cmpb al, 5
        cmpeqps xmm1, xmmword ptr [bx+si+16]
        cmpeqsd xmm2, xmm1
        cmpeqss xmm2, xmm1
        cmpleps xmm2, xmm1
        cmplesd xmm1, [bx+si+16]
        cmpless xmm2, xmm1
        cmpltps xmm1, [bx+si+16]
        cmpltsd xmm1, [bx+si+16]
        cmpltss xmm1, dword ptr [bx+si+16]
        cmpneqps xmm1, xmmword ptr [bx+si+16]
        cmpneqsd xmm1, qword ptr [bx+si+16]
        cmpneqss xmm2, xmm1
        cmpnleps xmm2, xmm1
        cmpnlesd xmm1, qword ptr [bx+si+16]
        cmpnless xmm2, xmm1
        cmpnltps xmm2, xmm1
        cmpnltsd xmm1, qword ptr [bx+si+16]
        cmpnltss xmm2, xmm1
        cmpordps xmm2, xmm1
        cmpordsd xmm1, qword ptr [bx+si+16]
        cmpordss xmm1, dword ptr [bx+si+16]
        cmpps xmm1, xmmword ptr [bx+si+16], 5
        cmpsd xmm5, qword ptr [bx+si+16], 5
        cmpss xmm1, dword ptr [bx+si+16], 5
        cmpunordps xmm1, xmmword ptr [bx+si+16]
        cmpunordsd xmm2, xmm1
        cmpunordss xmm2, xmm1
        cmpw word ptr [bx+si+16], 0x1234
        cmpxchg al, dh
        cmpxchg8b [bx+si+16]
        comiss xmm2, xmm1
        cpuid
        crc32 edx, cl
        cs
        cvtdq2pd xmm1, [bx+si+16]
        cvtdq2ps xmm1, xmmword ptr [bx+si+16]
        cvtpd2dq xmm1, [bx+si+16]
        cvtpi2ps xmm1, [bx+si+16]
        cvtps2pd xmm2, xmm1
        cvtps2pi mm1, [bx+si+16]
        cvtsd2si edx, xmm2
        cvtsd2ss xmm1, qword ptr [bx+si+16]
        cvtsi2sd xmm1, edx
        cvtsi2ss xmm1, dword ptr [bx+si+16]
        cvtss2sd xmm2, xmm1
        cvtss2si edx, xmm2
        cvttps2dq xmm1, xmmword ptr [bx+si+16]
        cvttps2pi mm1, [bx+si+16]
        cvttsd2si edx, [bx+si+16]
        cvttss2si edx, xmm1
        cwd
        cwde
        cwtd
        cwtl
        daa
        das
        data16
        data32 cs
        dec edi
        div eax, edi
        divps xmm1, [bx+si+16]
        divsd xmm1, qword ptr [bx+si+16]
        divss xmm1, dword ptr [bx+si+16]
        ds
        emms
        encls
        enclu
        enclv
        endbr32
        endbr64
        enqcmd bx, [bx+si+16]
        enqcmds bx, [bx+si+16]
        enter 6, 5
        es fs
        f2xm1
        fabs
        fadd st(3)
        faddp
        fbld tbyte ptr [bx+si+16]
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
        fcompi st, st(3)
        fcompp
        fcos
        fdecstp
        fdisi
        fdiv qword ptr [bx+si+16]
        fdivp
        fdivr st, st(3)
        fdivrp st(3), st
        femms
        feni
        ffree st
        ffreep st
        fiadd word ptr [bx+si+16]
        ficom word ptr [bx+si+16]
        ficomp dword ptr [bx+si+16]
        fidiv word ptr [bx+si+16]
        fidivr dword ptr [bx+si+16]
        fild word ptr [bx+si+16]
        fimul dword ptr [bx+si+16]
        fincstp
        finit
        fist dword ptr [bx+si+16]
        fistp word ptr [bx+si+16]
        fisttp word ptr [bx+si+16]
        fisub dword ptr [bx+si+16]
        fisubr dword ptr [bx+si+16]
        fld st(3)
        fld1
        fldcw word ptr [bx+si+16]
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
        fnstcw word ptr [bx+si+16]
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
        fsave [bx+si+16]
        fscale
        fsetpm
        fsin
        fsincos
        fsqrt
        fst qword ptr [bx+si+16]
        fstcw sym
        fstenv [bx+si+16]
        fstp st
        fstpt sym
        fstsw word ptr [bx+si+16]
        fsub st(3), st
        fsubp st(3), st
        fsubr qword ptr [bx+si+16]
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
        gs fs
        haddps xmm2, xmm1
        hlt
        hreset 5
        hsubps xmm1, [bx+si+16]
        idiv bx
        imul edx, dword ptr [bx+si+16]
        in al, 5
        inc eax
        incsspd eax
        insb
        insw
        int 5
        int1
        int3
        into
        invd
        invlpg sym
        invlpga
        invlpgb
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
        jmp [bx+si+16]
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
        lar ax, si
        lcall sym, 5
        lddqu xmm1, xmmword ptr [bx+si+16]
        ldmxcsr sym
        lds bx, dword ptr [bx+si+16]
        lea edx, byte ptr [bx+si+16]
        leave
        les edx, fword ptr [bx+si+16]
        lfence
        lfs edx, fword ptr [bx+si+16]
        lgdt fword ptr [bx+si+16]
        lgs edx, fword ptr [bx+si+16]
        lidt sym
        ljmp [bx+si+16]
        lldt ax
        lmsw si
        lock
        loop sym
        loope sym
        loopne sym
        loopnz sym
        loopz sym
        lret 0x1234
        lsl bx, word ptr [bx+si+16]
        lss bx, dword ptr [bx+si+16]
        ltr word ptr [bx+si+16]
        lzcnt edx, [bx+si+16]
        maskmovq mm2, mm1
        maxps xmm2, xmm1
        maxsd xmm1, qword ptr [bx+si+16]
        maxss xmm2, xmm1
        mcommit
        mfence
        minps xmm1, [bx+si+16]
        minsd xmm1, [bx+si+16]
        minss xmm1, dword ptr [bx+si+16]
        monitor
        monitorx
        mov dword ptr [bx+si+16], 0x1234
        movaps xmmword ptr [bx+si+16], xmm1
        movb [bx+si+16], 0x1234
        movbe [bx+si+16], edx
        movd edx, mm3
        movddup xmm1, [bx+si+16]
        movdir64b bx, [bx+si+16]
        movdiri dword ptr [bx+si+16], edx
        movdq2q mm2, xmm1
        movdqu [bx+si+16], xmm0
        movhlps xmm2, xmm1
        movhps [bx+si+16], xmm0
        movlhps xmm2, xmm1
        movlps xmm1, [bx+si+16]
        movmskps edx, xmm1
        movnti dword ptr [ecx], eax
        movntps [bx+si+16], xmm0
        movntq [bx+si+16], mm1
        movntsd qword ptr [bx+si+16], xmm0
        movntss dword ptr [bx+si+16], xmm1
        movq [bx+si+16], mm1
        movq2dq xmm2, mm1
        movsb edi, cl
        movsd xmm1, qword ptr [bx+si+16]
        movshdup xmm2, xmm1
        movsldup xmm1, [bx+si+16]
        movss dword ptr [bx+si+16], xmm0
        movsw edi, bx
        movsx edi, bx
        movups xmmword ptr [bx+si+16], xmm1
        movw si, bx
        movzb edx, byte ptr [bx+si+16]
        movzw edx, word ptr [bx+si+16]
        movzx si, cl
        mul byte ptr [bx+si+16]
        mulb [bx+si+16]
        mulps xmm1, [bx+si+16]
        mulsd xmm2, xmm1
        mulss xmm1, dword ptr [bx+si+16]
        mulx eax, edi, edx
        mwait
        mwaitx
        neg eax
        nop bx
        nopw [bx+si+16]
        not edx
        notb [bx+si+16]
        notrack
        notw sym
        or eax, 5
        orb sym, 5
        orps xmm1, [bx+si+16]
        orw ax, dx
        out 5, al
        pabsb mm2, mm1
        pabsd mm2, mm1
        pabsw mm1, qword ptr [bx+si+16]
        packssdw mm1, [bx+si+16]
        packsswb mm1, qword ptr [bx+si+16]
        packuswb mm1, [bx+si+16]
        paddb mm2, mm1
        paddd mm2, mm1
        paddq mm1, qword ptr [bx+si+16]
        paddsb mm1, [bx+si+16]
        paddsw mm1, [bx+si+16]
        paddusb mm1, qword ptr [bx+si+16]
        paddusw mm2, mm1
        paddw mm2, mm1
        palignr mm2, mm1, 5
        pand mm1, [bx+si+16]
        pandn mm1, [bx+si+16]
        pause
        pavgb mm1, [bx+si+16]
        pavgw mm1, qword ptr [bx+si+16]
        pcmpeqb mm2, mm1
        pcmpeqd mm2, mm1
        pcmpeqw mm1, qword ptr [bx+si+16]
        pcmpgtb mm1, [bx+si+16]
        pcmpgtd mm1, qword ptr [bx+si+16]
        pcmpgtw mm1, [bx+si+16]
        pconfig
        pdep edi, edx, dword ptr [bx+si+16]
        pext edi, edx, [bx+si+16]
        pextrw edx, mm3, 5
        phaddd mm2, mm1
        phaddsw mm2, mm1
        phaddw mm1, [bx+si+16]
        phsubd mm1, qword ptr [bx+si+16]
        phsubsw mm1, [bx+si+16]
        phsubw mm2, mm1
        pinsrw mm3, edx, 5
        pmaddubsw mm1, qword ptr [bx+si+16]
        pmaddwd mm1, qword ptr [bx+si+16]
        pmaxsw mm1, [bx+si+16]
        pmaxub mm2, mm1
        pminsw mm1, qword ptr [bx+si+16]
        pminub mm1, qword ptr [bx+si+16]
        pmovmskb edx, mm3
        pmulhrsw mm2, mm1
        pmulhuw mm2, mm1
        pmulhw mm1, [bx+si+16]
        pmullw mm2, mm1
        pmuludq mm1, qword ptr [bx+si+16]
        pop edi
        popa
        popcnt si, bx
        popcntw ax, dx
        popf
        por mm2, mm1
        prefetch ymmword ptr [bx+si+16]
        prefetchnta xmmword ptr [bx+si+16]
        prefetcht0 word ptr [bx+si+16]
        prefetcht1 tbyte ptr [bx+si+16]
        prefetcht2 word ptr [bx+si+16]
        prefetchw ymmword ptr [bx+si+16]
        prefetchwt1 qword ptr [bx+si+16]
        psadbw mm2, mm1
        pshufb mm1, qword ptr [bx+si+16]
        pshufhw xmm1, xmmword ptr [bx+si+16], 5
        pshuflw xmm2, xmm1, 5
        pshufw mm1, qword ptr [bx+si+16], 5
        psignb mm1, [bx+si+16]
        psignd mm1, qword ptr [bx+si+16]
        psignw mm1, [bx+si+16]
        pslld mm1, qword ptr [bx+si+16]
        psllq mm1, [bx+si+16]
        psllw mm1, 5
        psrad mm1, 5
        psraw mm1, 5
        psrld mm1, qword ptr [bx+si+16]
        psrlq mm1, qword ptr [bx+si+16]
        psrlw mm1, 5
        psubb mm1, qword ptr [bx+si+16]
        psubd mm2, mm1
        psubq mm1, [bx+si+16]
        psubsb mm2, mm1
        psubsw mm1, qword ptr [bx+si+16]
        psubusb mm1, qword ptr [bx+si+16]
        psubusw mm2, mm1
        psubw mm1, qword ptr [bx+si+16]
        ptwrite dword ptr [bx+si+16]
        punpckhbw mm2, mm1
        punpckhdq mm1, [bx+si+16]
        punpckhwd mm1, [bx+si+16]
        punpcklbw mm2, mm1
        punpckldq mm1, dword ptr [bx+si+16]
        punpcklwd mm1, dword ptr [bx+si+16]
        push si
        pusha
        pushf
        pvalidate
        pxor mm2, mm1
        rcl bx, 5
        rcpps xmm1, [bx+si+16]
        rcpss xmm1, dword ptr [bx+si+16]
        rcr dh
        rdmsr
        rdpid eax
        rdpkru
        rdpmc
        rdpru
        rdrand ax
        rdseed bx
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
        rol si, cl
        ror cl, cl
        rorx edx, dword ptr [bx+si+16], 5
        rsm
        rsqrtps xmm1, [bx+si+16]
        rsqrtss xmm1, [bx+si+16]
        rstorssp qword ptr [bx+si+16]
        sahf
        sal bx, 5
        sar cl, cl
        sarx edi, dword ptr [bx+si+16], edx
        saveprevssp
        sbb word ptr [bx+si+16], 0x1234
        serialize
        seta al
        setae cl
        setb [bx+si+16]
        setbe byte ptr [bx+si+16]
        setc byte ptr [bx+si+16]
        sete sym
        setg cl
        setge al
        setl [bx+si+16]
        setle sym
        setna al
        setnae al
        setnb [bx+si+16]
        setnbe dh
        setnc byte ptr [bx+si+16]
        setne [bx+si+16]
        setng cl
        setnge cl
        setnl cl
        setnle al
        setno al
        setnp sym
        setns al
        setnz sym
        seto [bx+si+16]
        setp al
        setpe al
        setpo al
        sets [bx+si+16]
        setssbsy
        setz byte ptr [bx+si+16]
        sfence
        sgdt [bx+si+16]
        sha1msg1 xmm1, xmmword ptr [bx+si+16]
        sha1msg2 xmm2, xmm1
        sha1nexte xmm2, xmm1
        sha1rnds4 xmm2, xmm1, 5
        sha256msg1 xmm2, xmm1
        sha256msg2 xmm2, xmm1
        sha256rnds2 xmm4, xmm3, xmm0
        shl eax, 5
        shlb cl
        shld ax, dx
        shldw si, bx, 5
        shlw word ptr [bx+si+16], cl
        shlx eax, edi, edx
        shr edx, 5
        shrd si, bx, 5
        shrdw word ptr [bx+si+16], bx, 5
        shrx edi, dword ptr [bx+si+16], edx
        shufps xmm1, [bx+si+16], 5
        sidt [bx+si+16]
        skinit
        sldt ax
        smsw word ptr [bx+si+16]
        sqrtps xmm1, xmmword ptr [bx+si+16]
        sqrtsd xmm1, qword ptr [bx+si+16]
        sqrtss xmm2, xmm1
        ss
        stac
        stc
        std
        stgi
        sti
        stmxcsr dword ptr [bx+si+16]
        str si
        sub dx, ax
        subb sym, 5
        subps xmm1, [bx+si+16]
        subsd xmm1, [bx+si+16]
        subss xmm2, xmm1
        subw [bx+si+16], 5
        syscall
        sysenter
        sysexit
        sysret
        test dword ptr [bx+si+16], 5
        testb byte ptr [bx+si+16], cl
        testw bx, 5
        tlbsync
        tpause edi
        tzcnt bx, word ptr [bx+si+16]
        ucomiss xmm2, xmm1
        ud0 edx, [bx+si+16]
        ud1 edx, dword ptr [bx+si+16]
        ud2
        ud2a
        ud2b ax, si
        umonitor eax
        umwait eax
        unpckhps xmm1, xmmword ptr [bx+si+16]
        unpcklps xmm1, xmmword ptr [bx+si+16]
        vaddpd ymm3, ymm2, [bx+si+16]
        vaddps ymm3, ymm2, ymm1
        vaddsd xmm3, xmm2, qword ptr [bx+si+16]
        vaddss xmm3, xmm2, dword ptr [bx+si+16]
        vaddsubpd ymm3, ymm2, ymm1
        vaddsubps xmm3, xmm2, xmm1
        vaesdec xmm3, xmm2, [bx+si+16]
        vaesdeclast xmm4, xmm3, xmm0
        vaesenc xmm4, xmm3, xmm0
        vaesenclast xmm3, xmm2, xmmword ptr [bx+si+16]
        vaesimc xmm1, [bx+si+16]
        vaeskeygenassist xmm5, [bx+si+16], 5
        vandnpd xmm2, xmm1, xmm2
        vandnps ymm3, ymm2, ymmword ptr [bx+si+16]
        vandpd xmm4, xmm3, xmm0
        vandps xmm2, xmm1, xmm2
        vblendpd xmm3, xmm2, xmm1, 5
        vblendps xmm3, xmm2, xmmword ptr [bx+si+16], 5
        vblendvpd xmm4, xmm3, xmmword ptr [bx+si+16], xmm1
        vblendvps ymm4, ymm3, ymmword ptr [bx+si+16], ymm4
        vbroadcastf128 ymm1, xmmword ptr [bx+si+16]
        vbroadcasti128 ymm1, [bx+si+16]
        vbroadcastsd ymm1, qword ptr [bx+si+16]
        vbroadcastss xmm1, [bx+si+16]
        vcmpeqpd xmm3, xmm2, [bx+si+16]
        vcmpeqps xmm3, xmm2, xmm1
        vcmpeqsd xmm3, xmm2, qword ptr [bx+si+16]
        vcmpeqss xmm4, xmm3, xmm0
        vcmpfalsepd xmm4, xmm3, xmm0
        vcmpfalseps xmm3, xmm2, [bx+si+16]
        vcmpfalsesd xmm4, xmm3, xmm0
        vcmpfalsess xmm2, xmm1, xmm2
        vcmpgepd xmm3, xmm2, [bx+si+16]
        vcmpgeps ymm3, ymm2, [bx+si+16]
        vcmpgesd xmm3, xmm2, qword ptr [bx+si+16]
        vcmpgess xmm4, xmm3, xmm0
        vcmpgtpd ymm3, ymm2, ymm1
        vcmpgtps xmm3, xmm2, xmm1
        vcmpgtsd xmm3, xmm2, xmm1
        vcmpgtss xmm3, xmm2, dword ptr [bx+si+16]
        vcmplepd xmm3, xmm2, xmmword ptr [bx+si+16]
        vcmpleps xmm3, xmm2, [bx+si+16]
        vcmplesd xmm3, xmm2, qword ptr [bx+si+16]
        vcmpless xmm4, xmm3, xmm0
        vcmpltpd ymm3, ymm2, [bx+si+16]
        vcmpltps xmm3, xmm2, xmm1
        vcmpltsd xmm4, xmm3, xmm0
        vcmpltss xmm4, xmm3, xmm0
        vcmpneqpd ymm3, ymm2, ymmword ptr [bx+si+16]
        vcmpneqps ymm3, ymm2, ymmword ptr [bx+si+16]
        vcmpneqsd xmm3, xmm2, qword ptr [bx+si+16]
        vcmpneqss xmm4, xmm3, xmm0
        vcmpngepd ymm3, ymm2, ymmword ptr [bx+si+16]
        vcmpngeps ymm3, ymm2, [bx+si+16]
        vcmpngesd xmm3, xmm2, xmm1
        vcmpngess xmm3, xmm2, xmm1
        vcmpngtpd xmm3, xmm2, [bx+si+16]
        vcmpngtps ymm3, ymm2, [bx+si+16]
        vcmpngtsd xmm3, xmm2, [bx+si+16]
        vcmpngtss xmm2, xmm1, xmm2
        vcmpnlepd xmm3, xmm2, xmm1
        vcmpnleps ymm3, ymm2, ymmword ptr [bx+si+16]
        vcmpnlesd xmm3, xmm2, qword ptr [bx+si+16]
        vcmpnless xmm4, xmm3, xmm0
        vcmpnltpd xmm4, xmm3, xmm0
        vcmpnltps ymm3, ymm2, ymm1
        vcmpnltsd xmm4, xmm3, xmm0
        vcmpnltss xmm3, xmm2, [bx+si+16]
        vcmpordpd xmm3, xmm2, xmm1
        vcmpordps xmm3, xmm2, xmmword ptr [bx+si+16]
        vcmpordsd xmm3, xmm2, qword ptr [bx+si+16]
        vcmpordss xmm3, xmm2, xmm1
        vcmppd ymm3, ymm2, [bx+si+16], 5
        vcmpps xmm3, xmm2, xmm1, 5
        vcmpsd xmm3, xmm2, xmm1, 5
        vcmpss xmm3, xmm2, [bx+si+16], 5
        vcmptruepd ymm3, ymm2, ymm1
        vcmptrueps xmm4, xmm3, xmm0
        vcmptruesd xmm4, xmm3, xmm0
        vcmptruess xmm2, xmm1, xmm2
        vcmpunordpd xmm3, xmm2, xmm1
        vcmpunordps ymm3, ymm2, [bx+si+16]
        vcmpunordsd xmm3, xmm2, qword ptr [bx+si+16]
        vcmpunordss xmm3, xmm2, [bx+si+16]
        vcomisd xmm2, xmm1
        vcomiss xmm2, xmm1
        vcvtdq2pd ymm2, xmm1
        vcvtdq2ps ymm2, ymm1
        vcvtpd2dq xmm2, xmm1
        vcvtpd2ps xmm2, ymm1
        vcvtph2ps ymm1, [bx+si+16]
        vcvtps2dq ymm1, [bx+si+16]
        vcvtps2pd xmm2, xmm1
        vcvtps2ph [bx+si+16], xmm1, 5
        vcvtsd2si edx, xmm1
        vcvtsd2ss xmm3, xmm2, xmm1
        vcvtsi2sd xmm3, xmm2, dword ptr [bx+si+16]
        vcvtsi2ss xmm6, xmm1, edx
        vcvtss2sd xmm3, xmm2, xmm1
        vcvtss2si edx, [bx+si+16]
        vcvttpd2dq xmm2, xmm1
        vcvttps2dq xmm1, xmmword ptr [bx+si+16]
        vcvttsd2si edx, qword ptr [bx+si+16]
        vcvttss2si edx, xmm1
        vdivpd xmm3, xmm2, xmm1
        vdivps ymm3, ymm2, ymmword ptr [bx+si+16]
        vdivsd xmm3, xmm2, qword ptr [bx+si+16]
        vdivss xmm3, xmm2, xmm1
        vdppd xmm3, xmm2, [bx+si+16], 5
        vdpps ymm3, ymm2, ymmword ptr [bx+si+16], 5
        verr word ptr [bx+si+16]
        verw ax
        vextractf128 xmmword ptr [bx+si+16], ymm1, 5
        vextracti128 xmm2, ymm1, 1
        vextractps dword ptr [bx+si+16], xmm1, 5
        vfmadd132pd xmm3, xmm2, xmmword ptr [bx+si+16]
        vfmadd132ps xmm3, xmm2, xmm1
        vfmadd132sd xmm3, xmm2, xmm1
        vfmadd132ss xmm3, xmm2, xmm1
        vfmadd213pd xmm4, xmm3, xmm0
        vfmadd213ps xmm4, xmm3, xmm0
        vfmadd213sd xmm3, xmm2, [bx+si+16]
        vfmadd213ss xmm4, xmm3, xmm0
        vfmadd231pd xmm3, xmm2, xmm1
        vfmadd231ps ymm3, ymm2, [bx+si+16]
        vfmadd231sd xmm3, xmm2, [bx+si+16]
        vfmadd231ss xmm2, xmm1, xmm2
        vfmaddsub132pd xmm2, xmm1, xmm2
        vfmaddsub132ps ymm3, ymm2, ymm1
        vfmaddsub213pd xmm3, xmm2, xmmword ptr [bx+si+16]
        vfmaddsub213ps ymm3, ymm2, ymmword ptr [bx+si+16]
        vfmaddsub231pd xmm3, xmm2, [bx+si+16]
        vfmaddsub231ps xmm3, xmm2, [bx+si+16]
        vfmsub132pd ymm3, ymm2, [bx+si+16]
        vfmsub132ps xmm3, xmm2, [bx+si+16]
        vfmsub132sd xmm2, xmm1, xmm2
        vfmsub132ss xmm2, xmm1, xmm2
        vfmsub213pd xmm2, xmm1, xmm2
        vfmsub213ps ymm3, ymm2, ymm1
        vfmsub213sd xmm3, xmm2, qword ptr [bx+si+16]
        vfmsub213ss xmm2, xmm1, xmm2
        vfmsub231pd xmm4, xmm3, xmm0
        vfmsub231ps xmm2, xmm1, xmm2
        vfmsub231sd xmm2, xmm1, xmm2
        vfmsub231ss xmm3, xmm2, dword ptr [bx+si+16]
        vfmsubadd132pd xmm2, xmm1, xmm2
        vfmsubadd132ps xmm2, xmm1, xmm2
        vfmsubadd213pd xmm3, xmm2, [bx+si+16]
        vfmsubadd213ps xmm3, xmm2, xmm1
        vfmsubadd231pd xmm2, xmm1, xmm2
        vfmsubadd231ps xmm3, xmm2, xmm1
        vfnmadd132pd ymm3, ymm2, ymm1
        vfnmadd132ps xmm3, xmm2, xmm1
        vfnmadd132sd xmm2, xmm1, xmm2
        vfnmadd132ss xmm3, xmm2, [bx+si+16]
        vfnmadd213pd xmm4, xmm3, xmm0
        vfnmadd213ps xmm3, xmm2, xmm1
        vfnmadd213sd xmm3, xmm2, [bx+si+16]
        vfnmadd213ss xmm4, xmm3, xmm0
        vfnmadd231pd xmm4, xmm3, xmm0
        vfnmadd231ps xmm4, xmm3, xmm0
        vfnmadd231sd xmm4, xmm3, xmm0
        vfnmadd231ss xmm4, xmm3, xmm0
        vfnmsub132pd ymm3, ymm2, ymm1
        vfnmsub132ps xmm4, xmm3, xmm0
        vfnmsub132sd xmm3, xmm2, xmm1
        vfnmsub132ss xmm3, xmm2, xmm1
        vfnmsub213pd xmm3, xmm2, xmm1
        vfnmsub213ps xmm4, xmm3, xmm0
        vfnmsub213sd xmm3, xmm2, [bx+si+16]
        vfnmsub213ss xmm2, xmm1, xmm2
        vfnmsub231pd xmm3, xmm2, xmmword ptr [bx+si+16]
        vfnmsub231ps xmm2, xmm1, xmm2
        vfnmsub231sd xmm4, xmm3, xmm0
        vfnmsub231ss xmm4, xmm3, xmm0
        vgf2p8affineinvqb ymm3, ymm2, ymm1, 5
        vgf2p8affineqb ymm3, ymm2, [bx+si+16], 5
        vgf2p8mulb xmm2, xmm1, xmm2
        vhaddpd xmm3, xmm2, [bx+si+16]
        vhaddps ymm3, ymm2, ymm1
        vhsubpd xmm3, xmm2, xmm1
        vhsubps xmm3, xmm2, xmmword ptr [bx+si+16]
        vinsertf128 ymm3, ymm2, xmmword ptr [bx+si+16], 5
        vinserti128 ymm3, ymm2, [bx+si+16], 5
        vinsertps xmm3, xmm2, [bx+si+16], 5
        vlddqu xmm1, [bx+si+16]
        vldmxcsr dword ptr [bx+si+16]
        vmaskmovdqu xmm2, xmm1
        vmaskmovpd xmm3, xmm2, xmmword ptr [bx+si+16]
        vmaskmovps [bx+si+16], xmm2, xmm1
        vmaxpd xmm2, xmm1, xmm2
        vmaxps xmm4, xmm3, xmm0
        vmaxsd xmm3, xmm2, [bx+si+16]
        vmaxss xmm3, xmm2, dword ptr [bx+si+16]
        vmcall
        vmfunc
        vmgexit
        vminpd xmm4, xmm3, xmm0
        vminps xmm3, xmm2, xmm1
        vminsd xmm2, xmm1, xmm2
        vminss xmm3, xmm2, dword ptr [bx+si+16]
        vmlaunch
        vmload ax
        vmmcall
        vmovapd xmmword ptr [bx+si+16], xmm0
        vmovaps ymm1, ymmword ptr [bx+si+16]
        vmovd edx, xmm2
        vmovddup xmm2, xmm1
        vmovdqa xmm1, xmmword ptr [bx+si+16]
        vmovdqu [bx+si+16], xmm0
        vmovhlps xmm3, xmm2, xmm1
        vmovhpd xmm3, xmm2, [bx+si+16]
        vmovhps xmm3, xmm2, [bx+si+16]
        vmovlhps xmm2, xmm1, xmm2
        vmovlpd qword ptr [bx+si+16], xmm1
        vmovlps xmm3, xmm2, [bx+si+16]
        vmovmskpd edx, xmm2
        vmovmskps edx, ymm1
        vmovntdq xmmword ptr [bx+si+16], xmm0
        vmovntdqa xmm1, [bx+si+16]
        vmovntpd xmmword ptr [bx+si+16], xmm0
        vmovntps [bx+si+16], xmm1
        vmovq xmm2, xmm1
        vmovsd xmm2, xmm1, xmm2
        vmovshdup xmm1, xmmword ptr [bx+si+16]
        vmovsldup xmm2, xmm1
        vmovss xmm1, [bx+si+16]
        vmovupd xmmword ptr [bx+si+16], xmm1
        vmovups ymm1, ymmword ptr [bx+si+16]
        vmpsadbw ymm3, ymm2, ymmword ptr [bx+si+16], 5
        vmptrld sym
        vmptrst qword ptr [bx+si+16]
        vmread [bx+si+16], edx
        vmresume
        vmrun eax
        vmsave ax
        vmulpd xmm3, xmm2, xmmword ptr [bx+si+16]
        vmulps xmm3, xmm2, xmmword ptr [bx+si+16]
        vmulsd xmm3, xmm2, qword ptr [bx+si+16]
        vmulss xmm4, xmm3, xmm0
        vmwrite edi, edx
        vmxoff
        vmxon qword ptr [bx+si+16]
        vorpd xmm2, xmm1, xmm2
        vorps xmm3, xmm2, xmmword ptr [bx+si+16]
        vpabsb xmm1, xmmword ptr [bx+si+16]
        vpabsd xmm1, xmmword ptr [bx+si+16]
        vpabsw xmm2, xmm1
        vpackssdw xmm3, xmm2, [bx+si+16]
        vpacksswb ymm3, ymm2, ymm1
        vpackusdw ymm3, ymm2, ymm1
        vpackuswb ymm3, ymm2, ymmword ptr [bx+si+16]
        vpaddb ymm3, ymm2, [bx+si+16]
        vpaddd xmm3, xmm2, xmm1
        vpaddq xmm3, xmm2, xmmword ptr [bx+si+16]
        vpaddsb xmm3, xmm2, xmm1
        vpaddsw ymm3, ymm2, [bx+si+16]
        vpaddusb ymm3, ymm2, [bx+si+16]
        vpaddusw ymm3, ymm2, ymmword ptr [bx+si+16]
        vpaddw xmm2, xmm1, xmm2
        vpalignr ymm3, ymm2, ymmword ptr [bx+si+16], 5
        vpand xmm4, xmm3, xmm0
        vpandn xmm3, xmm2, xmmword ptr [bx+si+16]
        vpavgb ymm3, ymm2, [bx+si+16]
        vpavgw xmm3, xmm2, xmmword ptr [bx+si+16]
        vpblendd ymm3, ymm2, ymmword ptr [bx+si+16], 5
        vpblendvb ymm4, ymm3, [bx+si+16], ymm4
        vpblendw ymm3, ymm2, [bx+si+16], 5
        vpbroadcastb ymm1, byte ptr [bx+si+16]
        vpbroadcastd xmm1, dword ptr [bx+si+16]
        vpbroadcastq xmm1, [bx+si+16]
        vpbroadcastw ymm1, word ptr [bx+si+16]
        vpclmulhqhqdq ymm3, ymm2, [bx+si+16]
        vpclmulhqlqdq ymm3, ymm2, ymmword ptr [bx+si+16]
        vpclmullqhqdq xmm3, xmm2, xmmword ptr [bx+si+16]
        vpclmullqlqdq ymm3, ymm2, ymmword ptr [bx+si+16]
        vpclmulqdq ymm3, ymm2, ymm1, 5
        vpcmpeqb xmm3, xmm2, [bx+si+16]
        vpcmpeqd xmm3, xmm2, [bx+si+16]
        vpcmpeqq xmm2, xmm1, xmm2
        vpcmpeqw xmm2, xmm1, xmm2
        vpcmpestri xmm1, xmmword ptr [bx+si+16], 5
        vpcmpestrm xmm1, xmmword ptr [bx+si+16], 5
        vpcmpgtb ymm3, ymm2, [bx+si+16]
        vpcmpgtd xmm3, xmm2, [bx+si+16]
        vpcmpgtq xmm4, xmm3, xmm0
        vpcmpgtw ymm3, ymm2, [bx+si+16]
        vpcmpistri xmm2, xmm1, 5
        vpcmpistrm xmm1, xmmword ptr [bx+si+16], 5
        vperm2f128 ymm3, ymm2, ymmword ptr [bx+si+16], 5
        vperm2i128 ymm3, ymm2, ymmword ptr [bx+si+16], 5
        vpermd ymm3, ymm2, [bx+si+16]
        vpermilpd xmm2, xmm1, xmm2
        vpermilps ymm3, ymm2, [bx+si+16]
        vpermpd ymm1, [bx+si+16], 5
        vpermps ymm3, ymm2, ymmword ptr [bx+si+16]
        vpermq ymm1, ymmword ptr [bx+si+16], 5
        vpextrb edx, xmm2, 5
        vpextrd edx, xmm2, 5
        vpextrw edx, xmm2, 5
        vphaddd xmm4, xmm3, xmm0
        vphaddsw xmm2, xmm1, xmm2
        vphaddw xmm4, xmm3, xmm0
        vphminposuw xmm2, xmm1
        vphsubd xmm2, xmm1, xmm2
        vphsubsw xmm3, xmm2, [bx+si+16]
        vphsubw ymm3, ymm2, [bx+si+16]
        vpinsrb xmm3, xmm2, byte ptr [bx+si+16], 5
        vpinsrd xmm5, xmm1, edx, 5
        vpinsrw xmm5, xmm1, edx, 5
        vpmaddubsw ymm3, ymm2, ymm1
        vpmaddwd xmm4, xmm3, xmm0
        vpmaskmovd [bx+si+16], xmm2, xmm1
        vpmaskmovq xmmword ptr [bx+si+16], xmm2, xmm1
        vpmaxsb ymm3, ymm2, [bx+si+16]
        vpmaxsd xmm3, xmm2, xmm1
        vpmaxsw ymm3, ymm2, [bx+si+16]
        vpmaxub xmm3, xmm2, xmm1
        vpmaxud ymm3, ymm2, [bx+si+16]
        vpmaxuw ymm3, ymm2, ymm1
        vpminsb ymm3, ymm2, ymmword ptr [bx+si+16]
        vpminsd xmm2, xmm1, xmm2
        vpminsw xmm3, xmm2, [bx+si+16]
        vpminub ymm3, ymm2, ymmword ptr [bx+si+16]
        vpminud ymm3, ymm2, ymmword ptr [bx+si+16]
        vpminuw xmm4, xmm3, xmm0
        vpmovmskb edx, xmm2
        vpmovsxbd xmm2, xmm1
        vpmovsxbq xmm2, xmm1
        vpmovsxbw xmm1, qword ptr [bx+si+16]
        vpmovsxdq ymm1, [bx+si+16]
        vpmovsxwd xmm2, xmm1
        vpmovsxwq xmm2, xmm1
        vpmovzxbd xmm1, dword ptr [bx+si+16]
        vpmovzxbq xmm1, word ptr [bx+si+16]
        vpmovzxbw ymm1, [bx+si+16]
        vpmovzxdq xmm1, qword ptr [bx+si+16]
        vpmovzxwd xmm2, xmm1
        vpmovzxwq xmm2, xmm1
        vpmuldq xmm3, xmm2, xmm1
        vpmulhrsw ymm3, ymm2, ymm1
        vpmulhuw ymm3, ymm2, [bx+si+16]
        vpmulhw ymm3, ymm2, ymm1
        vpmulld ymm3, ymm2, [bx+si+16]
        vpmullw xmm3, xmm2, [bx+si+16]
        vpmuludq xmm3, xmm2, xmm1
        vpor ymm3, ymm2, ymmword ptr [bx+si+16]
        vpsadbw ymm3, ymm2, ymm1
        vpshufb xmm2, xmm1, xmm2
        vpshufd ymm1, ymmword ptr [bx+si+16], 5
        vpshufhw ymm2, ymm1, 5
        vpshuflw ymm2, ymm1, 5
        vpsignb xmm4, xmm3, xmm0
        vpsignd xmm3, xmm2, xmmword ptr [bx+si+16]
        vpsignw ymm3, ymm2, [bx+si+16]
        vpslld ymm3, ymm2, [bx+si+16]
        vpslldq ymm2, ymm1, 5
        vpsllq xmm4, xmm3, xmm0
        vpsllvd xmm2, xmm1, xmm2
        vpsllvq ymm3, ymm2, ymmword ptr [bx+si+16]
        vpsllw xmm2, xmm1, xmm2
        vpsrad xmm2, xmm1, 5
        vpsravd ymm3, ymm2, ymm1
        vpsraw xmm3, xmm2, xmm1
        vpsrld ymm2, ymm1, 5
        vpsrldq xmm2, xmm1, 5
        vpsrlq xmm4, xmm3, xmm0
        vpsrlvd xmm2, xmm1, xmm2
        vpsrlvq xmm3, xmm2, xmmword ptr [bx+si+16]
        vpsrlw ymm2, ymm1, 5
        vpsubb ymm3, ymm2, [bx+si+16]
        vpsubd xmm3, xmm2, [bx+si+16]
        vpsubq xmm3, xmm2, [bx+si+16]
        vpsubsb xmm3, xmm2, xmmword ptr [bx+si+16]
        vpsubsw ymm3, ymm2, [bx+si+16]
        vpsubusb xmm3, xmm2, xmmword ptr [bx+si+16]
        vpsubusw xmm3, xmm2, [bx+si+16]
        vpsubw xmm4, xmm3, xmm0
        vptest xmm1, [bx+si+16]
        vpunpckhbw ymm3, ymm2, ymm1
        vpunpckhdq xmm3, xmm2, xmmword ptr [bx+si+16]
        vpunpckhqdq ymm3, ymm2, [bx+si+16]
        vpunpckhwd xmm4, xmm3, xmm0
        vpunpcklbw xmm3, xmm2, [bx+si+16]
        vpunpckldq xmm3, xmm2, [bx+si+16]
        vpunpcklqdq ymm3, ymm2, ymm1
        vpunpcklwd xmm3, xmm2, xmm1
        vpxor ymm3, ymm2, [bx+si+16]
        vrcpps xmm2, xmm1
        vrcpss xmm2, xmm1, xmm2
        vroundpd ymm2, ymm1, 5
        vroundps xmm1, [bx+si+16], 5
        vroundsd xmm3, xmm2, qword ptr [bx+si+16], 5
        vroundss xmm3, xmm2, dword ptr [bx+si+16], 5
        vrsqrtps xmm1, xmmword ptr [bx+si+16]
        vrsqrtss xmm3, xmm2, dword ptr [bx+si+16]
        vshufpd ymm3, ymm2, [bx+si+16], 5
        vshufps xmm3, xmm2, xmm1, 5
        vsqrtpd xmm1, xmmword ptr [bx+si+16]
        vsqrtps ymm1, [bx+si+16]
        vsqrtsd xmm4, xmm3, xmm0
        vsqrtss xmm2, xmm1, xmm2
        vstmxcsr dword ptr [bx+si+16]
        vsubpd ymm3, ymm2, ymmword ptr [bx+si+16]
        vsubps ymm3, ymm2, [bx+si+16]
        vsubsd xmm3, xmm2, qword ptr [bx+si+16]
        vsubss xmm2, xmm1, xmm2
        vtestpd xmm1, xmmword ptr [bx+si+16]
        vtestps xmm2, xmm1
        vucomisd xmm1, [bx+si+16]
        vucomiss xmm1, dword ptr [bx+si+16]
        vunpckhpd xmm3, xmm2, xmmword ptr [bx+si+16]
        vunpckhps ymm3, ymm2, ymm1
        vunpcklpd ymm3, ymm2, ymm1
        vunpcklps xmm3, xmm2, [bx+si+16]
        vxorpd ymm3, ymm2, ymmword ptr [bx+si+16]
        vxorps xmm3, xmm2, xmmword ptr [bx+si+16]
        vzeroall
        vzeroupper
        wait
        wbinvd
        wbnoinvd
        wrmsr
        wrmsrns
        wrpkru
        wrssd [ecx], eax
        wrussd [ecx], eax
        xabort 5
        xacquire
        xadd cl, cl
        xbegin sym
        xchg dx, ax
        xend
        xgetbv
        xlat
        xor al, dh
        xorb al, 5
        xorps xmm2, xmm1
        xorw dx, ax
        xrelease
        xresldtrk
        xrstor sym
        xrstors sym
        xsave sym
        xsavec sym
        xsaveopt sym
        xsaves sym
        xsetbv
        xsusldtrk
        xtest
        .code64
