from exotool.lang import u64


def f(n: u64) -> u64:
    nonlocal n
    return 1
