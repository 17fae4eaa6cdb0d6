from exotool.lang import u64


def f(n: u64) -> u64:
    try:
        n += 1
    except ValueError:
        n = 0
    return n
