from exotool.lang import Struct, u64


class Point(Struct):
    x: u64
    y: u64


def f(p: Point) -> u64:
    return u64(p)
