from exotool.lang import Array, u64


def f(a: Array[u64]) -> None:
    for a[0] in range(4):
        pass
