from exotool.lang import Atomic, Struct, u64


class Counter(Struct):
    hits: Atomic[u64]


def f(c: Counter, n: u64) -> None:
    c.hits = n
