from exotool.lang import Struct, sizeof, u16, u64


class Frame(Struct):
    rip: u64
    cs: u16


assert sizeof(Frame) == 10, "the processor pushes ten bytes"
