from exotool.lang import Struct, u64


class Point(Struct):
    x: u64
    y: u64


class Line(Struct):
    start: Point
    end: Point


def f(line: Line, p: Point) -> None:
    line.start = p
