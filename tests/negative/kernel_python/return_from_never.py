from typing import NoReturn


def f() -> NoReturn:
    return
