#include <stdbool.h>
#include <stdint.h>
#define PRESENT 1ull
#define LARGE 0x80ull
#define ADDRESS 0x000FFFFFFFFFF000ull
struct result { uint64_t address; bool found; };
static uint64_t tables[5 * 512];

struct result walk(uint64_t root, uint64_t va) {
    uint64_t *table = (uint64_t *)root;
    for (int shift = 39; shift > 11; shift -= 9) {
        uint64_t entry = table[(va >> shift) & 511];
        if (!(entry & PRESENT))
            return (struct result){0, false};
        if (entry & LARGE) {
            uint64_t mask = (1ull << shift) - 1;
            return (struct result){(entry & ADDRESS & ~mask) | (va & mask), true};
        }
        table = (uint64_t *)(entry & ADDRESS);
    }
    return (struct result){(uint64_t)table | (va & 0xFFF), true};
}

static uint64_t aligned(void) {
    return ((uint64_t)tables + 4095) & ~4095ull;
}

void walk_init(uint64_t count) {
    uint64_t base = aligned();
    for (uint64_t level = 0; level < 3; level++)
        for (uint64_t i = 0; i < 512; i++)
            ((uint64_t *)(base + level * 4096))[i] = (base + (level + 1) * 4096) | PRESENT;
    for (uint64_t i = 0; i < 512; i++)
        ((uint64_t *)(base + 3 * 4096))[i] = (i << 12) | PRESENT;
}

uint64_t walk_run(uint64_t rounds) {
    uint64_t total = 0, root = aligned();
    for (uint64_t i = 0; i < rounds; i++) {
        struct result r = walk(root, (i * 0x1234567) & 0x7FFFFFFFFFFFull);
        if (r.found)
            total += r.address;
    }
    return total;
}
