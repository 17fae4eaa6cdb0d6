from exotool.lang import u64


def f(n: u64) -> bool:
    return n in (1, 2)
