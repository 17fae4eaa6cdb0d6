from exotool.lang import u64


def f(n: u64) -> u64:
    if (m := n + 1) > 4:
        return m
    return n
