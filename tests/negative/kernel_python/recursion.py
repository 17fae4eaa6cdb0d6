from exotool.lang import u64


def f(n: u64) -> u64:
    if n < 2:
        return n
    return f(n - 1) + f(n - 2)
