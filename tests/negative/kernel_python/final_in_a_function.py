from typing import Final

from exotool.lang import u64


def f(n: u64) -> u64:
    limit: Final = 4
    return n + limit
