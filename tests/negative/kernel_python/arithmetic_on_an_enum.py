from enum import IntEnum

from exotool.lang import u32


class State(IntEnum):
    IDLE = 0
    BUSY = 1
    DONE = 2


def f(state: State) -> u32:
    return state + 1
