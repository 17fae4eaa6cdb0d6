from exotool.lang import Atomic, Struct, u64


class Counter(Struct):
    hits: Atomic[u64]


c: Counter = Counter(5)
