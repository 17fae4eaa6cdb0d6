from exotool.lang import u65


def f() -> None:
    pass
