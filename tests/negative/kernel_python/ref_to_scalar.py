from exotool.lang import Ref, Struct, u64


class Box(Struct):
    it: Ref[u64]
