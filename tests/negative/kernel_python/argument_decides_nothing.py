from typing import TypeVar

from exotool.lang import u64


T = TypeVar("T")


def same(x: T) -> T:
    return x


def f(n: u64) -> u64:
    return n + same(1)
