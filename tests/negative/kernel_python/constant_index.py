from exotool.lang import Array, array, u64


keys: Array[u64] = array(4)


def f(n: u64) -> u64:
    return keys[4]
