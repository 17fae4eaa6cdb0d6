from exotool.lang import Struct, u64


class Point(Struct):
    x: u64
    y: u64


class Point3(Point):
    z: u64
