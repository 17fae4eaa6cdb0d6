from typing import TypeAlias


Word: TypeAlias = Word


def f(n: Word) -> None:
    pass
