from exotool.lang import Struct, u64


class Pair(Struct):
    both: tuple[u64, u64]
