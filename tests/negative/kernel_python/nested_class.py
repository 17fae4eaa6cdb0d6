from exotool.lang import Struct, u64


def f(n: u64) -> u64:
    class Local(Struct):
        x: u64

    return n
