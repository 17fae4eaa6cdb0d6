from exotool.lang import u64


def f(n: u64) -> None:
    return n
