"""Input files: finding what `#include`, `.include` and `.incbin` name, reading it, and remembering what was read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from exotool.asm.source import AsmError, Line, Origin, SourceFile
from exotool.diagnostics import Collector
from exotool.files import read_input

if TYPE_CHECKING:
    from exotool.asm import Options

MAX_INCLUDES: Final = 64
"""Files within files."""

MAX_LINE: Final = 1 << 20
"""Characters of a line."""


class Sources:
    """The files of an assembly."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.root = (options.root or Path()).resolve()
        self.dependencies: list[Path] = []
        self.is_preprocessed = False

    def open_source(self, source: bytes, path: Path) -> SourceFile:
        """Return the file that is to be assembled."""
        wanted = self.options.preprocess
        self.is_preprocessed = path.suffix == ".S" if wanted is None else wanted
        return SourceFile(self.shown(path), path, split_text(source))

    def shown(self, path: Path) -> str:
        """Return how messages and debug information name a file: below the root relative to it, else the bare name."""
        try:
            return path.resolve().relative_to(self.root).as_posix()
        except (ValueError, OSError, RuntimeError):
            return path.name

    def marked(self, name: str) -> SourceFile:
        """Return the file that a line marker names; its text is not read."""
        path = Path(name.replace("\\\\", "\\"))
        return SourceFile(self.shown(path), path)

    def find(self, name: str, asked_in: SourceFile, *, system: bool = False) -> Path | None:
        """Return the path of a file that another names, or None; `system` leaves out the asking file's folder."""
        folders = [] if system else [asked_in.path.parent]
        for folder in (*folders, *self.options.include):
            path = folder / name
            try:
                if path.is_file():
                    return path
            except (OSError, ValueError):
                continue
        return None

    def read(self, path: Path, what: str) -> bytes:
        """Return the bytes of a file and remember it."""
        data = read_input(path, what)
        if path not in self.dependencies:
            self.dependencies.append(path)
        return data

    def include(self, name: str, origin: Origin, *, system: bool = False) -> SourceFile:
        """Return an included file; `AsmError` A0104 when it is missing, A0105 when files are nested too deeply."""
        depth = 0
        above: SourceFile | None = origin.file
        while above is not None and above.included_from is not None:
            depth += 1
            above = above.included_from.file
        if depth >= MAX_INCLUDES:
            raise AsmError("A0105", f"files are included more than {MAX_INCLUDES} deep")
        path = self.find(name, origin.file, system=system)
        if path is None:
            raise AsmError("A0104", f"cannot find `{name}`", help=("add its folder to the include folders",))
        return SourceFile(self.shown(path), path, split_text(self.read(path, "included file")), origin)

    def prelude(self, path: Path, origin: Origin) -> SourceFile:
        """Return a file that is read before the source; `AsmError` A0104 when it is missing."""
        if not path.is_file():
            return self.include(str(path), origin, system=True)
        return SourceFile(self.shown(path), path, split_text(self.read(path, "included file")), origin)

    def lines(self, file: SourceFile, collector: Collector) -> Iterator[Line]:
        """Yield the lines of a file; a `.S` source is preprocessed, what `.include` names is not."""
        if self.is_preprocessed and file.included_from is None:
            from exotool.asm.preprocess import Preprocessor

            yield from Preprocessor(self, collector).run(file)
            return
        for number, text in enumerate(file.lines, 1):
            yield Line(text, Origin(file, number))


def split_text(data: bytes) -> list[str]:
    """Return the lines of a file; bytes that are not UTF-8 survive as surrogates."""
    lines = data.decode(errors="surrogateescape").split("\n")
    if lines and not lines[-1]:
        lines.pop()
    return [line[:-1] if line.endswith("\r") else line for line in lines]
