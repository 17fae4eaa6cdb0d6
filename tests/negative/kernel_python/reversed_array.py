from exotool.lang import Array, u64


def f(a: Array[u64]) -> None:
    for x in reversed(a):
        pass
