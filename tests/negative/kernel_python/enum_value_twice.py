from enum import IntEnum


class State(IntEnum):
    IDLE = 0
    BUSY = 0
