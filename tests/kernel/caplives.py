"""The capability code in two lives: under CPython, and as machine code of this process. The same calls for both."""

from __future__ import annotations

import ctypes
import importlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

from exotool.compiler.frontend import check_program
from exotool.compiler.native import NativeProgram, load_native
from exotool.lang import memory, models
from exotool.lang.state import save
from exotool.project import Profile

ROOT = Path(__file__).parents[2]
PAGE = 4096
PAGES = 64
"""Pages that a life has for tables; after them comes one for the CPU."""

FIRST, LAST = 0x1000, 0x1100
"""The frames that can be taken."""

BINDINGS = ["unmap", "unroute", "close", "unschedule", "end_env", "end_door", "end_zone"]
EXTERNS = (*(f"binding_{name}" for name in BINDINGS), "irq_save", "irq_restore", "current_cpu")
INFO = ("base", "limit", "kind", "rights", "zone", "epoch", "bindings", "children")
Event = tuple[Any, ...]


class Life(ABC):
    """A kernel without anything but capabilities. `events` is what it told the modules above, in order."""

    FUNCTIONS: ClassVar[dict[str, str]] = {
        "kalloc_run": "kalloc",
        "kfree_run": "kalloc",
        **dict.fromkeys(("zone_init", "create", "destroy", "doom", "charge", "credit", "free_count"), "zone"),
        **dict.fromkeys(("has_children", "lock", "unlock", "is_locked", "used", "quota"), "zone"),
        **dict.fromkeys(("env_died", "door_died", "zone_died", "env_moved"), "objects"),
        **dict.fromkeys(("judge_id", "judge_use", "derive_allowed", "errno_of"), "captypes"),
    }
    """In which module a function is that is not in kernel/caps.py."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.base = 0

    @abstractmethod
    def call(self, name: str, *arguments: int | bool) -> int:
        """Call a function by its name."""

    @abstractmethod
    def validate(self, env: int, ident: int) -> tuple[int, dict[str, int]]:
        """Call cap_validate_unified. Returns the verdict, and what was told, of fields that all were 0."""

    @abstractmethod
    def static(self, module: str, name: str) -> Any:
        """Return a static: an object with the fields of the struct, or an array."""

    @abstractmethod
    def read(self, address: int, size: int) -> bytes:
        """Return bytes of the memory for tables."""

    @abstractmethod
    def write(self, address: int, value: bytes) -> None:
        """Change bytes of the memory for tables."""

    @abstractmethod
    def record(self, taken: bool) -> None:
        """Set what a revocation by force sets."""

    def page(self, number: int) -> int:
        """Return the address of a page for tables."""
        return self.base + number * PAGE

    def slot_address(self, env: int, slot: int) -> int:
        """Return where a slot is."""
        directory = int(self.static("caps", "tables")[env].directory)
        frame = int.from_bytes(self.read(directory + slot // 64 * 8, 8), "little")
        return frame + slot % 64 * 64

    def answers(self) -> dict[str, Callable[..., Any]]:
        """Return the bodies of the externs."""
        bodies: dict[str, Callable[..., Any]] = {f"binding_{name}": self._note(name) for name in BINDINGS}
        bodies["irq_save"] = lambda: 0x200
        bodies["irq_restore"] = lambda rflags: None
        bodies["current_cpu"] = lambda: self.page(PAGES)
        return bodies

    def _note(self, name: str) -> Callable[..., None]:
        return lambda *arguments: self.events.append((name, *map(int, arguments)))


class Simulated(Life):
    """Under CPython."""

    def __init__(self) -> None:
        super().__init__()
        self.base = 0x10_0000_0000
        memory.map(self.base, (PAGES + 1) * PAGE)
        names = ("caps", "env", "abi.types", *self.FUNCTIONS.values())
        self._modules: dict[str, Any] = {name: importlib.import_module(f"kernel.{name}") for name in names}
        self._modules["kalloc"].frames.set_range(FIRST, LAST, True)

    def call(self, name: str, *arguments: int | bool) -> int:
        """Call a function by its name."""
        result = getattr(self._modules[self.FUNCTIONS.get(name, "caps")], name)(*arguments)
        return 0 if result is None else int(result)

    def validate(self, env: int, ident: int) -> tuple[int, dict[str, int]]:
        """Call cap_validate_unified."""
        info = self._modules["abi.types"].CapInfo()
        code = int(self._modules["caps"].cap_validate_unified(env, ident, info))
        return code, {name: int(getattr(info, name)) for name in INFO}

    def static(self, module: str, name: str) -> Any:
        """Return a static."""
        return getattr(self._modules[module], name)

    def read(self, address: int, size: int) -> bytes:
        """Return bytes of the memory for tables."""
        return memory.read_bytes(address, size)

    def write(self, address: int, value: bytes) -> None:
        """Change bytes of the memory for tables."""
        memory.write_bytes(address, value)

    def record(self, taken: bool) -> None:
        """Set what a revocation by force sets."""
        self._modules["caps"].record_taken = taken


class Externs(Mapping[str, Callable[..., Any]]):
    """Bodies for all externs; those that have none here are not to be called."""

    def __init__(self, bodies: dict[str, Callable[..., Any]]) -> None:
        self._bodies = bodies

    def __getitem__(self, symbol: str) -> Callable[..., Any]:
        def stray(*arguments: object) -> None:
            raise AssertionError(f"{symbol}{arguments} was called")

        return self._bodies.get(symbol, stray)

    def __len__(self) -> int:
        return len(self._bodies)

    def __iter__(self) -> Iterator[str]:
        return iter(self._bodies)


SYMBOLS = (
    *("boot_start_info", "boot_memmap_count", "boot_memmap", "boot_modlist_count", "boot_modlist"),
    *("boot_cmdline_cut", "boot_cmdline", "cpus", "__text_start", "__bss_end"),
)
"""Symbols of the image; nothing that is called here uses one."""


class Native(Life):
    """In machine code, made once for a profile; its statics are cleared for each life."""

    STATICS: ClassVar[dict[str, tuple[str, ...]]] = {
        "caps": ("tables",),
        "objects": ("env_epochs", "door_epochs", "zone_epochs", "env_zones"),
        "zone": ("zones", "zone_count"),
        "env": ("envs",),
        "kalloc": ("frames",),
    }

    def __init__(self, profile: Profile) -> None:
        super().__init__()
        self._program, self._bodies = compiled(profile)
        self._bodies |= self.answers()
        self._functions: dict[str, Any] = {}
        self._statics: dict[str, Any] = {}
        self._memory = ctypes.create_string_buffer((PAGES + 2) * PAGE)
        self.base = -(-ctypes.addressof(self._memory) // PAGE) * PAGE
        for module, names in self.STATICS.items():
            for name in names:
                variable = self.static(module, name)
                ctypes.memset(ctypes.addressof(variable), 0, ctypes.sizeof(variable))
        self._program.function("kernel.kalloc.FrameMap.set_range")(self.static("kalloc", "frames"), FIRST, LAST, True)

    def call(self, name: str, *arguments: int | bool) -> int:
        """Call a function by its name."""
        if name not in self._functions:
            self._functions[name] = self._program.function(f"kernel.{self.FUNCTIONS.get(name, 'caps')}.{name}")
        result = self._functions[name](*arguments)
        return 0 if result is None else int(result)

    def validate(self, env: int, ident: int) -> tuple[int, dict[str, int]]:
        """Call cap_validate_unified."""
        function = self._program.function("kernel.caps.cap_validate_unified")
        reference: Any = function.function.parameters[2].type
        info = self._program.memory.type(reference.target)()
        code = int(function(env, ident, info))
        return code, {name: int(getattr(info, name)) for name in INFO}

    def static(self, module: str, name: str) -> Any:
        """Return a static."""
        if name not in self._statics:
            self._statics[name] = self._program.variable(f"kernel.{module}.{name}")
        return self._statics[name]

    def read(self, address: int, size: int) -> bytes:
        """Return bytes of the memory for tables."""
        return ctypes.string_at(address, size)

    def write(self, address: int, value: bytes) -> None:
        """Change bytes of the memory for tables."""
        ctypes.memmove(address, value, len(value))

    def record(self, taken: bool) -> None:
        """Set what a revocation by force sets."""
        self.static("caps", "record_taken").value = taken


@cache
def compiled(profile: Profile) -> tuple[NativeProgram, dict[str, Callable[..., Any]]]:
    """Return the kernel's capability code as machine code, and the bodies of its externs, to be filled in.

    The bodies are looked up when they are called, so that each life gets its own events.
    """
    bodies: dict[str, Callable[..., Any]] = {}

    def late(symbol: str) -> Callable[..., Any]:
        return lambda *arguments: bodies[symbol](*arguments)

    program = check_program([ROOT / "kernel" / "caps.py"], ROOT)
    externs = Externs({symbol: late(symbol) for symbol in EXTERNS})
    return load_native(program, profile, externs=externs, symbols=dict.fromkeys(SYMBOLS, PAGE)), bodies


@contextmanager
def simulated() -> Iterator[Simulated]:
    """Give a life under CPython, whose memory is as before afterwards."""
    restore = save()
    try:
        life = Simulated()
        with models(**life.answers()):
            yield life
    finally:
        restore()


@contextmanager
def native(profile: Profile) -> Iterator[Native]:
    """Give a life in machine code."""
    yield Native(profile)
