from exotool.lang import u64


def f(n: u64) -> u64:
    for i in range(0, 10, n):
        pass
    return n
