from exotool.lang import u64


def f(n: u64) -> u64:
    if n == 0:
        raise ValueError
    return n
