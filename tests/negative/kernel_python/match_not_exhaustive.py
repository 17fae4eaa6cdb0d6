from enum import IntEnum

from exotool.lang import u64


class State(IntEnum):
    IDLE = 0
    BUSY = 1
    DONE = 2


def f(s: State) -> u64:
    match s:
        case State.IDLE:
            return 2
    return 1
