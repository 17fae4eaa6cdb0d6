"""What an entry into the kernel leaves on the kernel stack: kernel_asm/trap.h, struct trapframe."""

from typing import Final

from exotool.lang import Struct, offsetof, sizeof, u64

USER_CS: Final = 0x2B
USER_SS: Final = 0x23

FL_TF: Final = 0x100
FL_IF: Final = 0x200
FL_DF: Final = 0x400
FL_AC: Final = 0x40000
FL_FIXED: Final = 0x2
FL_USER: Final = 0x250DD5  # CF PF AF ZF SF TF DF OF RF AC ID: what ring 3 may choose

T_PGFLT: Final = 14
T_SYSCALL: Final = 0x100


class TrapFrame(Struct):
    """The registers of the interrupted code. `trapno` and `err` are those of the entry."""

    rax: u64
    rbx: u64
    rcx: u64
    rdx: u64
    rbp: u64
    rsi: u64
    rdi: u64
    r8: u64
    r9: u64
    r10: u64
    r11: u64
    r12: u64
    r13: u64
    r14: u64
    r15: u64
    trapno: u64
    err: u64
    rip: u64
    cs: u64
    rflags: u64
    rsp: u64
    ss: u64

    def for_user(self) -> None:
        """Make the parts safe that ring 3 must not choose: segments, and the flags that are the kernel's."""
        self.cs = USER_CS
        self.ss = USER_SS
        self.rflags = self.rflags & FL_USER | FL_FIXED | FL_IF


assert sizeof(TrapFrame) == 176
assert offsetof(TrapFrame, "rip") == 136
