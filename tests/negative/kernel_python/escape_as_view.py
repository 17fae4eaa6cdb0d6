from exotool.lang import Array, array, u8


def f() -> Array[u8]:
    buffer: Array[u8] = array(16)
    return buffer[0:4]
