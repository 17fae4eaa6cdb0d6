from exotool.lang import u64


def g() -> None:
    pass


def f(n: u64) -> u64:
    x = g()
    return n
