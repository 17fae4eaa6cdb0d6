from exotool.lang import Ref, Struct, u64


class Node(Struct):
    value: u64
    next: Ref["Node"] | None


def f(node: Node | None) -> u64:
    while node is not None and node.value != 3:
        node = node.next
    return node.value
