from exotool.lang import Struct, u64


class Point(Struct):
    x: u64
    y: u64


def norm(p: Point) -> u64:
    return p.x + p.y


def f(n: u64) -> u64:
    return norm(Point(x=n))
