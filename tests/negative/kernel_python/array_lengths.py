from exotool.lang import Array, array, u8


grid: Array[Array[u8]] = array(25)
