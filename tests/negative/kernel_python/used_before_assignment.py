from exotool.lang import u64


def f(n: u64) -> u64:
    m = total + n
    total: u64 = 0
    return m + total
