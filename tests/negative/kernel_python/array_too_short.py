from exotool.lang import Array, array, u32


keys: Array[u32] = array([[1], [2, 3]])
