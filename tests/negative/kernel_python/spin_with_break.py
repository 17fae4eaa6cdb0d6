from exotool.lang import Struct, u64


class Flags(Struct):
    state: u64


flags: Flags = Flags()


def f() -> None:
    while True:
        state = flags.state
        if state == 3:
            break
