#include <stdbool.h>
#include <stdint.h>
#define SIZE 1024
struct ring { uint64_t head, tail; uint8_t data[SIZE]; };
struct result { uint8_t value; bool found; };
static struct ring ring;

bool ring_put(struct ring *ring, uint8_t value) {
    if (ring->head - ring->tail == SIZE)
        return false;
    ring->data[ring->head & (SIZE - 1)] = value;
    ring->head += 1;
    return true;
}

struct result ring_get(struct ring *ring) {
    if (ring->head == ring->tail)
        return (struct result){0, false};
    uint8_t value = ring->data[ring->tail & (SIZE - 1)];
    ring->tail += 1;
    return (struct result){value, true};
}

void ring_init(uint64_t count) {
    ring.head = ring.tail = 0;
}

uint64_t ring_run(uint64_t rounds) {
    uint64_t total = 0;
    for (uint64_t i = 0; i < rounds; i++) {
        for (uint64_t j = 0; j < 16; j++)
            ring_put(&ring, i + j);
        for (uint64_t j = 0; j < 16; j++) {
            struct result r = ring_get(&ring);
            if (r.found)
                total += r.value;
        }
    }
    return total;
}
