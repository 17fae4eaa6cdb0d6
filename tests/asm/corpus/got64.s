# The GOT of the large model.
.L2: leaq .L2(%rip), %r11
 movabsq $_GLOBAL_OFFSET_TABLE_-.L2, %rax
 leaq _GLOBAL_OFFSET_TABLE_(%rip), %rbx
 movabsq $_GLOBAL_OFFSET_TABLE_, %rbx
 .quad _GLOBAL_OFFSET_TABLE_
 .long _GLOBAL_OFFSET_TABLE_
