"""Finished instructions by their text: what was encoded and read back once need not be again, in this process or later.

A recipe is the bytes of an instruction and the field of the one symbol in it; its key is the mode and the text with the
symbol taken out. Only AT&T syntax has recipes. On disk they are lines of a file that is named after the code of this
package and the version of Keystone; the first line is the check sum of the rest, and a damaged file is no file. Files
are replaced whole: of two runs that save at once, one wins, and the other's recipes are made again some day.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final, NamedTuple

from exotool.diagnostics import ToolError
from exotool.files import cache_folder, write_output

MAX_RECIPES: Final = 100_000
MAX_SHAPED: Final = 200
"""Longer statements have no recipe."""

MAX_FILE: Final = 1 << 25
"""A file of more bytes is begun anew."""

_OTHER: Final = r"(?:%[A-Za-z][A-Za-z0-9]*+(?:\(\d\)|:)?|0[xX][0-9a-fA-F]++(?![\w.$])|\d++(?![\w.$])|[-+$*(),]|\s)*+"
"""Operands without a symbol; possessive, so that no text takes long."""

_SHAPE: Final = re.compile(
    r"(?P<mnemonic>(?:(?:lock|rep|repn?[ez])\s+)*+[a-z][a-z0-9]*+)(?:\s" + _OTHER + r"(?:(?P<symbol>"
    r"(?:\d++[bf](?![\w.$])|(?P<name>[A-Za-z_.][\w.$]*+))"
    r"(?P<more>(?:@[A-Za-z]++)?(?:[-+](?:0[xX][0-9a-fA-F]++|\d++)(?![\w.$]))?))" + _OTHER + r")?)?",
    re.ASCII,
)
_BLANKS: Final = re.compile(r"\s*([-+$*(),])\s*|\s+")
_PLACE: Final = "?"
"""Stands for the symbol in a key; no instruction has this character."""


class Recipe(NamedTuple):
    """An instruction: `fields` has at most one (offset, width, pc, signed, branch, relax), as in `layout.Fixup`.

    For a jump that may be short, `short` and `code` are the opcodes, `width` the bytes of the long displacement.
    """

    code: bytes
    fields: tuple[tuple[int, int, int | None, bool, bool, str], ...] = ()
    short: bytes = b""
    width: int = 0
    marked: bool = False


class Stats(NamedTuple):
    """Where the instructions of an assembly come from: recipes of this process, recipes on disk, or the encoder."""

    instructions: int
    memory: int
    disk: int
    encoded: int

    def __str__(self) -> str:
        """Return the line that `--stats` prints."""
        return (
            f"{self.instructions} instructions: {self.memory} as before in this run, {self.disk} from the cache on"
            f" disk, {self.encoded} encoded"
        )


NO_STATS: Final = Stats(0, 0, 0, 0)


class Shape(NamedTuple):
    """The key of a statement, its first word, and where the symbol stands in it (both -1 for none).

    `name` is the symbol if it is a mere name, empty for what has to be parsed.
    """

    key: str
    word: str
    start: int
    end: int
    name: str


def shape_of(text: str, at: int, mode: int) -> Shape | None:
    """Return the shape of an instruction that begins at a position; None if it cannot have a recipe."""
    match = _SHAPE.fullmatch(text, at)
    if match is None or len(text) > MAX_SHAPED:
        return None
    mnemonic, _, name, more = match.groups()
    start, end = match.span("symbol")
    operands = text[match.end("mnemonic") :]
    if start >= 0:
        operands = text[match.end("mnemonic") : start] + _PLACE + text[end:]
    if more or name == ".":
        name = ""
    words = mnemonic.split()
    return Shape(f"{mode} {' '.join(words)} {_BLANKS.sub(_first, operands.strip())}", words[0], start, end, name or "")


def _first(match: re.Match[str]) -> str:
    return match[1] or " "


_known: dict[str, Recipe] = {}


def lookup(key: str) -> Recipe | None:
    """Return a recipe of this process."""
    return _known.get(key)


def remember(key: str, recipe: Recipe) -> None:
    """Keep a recipe for this process."""
    if len(_known) >= MAX_RECIPES:
        _known.clear()
    _known[key] = recipe


@contextmanager
def forgotten() -> Iterator[None]:
    """Do without the recipes of this process meanwhile; those made meanwhile are not kept."""
    before = _known.copy()
    _known.clear()
    try:
        yield
    finally:
        _known.clear()
        _known.update(before)


class Store:
    """The recipes on disk, in a folder (None: nowhere); reading begins with the first question."""

    def __init__(self, folder: Path | None) -> None:
        self.path = None if folder is None else folder / f"asm-{_tool_digest()}.recipes"
        self.lines: dict[str, str] | None = None
        self.fresh: dict[str, Recipe] = {}

    def get(self, key: str) -> Recipe | None:
        """Return a recipe, None if there is none."""
        if self.path is None:
            return None
        if self.lines is None:
            self.lines = _read(self.path)
        line = self.lines.get(key)
        return None if line is None else _decode(line)

    def put(self, key: str, recipe: Recipe) -> None:
        """Keep a recipe for `save`."""
        self.fresh[key] = recipe

    def save(self) -> None:
        """Write what is new; a folder that cannot be written is no reason to fail."""
        if self.path is None or not self.fresh:
            return
        lines = _read(self.path)
        if len(lines) > MAX_RECIPES:
            lines = {}
        lines |= {key: _encode(recipe) for key, recipe in self.fresh.items()}
        text = "".join(f"{key}\t{lines[key]}\n" for key in sorted(lines)).encode()
        try:
            write_output(self.path, _check(text) + text)
        except ToolError:
            self.path = None


def default_folder() -> Path | None:
    """Return EXOTOOL_CACHE, or the user's cache folder; None when EXOTOOL_CACHE is empty or there is no home."""
    return cache_folder()


