from exotool.lang import Array, Ptr, Ref, Struct, array, copy, i32, u8, u16, u32, u64


class Node(Struct):
    value: u32
    left: Ref["Node"] | None
    right: Ref["Node"] | None


class Tree(Struct):
    root: Ref[Node] | None
    nodes: Array[Node] = array(12)
    used: u64

    def insert(self, value: u32) -> bool:
        if self.used == len(self.nodes):
            return False
        fresh = self.nodes[self.used]
        self.used += 1
        fresh.value = value
        fresh.left = None
        fresh.right = None
        top = self.root
        if top is None:
            self.root = fresh
            return True
        at: Node = top
        while True:
            if value < at.value:
                down = at.left
                if down is None:
                    at.left = fresh
                    return True
            else:
                down = at.right
                if down is None:
                    at.right = fresh
                    return True
            at = down

    def find(self, value: u32) -> Node | None:
        at = self.root
        while at is not None and at.value != value:
            at = at.left if value < at.value else at.right
        return at

    def depth(self) -> u64:
        deepest: u64 = 0
        for i in range(self.used):
            at = self.root
            steps: u64 = 0
            while at is not None:
                steps += 1
                if at.value == self.nodes[i].value:
                    break
                at = at.left if self.nodes[i].value < at.value else at.right
            deepest = max(deepest, steps)
        return deepest


tree: Tree = Tree()
heap: Array[u32] = array([5, 3, 9, 1, 7, 2, 8])


def t_tree(x: u32) -> u64:
    inserted = tree.insert(x * 7 % 11 if x < 100 else x % 11)
    return tree.depth() * 2 + u64(inserted)


def t_find(x: u8) -> u64:
    found = tree.find(x)
    return 99 if found is None else u64(found.value)


def t_sort(n: u8) -> u64:
    numbers: Array[u32] = array(7)
    copy(numbers, heap)
    numbers[n % 7] = n
    for i in range(u64(1), len(numbers)):
        j = i
        while j > 0 and numbers[j - 1] > numbers[j]:
            numbers[j - 1], numbers[j] = numbers[j], numbers[j - 1]
            j -= 1
    total: u64 = 0
    for x in numbers:
        total = total * 10 + x
    return total


def crc(data: Array[u8]) -> u32:
    value: u32 = 0xFFFF_FFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = (value >> 1) ^ 0xEDB8_8320 if value & 1 != 0 else value >> 1
    return ~value


def t_crc(n: u8) -> u32:
    data: Array[u8] = array(32)
    for i in range(n & 31):
        data[i] = u8(i * 3 + 1)
    return crc(data[: n & 31])


def t_null_pointer_compare(x: u16) -> bool:
    p = Ptr[i32](u64(x))
    return u64(p) == 0 or p == p + 0
