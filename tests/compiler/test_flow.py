"""Flow analyses: what they must not refuse, and ways around them that must not exist.

What is refused, with its message, is in test_refusals.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from exotool.compiler.frontend import check_program
from exotool.diagnostics import ToolError

WORDS = (
    "from enum import IntEnum\nfrom typing import NoReturn\nfrom collections.abc import Callable\n\n"
    "from exotool.lang import Array, Atomic, Ref, Struct, Volatile, array, copy, extern, recursive, u8, u64\n\n\n"
)
NODE = """
class Node(Struct):
    value: u64
    next: Ref["Node"] | None


class List(Struct):
    head: Ref[Node] | None
    ready: bool
    flag: Atomic[u64]
    status: Volatile[u64]


all: List = List()


@extern
def pause() -> None: ...


@extern
def use(node: Node) -> None: ...


def value_of(node: Node) -> u64:
    return node.value


def same(node: Node) -> Node:
    return node


def next_of(node: Node) -> Node | None:
    return node.next


def put(list: List, node: Node) -> None:
    list.head = node


def put_all(node: Node) -> None:
    put(all, node)


def link(first: Node, second: Node) -> None:
    first.next = second


def link_deep(first: Node, second: Node) -> None:
    following = first.next
    if following is not None:
        following.next = second


