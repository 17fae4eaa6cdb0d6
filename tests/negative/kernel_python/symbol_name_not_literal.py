from exotool.lang import symbol_address, u64


def f(n: u64) -> u64:
    return symbol_address(n)
