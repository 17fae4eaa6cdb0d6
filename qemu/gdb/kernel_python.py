"""Values of Kernel Python in gdb: views, tuples, and bytes that are text.

gdb runs this file (`exotool debug` sources it); the module `gdb` is gdb's own. Types are known by the names and members
that the compiler's DWARF gives them: a view `Array[T]` is a struct of `data` and `length`, a tuple one of `item0`,
`item1` and so on. Memory of a guest can be anything: what cannot be read is said to be so, and a length that is
nonsense costs no more than gdb's `print elements`.
"""

import re

import gdb
import gdb.printing

MOST_TEXT = 200
"""Bytes of a text that are shown."""

_PRINTABLE = frozenset([*range(0x20, 0x7F), 9, 10, 13])


def text_of(address, limit):
    """Return the bytes at an address as a quoted text, cut at a zero byte or at `limit`; None when they are none."""
    data = b""
    try:
        data = bytes(gdb.selected_inferior().read_memory(address, min(limit, MOST_TEXT)))
    except gdb.MemoryError:
        for offset in range(min(limit, MOST_TEXT)):  # the end of a page may be near
            try:
                data += bytes(gdb.selected_inferior().read_memory(address + offset, 1))
            except gdb.MemoryError:
                break
            if data.endswith(b"\0"):
                break
    text, zero, _ = data.partition(b"\0")
    if not data or not _PRINTABLE.issuperset(text) or (not text and limit != len(data)):
        return None
    more = "..." if not zero and len(data) < limit else ""
    return '"' + text.decode("ascii").replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"' + more


def is_byte(kind):
    """Tell whether a type is `u8`."""
    return kind.strip_typedefs().unqualified().name == "u8"


class ViewPrinter:
    """`Array[T]`: its length and its elements, or the text if it is one of bytes."""

    def __init__(self, value):
        self._value = value
        self._length = int(value["length"])
        self._is_bytes = is_byte(value["data"].type.target())

    def to_string(self):
        """Return what stands before the elements."""
        address = int(self._value["data"])
        head = f"{self._value.type.strip_typedefs().name} of {self._length} at {address:#x}"
        text = text_of(address, self._length) if self._is_bytes and self._length else None
        return f"{head} {text}" if text else head

    def children(self):
        """Yield the elements, as many as gdb prints of an array."""
        if self._is_bytes and self._length and text_of(int(self._value["data"]), self._length):
            return
        most = gdb.parameter("print elements") or MOST_TEXT
        for index in range(min(self._length, most)):
            element = (self._value["data"] + index).dereference()
            try:
                element.fetch_lazy()
            except gdb.MemoryError:
                yield f"[{index}]", "<cannot be read>"
                return
            yield f"[{index}]", element
        if self._length > most:
            yield f"[{most}]", f"<{self._length - most} more>"

    def display_hint(self):
        """Tell gdb to print the elements without their names."""
        return "array"


class TuplePrinter:
    """`tuple[A, B]`: its items in parentheses."""

    def __init__(self, value):
        self._value = value

    def to_string(self):
        """Return the items."""
        items = [str(self._value[field]) for field in self._value.type.strip_typedefs().fields()]
        return f"({', '.join(items)}{',' * (len(items) == 1)})"


class BytePointerPrinter:
    """`Ptr[u8]`: the address, and the text that begins there if it is one."""

    def __init__(self, value):
        self._value = value

    def to_string(self):
        """Return the address and the text."""
        address = int(self._value)
        text = text_of(address, MOST_TEXT) if address else None
        return f"{address:#x} {text}" if text and text != '""' else f"{address:#x}"


def printer_for(value):
    """Return the printer of a value, None for what gdb prints well by itself."""
    kind = value.type.strip_typedefs().unqualified()
    if kind.code == gdb.TYPE_CODE_PTR and is_byte(kind.target()):
        return BytePointerPrinter(value)
    if kind.code != gdb.TYPE_CODE_STRUCT or kind.name is None:
        return None
    names = [field.name for field in kind.fields()]
    if re.match(r"Array\[", kind.name) and names == ["data", "length"]:
        return ViewPrinter(value)
    if re.match(r"tuple\[", kind.name) and names == [f"item{index}" for index in range(len(names))]:
        return TuplePrinter(value)
    return None


printer_for.name = "kernel_python"
printer_for.enabled = True
gdb.printing.register_pretty_printer(None, printer_for, replace=True)
