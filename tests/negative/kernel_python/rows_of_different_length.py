from exotool.lang import Array, array, u8, u64


def f(n: u64) -> u64:
    grid: Array[Array[u8]] = array([[1, 2], [3]])
    return n + grid[0][0]
