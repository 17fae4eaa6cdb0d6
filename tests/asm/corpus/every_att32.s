# Every mnemonic that GNU as and exotool take, in forms chosen at random. Generated.
        .code32
        aaa
        aad
        aam
        aas
        adc %ax,%dx
        adcx %edx,%edi
        add %si,%ax
        addb $5,%cl
        addpd %xmm1,%xmm2
        addps 16(%ebx,%esi,2),%xmm1
        addr16
        addr32
        addsd 16(%ebx,%esi,2),%xmm1
        addss %xmm1,%xmm2
        addsubpd %xmm1,%xmm2
        addsubps 16(%ebx,%esi,2),%xmm1
        addw $5,16(%ebx,%esi,2)
        adox %edi,%eax
        aesdec 16(%ebx,%esi,2),%xmm1
        aesdeclast 16(%ebx,%esi,2),%xmm1
        aesenc 16(%ebx,%esi,2),%xmm1
        aesenclast 16(%ebx,%esi,2),%xmm1
        aesimc 16(%ebx,%esi,2),%xmm1
        aeskeygenassist $5,%xmm1,%xmm2
        and 16(%ebx,%esi,2),%bx
        andb $5,%cl
        andn 16(%ebx,%esi,2),%edx,%edi
        andnpd 16(%ebx,%esi,2),%xmm1
        andnps 16(%ebx,%esi,2),%xmm1
        andpd %xmm1,%xmm2
        andps 16(%ebx,%esi,2),%xmm1
        andw $0x1234,16(%ebx,%esi,2)
        arpl %bx,%si
        bextr %edx,16(%ebx,%esi,2),%edi
        blendpd $5,16(%ebx,%esi,2),%xmm5
        blendps $5,%xmm1,%xmm2
        blendvpd %xmm0,%xmm3,%xmm4
        blendvps %xmm0,%xmm3,%xmm4
        blsi %edx,%edi
        blsmsk %edx,%edi
        blsr %edx,%edi
        bnd
        bound %bx,16(%ebx,%esi,2)
        bsf 16(%ebx,%esi,2),%edx
        bsr %dx,%ax
        bswap %eax
        bt %bx,%si
        btc %edi,%eax
        btr %si,%ax
        bts %eax,(%ecx)
        btw %si,%ax
        bzhi %edx,16(%ebx,%esi,2),%edi
        call *%edx
        cbtw
        cbw
        cdq
        clac
        clc
        cld
        cldemote 16(%ebx,%esi,2)
        clflush 16(%ebx,%esi,2)
        clflushopt sym
        clgi
        cli
        clrssbsy 16(%ebx,%esi,2)
        cltd
        clts
        clwb 16(%ebx,%esi,2)
        clzero %eax
        cmc
        cmova %edx,%edi
        cmovae %edi,%eax
        cmovb %dx,%ax
        cmovbe %ax,%dx
        cmovc %edi,%eax
        cmove %dx,%ax
        cmovg %dx,%ax
        cmovge %bx,%si
        cmovl %si,%ax
        cmovle %edx,%edi
        cmovna %ax,%dx
        cmovnae %ax,%dx
        cmovnb %ax,%dx
        cmovnbe %si,%ax
        cmovnc 16(%ebx,%esi,2),%bx
        cmovne %dx,%ax
        cmovng 16(%ebx,%esi,2),%edx
        cmovnge 16(%ebx,%esi,2),%bx
        cmovnl %si,%ax
        cmovnle %edx,%edi
        cmovno %edi,%eax
        cmovnp %ax,%dx
        cmovns %si,%ax
        cmovnz %ax,%dx
        cmovo %ax,%dx
        cmovp %edi,%eax
        cmovpe 16(%ebx,%esi,2),%bx
        cmovpo %edx,%edi
        cmovs %edx,%edi
        cmovz %si,%ax
        cmp %cl,%dh
        cmpb %dh,%al
        cmpeqpd 16(%ebx,%esi,2),%xmm1
        cmpeqps %xmm1,%xmm2
        cmpeqsd %xmm1,%xmm2
        cmpeqss %xmm1,%xmm2
        cmplepd %xmm1,%xmm2
        cmpleps 16(%ebx,%esi,2),%xmm1
        cmplesd 16(%ebx,%esi,2),%xmm1
        cmpless 16(%ebx,%esi,2),%xmm1
        cmpltpd %xmm1,%xmm2
        cmpltps %xmm1,%xmm2
        cmpltsd %xmm1,%xmm2
        cmpltss 16(%ebx,%esi,2),%xmm1
        cmpneqpd %xmm1,%xmm2
        cmpneqps 16(%ebx,%esi,2),%xmm1
        cmpneqsd %xmm1,%xmm2
        cmpneqss %xmm1,%xmm2
        cmpnlepd %xmm1,%xmm2
        cmpnleps %xmm1,%xmm2
        cmpnlesd %xmm1,%xmm2
        cmpnless 16(%ebx,%esi,2),%xmm1
        cmpnltpd 16(%ebx,%esi,2),%xmm1
        cmpnltps %xmm1,%xmm2
        cmpnltsd %xmm1,%xmm2
        cmpnltss 16(%ebx,%esi,2),%xmm1
        cmpordpd 16(%ebx,%esi,2),%xmm1
        cmpordps 16(%ebx,%esi,2),%xmm1
        cmpordsd %xmm1,%xmm2
        cmpordss 16(%ebx,%esi,2),%xmm1
        cmppd $5,16(%ebx,%esi,2),%xmm5
        cmpps $5,%xmm1,%xmm2
        cmps
        cmpsd $5,16(%ebx,%esi,2),%xmm1
        cmpss $5,16(%ebx,%esi,2),%xmm1
        cmpunordpd 16(%ebx,%esi,2),%xmm1
        cmpunordps 16(%ebx,%esi,2),%xmm1
        cmpunordsd 16(%ebx,%esi,2),%xmm1
        cmpunordss 16(%ebx,%esi,2),%xmm1
        cmpw $5,16(%ebx,%esi,2)
        cmpxchg %si,%ax
        cmpxchg8b sym
        comisd 16(%ebx,%esi,2),%xmm1
        comiss %xmm1,%xmm2
        cpuid
        crc32 16(%ebx,%esi,2),%edx
        cs
        cvtdq2pd 16(%ebx,%esi,2),%xmm1
        cvtdq2ps 16(%ebx,%esi,2),%xmm1
        cvtpd2dq 16(%ebx,%esi,2),%xmm1
        cvtpd2pi %xmm1,%mm2
        cvtpd2ps 16(%ebx,%esi,2),%xmm1
        cvtpi2pd 16(%ebx,%esi,2),%xmm1
        cvtpi2ps %mm1,%xmm2
        cvtps2dq %xmm1,%xmm2
        cvtps2pd 16(%ebx,%esi,2),%xmm1
        cvtps2pi %xmm1,%mm2
        cvtsd2si 16(%ebx,%esi,2),%edx
        cvtsd2ss %xmm1,%xmm2
        cvtsi2sd %edx,%xmm1
        cvtsi2ss %edx,%xmm1
        cvtss2sd 16(%ebx,%esi,2),%xmm1
        cvtss2si %xmm2,%edx
        cvttpd2dq %xmm1,%xmm2
        cvttpd2pi %xmm1,%mm2
        cvttps2dq 16(%ebx,%esi,2),%xmm1
        cvttps2pi 16(%ebx,%esi,2),%mm1
        cvttsd2si %xmm1,%edx
        cvttss2si %xmm2,%edx
        cwd
        cwde
        cwtd
        cwtl
        daa
        das
        data16
        data32
        dec sym
        div %cl
        divpd %xmm1,%xmm2
        divps 16(%ebx,%esi,2),%xmm1
        divsd 16(%ebx,%esi,2),%xmm1
        divss %xmm1,%xmm2
        dppd $5,%xmm1,%xmm2
        dpps $5,16(%ebx,%esi,2),%xmm5
        ds
        emms
        encls
        enclu
        enclv
        endbr32
        endbr64
        enqcmd 16(%ebx,%esi,2),%edx
        enqcmds 16(%ebx,%esi,2),%edx
        enter $5,$6
        es
        extractps $5,%xmm2,%edx
        f2xm1
        fabs
        fadd %st(3)
        faddp %st
        fbld 16(%ebx,%esi,2)
        fbstp 16(%ebx,%esi,2)
        fchs
        fclex
        fcmova %st(3),%st
        fcmovae %st(3),%st
        fcmovb %st(3),%st
        fcmovbe %st(3),%st
        fcmove %st(3),%st
        fcmovna %st(3),%st
        fcmovnae %st(3),%st
        fcmovnb %st(3),%st
        fcmovnbe %st(3),%st
        fcmovne %st(3),%st
        fcmovnu %st(3),%st
        fcmovu %st(3),%st
        fcom %st
        fcomi %st(3)
        fcomip %st
        fcomp %st(3)
        fcompi
        fcompp
        fcos
        fdecstp
        fdisi
        fdiv %st(3)
        fdivp %st
        fdivr sym
        fdivrp %st,%st(3)
        femms
        feni
        ffree %st(3)
        ffreep %st
        fiadd 16(%ebx,%esi,2)
        ficom 16(%ebx,%esi,2)
        ficomp sym
        fidiv 16(%ebx,%esi,2)
        fidivr 16(%ebx,%esi,2)
        fild 16(%ebx,%esi,2)
        fildll sym
        fimul 16(%ebx,%esi,2)
        fincstp
        finit
        fist 16(%ebx,%esi,2)
        fistp sym
        fistpll 16(%ebx,%esi,2)
        fisttp 16(%ebx,%esi,2)
        fisttpll sym
        fisub 16(%ebx,%esi,2)
        fisubr sym
        fld 16(%ebx,%esi,2)
        fld1
        fldcw sym
        fldenv 16(%ebx,%esi,2)
        fldl2e
        fldl2t
        fldlg2
        fldln2
        fldpi
        fldt 16(%ebx,%esi,2)
        fldz
        fmul %st(3),%st
        fmulp %st(3)
        fnclex
        fndisi
        fneni
        fninit
        fnop
        fnsave sym
        fnsetpm
        fnstcw 16(%ebx,%esi,2)
        fnstenv sym
        fnstsw sym
        fpatan
        fprem
        fprem1
        fptan
        frndint
        frstor 16(%ebx,%esi,2)
        frstpm
        fs
        fsave 16(%ebx,%esi,2)
        fscale
        fsetpm
        fsin
        fsincos
        fsqrt
        fst sym
        fstcw 16(%ebx,%esi,2)
        fstenv 16(%ebx,%esi,2)
        fstp 16(%ebx,%esi,2)
        fstpt 16(%ebx,%esi,2)
        fstsw %ax
        fsub
        fsubp %st,%st(3)
        fsubr %st
        fsubrp %st(3)
        ftst
        fucom
        fucomi %st(3)
        fucomip %st
        fucomp %st(3)
        fucompi %st(3)
        fucompp
        fwait
        fxam
        fxch %st
        fxrstor 16(%ebx,%esi,2)
        fxsave sym
        fxtract
        fyl2x
        fyl2xp1
        getsec
        gf2p8affineinvqb $5,16(%ebx,%esi,2),%xmm1
        gf2p8affineqb $5,16(%ebx,%esi,2),%xmm1
        gf2p8mulb %xmm1,%xmm2
        gs
        haddpd 16(%ebx,%esi,2),%xmm1
        haddps %xmm1,%xmm2
        hlt
        hreset $5
        hsubpd %xmm1,%xmm2
        hsubps 16(%ebx,%esi,2),%xmm1
        idiv %eax
        imul $5,%edx,%edi
        in (%dx),%al
        inc %eax
        incsspd %edx
        ins
        insb
        insertps $5,16(%ebx,%esi,2),%xmm1
        insw
        int $5
        int1
        int3
        into
        invd
        invept 16(%ebx,%esi,2),%edx
        invlpg sym
        invlpga
        invlpgb
        invpcid 16(%ebx,%esi,2),%edx
        invvpid 16(%ebx,%esi,2),%edx
        iret
        ja sym
        jae sym
        jb sym
        jbe sym
        jc sym
        jcxz sym
        je sym
        jecxz sym
        jg sym
        jge sym
        jl sym
        jle sym
        jmp %eax
        jna sym
        jnae sym
        jnb sym
        jnbe sym
        jnc sym
        jne sym
        jng sym
        jnge sym
        jnl sym
        jnle sym
        jno sym
        jnp sym
        jns sym
        jnz sym
        jo sym
        jp sym
        jpe sym
        jpo sym
        js sym
        jz sym
        lahf
        lar 16(%ebx,%esi,2),%bx
        lcall *16(%ebx,%esi,2)
        lddqu 16(%ebx,%esi,2),%xmm1
        ldmxcsr sym
        lds 16(%ebx,%esi,2),%edx
        lea 16(%ebx,%esi,2),%edx
        leave
        les 16(%ebx,%esi,2),%bx
        lfence
        lfs 16(%ebx,%esi,2),%edx
        lgdt 16(%ebx,%esi,2)
        lgs 16(%ebx,%esi,2),%edx
        lidt sym
        ljmp sym
        lldt 16(%ebx,%esi,2)
        lmsw %si
        lock
        lods
        loop sym
        loope sym
        loopne sym
        loopnz sym
        loopz sym
        lret $0x1234
        lsl %ax,%dx
        lss 16(%ebx,%esi,2),%edx
        ltr %bx
        lzcnt %si,%ax
        maskmovdqu %xmm1,%xmm2
        maskmovq %mm1,%mm2
        maxpd 16(%ebx,%esi,2),%xmm1
        maxps %xmm1,%xmm2
        maxsd %xmm1,%xmm2
        maxss 16(%ebx,%esi,2),%xmm1
        mcommit
        mfence
        minpd 16(%ebx,%esi,2),%xmm1
        minps 16(%ebx,%esi,2),%xmm1
        minsd %xmm1,%xmm2
        minss %xmm1,%xmm2
        monitor
        monitorx
        mov 16(%ebx,%esi,2),%bx
        movapd %xmm0,16(%ebx,%esi,2)
        movaps %xmm1,%xmm2
        movb $5,16(%ebx,%esi,2)
        movbe %eax,(%ecx)
        movd 16(%ebx,%esi,2),%mm1
        movddup %xmm1,%xmm2
        movdir64b 16(%ebx,%esi,2),%edx
        movdiri %eax,(%ecx)
        movdq2q %xmm1,%mm2
        movdqa 16(%ebx,%esi,2),%xmm1
        movdqu %xmm1,16(%ebx,%esi,2)
        movhlps %xmm1,%xmm2
        movhpd %xmm0,16(%ebx,%esi,2)
        movhps %xmm1,16(%ebx,%esi,2)
        movl 16(%ebx,%esi,2),%edx
        movlhps %xmm1,%xmm2
        movlpd %xmm1,16(%ebx,%esi,2)
        movlps %xmm0,16(%ebx,%esi,2)
        movmskpd %xmm2,%edx
        movmskps %xmm1,%edx
        movntdq %xmm1,16(%ebx,%esi,2)
        movntdqa 16(%ebx,%esi,2),%xmm1
        movnti %edx,16(%ebx,%esi,2)
        movntpd %xmm0,16(%ebx,%esi,2)
        movntps %xmm1,16(%ebx,%esi,2)
        movntq %mm1,16(%ebx,%esi,2)
        movntsd %xmm0,16(%ebx,%esi,2)
        movntss %xmm1,16(%ebx,%esi,2)
        movq 16(%ebx,%esi,2),%xmm1
        movq2dq %mm1,%xmm2
        movs
        movsb %al,%dx
        movsd %xmm1,%xmm2
        movshdup 16(%ebx,%esi,2),%xmm1
        movsl
        movsldup 16(%ebx,%esi,2),%xmm1
        movss %xmm0,16(%ebx,%esi,2)
        movsw 16(%ebx,%esi,2),%edx
        movsx %cl,%edi
        movupd 16(%ebx,%esi,2),%xmm1
        movups %xmm1,16(%ebx,%esi,2)
        movw %ds,16(%ebx,%esi,2)
        movzb %cl,%edi
        movzw %bx,%edi
        movzx 16(%ebx,%esi,2),%bx
        mpsadbw $5,16(%ebx,%esi,2),%xmm5
        mul %edi
        mulb sym
        mulpd %xmm1,%xmm2
        mulps %xmm1,%xmm2
        mulsd 16(%ebx,%esi,2),%xmm1
        mulss 16(%ebx,%esi,2),%xmm1
        mulx %edx,%edi,%eax
        mwait
        mwaitx
        neg %si
        nop sym
        nopl %edx
        nopw %si
        not %si
        notb 16(%ebx,%esi,2)
        notrack
        notw %si
        or $5,%cl
        orb $0x1234,16(%ebx,%esi,2)
        orpd 16(%ebx,%esi,2),%xmm1
        orps %xmm1,%xmm2
        orw 16(%ebx,%esi,2),%bx
        out %al,$5
        outs
        pabsb 16(%ebx,%esi,2),%xmm1
        pabsd 16(%ebx,%esi,2),%mm1
        pabsw %mm1,%mm2
        packssdw %mm1,%mm2
        packsswb 16(%ebx,%esi,2),%mm1
        packusdw 16(%ebx,%esi,2),%xmm1
        packuswb %xmm1,%xmm2
        paddb %mm1,%mm2
        paddd 16(%ebx,%esi,2),%mm1
        paddq 16(%ebx,%esi,2),%mm1
        paddsb 16(%ebx,%esi,2),%xmm1
        paddsw 16(%ebx,%esi,2),%xmm1
        paddusb 16(%ebx,%esi,2),%mm1
        paddusw 16(%ebx,%esi,2),%mm1
        paddw 16(%ebx,%esi,2),%mm1
        palignr $5,%mm1,%mm2
        pand %xmm1,%xmm2
        pandn 16(%ebx,%esi,2),%mm1
        pause
        pavgb 16(%ebx,%esi,2),%xmm1
        pavgw 16(%ebx,%esi,2),%xmm1
        pblendvb %xmm0,%xmm3,%xmm4
        pblendw $5,%xmm1,%xmm2
        pclmulhqhqdq %xmm1,%xmm2
        pclmulhqlqdq 16(%ebx,%esi,2),%xmm1
        pclmullqhqdq %xmm1,%xmm2
        pclmullqlqdq %xmm1,%xmm2
        pclmulqdq $5,%xmm1,%xmm2
        pcmpeqb 16(%ebx,%esi,2),%xmm1
        pcmpeqd 16(%ebx,%esi,2),%mm1
        pcmpeqq %xmm1,%xmm2
        pcmpeqw %xmm1,%xmm2
        pcmpestri $5,%xmm1,%xmm2
        pcmpestrm $5,%xmm1,%xmm2
        pcmpgtb %mm1,%mm2
        pcmpgtd 16(%ebx,%esi,2),%xmm1
        pcmpgtq 16(%ebx,%esi,2),%xmm1
        pcmpgtw %mm1,%mm2
        pcmpistri $5,%xmm1,%xmm2
        pcmpistrm $5,16(%ebx,%esi,2),%xmm5
        pconfig
        pdep %edx,%edi,%eax
        pext 16(%ebx,%esi,2),%edx,%edi
        pextrb $5,%xmm2,%edx
        pextrd $5,%xmm1,16(%ebx,%esi,2)
        pextrw $5,%mm3,%edx
        phaddd 16(%ebx,%esi,2),%mm1
        phaddsw %mm1,%mm2
        phaddw 16(%ebx,%esi,2),%mm1
        phminposuw %xmm1,%xmm2
        phsubd 16(%ebx,%esi,2),%mm1
        phsubsw 16(%ebx,%esi,2),%xmm1
        phsubw %mm1,%mm2
        pinsrb $5,%edx,%xmm2
        pinsrd $5,16(%ebx,%esi,2),%xmm5
        pinsrw $5,%edx,%mm3
        pmaddubsw %mm1,%mm2
        pmaddwd %mm1,%mm2
        pmaxsb 16(%ebx,%esi,2),%xmm1
        pmaxsd %xmm1,%xmm2
        pmaxsw %xmm1,%xmm2
        pmaxub 16(%ebx,%esi,2),%xmm1
        pmaxud %xmm1,%xmm2
        pmaxuw %xmm1,%xmm2
        pminsb %xmm1,%xmm2
        pminsd 16(%ebx,%esi,2),%xmm1
        pminsw 16(%ebx,%esi,2),%xmm1
        pminub %mm1,%mm2
        pminud 16(%ebx,%esi,2),%xmm1
        pminuw 16(%ebx,%esi,2),%xmm1
        pmovmskb %xmm1,%edx
        pmovsxbd %xmm1,%xmm2
        pmovsxbq 16(%ebx,%esi,2),%xmm1
        pmovsxbw 16(%ebx,%esi,2),%xmm1
        pmovsxdq %xmm1,%xmm2
        pmovsxwd 16(%ebx,%esi,2),%xmm1
        pmovsxwq %xmm1,%xmm2
        pmovzxbd 16(%ebx,%esi,2),%xmm1
        pmovzxbq 16(%ebx,%esi,2),%xmm1
        pmovzxbw 16(%ebx,%esi,2),%xmm1
        pmovzxdq %xmm1,%xmm2
        pmovzxwd 16(%ebx,%esi,2),%xmm1
        pmovzxwq %xmm1,%xmm2
        pmuldq %xmm1,%xmm2
        pmulhrsw 16(%ebx,%esi,2),%xmm1
        pmulhuw 16(%ebx,%esi,2),%xmm1
        pmulhw %xmm1,%xmm2
        pmulld %xmm1,%xmm2
        pmullw %xmm1,%xmm2
        pmuludq 16(%ebx,%esi,2),%mm1
        pop 16(%ebx,%esi,2)
        popa
        popcnt %edi,%eax
        popcntw %ax,%dx
        popf
        por 16(%ebx,%esi,2),%xmm1
        prefetch sym
        prefetchnta sym
        prefetcht0 sym
        prefetcht1 sym
        prefetcht2 sym
        prefetchw 16(%ebx,%esi,2)
        prefetchwt1 16(%ebx,%esi,2)
        psadbw 16(%ebx,%esi,2),%xmm1
        pshufb 16(%ebx,%esi,2),%mm1
        pshufd $5,16(%ebx,%esi,2),%xmm5
        pshufhw $5,%xmm1,%xmm2
        pshuflw $5,%xmm1,%xmm2
        pshufw $5,%mm1,%mm2
        psignb %xmm1,%xmm2
        psignd 16(%ebx,%esi,2),%xmm1
        psignw 16(%ebx,%esi,2),%xmm1
        pslld $5,%xmm1
        pslldq $5,%xmm1
        psllq $5,%mm1
        psllw 16(%ebx,%esi,2),%xmm1
        psrad %mm1,%mm2
        psraw 16(%ebx,%esi,2),%mm1
        psrld $5,%xmm1
        psrldq $5,%xmm1
        psrlq %mm1,%mm2
        psrlw %mm1,%mm2
        psubb %mm1,%mm2
        psubd %xmm1,%xmm2
        psubq 16(%ebx,%esi,2),%xmm1
        psubsb 16(%ebx,%esi,2),%xmm1
        psubsw %xmm1,%xmm2
        psubusb %mm1,%mm2
        psubusw %xmm1,%xmm2
        psubw %xmm1,%xmm2
        ptest %xmm1,%xmm2
        ptwrite %edx
        punpckhbw %xmm1,%xmm2
        punpckhdq 16(%ebx,%esi,2),%mm1
        punpckhqdq 16(%ebx,%esi,2),%xmm1
        punpckhwd %xmm1,%xmm2
        punpcklbw %xmm1,%xmm2
        punpckldq 16(%ebx,%esi,2),%mm1
        punpcklqdq 16(%ebx,%esi,2),%xmm1
        punpcklwd 16(%ebx,%esi,2),%mm1
        push %edx
        pusha
        pushf
        pvalidate %ax
        pxor 16(%ebx,%esi,2),%mm1
        rcl %cl,%si
        rcpps %xmm1,%xmm2
        rcpss %xmm1,%xmm2
        rcr %al
        rdmsr
        rdpid %edx
        rdpkru
        rdpmc
        rdpru
        rdrand %si
        rdseed %edi
        rdsspd %edx
        rdtsc
        rdtscp
        rep
        repe
        repne
        repnz
        repz
        ret $5
        retf $5
        rol %al
        ror %cl,%dh
        rorx $5,16(%ebx,%esi,2),%edx
        roundpd $5,16(%ebx,%esi,2),%xmm5
        roundps $5,%xmm1,%xmm2
        roundsd $5,%xmm1,%xmm2
        roundss $5,%xmm1,%xmm2
        rsm
        rsqrtps 16(%ebx,%esi,2),%xmm1
        rsqrtss %xmm1,%xmm2
        rstorssp sym
        sahf
        sal $5,%eax
        sar $5,%al
        sarx %edx,%edi,%eax
        saveprevssp
        sbb %cl,16(%ebx,%esi,2)
        scas
        scmp
        serialize
        seta %cl
        setae sym
        setb 16(%ebx,%esi,2)
        setbe %cl
        setc 16(%ebx,%esi,2)
        sete %dh
        setg sym
        setge %cl
        setl 16(%ebx,%esi,2)
        setle %cl
        setna %dh
        setnae %dh
        setnb %cl
        setnbe sym
        setnc sym
        setne sym
        setng sym
        setnge %al
        setnl %dh
        setnle sym
        setno 16(%ebx,%esi,2)
        setnp %dh
        setns %al
        setnz %cl
        seto sym
        setp sym
        setpe %al
        setpo 16(%ebx,%esi,2)
        sets %dh
        setssbsy
        setz %dh
        sfence
        sgdt 16(%ebx,%esi,2)
        sha1msg1 %xmm1,%xmm2
        sha1msg2 %xmm1,%xmm2
        sha1nexte %xmm1,%xmm2
        sha1rnds4 $5,16(%ebx,%esi,2),%xmm1
        sha256msg1 16(%ebx,%esi,2),%xmm1
        sha256msg2 16(%ebx,%esi,2),%xmm1
        sha256rnds2 %xmm1,%xmm2
        shl 16(%ebx,%esi,2)
        shlb %dh
        shld %cl,%edx,16(%ebx,%esi,2)
        shldw %bx,16(%ebx,%esi,2)
        shlw $5,sym
        shlx %edx,16(%ebx,%esi,2),%edi
        shr $5,%ax
        shrd %ax,%dx
        shrdw %si,%ax
        shrx %edx,16(%ebx,%esi,2),%edi
        shufpd $5,%xmm1,%xmm2
        shufps $5,16(%ebx,%esi,2),%xmm1
        sidt sym
        skinit
        sldt 16(%ebx,%esi,2)
        slod
        smov
        smsw %edx
        sqrtpd 16(%ebx,%esi,2),%xmm1
        sqrtps %xmm1,%xmm2
        sqrtsd %xmm1,%xmm2
        sqrtss 16(%ebx,%esi,2),%xmm1
        ss
        ssca
        ssto
        stac
        stc
        std
        stgi
        sti
        stmxcsr sym
        stos
        str 16(%ebx,%esi,2)
        sub $5,%eax
        subb $5,%al
        subpd 16(%ebx,%esi,2),%xmm1
        subps 16(%ebx,%esi,2),%xmm1
        subsd %xmm1,%xmm2
        subss 16(%ebx,%esi,2),%xmm1
        subw $0x1234,16(%ebx,%esi,2)
        syscall
        sysenter
        sysexit
        sysret
        test 16(%ebx,%esi,2),%cl
        testb %dh,%al
        testw $5,sym
        tlbsync
        tpause %eax
        tzcnt %dx,%ax
        ucomisd %xmm1,%xmm2
        ucomiss 16(%ebx,%esi,2),%xmm1
        ud0 %dx,%ax
        ud1 %si,%ax
        ud2
        ud2a
        ud2b %dx,%ax
        umonitor %ax
        umwait %eax
        unpckhpd 16(%ebx,%esi,2),%xmm1
        unpckhps 16(%ebx,%esi,2),%xmm1
        unpcklpd %xmm1,%xmm2
        unpcklps 16(%ebx,%esi,2),%xmm1
        vaddpd %xmm1,%xmm2,%xmm3
        vaddps %ymm1,%ymm2,%ymm3
        vaddsd %xmm1,%xmm2,%xmm3
        vaddss %xmm2,%xmm1,%xmm2
        vaddsubpd 16(%ebx,%esi,2),%xmm2,%xmm3
        vaddsubps 16(%ebx,%esi,2),%xmm2,%xmm3
        vaesdec 16(%ebx,%esi,2),%ymm2,%ymm3
        vaesdeclast %xmm1,%xmm2,%xmm3
        vaesenc 16(%ebx,%esi,2),%xmm2,%xmm3
        vaesenclast %xmm1,%xmm2,%xmm3
        vaesimc %xmm1,%xmm2
        vaeskeygenassist $5,%xmm1,%xmm2
        vandnpd 16(%ebx,%esi,2),%xmm2,%xmm3
        vandnps %ymm1,%ymm2,%ymm3
        vandpd %xmm1,%xmm2,%xmm3
        vandps %xmm2,%xmm1,%xmm2
        vblendpd $5,16(%ebx,%esi,2),%xmm2,%xmm3
        vblendps $5,%xmm1,%xmm2,%xmm3
        vblendvpd %ymm1,%ymm2,%ymm3,%ymm4
        vblendvps %xmm1,16(%ebx,%esi,2),%xmm3,%xmm4
        vbroadcastf128 16(%ebx,%esi,2),%ymm1
        vbroadcasti128 16(%ebx,%esi,2),%ymm1
        vbroadcastsd %xmm1,%ymm2
        vbroadcastss %xmm1,%ymm2
        vcmpeqpd %xmm1,%xmm2,%xmm3
        vcmpeqps %ymm1,%ymm2,%ymm3
        vcmpeqsd %xmm2,%xmm1,%xmm2
        vcmpeqss %xmm0,%xmm3,%xmm4
        vcmpfalsepd %xmm0,%xmm3,%xmm4
        vcmpfalseps %ymm1,%ymm2,%ymm3
        vcmpfalsesd %xmm1,%xmm2,%xmm3
        vcmpfalsess %xmm1,%xmm2,%xmm3
        vcmpgepd %ymm1,%ymm2,%ymm3
        vcmpgeps 16(%ebx,%esi,2),%xmm2,%xmm3
        vcmpgesd %xmm0,%xmm3,%xmm4
        vcmpgess %xmm1,%xmm2,%xmm3
        vcmpgtpd %xmm1,%xmm2,%xmm3
        vcmpgtps 16(%ebx,%esi,2),%ymm2,%ymm3
        vcmpgtsd %xmm2,%xmm1,%xmm2
        vcmpgtss %xmm2,%xmm1,%xmm2
        vcmplepd %xmm2,%xmm1,%xmm2
        vcmpleps %ymm1,%ymm2,%ymm3
        vcmplesd %xmm2,%xmm1,%xmm2
        vcmpless 16(%ebx,%esi,2),%xmm2,%xmm3
        vcmpltpd %xmm1,%xmm2,%xmm3
        vcmpltps %xmm2,%xmm1,%xmm2
        vcmpltsd 16(%ebx,%esi,2),%xmm2,%xmm3
        vcmpltss %xmm0,%xmm3,%xmm4
        vcmpneqpd 16(%ebx,%esi,2),%xmm2,%xmm3
        vcmpneqps %xmm0,%xmm3,%xmm4
        vcmpneqsd %xmm2,%xmm1,%xmm2
        vcmpneqss 16(%ebx,%esi,2),%xmm2,%xmm3
        vcmpngepd %xmm2,%xmm1,%xmm2
        vcmpngeps %xmm2,%xmm1,%xmm2
        vcmpngesd %xmm0,%xmm3,%xmm4
        vcmpngess %xmm1,%xmm2,%xmm3
        vcmpngtpd 16(%ebx,%esi,2),%xmm2,%xmm3
        vcmpngtps %xmm1,%xmm2,%xmm3
        vcmpngtsd %xmm2,%xmm1,%xmm2
        vcmpngtss 16(%ebx,%esi,2),%xmm2,%xmm3
        vcmpnlepd %ymm1,%ymm2,%ymm3
        vcmpnleps %xmm0,%xmm3,%xmm4
        vcmpnlesd 16(%ebx,%esi,2),%xmm2,%xmm3
        vcmpnless 16(%ebx,%esi,2),%xmm2,%xmm3
        vcmpnltpd %ymm1,%ymm2,%ymm3
        vcmpnltps 16(%ebx,%esi,2),%xmm2,%xmm3
        vcmpnltsd 16(%ebx,%esi,2),%xmm2,%xmm3
        vcmpnltss %xmm0,%xmm3,%xmm4
        vcmpordpd 16(%ebx,%esi,2),%ymm2,%ymm3
        vcmpordps %xmm2,%xmm1,%xmm2
        vcmpordsd %xmm0,%xmm3,%xmm4
        vcmpordss %xmm0,%xmm3,%xmm4
        vcmppd $5,%xmm1,%xmm2,%xmm3
        vcmpps $5,16(%ebx,%esi,2),%xmm2,%xmm3
        vcmpsd $5,%xmm1,%xmm2,%xmm3
        vcmpss $5,%xmm1,%xmm2,%xmm3
        vcmptruepd 16(%ebx,%esi,2),%ymm2,%ymm3
        vcmptrueps %xmm0,%xmm3,%xmm4
        vcmptruesd %xmm1,%xmm2,%xmm3
        vcmptruess 16(%ebx,%esi,2),%xmm2,%xmm3
        vcmpunordpd 16(%ebx,%esi,2),%xmm2,%xmm3
        vcmpunordps %xmm2,%xmm1,%xmm2
        vcmpunordsd %xmm0,%xmm3,%xmm4
        vcmpunordss %xmm0,%xmm3,%xmm4
        vcomisd 16(%ebx,%esi,2),%xmm1
        vcomiss 16(%ebx,%esi,2),%xmm1
        vcvtdq2pd %xmm1,%xmm2
        vcvtdq2ps %xmm1,%xmm2
        vcvtpd2dq %xmm1,%xmm2
        vcvtpd2dqx %xmm1,%xmm2
        vcvtpd2dqy 16(%ebx,%esi,2),%xmm1
        vcvtpd2ps %ymm1,%xmm2
        vcvtpd2psx %xmm1,%xmm2
        vcvtpd2psy %ymm1,%xmm2
        vcvtph2ps 16(%ebx,%esi,2),%xmm1
        vcvtps2dq 16(%ebx,%esi,2),%ymm1
        vcvtps2pd %xmm1,%xmm2
        vcvtps2ph $5,%xmm1,16(%ebx,%esi,2)
        vcvtsd2si %xmm2,%edx
        vcvtsd2ss %xmm2,%xmm1,%xmm2
        vcvtsi2sd %edx,%xmm2,%xmm6
        vcvtsi2ss 16(%ebx,%esi,2),%xmm2,%xmm3
        vcvtss2sd %xmm2,%xmm1,%xmm2
        vcvtss2si %xmm1,%edx
        vcvttpd2dq %ymm1,%xmm2
        vcvttpd2dqx %xmm1,%xmm2
        vcvttpd2dqy %ymm1,%xmm2
        vcvttps2dq %xmm1,%xmm2
        vcvttsd2si %xmm2,%edx
        vcvttss2si %xmm2,%edx
        vdivpd %ymm1,%ymm2,%ymm3
        vdivps %ymm1,%ymm2,%ymm3
        vdivsd %xmm1,%xmm2,%xmm3
        vdivss 16(%ebx,%esi,2),%xmm2,%xmm3
        vdppd $5,%xmm1,%xmm2,%xmm3
        vdpps $5,%ymm1,%ymm2,%ymm3
        verr sym
        verw 16(%ebx,%esi,2)
        vextractf128 $5,%ymm1,16(%ebx,%esi,2)
        vextracti128 $5,%ymm1,16(%ebx,%esi,2)
        vextractps $5,%xmm1,%edx
        vfmadd132pd %ymm1,%ymm2,%ymm3
        vfmadd132ps %ymm1,%ymm2,%ymm3
        vfmadd132sd %xmm1,%xmm2,%xmm3
        vfmadd132ss 16(%ebx,%esi,2),%xmm2,%xmm3
        vfmadd213pd %xmm1,%xmm2,%xmm3
        vfmadd213ps %xmm0,%xmm3,%xmm4
        vfmadd213sd %xmm1,%xmm2,%xmm3
        vfmadd213ss %xmm0,%xmm3,%xmm4
        vfmadd231pd %xmm2,%xmm1,%xmm2
        vfmadd231ps %ymm1,%ymm2,%ymm3
        vfmadd231sd %xmm2,%xmm1,%xmm2
        vfmadd231ss 16(%ebx,%esi,2),%xmm2,%xmm3
        vfmaddsub132pd %xmm1,%xmm2,%xmm3
        vfmaddsub132ps 16(%ebx,%esi,2),%ymm2,%ymm3
        vfmaddsub213pd 16(%ebx,%esi,2),%ymm2,%ymm3
        vfmaddsub213ps 16(%ebx,%esi,2),%xmm2,%xmm3
        vfmaddsub231pd 16(%ebx,%esi,2),%ymm2,%ymm3
        vfmaddsub231ps %ymm1,%ymm2,%ymm3
        vfmsub132pd 16(%ebx,%esi,2),%xmm2,%xmm3
        vfmsub132ps %xmm0,%xmm3,%xmm4
        vfmsub132sd %xmm0,%xmm3,%xmm4
        vfmsub132ss %xmm2,%xmm1,%xmm2
        vfmsub213pd %ymm1,%ymm2,%ymm3
        vfmsub213ps %xmm0,%xmm3,%xmm4
        vfmsub213sd %xmm2,%xmm1,%xmm2
        vfmsub213ss %xmm1,%xmm2,%xmm3
        vfmsub231pd %xmm0,%xmm3,%xmm4
        vfmsub231ps 16(%ebx,%esi,2),%ymm2,%ymm3
        vfmsub231sd 16(%ebx,%esi,2),%xmm2,%xmm3
        vfmsub231ss 16(%ebx,%esi,2),%xmm2,%xmm3
        vfmsubadd132pd %xmm0,%xmm3,%xmm4
        vfmsubadd132ps %xmm1,%xmm2,%xmm3
        vfmsubadd213pd %xmm1,%xmm2,%xmm3
        vfmsubadd213ps 16(%ebx,%esi,2),%xmm2,%xmm3
        vfmsubadd231pd %xmm0,%xmm3,%xmm4
        vfmsubadd231ps %xmm0,%xmm3,%xmm4
        vfnmadd132pd %ymm1,%ymm2,%ymm3
        vfnmadd132ps %xmm2,%xmm1,%xmm2
        vfnmadd132sd %xmm1,%xmm2,%xmm3
        vfnmadd132ss 16(%ebx,%esi,2),%xmm2,%xmm3
        vfnmadd213pd %xmm1,%xmm2,%xmm3
        vfnmadd213ps 16(%ebx,%esi,2),%xmm2,%xmm3
        vfnmadd213sd %xmm2,%xmm1,%xmm2
        vfnmadd213ss %xmm1,%xmm2,%xmm3
        vfnmadd231pd %xmm0,%xmm3,%xmm4
        vfnmadd231ps 16(%ebx,%esi,2),%xmm2,%xmm3
        vfnmadd231sd 16(%ebx,%esi,2),%xmm2,%xmm3
        vfnmadd231ss %xmm0,%xmm3,%xmm4
        vfnmsub132pd %xmm0,%xmm3,%xmm4
        vfnmsub132ps %xmm1,%xmm2,%xmm3
        vfnmsub132sd %xmm1,%xmm2,%xmm3
        vfnmsub132ss %xmm1,%xmm2,%xmm3
        vfnmsub213pd %ymm1,%ymm2,%ymm3
        vfnmsub213ps %xmm2,%xmm1,%xmm2
        vfnmsub213sd %xmm0,%xmm3,%xmm4
        vfnmsub213ss %xmm1,%xmm2,%xmm3
        vfnmsub231pd 16(%ebx,%esi,2),%ymm2,%ymm3
        vfnmsub231ps 16(%ebx,%esi,2),%xmm2,%xmm3
        vfnmsub231sd %xmm1,%xmm2,%xmm3
        vfnmsub231ss 16(%ebx,%esi,2),%xmm2,%xmm3
        vgf2p8affineinvqb $5,16(%ebx,%esi,2),%xmm2,%xmm3
        vgf2p8affineqb $5,16(%ebx,%esi,2),%ymm2,%ymm3
        vgf2p8mulb 16(%ebx,%esi,2),%ymm2,%ymm3
        vhaddpd 16(%ebx,%esi,2),%ymm2,%ymm3
        vhaddps 16(%ebx,%esi,2),%xmm2,%xmm3
        vhsubpd 16(%ebx,%esi,2),%xmm2,%xmm3
        vhsubps 16(%ebx,%esi,2),%ymm2,%ymm3
        vinsertf128 $5,16(%ebx,%esi,2),%ymm2,%ymm3
        vinserti128 $1,%xmm1,%ymm2,%ymm3
        vinsertps $5,16(%ebx,%esi,2),%xmm2,%xmm3
        vlddqu 16(%ebx,%esi,2),%xmm1
        vldmxcsr 16(%ebx,%esi,2)
        vmaskmovdqu %xmm1,%xmm2
        vmaskmovpd 16(%ebx,%esi,2),%xmm2,%xmm3
        vmaskmovps 16(%ebx,%esi,2),%ymm2,%ymm3
        vmaxpd 16(%ebx,%esi,2),%xmm2,%xmm3
        vmaxps %xmm1,%xmm2,%xmm3
        vmaxsd %xmm2,%xmm1,%xmm2
        vmaxss %xmm0,%xmm3,%xmm4
        vmcall
        vmclear 16(%ebx,%esi,2)
        vmfunc
        vmgexit
        vminpd %xmm1,%xmm2,%xmm3
        vminps %xmm2,%xmm1,%xmm2
        vminsd 16(%ebx,%esi,2),%xmm2,%xmm3
        vminss %xmm1,%xmm2,%xmm3
        vmlaunch
        vmload
        vmmcall
        vmovapd %ymm1,%ymm2
        vmovaps %xmm0,16(%ebx,%esi,2)
        vmovd %xmm2,%edx
        vmovddup %xmm1,%xmm2
        vmovdqa %ymm1,16(%ebx,%esi,2)
        vmovdqu %ymm1,16(%ebx,%esi,2)
        vmovhlps %xmm0,%xmm3,%xmm4
        vmovhpd %xmm1,16(%ebx,%esi,2)
        vmovhps %xmm1,16(%ebx,%esi,2)
        vmovlhps %xmm2,%xmm1,%xmm2
        vmovlpd 16(%ebx,%esi,2),%xmm2,%xmm3
        vmovlps 16(%ebx,%esi,2),%xmm2,%xmm3
        vmovmskpd %xmm2,%edx
        vmovmskps %ymm1,%edx
        vmovntdq %xmm1,16(%ebx,%esi,2)
        vmovntdqa 16(%ebx,%esi,2),%ymm1
        vmovntpd %xmm0,16(%ebx,%esi,2)
        vmovntps %xmm0,16(%ebx,%esi,2)
        vmovq %xmm1,%xmm2
        vmovsd %xmm1,16(%ebx,%esi,2)
        vmovshdup 16(%ebx,%esi,2),%ymm1
        vmovsldup 16(%ebx,%esi,2),%ymm1
        vmovss %xmm1,16(%ebx,%esi,2)
        vmovupd %ymm1,16(%ebx,%esi,2)
        vmovups %ymm1,%ymm2
        vmpsadbw $5,16(%ebx,%esi,2),%ymm2,%ymm3
        vmptrld 16(%ebx,%esi,2)
        vmptrst sym
        vmread %eax,(%ecx)
        vmresume
        vmrun %eax
        vmsave %eax
        vmulpd %xmm2,%xmm1,%xmm2
        vmulps %xmm2,%xmm1,%xmm2
        vmulsd %xmm1,%xmm2,%xmm3
        vmulss %xmm2,%xmm1,%xmm2
        vmwrite 16(%ebx,%esi,2),%edx
        vmxoff
        vmxon sym
        vorpd 16(%ebx,%esi,2),%ymm2,%ymm3
        vorps %ymm1,%ymm2,%ymm3
        vpabsb 16(%ebx,%esi,2),%ymm1
        vpabsd %ymm1,%ymm2
        vpabsw %ymm1,%ymm2
        vpackssdw 16(%ebx,%esi,2),%xmm2,%xmm3
        vpacksswb %xmm1,%xmm2,%xmm3
        vpackusdw %xmm1,%xmm2,%xmm3
        vpackuswb %xmm0,%xmm3,%xmm4
        vpaddb 16(%ebx,%esi,2),%ymm2,%ymm3
        vpaddd %xmm0,%xmm3,%xmm4
        vpaddq %ymm1,%ymm2,%ymm3
        vpaddsb %xmm0,%xmm3,%xmm4
        vpaddsw 16(%ebx,%esi,2),%ymm2,%ymm3
        vpaddusb %xmm1,%xmm2,%xmm3
        vpaddusw 16(%ebx,%esi,2),%xmm2,%xmm3
        vpaddw %xmm1,%xmm2,%xmm3
        vpalignr $5,16(%ebx,%esi,2),%xmm2,%xmm3
        vpand 16(%ebx,%esi,2),%ymm2,%ymm3
        vpandn %ymm1,%ymm2,%ymm3
        vpavgb 16(%ebx,%esi,2),%ymm2,%ymm3
        vpavgw %xmm2,%xmm1,%xmm2
        vpblendd $5,%ymm1,%ymm2,%ymm3
        vpblendvb %xmm4,16(%ebx,%esi,2),%xmm3,%xmm4
        vpblendw $5,16(%ebx,%esi,2),%xmm2,%xmm3
        vpbroadcastb %xmm1,%xmm2
        vpbroadcastd 16(%ebx,%esi,2),%ymm1
        vpbroadcastq %xmm1,%xmm2
        vpbroadcastw %xmm1,%ymm2
        vpclmulhqhqdq %xmm2,%xmm1,%xmm2
        vpclmulhqlqdq %ymm1,%ymm2,%ymm3
        vpclmullqhqdq %xmm2,%xmm1,%xmm2
        vpclmullqlqdq 16(%ebx,%esi,2),%xmm2,%xmm3
        vpclmulqdq $5,16(%ebx,%esi,2),%xmm2,%xmm3
        vpcmpeqb 16(%ebx,%esi,2),%ymm2,%ymm3
        vpcmpeqd %xmm1,%xmm2,%xmm3
        vpcmpeqq 16(%ebx,%esi,2),%ymm2,%ymm3
        vpcmpeqw %xmm2,%xmm1,%xmm2
        vpcmpestri $5,16(%ebx,%esi,2),%xmm5
        vpcmpestrm $5,16(%ebx,%esi,2),%xmm5
        vpcmpgtb 16(%ebx,%esi,2),%xmm2,%xmm3
        vpcmpgtd 16(%ebx,%esi,2),%xmm2,%xmm3
        vpcmpgtq 16(%ebx,%esi,2),%ymm2,%ymm3
        vpcmpgtw 16(%ebx,%esi,2),%xmm2,%xmm3
        vpcmpistri $5,16(%ebx,%esi,2),%xmm1
        vpcmpistrm $5,16(%ebx,%esi,2),%xmm5
        vperm2f128 $5,16(%ebx,%esi,2),%ymm2,%ymm3
        vperm2i128 $5,16(%ebx,%esi,2),%ymm2,%ymm3
        vpermd %ymm1,%ymm2,%ymm3
        vpermilpd %ymm1,%ymm2,%ymm3
        vpermilps $5,16(%ebx,%esi,2),%xmm1
        vpermpd $5,16(%ebx,%esi,2),%ymm1
        vpermps %ymm1,%ymm2,%ymm3
        vpermq $5,16(%ebx,%esi,2),%ymm1
        vpextrb $5,%xmm1,16(%ebx,%esi,2)
        vpextrd $5,%xmm2,%edx
        vpextrw $5,%xmm1,%edx
        vphaddd %xmm2,%xmm1,%xmm2
        vphaddsw %xmm0,%xmm3,%xmm4
        vphaddw 16(%ebx,%esi,2),%ymm2,%ymm3
        vphminposuw 16(%ebx,%esi,2),%xmm1
        vphsubd 16(%ebx,%esi,2),%ymm2,%ymm3
        vphsubsw 16(%ebx,%esi,2),%xmm2,%xmm3
        vphsubw %xmm1,%xmm2,%xmm3
        vpinsrb $5,16(%ebx,%esi,2),%xmm2,%xmm3
        vpinsrd $5,%edx,%xmm2,%xmm5
        vpinsrw $5,%edx,%xmm2,%xmm5
        vpmaddubsw %ymm1,%ymm2,%ymm3
        vpmaddwd %xmm2,%xmm1,%xmm2
        vpmaskmovd %ymm1,%ymm2,16(%ebx,%esi,2)
        vpmaskmovq %xmm1,%xmm2,16(%ebx,%esi,2)
        vpmaxsb %ymm1,%ymm2,%ymm3
        vpmaxsd %xmm0,%xmm3,%xmm4
        vpmaxsw %xmm1,%xmm2,%xmm3
        vpmaxub 16(%ebx,%esi,2),%xmm2,%xmm3
        vpmaxud %xmm0,%xmm3,%xmm4
        vpmaxuw %xmm1,%xmm2,%xmm3
        vpminsb 16(%ebx,%esi,2),%ymm2,%ymm3
        vpminsd 16(%ebx,%esi,2),%ymm2,%ymm3
        vpminsw %xmm2,%xmm1,%xmm2
        vpminub 16(%ebx,%esi,2),%xmm2,%xmm3
        vpminud %ymm1,%ymm2,%ymm3
        vpminuw %xmm0,%xmm3,%xmm4
        vpmovmskb %ymm1,%edx
        vpmovsxbd %xmm1,%xmm2
        vpmovsxbq %xmm1,%xmm2
        vpmovsxbw 16(%ebx,%esi,2),%xmm1
        vpmovsxdq 16(%ebx,%esi,2),%xmm1
        vpmovsxwd %xmm1,%ymm2
        vpmovsxwq 16(%ebx,%esi,2),%xmm1
        vpmovzxbd %xmm1,%xmm2
        vpmovzxbq 16(%ebx,%esi,2),%xmm1
        vpmovzxbw 16(%ebx,%esi,2),%xmm1
        vpmovzxdq 16(%ebx,%esi,2),%ymm1
        vpmovzxwd %xmm1,%xmm2
        vpmovzxwq 16(%ebx,%esi,2),%ymm1
        vpmuldq %xmm1,%xmm2,%xmm3
        vpmulhrsw %xmm0,%xmm3,%xmm4
        vpmulhuw %xmm2,%xmm1,%xmm2
        vpmulhw %xmm1,%xmm2,%xmm3
        vpmulld %xmm1,%xmm2,%xmm3
        vpmullw %xmm2,%xmm1,%xmm2
        vpmuludq %xmm2,%xmm1,%xmm2
        vpor %xmm1,%xmm2,%xmm3
        vpsadbw 16(%ebx,%esi,2),%xmm2,%xmm3
        vpshufb %xmm2,%xmm1,%xmm2
        vpshufd $5,16(%ebx,%esi,2),%ymm1
        vpshufhw $5,%ymm1,%ymm2
        vpshuflw $5,16(%ebx,%esi,2),%xmm1
        vpsignb 16(%ebx,%esi,2),%xmm2,%xmm3
        vpsignd %xmm2,%xmm1,%xmm2
        vpsignw %ymm1,%ymm2,%ymm3
        vpslld $5,%xmm1,%xmm2
        vpslldq $5,%xmm1,%xmm2
        vpsllq 16(%ebx,%esi,2),%xmm2,%xmm3
        vpsllvd %xmm2,%xmm1,%xmm2
        vpsllvq %ymm1,%ymm2,%ymm3
        vpsllw 16(%ebx,%esi,2),%xmm2,%xmm3
        vpsrad %xmm2,%ymm1,%ymm2
        vpsravd %xmm0,%xmm3,%xmm4
        vpsraw $5,%ymm1,%ymm2
        vpsrld %xmm2,%ymm1,%ymm2
        vpsrldq $5,%ymm1,%ymm2
        vpsrlq $5,%ymm1,%ymm2
        vpsrlvd 16(%ebx,%esi,2),%xmm2,%xmm3
        vpsrlvq %xmm0,%xmm3,%xmm4
        vpsrlw %xmm2,%xmm1,%xmm2
        vpsubb %ymm1,%ymm2,%ymm3
        vpsubd %xmm1,%xmm2,%xmm3
        vpsubq %xmm1,%xmm2,%xmm3
        vpsubsb %xmm1,%xmm2,%xmm3
        vpsubsw 16(%ebx,%esi,2),%ymm2,%ymm3
        vpsubusb %ymm1,%ymm2,%ymm3
        vpsubusw %xmm0,%xmm3,%xmm4
        vpsubw %xmm0,%xmm3,%xmm4
        vptest %xmm1,%xmm2
        vpunpckhbw %xmm0,%xmm3,%xmm4
        vpunpckhdq 16(%ebx,%esi,2),%xmm2,%xmm3
        vpunpckhqdq %xmm1,%xmm2,%xmm3
        vpunpckhwd %xmm1,%xmm2,%xmm3
        vpunpcklbw %xmm2,%xmm1,%xmm2
        vpunpckldq %xmm2,%xmm1,%xmm2
        vpunpcklqdq 16(%ebx,%esi,2),%xmm2,%xmm3
        vpunpcklwd %xmm0,%xmm3,%xmm4
        vpxor %xmm0,%xmm3,%xmm4
        vrcpps 16(%ebx,%esi,2),%ymm1
        vrcpss %xmm2,%xmm1,%xmm2
        vroundpd $5,16(%ebx,%esi,2),%xmm5
        vroundps $5,16(%ebx,%esi,2),%ymm1
        vroundsd $5,%xmm1,%xmm2,%xmm3
        vroundss $5,%xmm1,%xmm2,%xmm3
        vrsqrtps 16(%ebx,%esi,2),%ymm1
        vrsqrtss %xmm2,%xmm1,%xmm2
        vshufpd $5,16(%ebx,%esi,2),%xmm2,%xmm3
        vshufps $5,%ymm1,%ymm2,%ymm3
        vsqrtpd %ymm1,%ymm2
        vsqrtps %xmm1,%xmm2
        vsqrtsd %xmm2,%xmm1,%xmm2
        vsqrtss 16(%ebx,%esi,2),%xmm2,%xmm3
        vstmxcsr 16(%ebx,%esi,2)
        vsubpd %ymm1,%ymm2,%ymm3
        vsubps %xmm2,%xmm1,%xmm2
        vsubsd 16(%ebx,%esi,2),%xmm2,%xmm3
        vsubss %xmm2,%xmm1,%xmm2
        vtestpd 16(%ebx,%esi,2),%ymm1
        vtestps 16(%ebx,%esi,2),%ymm1
        vucomisd %xmm1,%xmm2
        vucomiss 16(%ebx,%esi,2),%xmm1
        vunpckhpd 16(%ebx,%esi,2),%ymm2,%ymm3
        vunpckhps %xmm0,%xmm3,%xmm4
        vunpcklpd %xmm0,%xmm3,%xmm4
        vunpcklps %xmm2,%xmm1,%xmm2
        vxorpd 16(%ebx,%esi,2),%ymm2,%ymm3
        vxorps 16(%ebx,%esi,2),%xmm2,%xmm3
        vzeroall
        vzeroupper
        wait
        wbinvd
        wbnoinvd
        wrmsr
        wrmsrns
        wrpkru
        wrssd %eax,(%ecx)
        wrussd %edx,16(%ebx,%esi,2)
        xabort $5
        xacquire
        xadd %dx,%ax
        xbegin sym
        xchg %cl,16(%ebx,%esi,2)
        xend
        xgetbv
        xlat
        xor %si,%ax
        xorb $5,16(%ebx,%esi,2)
        xorpd %xmm1,%xmm2
        xorps 16(%ebx,%esi,2),%xmm1
        xorw %dx,%ax
        xrelease
        xresldtrk
        xrstor sym
        xrstors sym
        xsave sym
        xsavec sym
        xsaveopt 16(%ebx,%esi,2)
        xsaves 16(%ebx,%esi,2)
        xsetbv
        xsusldtrk
        xtest
        .code64
