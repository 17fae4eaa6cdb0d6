from exotool.lang import Ptr, u8


def f(p: Ptr[u8]) -> Ptr[u8]:
    return p * 2
