from exotool.lang import Ref, Struct, u64


class Node(Struct):
    value: u64
    next: Ref["Node"] | None


class List(Struct):
    head: Ref[Node] | None


list: List = List()


def f(n: u64) -> None:
    node = Node(value=n)
    list.head = node
