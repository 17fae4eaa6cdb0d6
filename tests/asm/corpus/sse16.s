 .code16
 paddb (%bx), %xmm1
 paddb %xmm1, %xmm2
 paddb 8(%ebx,%ecx,4), %mm2
 movdqu %xmm1, 4(%eax)
 movdqa 0x1234, %xmm1
 movdqa label, %xmm1
 pshufd $5, %xmm1, %xmm2
 movd %eax, %xmm1
 movd (%bp,%di), %xmm1
 pextrw $1, %xmm1, %eax
 pinsrw $1, (%si), %xmm1
 aesenc %xmm1, %xmm2
 pcmpistri $8, (%di), %xmm1
 cvtsi2sd %eax, %xmm1
 cvttsd2si (%bx), %eax
 movmskpd %xmm1, %eax
 sqrtsd %fs:(%bx), %xmm1
 adcx %edx, %eax
 vmclear (%bx)
 invept (%bx), %eax
 .code32
label:
 paddb (%bx), %xmm1
 movdqa (%eax), %xmm1
