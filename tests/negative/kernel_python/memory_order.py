from exotool.lang import Atomic, Order, Struct, u64


class Counter(Struct):
    hits: Atomic[u64]


c: Counter = Counter()


def f(n: u64) -> u64:
    return c.hits.load(order=Order.RELEASE)
