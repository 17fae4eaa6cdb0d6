from exotool.lang import Bits, bit, bits, u64


class Entry(Bits[u64]):
    low: u64 = bits(7, 0)
    flag: bool = bit(7)
