from exotool.lang import u8, u64


def f(n: u64) -> u64:
    x: u8 = 256
    return n + x
