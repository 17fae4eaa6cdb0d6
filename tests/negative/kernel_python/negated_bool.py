from exotool.lang import u64


def f(flag: bool) -> u64:
    return -flag
