#define WIDTH 3
#if WIDTH != 4
#error WIDTH must be 4
#endif
#include "missing.h"
#include "broken.h"
#define TWICE(x) x x
        .long TWICE(1, 2)
        .error "stop here"
        .if WIDTH == 3
        .err
        .endif
        .incbin "missing.bin"
        .long __DATE__
#ifdef NEVER_CLOSED
