from typing import Final, TypeVar


T = TypeVar("T")
COUNT: Final = 4

box: T = 0
