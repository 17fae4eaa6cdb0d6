from enum import IntEnum


class State(IntEnum):
    IDLE = 0
    BUSY = 1
    DONE = 2


def f() -> State:
    return State.IDEL
