from exotool.lang import u32, u64


def f(n: u64) -> u32:
    return n
