# What compilers call even in freestanding code.

    .text
    .globl memcpy
    .type memcpy, @function
memcpy:                         # rdi to, rsi from, rdx bytes
    movq %rdi, %rax
    movq %rdx, %rcx
    rep movsb
    ret
    .size memcpy, . - memcpy

    .globl memmove
    .type memmove, @function
memmove:
    movq %rdi, %rax
    movq %rdx, %rcx
    subq %rsi, %rdi
    cmpq %rdx, %rdi             # unsigned: below means that `to` is inside of `from`
    leaq (%rax), %rdi
    jb 1f
    rep movsb
    ret
1:  std
    leaq -1(%rdi, %rdx), %rdi
    leaq -1(%rsi, %rdx), %rsi
    rep movsb
    cld
    ret
    .size memmove, . - memmove

    .globl memset
    .type memset, @function
memset:                         # rdi where, esi octet, rdx bytes
    movq %rdi, %r8
    movl %esi, %eax
    movq %rdx, %rcx
    rep stosb
    movq %r8, %rax
    ret
    .size memset, . - memset

    .globl memcmp
    .globl bcmp
    .type memcmp, @function
memcmp:                         # rdi one, rsi other, rdx bytes
bcmp:
    movq %rdx, %rcx
    xorl %eax, %eax
    cmpq %rcx, %rcx             # equal, should there be nothing to compare
    repe cmpsb
    je 1f
    movzbl -1(%rdi), %eax
    movzbl -1(%rsi), %edx
    subl %edx, %eax
1:  ret
    .size memcmp, . - memcmp

    .globl strlen
    .type strlen, @function
strlen:                         # rdi text
    movq $-1, %rax
1:  incq %rax
    cmpb $0, (%rdi, %rax)
    jne 1b
    ret
    .size strlen, . - strlen
