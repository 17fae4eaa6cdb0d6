# arch: i386
 movl foo@GOT(%ebx), %eax
 call *foo@GOT(%ebx)
 jmp *foo@GOT(%ebx)
 addl foo@GOT(%ebx), %ecx
 cmpl %eax, foo@GOT(%ebx)
 pushl foo@GOT(%ebx)
 leal foo@GOT(%ebx), %ecx
 movl foo@GOT, %ecx
 leal .L1@GOTOFF(%ebx), %ecx
 call foo@PLT
 movb foo@GOT(%ebx), %cl
 movl $foo@GOT, %ecx
 testl %ecx, foo@GOT(%ebx)
 .section .rodata
 .long 0
.L1: .long foo@GOTOFF, .L1@GOTOFF
	addl $_GLOBAL_OFFSET_TABLE_, %ebx
	addl $_GLOBAL_OFFSET_TABLE_+3, %eax
	leal _GLOBAL_OFFSET_TABLE_(%ebx), %ecx
	movl $_GLOBAL_OFFSET_TABLE_, 4(%ebx)
	movl %eax, _GLOBAL_OFFSET_TABLE_
	.long _GLOBAL_OFFSET_TABLE_
	pushl $_GLOBAL_OFFSET_TABLE_
        .text
        leal    tls@TLSGD(,%ebx,1), %eax
        leal    tls@TLSLDM(%ebx), %eax
        addl    $1, %gs:tls@NTPOFF
        movl    tls@GOTNTPOFF(%ebx), %edx
        movl    tls@INDNTPOFF, %edx
        subl    $tls@TPOFF, %eax
        .long   tls@DTPOFF
