        vaddps  %zmm1, %zmm2, %zmm3
        vaddss  (%rax), %xmm1, %xmm2
        kmovq   %k1, %rax
