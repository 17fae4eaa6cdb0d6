from exotool.lang import u64


def pair() -> tuple[u64, u64]:
    return 1, 2


def f(n: u64) -> u64:
    return pair()[2]
