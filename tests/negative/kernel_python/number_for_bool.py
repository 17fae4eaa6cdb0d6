from exotool.lang import u64


def f(n: u64) -> u64:
    ready: bool = 1
    return n if ready else 0
