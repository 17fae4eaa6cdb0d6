from exotool.lang import Array, Struct, u64


class Table(Struct):
    entries: Array[u64]
