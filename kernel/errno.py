"""Error numbers, as POSIX names and Linux numbers them. A system call returns them negative."""

from typing import Final

EPERM: Final = 1
ENOENT: Final = 2
ESRCH: Final = 3
EINTR: Final = 4
EIO: Final = 5
ENXIO: Final = 6
E2BIG: Final = 7
ENOEXEC: Final = 8
EBADF: Final = 9
ECHILD: Final = 10
EAGAIN: Final = 11
ENOMEM: Final = 12
EACCES: Final = 13
EFAULT: Final = 14
EBUSY: Final = 16
EEXIST: Final = 17
EXDEV: Final = 18
ENODEV: Final = 19
EINVAL: Final = 22
ENFILE: Final = 23
ENOSPC: Final = 28
EPIPE: Final = 32
ERANGE: Final = 34
EDEADLK: Final = 35
ENOSYS: Final = 38
ELOOP: Final = 40
EOVERFLOW: Final = 75
EPROTOTYPE: Final = 91
ESTALE: Final = 116
EOWNERDEAD: Final = 130
