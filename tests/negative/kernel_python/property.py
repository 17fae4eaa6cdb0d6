from exotool.lang import Struct, u64


class Point(Struct):
    x: u64
    y: u64

    @property
    def sum(self) -> u64:
        return self.x + self.y
