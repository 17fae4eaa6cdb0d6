from exotool.lang import array, u64


def f(n: u64) -> u64:
    buffer = array(16)
    return n
