from exotool.lang import u64


ticks: u64 = 0


def f(n: u64) -> u64:
    ticks += n
    return n
