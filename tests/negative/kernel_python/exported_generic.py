from typing import TypeVar

from exotool.lang import export, u64


T = TypeVar("T")


@export
def f(x: T) -> T:
    return x


def g() -> u64:
    return f(u64(1))
