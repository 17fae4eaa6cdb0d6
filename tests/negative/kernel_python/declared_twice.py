from exotool.lang import u32, u64


def f(n: u64) -> u64:
    x: u64 = 1
    x: u32 = 2
    return x
