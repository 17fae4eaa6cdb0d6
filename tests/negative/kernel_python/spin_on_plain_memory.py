from exotool.lang import Struct


class Flags(Struct):
    ready: bool


flags: Flags = Flags()


def f() -> None:
    while not flags.ready:
        pass
