/* The environment of this CPU, and where a new one begins. */
#include "asm.h"
#include "trap.h"

	.text
/* u64 current_env() */
FUNC current_env
	movq	%gs:CPU_ENV, %rax
	ret
ENDFUNC current_env

/* Where a context begins that swtch has not saved: with the big lock, below a frame for ring 3. */
FUNC env_first_return
	jmp	syscall_leave
ENDFUNC env_first_return

/* Not 0: leave_kernel has something to do that is not the current environment's own. */
	.bss
OBJECT kernel_work, 4, 4
	.skip	4

/* The word of the big lock: kernel/biglock.py. On a cache line of its own. */
	.bss
OBJECT big_lock, 4, 64
	.skip	4

	.text
FUNC current_cpu
	movq	%gs:CPU_SELF, %rax
	ret
ENDFUNC current_cpu

	.bss
/* Where Kernel Python has its arrays of struct Env, CapTable and Door, and the doors' epochs: set by env_init. */
OBJECT env_base, 8
	.skip	8
OBJECT table_base, 8
	.skip	8
OBJECT door_base, 8
	.skip	8
OBJECT door_epoch_base, 8
	.skip	8
