from exotool.lang import Array, copy, u8


def f(a: Array[u8], b: Array[u8]) -> None:
    x = copy(a, b)
