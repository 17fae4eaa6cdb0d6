from exotool.lang import sizeof, u64


def f(n: u64) -> u64:
    return sizeof(tuple[u64, u64])
