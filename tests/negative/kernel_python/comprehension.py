from exotool.lang import u64


def f(n: u64) -> u64:
    x = [i for i in range(4)]
    return n
