 .intel_syntax noprefix
 call [qword ptr [rdi+304]]
 call [QWORD PTR 8[rax+rbx*4]]
 mov eax, 5
 mov rax, foo
 mov eax, dword ptr [rax+rbx*4+8]
 mov rax, qword ptr gs:[8]
 mov rax, gs:[rbx]
 mov qword ptr [rax], 5
 mov byte ptr [rsp-1], 255
 mov rax, offset foo
 lea rax, [rip+foo]
 lea rax, foo[rip]
 lea rax, [rip+foo+4]
 mov rax, foo[rip+8]
 mov rax, [foo+rbx*8]
 mov rax, foo[rbx*8]
 mov rax, [rbx][rcx]
 mov rax, 4[rbx]
 mov rax, [rsp+rbp]
 mov rax, [rbp+rsp]
 push 5
 push qword ptr [rax]
 push rax
 pop qword ptr [rax]
 call foo
 call rax
 call [rax]
 call qword ptr [rax+8]
 jmp foo
 jmp [rax]
 jne foo
 jmp short bar
 nop
bar:
 movzx eax, byte ptr [rax]
 movzx eax, al
 movsx rax, word ptr [rax]
 movsxd rax, ecx
 movsxd rax, dword ptr [rcx]
 iretq
 retf
 retfq
 ret 8
 sysretq
 lgdt [rax]
 lidt tbyte ptr [rax]
 ltr ax
 rep movsb
 rep movsd
 rep stosq
 lodsd
 stosd
 movsd xmm0, qword ptr [rax]
 movaps xmm0, xmmword ptr [rax]
 movdqu [rax], xmm1
 cvtsi2sd xmm0, dword ptr [rax]
 cvtsi2sd xmm0, rax
 xchg [rax], rbx
 cmpxchg [rdi], rcx
 lock cmpxchg16b xmmword ptr [rdi]
 in al, dx
 in eax, 5
 out dx, al
 out 5, al
 shl eax, 5
 shl eax, cl
 shl dword ptr [rax], 1
 shld eax, ebx, 3
 imul eax, ebx, 5
 imul eax, 5
 test al, 1
 add rax, 8 + 4*2
 add rax, 1 shl 4
 and rax, not 7
 sete al
 cmovne rax, [rbx]
 bt rax, 5
 mov cr3, rax
 mov rax, cr0
 mov ds, ax
 mov ax, ds
 mov [rax], ds
 enter 8, 0
 invlpg [rax]
 wrfsbase rax
 fxsave [rax]
 fxsave64 [rax]
 xsave [rax]
 fld qword ptr [rax]
 fstp dword ptr [rax]
 fldcw word ptr [rax]
 ldmxcsr dword ptr [rax]
 movabs rax, 0x123456789abcdef0
 mov rax, 0x123456789abcdef0
 movabs rax, offset foo
 mov al, byte ptr foo
 mov eax, dword ptr 5
 call foo@PLT
 mov rax, foo@GOTPCREL[rip]
 mov rax, [rip+foo@GOTPCREL]
 jmp far ptr [rax]
 jmp fword ptr [rax]
 int 3
 int 0x80
 mov eax, [foo]
 mov eax, [0x1234]
 mov eax, ds:0x1234
 mov eax, ds:[0x1234]
 cmp dword ptr [rbp-4], 5
 mov eax, [rip]
 xor eax, eax
 pushfq
 popfq
 swapgs
 loop .
 jrcxz .
 prefetcht0 [rax]
 crc32 eax, byte ptr [rbx]
 bswap rax
 .att_syntax
 mov $5,%eax
 .code32
 .intel_syntax noprefix
 mov eax, [ebx+4]
 push es
 pop ds
 pushfd
 popad
 iretd
 iret
 retf
 jmp 8:foo
 jmp 8:0x12345678
 call 8:foo
 ljmp 8,foo
 lgdt [foo]
 mov eax, fs:[0]
 mov eax, [foo]
 movsd
 les eax, [ebx]
 jmp far ptr [eax]
 call dword ptr [eax]
 call [eax]
 push dword ptr [eax]
 push word ptr [eax]
 push 5
 .code16
 mov ax, [bx+si]
 mov ax, [bp+di+4]
 mov ax, [bx]
 mov ax, es:[di]
 mov ax, [foo]
 mov al, [si]
 jmp foo
 jc foo
 call foo
 jmp 0:foo
 jmp 8:foo
 ret
 retf
 iret
 push 5
 push ax
 push eax
 int 0x10
 lgdt [foo]
 mov eax, cr0
 mov cr0, eax
 mov eax, [esi+4]
 mov eax, 5
 rep movsb
 lodsb
 stosd
 jmp dword ptr [bx]
 in al, 0x92
