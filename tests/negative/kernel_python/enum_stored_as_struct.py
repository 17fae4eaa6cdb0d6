from enum import IntEnum

from exotool.lang import Struct, stored_as, u64


class Point(Struct):
    x: u64
    y: u64


@stored_as(Point)
class State(IntEnum):
    IDLE = 0
