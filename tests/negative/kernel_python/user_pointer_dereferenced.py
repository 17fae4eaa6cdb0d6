from exotool.lang import UserPtr, u64


def f(p: UserPtr[u64]) -> u64:
    return p[0]
