from exotool.lang import Bits, bit


class Entry(Bits):
    present: bool = bit(0)
