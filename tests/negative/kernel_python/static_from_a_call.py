from exotool.lang import Array, array, u8


buffer: Array[u8] = array([1, 2, 300])
