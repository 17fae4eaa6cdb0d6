from exotool.lang import u64


def f(n: u64) -> u64:
    def g(m: u64) -> u64:
        return m + n

    return g(1)
