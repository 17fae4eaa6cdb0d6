from exotool.lang import Bits, bits, u64


class Entry(Bits[u64]):
    kind: u64 = bits(1, 0)


def f() -> Entry:
    return Entry(kind=4)
