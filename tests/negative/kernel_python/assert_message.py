from exotool.lang import u64


def f(n: u64) -> u64:
    assert n < 4, f"n is {n}"
    return n
