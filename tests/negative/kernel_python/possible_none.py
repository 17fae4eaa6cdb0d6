from exotool.lang import Ref, Struct, u64


class Node(Struct):
    value: u64
    next: Ref["Node"] | None


def f(node: Node | None) -> u64:
    return node.value
