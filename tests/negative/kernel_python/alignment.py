from exotool.lang import Struct, u64


class Page(Struct, align=3):
    x: u64
