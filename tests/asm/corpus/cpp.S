/* block
   comment */
#include "p.h"
#include "p.h"
#if defined(__x86_64__) && VAL == 16
# define R(x) %r##x
#else
# define R(x) %e##x
#endif
# don't panic, VAL(
ENTRY(foo)  // don't
    mov $VAL, R(ax)  # comment's VAL
    mov $ADD(1,
        2), R(bx)
    lea XCAT(la, bel)(%rip), %rcx
    .ascii XSTR(VAL) STR(a "b" VAL)
    LOG("x")
    LOG("y", 1, 2)
    mov $'a', %al ; mov $'"', %bl
    .long __LINE__
    .ascii "/* no */ // no # no"
    movl $1, \
       %eax
END(foo)
#ifdef NOPE
  garbage ( "
#elif 0
#else
label: nop
#endif
#define rep_ .rept 3; nop; .endr
 rep_
