from exotool.lang import copy, u64


def f(n: u64) -> None:
    copy(n, n)
