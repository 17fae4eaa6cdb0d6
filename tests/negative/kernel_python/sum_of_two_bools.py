from exotool.lang import u64


def f(a: bool, b: bool) -> u64:
    return a + b
