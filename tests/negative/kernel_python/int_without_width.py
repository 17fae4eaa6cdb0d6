from exotool.lang import u64


def f(n: int) -> u64:
    return n
