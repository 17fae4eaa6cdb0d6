from exotool.lang import UserPtr, u64


def f(p: UserPtr[u64]) -> u64:
    return u64(p)
