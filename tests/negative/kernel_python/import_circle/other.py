import main


def g() -> None:
    main.f()
