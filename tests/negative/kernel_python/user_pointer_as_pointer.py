from exotool.lang import Ptr, UserPtr, u64


def f(p: UserPtr[u64]) -> Ptr[u64]:
    return Ptr[u64](p)
