import other


def f() -> None:
    other.g()
