from exotool.lang import Bits, bit, u64


class Entry(Bits[u64]):
    present: bool = bit(0)


def f(e: Entry) -> Entry:
    e.present = True
    return e
