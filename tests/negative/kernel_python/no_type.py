from exotool.lang import u64


def f(n: 5) -> u64:
    return n
