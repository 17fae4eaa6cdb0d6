from exotool.lang import u8, u64


def f(n: u64) -> u8:
    return u8(200) + u8(100)
