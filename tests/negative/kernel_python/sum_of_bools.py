from exotool.lang import u64


def f(n: u64, flag: bool) -> u64:
    return n + flag
