"""CRC-32 by a table of 256 words, made at the start."""

from typing import Final

from exotool.lang import Array, array, export, hot, u8, u32, u64

POLYNOMIAL: Final = u32(0xEDB8_8320)

table: Array[u32] = array(256)
data: Array[u8] = array(4096)


@hot
def crc32(data: Array[u8], crc: u32) -> u32:
    crc = ~crc
    for byte in data:
        crc = table[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    return ~crc


@export
def crc_init(count: u64) -> None:
    for i in range(u32(256)):
        value = i
        for _ in range(u32(8)):
            value = (value >> 1) ^ (POLYNOMIAL if value & 1 != 0 else u32(0))
        table[i] = value
    for j in range(u64(4096)):
        data[j] = u8(j * 7)


@export
def crc_run(rounds: u64) -> u64:
    crc: u32 = 0
    for _ in range(rounds):
        crc = crc32(data, crc)
    return crc
