"""A self-test of the encoder: instructions that encoders get wrong, against the bytes that GNU as 2.40 makes of them.

A Keystone that was built otherwise, or for another platform, shows here before it can spoil a kernel.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from exotool.asm import Options, assemble
from exotool.diagnostics import ToolError

LINES: Final = """
    64 654889242508000000 movq %rsp,%gs:8
    64 6589042508000000 movl %eax,%gs:8
    64 658304250800000001 addl $1,%gs:8
    64 65488b042508000000 movq %gs:8,%rax
    64 8b0c2500100000 mov 0x1000,%ecx
    64 0f01142500100000 lgdt 0x1000
    64 ff142500100000 call *0x1000
    64 488b042500100000 mov 0x1000,%rax
    64 67488b0510000000 mov 0x10(%eip),%rax
    64 48a18877665544332211 movabs 0x1122334455667788,%rax
    64 48c7c0ffffffff mov $-1,%rax
    64 b8ffffffff mov $0xffffffff,%eax
    64 49bf8877665544332211 movabs $0x1122334455667788,%r15
    64 8ed8 mov %ax,%ds
    64 8cd8 mov %ds,%rax
    64 8c1f movw %ds,(%rdi)
    64 0f00c0 sldt %rax
    64 0f00c8 str %rax
    64 0f1f00 nopl (%rax)
    64 660f1f0400 nopw 0x0(%rax,%rax,1)
    64 cc int $3
    64 cd80 int $0x80
    64 90 xchg %rax,%rax
    64 87c0 xchg %eax,%eax
    64 4863d8 movslq %eax,%rbx
    64 0fb707 movzwl (%rdi),%eax
    64 6a7f push $0x7f
    64 6880000000 push $0x80
    64 66683412 pushw $0x1234
    64 0580000000 add $0x80,%eax
    64 4883c00a add $10,%rax
    64 4883ec80 sub $-128,%rsp
    64 486bd80a imul $10,%rax,%rbx
    64 488d6424f8 lea -8(%rsp),%rsp
    64 488d04dd00000000 lea (,%rbx,8),%rax
    64 488b4500 mov (%rbp),%rax
    64 498b4500 mov (%r13),%rax
    64 488b0424 mov (%rsp),%rax
    64 4b8b04ac mov (%r12,%r13,4),%rax
    64 64488b042528000000 mov %fs:0x28,%rax
    64 440f20c0 mov %cr8,%rax
    64 0f22d8 mov %rax,%cr3
    64 0f23f8 mov %rax,%dr7
    64 0f01f8 swapgs
    64 480f07 sysretq
    64 0f07 sysretl
    64 48cf iretq
    64 48cb lretq
    64 48ca0800 lretq $8
    64 f3480faec0 rdfsbase %rax
    64 0f30 wrmsr
    64 0f0138 invlpg (%rax)
    64 660f388218 invpcid (%rax),%rbx
    64 f0480fc70f lock cmpxchg16b (%rdi)
    64 f00fc107 lock xaddl %eax,(%rdi)
    64 f0ff07 lock incl (%rdi)
    64 f3a4 rep movsb
    64 f348ab rep stosq
    64 f2ae repne scasb
    64 480fae07 fxsave64 (%rdi)
    64 0fae37 xsaveopt (%rdi)
    64 0f01d0 xgetbv
    64 d93f fnstcw (%rdi)
    64 9bd93f fstcw (%rdi)
    64 dee1 fsubp
    64 f30f1efa endbr64
    64 f30fc7f8 rdpid %rax
    64 0f01cb stac
    64 0f002c24 verw (%rsp)
    64 0f00d8 ltr %ax
    64 ec in %dx,%al
    64 e780 outl %eax,$0x80
    64 e2fe loop .
    64 e3fe jrcxz .
    64 67e3fd jecxz .
    64 0f2907 movaps %xmm0,(%rdi)
    64 f3440f6f3e movdqu (%rsi),%xmm15
    64 c5cb5811 vaddsd (%rcx),%xmm6,%xmm2
    64 c462b1b95008 vfmadd231sd 8(%rax),%xmm9,%xmm10
    64 c5f877 vzeroupper
    64 660f3a44d110 pclmulqdq $0x10,%xmm1,%xmm2
    64 f2480f38f1d8 crc32q %rax,%rbx
    64 480fa4c304 shld $4,%rax,%rbx
    64 c4e2f9f7cb shlx %rax,%rbx,%rcx
    64 490fcb bswap %r11
    64 0f38f007 movbe (%rdi),%eax
    64 00e3 addb %ah,%bl
    64 4088f0 movb %sil,%al
    64 66488d3f data16 lea (%rdi),%rdi
    64 3effe0 notrack jmp *%rax
    32 3e8b4500 mov %ds:(%ebp),%eax
    32 ad lods
    32 26d7 xlat %es:(%ebx)
    32 ea785634120800 ljmp $8,$0x12345678
    32 60 pushal
    32 0f20c0 mov %cr0,%eax
    32 0f015008 lgdt 8(%eax)
    32 cf iret
    32 1e push %ds
    32 6201 bound %eax,(%ecx)
    16 0f0116007c lgdt 0x7c00
    16 660f0116007c lgdtl 0x7c00
    16 ea007c0000 ljmp $0,$0x7c00
    16 66ea452301000800 ljmpl $8,$0x12345
    16 66c9 leavel
    16 67668b048500000000 mov (,%eax,4),%eax
    16 8b03 mov (%bp,%di),%ax
    16 8ed8 mov %ax,%ds
    16 0f20c0 mov %cr0,%eax
    16 66f3a5 rep movsl
    16 66e800000000 calll 0x1000
    16 66830701 addl $1,(%bx)
"""
"""Mode, bytes, instruction."""


def failures() -> list[str]:
    """Return what is wrong, a line for each instruction that is not encoded as it must be; nothing if all are."""
    found = []
    for line in LINES.strip().splitlines():
        mode, wanted, text = line.strip().split(" ", 2)
        source = f".code{mode}\n{text}\n".encode()
        try:
            made = bytes(assemble(source, Path("selftest.s"), Options(preprocess=False)).object.sections[1].data).hex()
        except ToolError as error:
            made = f"refused: {error}"
        if made != wanted:
            found.append(f"`{text}` ({mode}-bit): {made} instead of {wanted}")
    return found
