import exotool.lang


def f() -> None:
    pass
