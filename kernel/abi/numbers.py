"""What the kernel and its programs call by number.

Generated from kernel/abi/calls.toml by `python -m kernel.abi.generate`; do not edit.
"""

from typing import Final

READ: Final = 1
WRITE: Final = 2
EXEC: Final = 4
CALL: Final = 8
GRANT: Final = 16
DERIVE: Final = 32
REVOKE: Final = 64
DMA: Final = 128

CAP_FRAMES: Final = 1
CAP_ENV: Final = 2
CAP_DOOR: Final = 3
CAP_IRQ: Final = 4
CAP_PORTS: Final = 5
CAP_DISK: Final = 6
CAP_SLICE: Final = 7
CAP_ZONE: Final = 8
CAP_CONSOLE: Final = 9

FRAME_LOW32: Final = 1
REVOKE_KEEP: Final = 1
REVOKE_ASK: Final = 2
REVOKE_FORCE: Final = 4

UPCALL_EXCEPTION: Final = 1
UPCALL_PAGE_FAULT: Final = 2
UPCALL_SLICE_END: Final = 3
UPCALL_REVOCATION: Final = 4
UPCALL_NOTIFICATION: Final = 5

ENV_FREE: Final = 0
ENV_NEW: Final = 1
ENV_READY: Final = 2
ENV_RUNNING: Final = 3
ENV_WAITING: Final = 4
ENV_CALLING: Final = 5
ENV_SLEEPING: Final = 6
ENV_STOPPED: Final = 7
ENV_ZOMBIE: Final = 8

STATUS_KILLED: Final = 0x1_0000_0000
STATUS_FAULT: Final = 0x2_0000_0000

INFO_CPUS: Final = 0
INFO_CPU: Final = 1
INFO_FRAMES_TOTAL: Final = 2
INFO_FRAMES_FREE: Final = 3
INFO_TSC_HZ: Final = 4
INFO_TICKS: Final = 5
INFO_ENV_INDEX: Final = 6
INFO_ENV_EPOCH: Final = 7
INFO_ENVS: Final = 8
INFO_ENVS_FREE: Final = 9
INFO_ZONE: Final = 10
INFO_ZONE_USED: Final = 11
INFO_ZONE_QUOTA: Final = 12
INFO_ZONES_FREE: Final = 13
INFO_DOORS_FREE: Final = 14
INFO_CAPS_USED: Final = 15
INFO_CAPS_FREE: Final = 16
INFO_CAPS_FRAMES: Final = 17

SYS_NULL: Final = 0
SYS_INFO: Final = 1
SYS_CLOCK: Final = 2
SYS_WRITE: Final = 3
SYS_READ: Final = 4
SYS_ENV_CREATE: Final = 5
SYS_ENV_START: Final = 6
SYS_ENV_RESUME: Final = 7
SYS_ENV_STATE: Final = 8
SYS_ENV_GET: Final = 9
SYS_ENV_SET: Final = 10
SYS_FRAME_ALLOC: Final = 11
SYS_FRAME_NEXT_FREE: Final = 12
SYS_MAP: Final = 13
SYS_UNMAP: Final = 14
SYS_PROTECT: Final = 15
SYS_QUERY: Final = 16
SYS_CAP_DERIVE: Final = 17
SYS_CAP_GRANT: Final = 18
SYS_CAP_MOVE: Final = 19
SYS_REPOSSESSED: Final = 20
SYS_CAP_VALIDATE: Final = 21
SYS_CAP_READ: Final = 22
SYS_CAPS_GROW: Final = 23
SYS_PCT_SET: Final = 24
SYS_DOOR_CREATE: Final = 25
SYS_NOTIFY_TAKE: Final = 26
SYS_IRQ_BIND: Final = 27
SYS_PORT_BIND: Final = 28
SYS_PORT_UNBIND: Final = 29
SYS_SLICE_BIND: Final = 30
SYS_ZONE_CREATE: Final = 31
SYS_ZONE_UNLOCK: Final = 32
SYS_ZONE_ENTER: Final = 33
SYS_EXIT: Final = 34
SYS_ENV_STOP: Final = 35
SYS_ENV_DESTROY: Final = 36
SYS_ENV_WAIT: Final = 37
SYS_CAP_DROP: Final = 38
SYS_CAP_REVOKE: Final = 39
SYS_UPCALL_SET: Final = 40
SYS_UPCALL_RETURN: Final = 41
SYS_PCT: Final = 42
SYS_WAIT: Final = 43
SYS_DOOR_CALL: Final = 44
SYS_DOOR_RETURN: Final = 45
SYS_DOOR_REVOKE: Final = 46
SYS_NOTIFY: Final = 47
SYS_IRQ_ACK: Final = 48
SYS_SLICE_UNBIND: Final = 49
SYS_YIELD: Final = 50
SYS_ZONE_LOCK: Final = 51
SYS_ZONE_DESTROY: Final = 52
SYS_CALLS: Final = 53
