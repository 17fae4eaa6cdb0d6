from typing import NoReturn

from exotool.lang import u64


def f(n: u64) -> NoReturn:
    n += 1
