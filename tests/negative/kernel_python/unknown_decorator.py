from exotool.lang import u64


def cached(n: u64) -> u64:
    return n


@cached
def f(n: u64) -> u64:
    return n
