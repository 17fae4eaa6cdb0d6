#include <stdint.h>
#define POLYNOMIAL 0xEDB88320u
static uint32_t table[256];
static uint8_t data[4096];

static uint32_t crc32(const uint8_t *data, uint64_t size, uint32_t crc) {
    crc = ~crc;
    for (uint64_t i = 0; i < size; i++)
        crc = table[(crc ^ data[i]) & 0xFF] ^ (crc >> 8);
    return ~crc;
}

void crc_init(uint64_t count) {
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t value = i;
        for (int j = 0; j < 8; j++)
            value = (value >> 1) ^ (value & 1 ? POLYNOMIAL : 0);
        table[i] = value;
    }
    for (uint64_t j = 0; j < 4096; j++)
        data[j] = j * 7;
}

uint64_t crc_run(uint64_t rounds) {
    uint32_t crc = 0;
    for (uint64_t i = 0; i < rounds; i++)
        crc = crc32(data, 4096, crc);
    return crc;
}
