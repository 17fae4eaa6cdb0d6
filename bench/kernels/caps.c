#include <stdbool.h>
#include <stdint.h>
#define READ 1
#define WRITE 2
struct capability { uint64_t base, limit; uint32_t rights, generation; };
struct space { uint32_t generation, count; struct capability caps[64]; };
static struct space space;

bool caps_check(const struct space *space, uint64_t start, uint64_t end, uint32_t rights) {
    if (start > end)
        return false;
    for (uint64_t i = 0; i < space->count; i++) {
        const struct capability *cap = &space->caps[i];
        if (cap->generation == space->generation && (cap->rights & rights) == rights && cap->base <= start &&
            end <= cap->limit)
            return true;
    }
    return false;
}

void caps_init(uint64_t count) {
    space.generation = 7;
    space.count = 32;
    for (uint64_t i = 0; i < 32; i++)
        space.caps[i] = (struct capability){i * 0x10000, i * 0x10000 + 0x8000, i & 1 ? READ | WRITE : READ, 7};
}

uint64_t caps_run(uint64_t rounds) {
    uint64_t good = 0;
    for (uint64_t i = 0; i < rounds; i++) {
        uint64_t start = (i * 0x3217) & 0x1FFFFF;
        if (caps_check(&space, start, start + 64, READ | WRITE))
            good += 1;
    }
    return good;
}
