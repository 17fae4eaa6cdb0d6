"""Files of a command line -> the objects of the link: archives give the members that something asks for.

The order is that of GNU ld, because it decides what lies where: an archive is searched where it stands, in the order of
its index, again and again until it adds nothing; those of a group together.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Final

import numpy as np

from exotool.diagnostics import Collector, Diagnostic, ToolError
from exotool.elf import ObjectFile, Section, Symbol, read_object
from exotool.elf.archive import Archive, Member, is_archive, read_archive
from exotool.elf.batch import FEWEST, read_objects
from exotool.elf.columns import Ints, Names, symbol_table
from exotool.elf.constants import SHF_ALLOC, SHF_WRITE, SHN_ABS, SHN_UNDEF, SHT_PROGBITS, STB_GLOBAL, STB_WEAK
from exotool.files import map_input
from exotool.link.model import InputFile, LinkOptions

ReadScript = Callable[[bytes, str, Path], Sequence[InputFile]]
"""Returns the files that a text among the inputs names with INPUT and GROUP, as Debian's `libm.a` does."""

BY_OPTIONS: Final = -1
WANTED, DEFINED = 1, 2
"""What the loader knows of a name; 0 is nothing."""

INDEX_BLOCK: Final = 4096
"""So many entries of an index are looked at together, and again when one of them brought a member."""

MAX_SCRIPT_DEPTH: Final = 16
"""Scripts among the inputs may name scripts, but not without end."""


@dataclass(slots=True)
class Loaded:
    """The objects of a link, in their order, and what the archives have besides them."""

    objects: list[ObjectFile] = field(default_factory=list)
    archives: list[Archive] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    """All files that were read, members of archives as `lib.a(m.o)`."""
    names: Names = field(default_factory=Names)
    reasons: dict[str, tuple[str, str]] = field(default_factory=dict)
    """For a member that was taken, the first file that asks for a symbol, and the symbol; options are no file."""

    def find_members(self, name: str) -> list[str]:
        """Return the members that were not taken and define a symbol, as `lib.a(m.o)`."""
        taken = set(self.paths)
        found = dict.fromkeys(
            f"{archive.path}({archive.members[at].name})"
            for archive in self.archives
            for symbol, at in archive.index or ()
            if symbol == name
        )
        return [path for path in found if path not in taken]


def load(files: Sequence[InputFile], options: LinkOptions, read_script: ReadScript | None = None) -> Loaded:
    """Read the inputs and return the objects of the link.

    Raises `ToolError` with all errors found: L0601 a library that is not in the path, L0602 a shared library, L0603 a
    script where none is expected, O01xx and O0201 damaged files, T01xx files that cannot be read.
    """
    loader = _Loader(options, read_script)
    with without_collector():
        for number, group in groupby(files, key=lambda file: file.group):
            members = list(group)
            if not number:
                for file in members:
                    loader.search(loader.open(file))
            else:
                loader.search([archive for file in members for archive in loader.open(file)], repeat=True)
        loader.enter_waiting()
    loader.errors.check()
    return loader.loaded


