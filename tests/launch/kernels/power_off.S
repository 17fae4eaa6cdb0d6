/* Powers the machine off through the PM1a control register of the ICH9, which firmware has put at 0x604. */
#include "guest.h"

    .type main, @function
main:
    movw $0x604, %dx
    movw $0x2000, %ax           /* SLP_EN, SLP_TYP 0: S5 */
    outw %ax, %dx
    ret