"""


def codes(tmp_path: Path, text: str) -> list[str]:
    (tmp_path / "m.py").write_text(WORDS + NODE + text)
    try:
        check_program([tmp_path / "m.py"], tmp_path)
    except ToolError as error:
        return [diagnostic.code for diagnostic in error.diagnostics]
    return []


def body(text: str, signature: str = "f(n: u64) -> u64") -> str:
    return f"def {signature}:\n" + "".join(f"    {line}\n" for line in text.strip().split("\n"))


@pytest.mark.parametrize(
    "text",
    [
        "while True:\n    if n > 3:\n        x = n\n        break\n    n += 1\nreturn x",
        "for i in range(4):\n    x = i\nreturn x",
        "for i in range(n):\n    if i == 3:\n        x = i\n        break\nelse:\n    x = n\nreturn x",
        "if n > 3:\n    x = n\nelse:\n    assert False\nreturn x",
        "match n:\n    case 1:\n        x = n\n    case _:\n        return 0\nreturn x",
        "x: u64\nif n > 3:\n    x = 1\nelse:\n    x = 2\nreturn x",
    ],
)
def test_variables_that_certainly_have_a_value(tmp_path: Path, text: str) -> None:
    assert codes(tmp_path, body(text)) == []


@pytest.mark.parametrize(
    "text",
    [
        "for i in range(n):\n    x = i\nreturn x",
        "for i in range(4):\n    if i == n:\n        continue\n    x = i\nreturn x",
        "while n > 3:\n    x = n\n    n -= 1\nreturn x",
        "if n > 3:\n    x = n\nreturn x",
        "x: u64\nx += n\nreturn x",
        "while True:\n    if n > 3:\n        break\n    x = n\n    n += 1\nreturn x",
    ],
)
def test_variables_that_may_have_none(tmp_path: Path, text: str) -> None:
    assert codes(tmp_path, body(text)) == ["C0501"]


@pytest.mark.parametrize(
    "text",
    [
        "node = Node(value=n)\nreturn value_of(same(node))",
        "node = Node(value=n)\nuse(node)\nreturn node.value",
        "list = List()\nnode = Node(value=n)\nput(list, node)\nreturn 1",
        "a = Node(value=n)\nb = Node(value=n)\nlink(a, b)\nreturn a.value",
        "buffer: Array[u8] = array(16)\nview = buffer[1:3]\nreturn len(view)",
        "node = Node(value=n)\nall.head = node.next\nreturn 1",
        "pair = (Node.at(n), n)\nall.head = pair[0]\nreturn 1",
    ],
)
def test_references_that_stay_inside(tmp_path: Path, text: str) -> None:
    assert codes(tmp_path, body(text)) == []


@pytest.mark.parametrize(
    "text",
    [
        "node = Node(value=n)\nall.head = node\nreturn 1",
        "node = Node(value=n)\nput_all(node)\nreturn 1",
        "node = Node(value=n)\nput(all, same(node))\nreturn 1",
        "a = Node(value=n)\nb = Node(value=n)\nlink(a, b)\nall.head = a.next\nreturn 1",
        "a = Node(value=n)\nb = Node(value=n)\nlink(a, b)\nall.head = next_of(a)\nreturn 1",
        "node = Node(value=n)\npair = (node, n)\nall.head = pair[0]\nreturn 1",
        "node = Node(value=n)\nwho = node if n > 3 else Node.at(n)\nall.head = who\nreturn 1",
        "node = Node(value=n)\nlist = List(head=node)\ncopy(all, list)\nreturn 1",
        "node = Node(value=n)\nkeep = put_all\nkeep(node)\nreturn 1",
        "node = Node(value=n)\nNode.at(n).next = node\nreturn 1",
        "a = Node(value=n, next=Node.at(n))\nb = Node(value=n)\nlink_deep(a, b)\nreturn 1",
    ],
)
def test_references_that_leave(tmp_path: Path, text: str) -> None:
    assert set(codes(tmp_path, body(text))) == {"C0504"}


@pytest.mark.parametrize(
    "text",
    [
        "while not all.ready:\n    pause()",
        "while all.flag.load() == 0:\n    pass",
        "while all.status == 0:\n    pass",
        "node = all.head\nwhile node is not None:\n    node = node.next",
        "n: u64 = 0\nwhile all.ready:\n    n += 1\n    if n > 3:\n        break",
        "while True:\n    pause()",
        "while True:\n    pass",
    ],
)
def test_loops_that_do_not_spin_on_plain_memory(tmp_path: Path, text: str) -> None:
    assert codes(tmp_path, body(text, "f() -> None")) == []


@pytest.mark.parametrize(
    "text",
    [
        "while not all.ready:\n    pass",
        "while True:\n    if all.ready:\n        return",
        "while all.head is None:\n    x = value_of(Node.at(8)) + 1",
    ],
)
def test_loops_that_spin(tmp_path: Path, text: str) -> None:
    assert codes(tmp_path, body(text, "f() -> None")) == ["C0505"]


def test_recursion_through_a_pointer_is_recursion(tmp_path: Path) -> None:
    text = body("return f(n)", "apply(f: Callable[[u64], u64], n: u64) -> u64") + body(
        "return apply(g, n)", "g(n: u64) -> u64"
    )
    assert codes(tmp_path, text) == ["C0506"]
    bounded = text.replace("def ", "@recursive(depth=3)\ndef ")
    assert codes(tmp_path, bounded) == []


def test_configuration_is_no_unreachable_code(tmp_path: Path) -> None:
    text = "DEBUG: bool = False\n\n\n" + body("if False:\n    n += 1\nreturn n")
    assert codes(tmp_path, text) == []


@pytest.mark.parametrize(
    "text",
    [
        "if node is None:\n    return 0\nreturn node.value",
        "while node is None or node.value == 3:\n    if node is None:\n        return 0\n    node = node.next\n"
        "return node.value",
        "assert node is not None\nreturn node.value",
        "if node is None:\n    node = Node.at(8)\nreturn node.value",
        "while node is not None:\n    if node.next is None:\n        break\n    node = node.next\nelse:\n    return 0\n"
        "return node.value",
        "return node.value if node is not None else 0",
    ],
)
def test_what_branches_know(tmp_path: Path, text: str) -> None:
    assert codes(tmp_path, body(text, "f(node: Node | None) -> u64")) == []


@pytest.mark.parametrize(
    "text",
    [
        "if node is not None:\n    node = node.next\nreturn node.value",
        "for i in range(3):\n    if node is not None:\n        node = node.next\nreturn node.value",
        "if node is None:\n    return 0\nwhile node.value > 3:\n    node = node.next\nreturn 1",
        "while node is None:\n    break\nreturn node.value",
        "if node is None or node.value == 3:\n    return node.value\nreturn 1",
    ],
)
def test_what_branches_do_not_know(tmp_path: Path, text: str) -> None:
    assert set(codes(tmp_path, body(text, "f(node: Node | None) -> u64"))) == {"C0307"}
