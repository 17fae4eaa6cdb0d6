from typing import Final, TYPE_CHECKING

from exotool.lang import u64


if TYPE_CHECKING:
    LIMIT: Final = 4


def f(n: u64) -> u64:
    return n
