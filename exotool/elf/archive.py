"""Archives of objects (`.a`): GNU, BSD and thin ones, with or without a symbol index.

ar(5) and the headers of binutils describe them. Nothing in the file is believed; members are views of its bytes.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NoReturn

from exotool.diagnostics import Diagnostic, Place, ToolError
from exotool.files import map_input

MAGIC: Final = b"!<arch>\n"
THIN_MAGIC: Final = b"!<thin>\n"
_HEADER_SIZE: Final = 60
_INDEX_NAMES: Final = ("/", "/SYM64/", "__.SYMDEF", "__.SYMDEF SORTED", "__.SYMDEF_64", "__.SYMDEF_64 SORTED")


@dataclass(frozen=True, slots=True)
class Member:
    """One file of an archive; `offset` is that of its header, by which the index names it."""

    name: str
    offset: int
    data: bytes | memoryview


@dataclass(slots=True)
class Archive:
    """An archive: its members by the offset of their headers, and the index as it stands in the file.

    `index` lists name and offset of a member that defines it; None in an archive without an index (`ar rcS`).
    """

    path: str
    members: dict[int, Member] = field(default_factory=dict)
    index: list[tuple[str, int]] | None = None


def is_archive(data: bytes | memoryview) -> bool:
    """Tell whether bytes begin like an archive."""
    return bytes(data[:8]) in (MAGIC, THIN_MAGIC)


def read_archive(data: bytes | memoryview, path: str, folder: Path | None = None) -> Archive:
    """Return the archive in `data`; `path` names it in errors, `folder` is where a thin archive's members are.

    Raises `ToolError`: O0201 damaged, and T01xx when a member of a thin archive cannot be read.
    """
    return _Reader(memoryview(data), path, folder or Path(path).parent).read()


class _Reader:
    def __init__(self, data: memoryview, path: str, folder: Path) -> None:
        self.data, self.path, self.folder = data, path, folder
        self.is_thin = bytes(data[:8]) == THIN_MAGIC
        self.long_names = b""

    def damaged(self, what: str) -> NoReturn:
        raise ToolError(
            Diagnostic("O0201", f"archive `{self.path}` is damaged: {what}", Place(self.path), help=("build it again",))
        )

    def read(self) -> Archive:
        archive = Archive(self.path)
        for offset, name, content in self.entries():
            if name in _INDEX_NAMES:
                archive.index = self.index(name, content) if archive.index is None else archive.index
            elif name == "//":
                self.long_names = bytes(content)
            else:
                name, data = self.named(name, content)
                if name in _INDEX_NAMES:
                    archive.index = self.index(name, data)
                    continue
                archive.members[offset] = Member(name, offset, data)
        wrong = next((at for _, at in archive.index or () if at not in archive.members), None)
        if wrong is not None:
            self.damaged(f"its index names a member at {wrong:#x}, where none is")
        return archive

    def entries(self) -> Iterator[tuple[int, str, memoryview]]:
        """Yield the offset, raw name and contents of each entry; a member of a thin archive has none here."""
        at, data = len(MAGIC), self.data
        while at < len(data):
            header = bytes(data[at : at + _HEADER_SIZE])
            if len(header) < _HEADER_SIZE or header[58:] != b"`\n":
                self.damaged(f"there is no header of a member at {at:#x}")
            name = header[:16].decode("utf-8", "backslashreplace").rstrip(" ")
            digits = header[48:58].strip()
            if not digits.isdigit():
                self.damaged(f"the member at {at:#x} has no size")
            size, start = int(digits), at + _HEADER_SIZE
            if self.is_thin and name not in (*_INDEX_NAMES, "//"):
                yield at, name, data[:0]
                at = start
                continue
            if start + size > len(data):
                self.damaged(f"the member at {at:#x} lies behind its end")
            yield at, name, data[start : start + size]
            at = start + size + (start + size & 1)

    def named(self, name: str, content: memoryview) -> tuple[str, bytes | memoryview]:
        """Return a member's own name, and its contents, which for a thin archive are a file's."""
        if name.startswith("#1/") and name[3:].isdigit():
            length = int(name[3:])
            if length > len(content):
                self.damaged("the name of a member is longer than the member")
            return bytes(content[:length]).rstrip(b"\0").decode("utf-8", "backslashreplace"), content[length:]
        if name.startswith("/") and name[1:].isdigit():
            start = int(name[1:])
            end = self.long_names.find(b"\n", start)
            if not 0 <= start < len(self.long_names) or end < 0:
                self.damaged("the name of a member lies outside the table of names")
            name = self.long_names[start:end].decode("utf-8", "backslashreplace")
        name = name.removesuffix("/")
        if self.is_thin:
            return name, map_input(self.folder / name, f"member of `{self.path}`")
        return name, content

    def index(self, name: str, content: bytes | memoryview) -> list[tuple[str, int]]:
        """Return the index, in the form that its name says: System V with 4 or 8 bytes, or BSD."""
        table = bytes(content)
        if name.startswith("__.SYMDEF"):
            return self.bsd_index(table, struct.Struct("<QQ" if "64" in name else "<II"))
        word = 8 if name == "/SYM64/" else 4
        count = int.from_bytes(table[:word], "big")
        start = word * (count + 1)
        if len(table) < start:
            self.damaged("its index is cut off")
        offsets = struct.unpack_from(f">{count}{'Q' if word == 8 else 'I'}", table, word)
        names = table[start:].split(b"\0")
        if len(names) <= count:
            self.damaged("its index lacks names")
        return [(text.decode("utf-8", "backslashreplace"), at) for text, at in zip(names, offsets, strict=False)]

    def bsd_index(self, table: bytes, entry: struct.Struct) -> list[tuple[str, int]]:
        word = entry.size // 2
        size = int.from_bytes(table[:word], "little")
        strings = table[word + size + word :]
        if size % entry.size or word + size > len(table):
            self.damaged("its index is cut off")
        found = []
        for start, offset in entry.iter_unpack(table[word : word + size]):
            end = strings.find(b"\0", start)
            if end < 0:
                self.damaged("its index lacks names")
            found.append((strings[start:end].decode("utf-8", "backslashreplace"), offset))
        return found
