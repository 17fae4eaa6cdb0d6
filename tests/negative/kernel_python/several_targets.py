from exotool.lang import u64


def f(n: u64) -> u64:
    a = b = n
    return a + b
