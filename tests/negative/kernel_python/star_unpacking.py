from exotool.lang import u64


def g(a: u64, b: u64) -> u64:
    return a + b


def f(pair: tuple[u64, u64]) -> u64:
    return g(*pair)
