from exotool.lang import u64


import os


def f(n: u64) -> u64:
    return n
