 .code32
 jmp ext
 call ext
 jz ext
 .code16
 jmp ext
 call ext
 jz ext
 calll ext
 .code64
 jmp ext
