from enum import IntEnum


class State(IntEnum):
    IDLE = 0

    def idle(self) -> bool:
        return True
