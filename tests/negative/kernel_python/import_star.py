from exotool.lang import *


def f(n: u64) -> u64:
    return n
