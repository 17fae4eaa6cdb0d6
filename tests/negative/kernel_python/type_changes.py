from exotool.lang import u8, u64


def f(n: u64) -> u64:
    for j in range(u8(4)):
        pass
    for j in range(n):
        pass
    return n
