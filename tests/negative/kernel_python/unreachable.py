from exotool.lang import u64


def f(n: u64) -> u64:
    while True:
        n += 1
    return n
