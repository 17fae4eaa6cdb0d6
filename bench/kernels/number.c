#include <stdint.h>
static const char DIGITS[16] = "0123456789abcdef";
static uint8_t buffer[80];

static uint64_t number_format(uint8_t *out, uint64_t value, uint64_t base, uint64_t width, uint8_t fill) {
    uint8_t digits[64] = {0};
    uint64_t first = 64, at = 0;
    do {
        digits[--first] = DIGITS[value % base];
        value /= base;
    } while (value != 0);
    for (uint64_t i = 64 - first; i < width; i++)
        out[at++] = fill;
    for (uint64_t i = first; i < 64; i++)
        out[at++] = digits[i];
    return at;
}

void number_init(uint64_t count) {
    buffer[0] = 0;
}

uint64_t number_run(uint64_t rounds) {
    uint64_t total = 0;
    for (uint64_t i = 0; i < rounds; i++) {
        uint64_t length = number_format(buffer, i * 0x123456789, i & 1 ? 16 : 10, 20, ' ');
        total += length + buffer[19];
    }
    return total;
}
