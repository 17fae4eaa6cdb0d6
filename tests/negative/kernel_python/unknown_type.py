from exotool.lang import u64


def f(n: u46) -> u64:
    return n
