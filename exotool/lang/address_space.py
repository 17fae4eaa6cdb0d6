"""Simulated memory: sparse pages of bytes with permissions, and devices that answer at their addresses.

Structs, arrays and pointers of a program live here, little-endian, laid out as C does. A stray access raises `Fault`.
Addresses are those of a kernel in the upper half; a test maps what else the program should find, such as RAM at its
physical addresses (`memory.map(0x10_0000, 16 << 20)`) or a device (`memory.map_device(0xFEB0_0000, 0x1000, device)`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, Protocol

from exotool.lang.traps import Fault

PAGE_SHIFT: Final = 12
PAGE_SIZE: Final = 1 << PAGE_SHIFT
TOP: Final = 1 << 64

TEXT_BASE: Final = 0xFFFF_FFFF_8000_0000
STATIC_BASE: Final = 0xFFFF_FFFF_9000_0000
CONSTANT_BASE: Final = STATIC_BASE + (1 << 30)
STACK_BASE: Final = 0xFFFF_FFFF_F000_0000
STACK_SIZE: Final = 1 << 20
FUNCTION_STEP: Final = 16

READ: Final = 1
WRITE: Final = 2


class Device(Protocol):
    """What answers at an address instead of memory. Offsets count from where it is mapped; sizes are 1, 2, 4 or 8."""

    def read(self, offset: int, size: int) -> int:
        """Return what a load of `size` bytes gives."""

    def write(self, offset: int, size: int, value: int) -> None:
        """Take a store of `size` bytes."""


class Memory:
    """One address space. All accesses of the program go through `read` and `write`."""

    def __init__(self) -> None:
        self._pages: dict[int, bytearray] = {}
        self._rights: dict[int, int] = {}
        self._devices: list[tuple[int, int, Device]] = []
        self._device_pages: set[int] = set()

    # --- what is where ------------------------------------------------------------------------------------------

    def map(self, address: int, size: int, rights: str = "rw") -> None:
        """Give the pages of a range zeroed memory; pages that have some keep it, and get the rights."""
        mask = _rights(rights)
        for page in _pages(address, size):
            self._rights[page] = mask

    def protect(self, address: int, size: int, rights: str) -> None:
        """Change the rights of mapped pages: "", "r" or "rw"."""
        mask = _rights(rights)
        for page in _pages(address, size):
            if page not in self._rights:
                raise ValueError(f"nothing is mapped at {page << PAGE_SHIFT:#x}")
            self._rights[page] = mask

    def unmap(self, address: int, size: int) -> None:
        """Take the pages of a range, and what is in them, away."""
        for page in _pages(address, size):
            self._rights.pop(page, None)
            self._pages.pop(page, None)

    def map_device(self, address: int, size: int, device: Device) -> None:
        """Let `device` answer for `size` bytes from `address` on."""
        for start, length, _ in self._devices:
            if address < start + length and start < address + size:
                raise ValueError(f"another device is at {start:#x}")
        self._devices.append((address, size, device))
        self._device_pages.update(_pages(address, size))

    def unmap_device(self, device: Device) -> None:
        """Take a device away."""
        self._devices = [entry for entry in self._devices if entry[2] is not device]
        self._device_pages = {page for start, size, _ in self._devices for page in _pages(start, size)}

    @contextmanager
    def device(self, address: int, size: int, device: Device) -> Iterator[Device]:
        """Map a device for the length of a `with`."""
        self.map_device(address, size, device)
        try:
            yield device
        finally:
            self.unmap_device(device)

    def is_mapped(self, address: int) -> bool:
        """Tell whether there is memory, or a device, at an address."""
        return address >> PAGE_SHIFT in self._rights or self._device_at(address, 1) is not None

    # --- accesses ------------------------------------------------------------------------------------------------

    def read(self, address: int, size: int) -> int:
        """Return an unsigned little-endian number of `size` bytes."""
        page, offset = address >> PAGE_SHIFT, address & (PAGE_SIZE - 1)
        if offset + size <= PAGE_SIZE and page not in self._device_pages:
            if not self._rights.get(page, 0) & READ:
                self._refuse(address, "read")
            data = self._pages.get(page)
            return int.from_bytes(data[offset : offset + size], "little") if data is not None else 0
        device = self._device_at(address, size)
        if device is not None:
            start, _, model = device
            return model.read(address - start, size) & ((1 << (8 * size)) - 1)
        return int.from_bytes(self.read_bytes(address, size), "little")

    def write(self, address: int, size: int, value: int) -> None:
        """Store a number, taken modulo 256**size, as `size` little-endian bytes."""
        page, offset = address >> PAGE_SHIFT, address & (PAGE_SIZE - 1)
        value = int(value) & ((1 << (8 * size)) - 1)
        if offset + size <= PAGE_SIZE and page not in self._device_pages:
            if not self._rights.get(page, 0) & WRITE:
                self._refuse(address, "write")
            data = self._pages.get(page)
            if data is None:
                data = self._pages[page] = bytearray(PAGE_SIZE)
            data[offset : offset + size] = value.to_bytes(size, "little")
            return
        device = self._device_at(address, size)
        if device is not None:
            start, _, model = device
            model.write(address - start, size, value)
            return
        self.write_bytes(address, value.to_bytes(size, "little"))

    def read_bytes(self, address: int, size: int) -> bytes:
        """Return a range as it is; the rights of every page of it are checked first."""
        out = bytearray()
        for page, start, end in self._pieces(address, size, READ, "read"):
            data = self._pages.get(page)
            out += data[start:end] if data is not None else bytes(end - start)
        return bytes(out)

    def write_bytes(self, address: int, data: bytes) -> None:
        """Write a range; nothing is written if one page of it does not allow it."""
        done = 0
        for page, start, end in self._pieces(address, len(data), WRITE, "write"):
            target = self._pages.get(page)
            if target is None:
                target = self._pages[page] = bytearray(PAGE_SIZE)
            target[start:end] = data[done : done + end - start]
            done += end - start

    def zero(self, address: int, size: int) -> None:
        """Clear a range; whole pages of it cost nothing."""
        for page, start, end in self._pieces(address, size, WRITE, "write"):
            if end - start == PAGE_SIZE:
                self._pages.pop(page, None)
            elif page in self._pages:
                self._pages[page][start:end] = bytes(end - start)

    def write_initial(self, address: int, data: bytes) -> None:
        """Write to memory that the program itself must not write: what a loader does."""
        rights = {page: self._rights[page] for page in _pages(address, len(data))}
        self.protect(address, len(data), "rw")
        try:
            self.write_bytes(address, data)
        finally:
            self._rights.update(rights)

    def _pieces(self, address: int, size: int, right: int, access: str) -> list[tuple[int, int, int]]:
        if address < 0 or address + size > TOP:
            self._refuse(address, access)
        pieces = []
        position, end = address, address + size
        while position < end:
            page, offset = position >> PAGE_SHIFT, position & (PAGE_SIZE - 1)
            length = min(PAGE_SIZE - offset, end - position)
            if not self._rights.get(page, 0) & right or page in self._device_pages:
                self._refuse(position, access)
            pieces.append((page, offset, offset + length))
            position += length
        return pieces

    def _device_at(self, address: int, size: int) -> tuple[int, int, Device] | None:
        for entry in self._devices:
            if entry[0] <= address and address + size <= entry[0] + entry[1]:
                return entry
        return None

    def _refuse(self, address: int, access: str) -> None:
        page = address >> PAGE_SHIFT
        if page in self._device_pages:
            raise Fault(address, access, "a device answers here, but not to an access of this size and place")
        if page in self._rights:
            raise Fault(address, access, "the page does not allow it")
        raise Fault(address, access, "nothing is mapped there")


def _rights(text: str) -> int:
    if text not in ("", "r", "rw"):
        raise ValueError(f'rights are "", "r" or "rw", not {text!r}')
    return (READ if "r" in text else 0) | (WRITE if "w" in text else 0)


def _pages(address: int, size: int) -> range:
    return range(address >> PAGE_SHIFT, (address + size - 1 >> PAGE_SHIFT) + 1) if size > 0 else range(0)


class AddressSpace(Memory):
    """The memory of the program under test, with the places of its statics, stack and functions."""

    def __init__(self) -> None:
        super().__init__()
        self._static_end = {"rw": STATIC_BASE, "r": CONSTANT_BASE}
        self._functions: dict[int, Any] = {}
        self._function_addresses: dict[Any, int] = {}
        self._symbols: dict[str, int] = {}
        self._images: list[dict[int, bytes]] = []
        self.map(STACK_BASE, STACK_SIZE)

    def allocate_static(self, size: int, align: int, read_only: bool = False) -> int:
        """Return the address of new zeroed storage that stays for ever."""
        rights = "r" if read_only else "rw"
        address = -(-self._static_end[rights] // align) * align
        self._static_end[rights] = address + max(size, 1)
        self.map(address, max(size, 1), rights)
        return address

    def address_of_function(self, function: Any) -> int:
        """Return the address of a function; it gets one when it is first asked for."""
        address = self._function_addresses.get(function)
        if address is None:
            address = TEXT_BASE + FUNCTION_STEP * (len(self._functions) + 1)
            self._functions[address] = function
            self._function_addresses[function] = address
        return address

    def function_at(self, address: int) -> Any:
        """Return the function at an address; None for 0. Raises `Fault` if none is there."""
        if address == 0:
            return None
        if address not in self._functions:
            raise Fault(address, "execute", "no function is there")
        return self._functions[address]

    def snapshot(self) -> Callable[[], None]:
        """Return a function that makes everything as it is now: content, rights, devices, symbols."""
        pages = {page: bytes(data) for page, data in self._pages.items()}
        rights, devices, symbols = dict(self._rights), list(self._devices), dict(self._symbols)

        loaded = len(self._images)

        def restore() -> None:
            constant = {p: d for p, d in self._pages.items() if CONSTANT_BASE <= p << PAGE_SHIFT < STACK_BASE}
            # Constants that were made since stay, also on a page that was there: nothing makes them again.
            self._pages = {page: bytearray(data) for page, data in pages.items()} | constant
            # Modules imported since stay imported, so their statics stay, as the import left them.
            for image in self._images[loaded:]:
                self._pages |= {page: bytearray(data) for page, data in image.items()}
            self._rights = {p: r for p, r in self._rights.items() if p << PAGE_SHIFT >= TEXT_BASE} | rights
            self._devices, self._symbols = devices, symbols
            self._device_pages = {page for start, size, _ in devices for page in _pages(start, size)}

        return restore

    def start_module(self) -> int:
        """Let the statics of a module begin on a page of their own; return its address."""
        self._static_end["rw"] = -(-self._static_end["rw"] // PAGE_SIZE) * PAGE_SIZE
        return self._static_end["rw"]

    def end_module(self, start: int) -> None:
        """Remember what a module's import has left in its statics: `snapshot` takes modules back to it."""
        pages = _pages(start, self.start_module() - start)
        self._images.append({page: bytes(self._pages[page]) for page in pages if page in self._pages})

    def set_symbol(self, name: str, address: int) -> None:
        """Define what `symbol_address(name)` gives."""
        self._symbols[name] = address

    def symbol(self, name: str) -> int:
        """Return the address of a symbol that a linker or assembly would define."""
        if name not in self._symbols:
            raise LookupError(f"no symbol {name!r}: define it with memory.set_symbol({name!r}, address)")
        return self._symbols[name]


memory: Final = AddressSpace()
