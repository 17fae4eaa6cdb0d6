"""Writing one LLVM function as text: instructions, blocks, and stack slots in the entry block."""

from __future__ import annotations

from collections.abc import Iterable


def quoted(name: str) -> str:
    """Return a symbol as LLVM writes a name that may have any characters."""
    return '"' + "".join(c if " " <= c <= "~" and c not in '"\\' else _escaped(c) for c in name) + '"'


def _escaped(character: str) -> str:
    return "".join(f"\\{byte:02X}" for byte in character.encode())


def string_constant(data: bytes) -> str:
    """Return bytes as an LLVM string constant."""
    return 'c"' + "".join(chr(b) if 0x20 <= b < 0x7F and b not in (0x22, 0x5C) else f"\\{b:02X}" for b in data) + '"'


class FunctionText:
    """The body of a function while it is written.

    Names of values and blocks are numbers in the order of writing, so the text depends on the tree alone. Every
    instruction gets the debug location that `location` holds when it is written. Code behind a terminator goes into a
    block of its own that nothing reaches.
    """

    def __init__(self) -> None:
        self.slots: list[str] = []
        self.declares: list[str] = []
        self.lines: list[str] = []
        self.cold: list[str] = []
        self.location = ""
        self.block = "entry"
        self.terminated = False
        self._count = 0
        self._targets: set[str] = set()

    def fresh(self, prefix: str) -> str:
        """Return a name that the function does not have yet."""
        self._count += 1
        return f"{prefix}{self._count}"

    def slot(self, llvm: str, count: int = 1, align: int = 0) -> str:
        """Reserve a stack slot of `count` elements for the whole activation and return its address."""
        name = f"%{self.fresh('s')}"
        number = f", i32 {count}" if count != 1 else ""
        alignment = f", align {align}" if align else ""
        self.slots.append(f"  {name} = alloca {llvm}{number}{alignment}")
        return name

    def emit(self, instruction: str) -> None:
        """Write an instruction without a result."""
        if self.terminated:
            self.start(self.fresh("dead"))
        self.lines.append(f"  {instruction}{self.location}")

    def value(self, instruction: str) -> str:
        """Write an instruction and return the name of its result."""
        name = f"%{self.fresh('t')}"
        self.emit(f"{name} = {instruction}")
        return name

    def start(self, block: str) -> None:
        """Begin a block; falling into it from the one before is a branch."""
        if not self.terminated:
            self.jump(block)
        self.lines.append(f"{block}:")
        self.block = block
        self.terminated = False

    def end(self, terminator: str) -> None:
        """Write a terminator: the block is over."""
        self.emit(terminator)
        self.terminated = True

    def jump(self, block: str) -> None:
        """Go to a block."""
        self._targets.add(block)
        self.end(f"br label %{block}")

    def branch(self, condition: str, then: str, otherwise: str, hint: str = "") -> None:
        """Go to one of two blocks; `hint` is branch-weight metadata."""
        self._targets |= {then, otherwise}
        self.end(f"br i1 {condition}, label %{then}, label %{otherwise}{hint}")

    def switch(self, llvm: str, operand: str, ways: dict[int, str], default: str) -> None:
        """Go to the block of a value, or to `default`."""
        self._targets |= {default, *ways.values()}
        cases = " ".join(f"{llvm} {value}, label %{block}" for value, block in ways.items())
        self.end(f"switch {llvm} {operand}, label %{default} [{cases}]")

    def join(self, block: str) -> None:
        """Go on at a block if something leads there; else what follows is never reached."""
        if block in self._targets:
            self.start(block)

    def phi(self, llvm: str, incoming: Iterable[tuple[str, str]]) -> str:
        """Merge a value from (operand, block) pairs, at the start of a block."""
        return self.value(f"phi {llvm} " + ", ".join(f"[{operand}, %{block}]" for operand, block in incoming))

    def body(self) -> list[str]:
        """Return the lines of the finished function between its braces; blocks that trap stand last."""
        return ["entry:", *self.slots, *self.declares, *self.lines, *self.cold]
