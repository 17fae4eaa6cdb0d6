from exotool.lang import u64


def even(n: u64) -> bool:
    return True if n == 0 else odd(n - 1)


def odd(n: u64) -> bool:
    return False if n == 0 else even(n - 1)
