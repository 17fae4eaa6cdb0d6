from exotool.lang import Struct, u64


class Page(Struct):
    count: u64 = 5
