#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#define WAYS 64
#define NODES 1024
struct leaf { uint64_t values[WAYS]; };
struct node { struct leaf *leaves[WAYS]; };
static struct { struct node *nodes[WAYS]; uint64_t used_nodes, used_leaves; } root;
static struct node node_pool[WAYS];
static struct leaf leaf_pool[NODES];

bool radix_set(uint64_t key, uint64_t value) {
    struct node *node = root.nodes[(key >> 12) & 63];
    if (node == NULL) {
        if (root.used_nodes == WAYS)
            return false;
        node = &node_pool[root.used_nodes++];
        root.nodes[(key >> 12) & 63] = node;
    }
    struct leaf *leaf = node->leaves[(key >> 6) & 63];
    if (leaf == NULL) {
        if (root.used_leaves == NODES)
            return false;
        leaf = &leaf_pool[root.used_leaves++];
        node->leaves[(key >> 6) & 63] = leaf;
    }
    leaf->values[key & 63] = value;
    return true;
}

uint64_t radix_get(uint64_t key) {
    struct node *node = root.nodes[(key >> 12) & 63];
    if (node == NULL)
        return 0;
    struct leaf *leaf = node->leaves[(key >> 6) & 63];
    return leaf == NULL ? 0 : leaf->values[key & 63];
}

void radix_init(uint64_t count) {
    for (uint64_t i = 0; i < count; i++)
        radix_set((i * 37) & 0xFFFF, i);
}

uint64_t radix_run(uint64_t rounds) {
    uint64_t total = 0;
    for (uint64_t i = 0; i < rounds; i++)
        total += radix_get((i * 1237) & 0x3FFFF);
    return total;
}