@cache
def _tool_digest() -> str:
    """Return a digest of what decides the bytes: this package's code and Keystone's.

    A file is told from others by place, size and time, as Python tells whether compiled code is up to date.
    """
    digest = hashlib.blake2b(digest_size=12)
    files = sorted(Path(__file__).parent.glob("*.py"))
    keystone = find_spec("keystone")
    if keystone is not None and keystone.origin is not None:
        files += sorted(Path(keystone.origin).parent.glob("*keystone*"))
    for path in files:
        found = path.stat()
        digest.update(f"{path}\0{found.st_size}\0{found.st_mtime_ns}\0".encode(errors="surrogateescape"))
    return digest.hexdigest()


def _read(path: Path) -> dict[str, str]:
    """Return the lines of a file by key; none if it is missing or damaged."""
    try:
        if path.stat().st_size > MAX_FILE:
            return {}
        data = path.read_bytes()
    except OSError:
        return {}
    if data[:_SUM] != _check(data[_SUM:]):
        return {}
    pairs = (line.partition("\t") for line in data[_SUM:].decode("ascii").split("\n"))
    return {key: rest for key, tab, rest in pairs if tab}


_SUM: Final = 33


def _check(text: bytes) -> bytes:
    """Return the check sum of a file's text, as its first line."""
    return hashlib.blake2b(text, digest_size=16).hexdigest().encode() + b"\n"


def _encode(recipe: Recipe) -> str:
    """Return a recipe as text; most are bytes alone, which are quick to read."""
    if not recipe.fields and not recipe.width:
        return recipe.code.hex()
    parts = [recipe.code.hex(), recipe.fields, recipe.short.hex(), recipe.width, recipe.marked]
    return json.dumps(parts, separators=(",", ":"))


def _decode(line: str) -> Recipe:
    if line[0] != "[":
        return Recipe(bytes.fromhex(line))
    code, fields, short, width, marked = json.loads(line)
    return Recipe(bytes.fromhex(code), tuple(tuple(field) for field in fields), bytes.fromhex(short), width, marked)
