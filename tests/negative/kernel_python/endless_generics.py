from typing import Generic, TypeVar

from exotool.lang import Struct, u64


T = TypeVar("T")


class Box(Struct, Generic[T]):
    it: T


def grow(x: Box[T]) -> None:
    b = Box[Box[T]]()
    grow(b)


def f() -> None:
    b = Box[u64]()
    grow(b)
