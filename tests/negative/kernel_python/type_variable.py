from typing import TypeVar


T = TypeVar("U")


def f(x: T) -> T:
    return x
