from exotool.lang import Struct, u64


class Point(Struct):
    x: u64
    y: u64


def f(n: u64) -> u64:
    p = Point(n, n)
    return p.x
