from exotool.lang import Bits, bits, u32


class Entry(Bits[u32]):
    frame: u32 = bits(40, 12)
