from exotool.lang import Struct


class Port(Struct):
    ready: bool


def f(p: Port) -> None:
    p.ready |= True
