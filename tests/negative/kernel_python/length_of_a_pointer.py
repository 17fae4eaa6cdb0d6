from exotool.lang import Array, Ptr, u8


def f(p: Ptr[u8]) -> Array[u8]:
    return p[0:4]
