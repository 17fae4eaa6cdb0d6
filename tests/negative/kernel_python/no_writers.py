from exotool.lang import Struct, fprint, u64


class Point(Struct):
    x: u64
    y: u64


def f(p: Point) -> None:
    fprint(p, "hello")
