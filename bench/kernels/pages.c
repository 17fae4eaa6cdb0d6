#include <stdint.h>
#define PAGES (1 << 16)
static struct { uint64_t free[PAGES >> 6], summary[PAGES >> 12]; } pages;

void pages_free(uint64_t page) {
    uint64_t word = page >> 6;
    pages.free[word] |= 1ull << (page & 63);
    pages.summary[word >> 6] |= 1ull << (word & 63);
}

void pages_init(uint64_t count) {
    for (uint64_t page = 0; page < count; page++)
        pages_free(page);
}

uint64_t pages_alloc(void) {
    for (uint64_t group = 0; group < PAGES >> 12; group++)
        if (pages.summary[group] != 0) {
            uint64_t word = (group << 6) + __builtin_ctzll(pages.summary[group]);
            uint64_t bit = __builtin_ctzll(pages.free[word]);
            pages.free[word] &= ~(1ull << bit);
            if (pages.free[word] == 0)
                pages.summary[group] &= ~(1ull << (word & 63));
            return (word << 6) + bit;
        }
    return UINT64_MAX;
}

uint64_t pages_run(uint64_t rounds) {
    uint64_t total = 0;
    for (uint64_t i = 0; i < rounds; i++) {
        uint64_t first = pages_alloc(), second = pages_alloc();
        total += first ^ second;
        pages_free(first);
        uint64_t third = pages_alloc();
        total += third;
        pages_free(second);
        pages_free(third);
    }
    return total;
}
