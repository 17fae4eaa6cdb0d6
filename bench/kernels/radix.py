"""A radix tree of three levels with 64 ways each: keys of 18 bits to values."""

from typing import Final

from exotool.lang import Array, Ref, Struct, array, export, u64

WAYS: Final = 64
NODES: Final = 1024


class Leaf(Struct):
    values: Array[u64] = array(WAYS)


class Node(Struct):
    leaves: Array[Ref[Leaf] | None] = array(WAYS)


class Root(Struct):
    nodes: Array[Ref[Node] | None] = array(WAYS)
    used_nodes: u64
    used_leaves: u64


root: Root = Root()
node_pool: Array[Node] = array(WAYS)
leaf_pool: Array[Leaf] = array(NODES)


@export
def radix_set(key: u64, value: u64) -> bool:
    node = root.nodes[(key >> 12) & 63]
    if node is None:
        if root.used_nodes == len(node_pool):
            return False
        node = node_pool[root.used_nodes]
        root.used_nodes += 1
        root.nodes[(key >> 12) & 63] = node
    leaf = node.leaves[(key >> 6) & 63]
    if leaf is None:
        if root.used_leaves == len(leaf_pool):
            return False
        leaf = leaf_pool[root.used_leaves]
        root.used_leaves += 1
        node.leaves[(key >> 6) & 63] = leaf
    leaf.values[key & 63] = value
    return True


@export
def radix_get(key: u64) -> u64:
    node = root.nodes[(key >> 12) & 63]
    if node is None:
        return 0
    leaf = node.leaves[(key >> 6) & 63]
    if leaf is None:
        return 0
    return leaf.values[key & 63]


@export
def radix_init(count: u64) -> None:
    for i in range(count):
        radix_set((i * 37) & 0xFFFF, i)


@export
def radix_run(rounds: u64) -> u64:
    total: u64 = 0
    for i in range(rounds):
        total += radix_get((i * 1237) & 0x3FFFF)
    return total
