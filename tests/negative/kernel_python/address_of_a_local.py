from exotool.lang import addressof, u64


def f(n: u64) -> u64:
    return addressof(n)
