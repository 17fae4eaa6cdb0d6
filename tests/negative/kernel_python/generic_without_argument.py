from typing import Generic, TypeVar

from exotool.lang import Struct


T = TypeVar("T")


class Box(Struct, Generic[T]):
    it: T


def f(b: Box) -> None:
    pass
