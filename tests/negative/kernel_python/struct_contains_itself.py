from exotool.lang import Struct


class Node(Struct):
    next: "Node"
