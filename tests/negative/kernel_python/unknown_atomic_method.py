from exotool.lang import Atomic, Struct, u64


class Counter(Struct):
    hits: Atomic[u64]


c: Counter = Counter()


def f(n: u64) -> u64:
    c.hits.increment()
    return n
