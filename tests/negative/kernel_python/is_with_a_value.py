from exotool.lang import u64


def f(n: u64, m: u64) -> bool:
    return n is m