@contextmanager
def without_collector() -> Iterator[None]:
    """Hold Python's cycle collector back: nothing of a link is garbage before its end, and looking costs a third."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


class _Loader:
    def __init__(self, options: LinkOptions, read_script: ReadScript | None) -> None:
        self.options, self.read_script = options, read_script
        self.loaded, self.errors = Loaded(), Collector()
        self.names = self.loaded.names
        # By number of name, grown as names come.
        self.state = np.zeros(1 << 10, np.int8)
        self.asker = np.full(1 << 10, BY_OPTIONS, np.int32)
        self.waiting: list[tuple[memoryview, str]] = []
        self.index_of: dict[int, tuple[Ints, Ints]] = {}
        self.taken: set[tuple[int, int]] = set()
        self.prepared: dict[tuple[int, int], ObjectFile | ToolError] = {}
        wanted = (*options.undefined, *options.require_defined, *([options.entry] if options.entry is not None else []))
        self.want(self.names.add(wanted), BY_OPTIONS)
        self.define(self.names.add(sorted(options.defined)))
        renamed = {name: f"__wrap_{name}" for name in options.wrap} | {f"__real_{name}": name for name in options.wrap}
        self.renamed = list(zip(self.names.add(renamed), self.names.add(renamed.values()), strict=True))

    def want(self, names: Ints, asker: Ints | int) -> None:
        """Let objects ask for names that nothing defines yet: the first that does is noted."""
        self.grow()
        asker = np.broadcast_to(asker, names.shape)
        is_new = self.state[names] == 0
        # Of several values for one place the last stays.
        self.asker[names[is_new][::-1]] = asker[is_new][::-1]
        self.state[names] = np.maximum(self.state[names], WANTED)

    def define(self, names: Ints) -> None:
        """Note that names need no definition any more."""
        self.grow()
        self.state[names] = DEFINED

    def grow(self) -> None:
        """Make room for all names that there are."""
        if len(self.names) > len(self.state):
            self.state = np.concatenate([self.state, np.zeros(len(self.names), np.int8)])
            self.asker = np.concatenate([self.asker, np.full(len(self.names), BY_OPTIONS, np.int32)])

    def open(self, file: InputFile, depth: int = 0) -> list[Archive]:
        """Read an input: enter a whole archive at once, return archives that are to be searched.

        Objects wait: those that follow each other are entered together.
        """
        try:
            path = self.find(file)
            data = map_input(path, "library" if file.kind == "library" else "file")
            shown = str(path)
            self.loaded.paths.append(shown)
            is_object = bytes(data[:4]) == b"\x7fELF" or self.read_script is None or _is_binary(data)
            if file.kind != "binary" and is_object and not is_archive(data):
                self.waiting.append((data, shown))
                return []
            self.enter_waiting()
            if file.kind == "binary":
                self.enter(binary_object(data, file.name, self.options.machine))
            elif is_archive(data):
                archive = read_archive(data, shown)
                self.loaded.archives.append(archive)
                if not file.whole_archive:
                    self.index(archive)
                    return [archive]
                members = list(archive.members.values())
                self.prepare(archive, members)
                for member in members:
                    self.take(archive, member)
            else:
                return self.script(bytes(data), shown, path, file, depth)
        except ToolError as error:
            self.enter_waiting()
            self.report(error)
        return []

    def report(self, error: ToolError) -> None:
        """Note what is wrong with an input."""
        for diagnostic in error.diagnostics:
            self.errors.add(diagnostic)

    def script(self, data: bytes, shown: str, path: Path, file: InputFile, depth: int) -> list[Archive]:
        """Open what a script names; its files stand in a group, as if the script were one archive."""
        if depth >= MAX_SCRIPT_DEPTH or self.read_script is None:
            raise ToolError(Diagnostic("L0603", f"`{shown}` names scripts within scripts without end"))
        found = []
        for named in self.read_script(data, shown, path):
            found += self.open(named, depth + 1)
        if len(found) > 1 and not file.group:
            self.search(found, repeat=True)
            return []
        return found

    def find(self, file: InputFile) -> Path:
        """Return where an input is: the path as given, or the first fitting one of the folders of libraries."""
        if file.kind != "library":
            return Path(file.name)
        name = file.name[1:] if file.name.startswith(":") else f"lib{file.name}.a"
        shared = ""
        for folder in self.options.library_path:
            if (Path(folder) / name).is_file():
                return Path(folder) / name
            candidate = Path(folder) / f"lib{file.name}.so"
            if not shared and candidate.is_file():
                shared = str(candidate)
        folders = ", ".join(self.options.library_path) or "there is none: give `-L FOLDER`"
        if shared:
            message = f"library `{file.name}` is there only as the shared `{shared}`"
            raise ToolError(Diagnostic("L0602", message, help=("a static image needs `" + name + "`",)))
        raise ToolError(Diagnostic("L0601", f"there is no library `{name}`", help=(f"searched were: {folders}",)))

    def index(self, archive: Archive) -> None:
        """Give an archive without an index one."""
        if archive.index is not None:
            return
        archive.index = []
        for member in archive.members.values():
            table = symbol_table(read_object(member.data, f"{archive.path}({member.name})"))
            defined = (table.section[table.globals] != SHN_UNDEF).tolist()
            names = zip(table.global_names(), defined, strict=True)
            archive.index += [(name, member.offset) for name, is_defined in names if is_defined]

    def search(self, archives: Sequence[Archive], *, repeat: bool = False) -> None:
        """Take what is asked for out of archives; with `repeat`, from all of them until none adds anything."""
        if archives:
            self.enter_waiting()
        while sum(map(self.search_one, archives)) and repeat:
            pass

    def search_one(self, archive: Archive) -> bool:
        """Take members out of an archive until it adds nothing; tell whether it added anything."""
        if id(archive) not in self.index_of:
            entries = archive.index or []
            offsets = np.fromiter((offset for _, offset in entries), np.int64)
            self.index_of[id(archive)] = self.names.add(name for name, _ in entries), offsets
        added = False
        while self.search_index(archive, *self.index_of[id(archive)]):
            added = True
        return added

    def search_index(self, archive: Archive, names: Ints, offsets: Ints) -> bool:
        """Go over an index once, as GNU ld does, and take what is asked for by then; tell whether that was anything."""
        took = False
        for first in range(0, len(names), INDEX_BLOCK):
            block = slice(first, first + INDEX_BLOCK)
            start = 0
            while True:
                self.grow()
                asked = np.flatnonzero(self.state[names[block][start:]] == WANTED) + start
                fresh = (at for at in asked.tolist() if (id(archive), int(offsets[block][at])) not in self.taken)
                at = next(fresh, None)
                if at is None:
                    break
                if (id(archive), int(offsets[block][at])) not in self.prepared:
                    # Nearly all of them will be taken: what one brings seldom defines what another is asked for.
                    self.prepare(archive, [archive.members[offset] for offset in offsets[block][asked].tolist()])
                self.take_for(archive, first + at, int(names[first + at]))
                start, took = at + 1, True
        return took

    def prepare(self, archive: Archive, members: Sequence[Member]) -> None:
        """Read members that are about to be taken, if there are many."""
        missing = {(id(archive), member.offset): member for member in members}
        for key in (missing.keys() & self.taken) | (missing.keys() & self.prepared.keys()):
            del missing[key]
        if len(missing) >= FEWEST:
            files = [(memoryview(member.data), _shown(archive, member)) for member in missing.values()]
            self.prepared.update(zip(missing, read_objects(files, self.names), strict=True))

    def take_for(self, archive: Archive, entry: int, name: int) -> None:
        """Enter the member that an entry of the index names, and note who asks for it."""
        symbol, offset = (archive.index or [])[entry]
        member, asker = archive.members[offset], int(self.asker[name])
        by = self.loaded.objects[asker].path if asker != BY_OPTIONS else ""
        self.loaded.reasons[_shown(archive, member)] = by, symbol
        self.take(archive, member)

    def take(self, archive: Archive, member: Member) -> None:
        """Enter a member of an archive."""
        self.taken.add((id(archive), member.offset))
        if not len(member.data):
            return
        path = _shown(archive, member)
        made = self.prepared.pop((id(archive), member.offset), None)
        try:
            made = made or read_object(member.data, path)
        except ToolError as error:
            made = error
        if isinstance(made, ToolError):
            self.report(made)
        else:
            self.enter(made)
            self.loaded.paths.append(path)

    def enter_waiting(self) -> None:
        """Read and add the objects that came since an archive."""
        if not self.waiting:
            return
        files, self.waiting = self.waiting, []
        found = []
        for made in read_objects(files, self.names):
            if isinstance(made, ToolError):
                self.report(made)
            else:
                found.append(made)
        self.enter(*found)

    def enter(self, *objects: ObjectFile) -> None:
        """Add objects: what they define is no longer asked for, what they lack is."""
        if not objects:
            return
        first = len(self.loaded.objects)
        self.loaded.objects += objects
        tables = [symbol_table(obj) for obj in objects]
        names = np.concatenate([self.names.of(table) for table in tables])
        is_undefined = np.concatenate([table.section[table.globals] == SHN_UNDEF for table in tables])
        is_weak = np.concatenate([table.bind[table.globals] == STB_WEAK for table in tables])
        owner = np.repeat(np.arange(first, first + len(tables)), [len(table.globals) for table in tables])
        is_wanted = is_undefined & ~is_weak
        wanted = names[is_wanted]
        for before, after in self.renamed:
            wanted = np.where(wanted == before, after, wanted)
        self.define(names[~is_undefined])
        self.want(wanted, owner[is_wanted])


def _shown(archive: Archive, member: Member) -> str:
    return f"{archive.path}({member.name})"


def _is_binary(data: memoryview) -> bool:
    """Tell whether bytes are certainly no script."""
    return b"\0" in bytes(data[:4096])


def binary_object(data: bytes | memoryview, name: str, e_machine: int) -> ObjectFile:
    """Return an object whose `.data` is a file's bytes (`-b binary`).

    The symbols are GNU ld's: `_binary_`, the path as given with everything that is no letter or digit as `_`, and
    `_start`, `_end` or `_size`.
    """
    obj = ObjectFile(name, e_machine)
    obj.sections.append(Section(".data", SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, 1, data, len(data)))
    stem = "_binary_" + "".join(c if c.isascii() and c.isalnum() else "_" for c in name)
    obj.symbols += [
        Symbol(f"{stem}_start", 0, bind=STB_GLOBAL, section=1),
        Symbol(f"{stem}_end", len(data), bind=STB_GLOBAL, section=1),
        Symbol(f"{stem}_size", len(data), bind=STB_GLOBAL, section=SHN_ABS),
    ]
    return obj
