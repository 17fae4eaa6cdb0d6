from exotool.lang import Array, u64


def f(a: Array[u64]) -> u64:
    return a[-1]
