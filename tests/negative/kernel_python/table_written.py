from typing import Final

from exotool.lang import Array, array, u32


KEYS: Final[Array[u32]] = array([1, 2])


def f() -> None:
    KEYS[0] = 3
