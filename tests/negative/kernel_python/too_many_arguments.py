from exotool.lang import u64


def g(n: u64) -> u64:
    return n


def f(n: u64) -> u64:
    return g(n, n)
