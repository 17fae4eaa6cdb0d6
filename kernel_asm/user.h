/* What user.S (ring 3) and check_user.S (ring 0) have agreed on. */

#define USER_TEXT	0x400000
#define USER_STACK	0x600000
#define USER_STACK_TOP	(USER_STACK + PGSIZE)
#define USER_LAST	(USERTOP - PGSIZE)

/* System calls: numbers that are none of the kernel's own. */
#define USER_FIRST	0x10000
#define USER_ARGUMENTS	(USER_FIRST + 1)	/* takes ARGUMENT + 1 to ARGUMENT + 6, returns RESULT */
#define USER_NOTHING	(USER_FIRST + 2)
#define USER_BAD_CS	(USER_FIRST + 3)	/* comes back with a CS that iretq refuses */
#define USER_FAILED	(USER_FIRST + 4)	/* RDI = index of a message */
#define USER_CALLS	(USER_FIRST + 5)

#define ARGUMENT	0x1a2b3c4d00000000
#define RESULT		0x5e6f708192a3b4c5
#define KEPT		0x0ddba11000000000

/* The kernel leaves this as RCX in the frame of every system call: iretq delivers it, SYSRET puts RIP there instead. */
#define VIA_IRETQ	0x12e70

/* Flags that ring 3 sets before it enters the kernel; the kernel must not see them, and ring 3 must get them back. */
#define USER_FLAGS	(FL_CF | FL_DF | FL_NT | FL_AC)

#define FAILED_RESULT	0
#define FAILED_KEPT	1
#define FAILED_FLAGS	2
#define FAILED_SYSRET	3
#define FAILED_COUNT	4
