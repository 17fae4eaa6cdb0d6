from typing import Final


LIMIT: Final = 4


def LIMIT() -> None:
    pass
