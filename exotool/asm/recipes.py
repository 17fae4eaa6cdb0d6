"""Finished instructions by their text: what was encoded and read back once need not be again, in this process or later.

A recipe is the bytes of an instruction and the field of the one symbol in it; its key is the mode and the text with the
symbol taken out. Only AT&T syntax has recipes. On disk they are lines of a file that is named after the code of this
package and the version of Keystone; each line carries its own check sum, so that a damaged line is no line. Files are
replaced whole: of two runs that save at once, one wins, and the other's recipes are made again some day.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from functools import cache, lru_cache
from pathlib import Path
from typing import Final, NamedTuple

from exotool.diagnostics import ToolError
from exotool.files import write_output

MAX_RECIPES: Final = 100_000
MAX_FILE: Final = 1 << 25
"""A file of more bytes is begun anew."""

_TOKEN: Final = re.compile(
    r"%[A-Za-z][A-Za-z0-9]*(?:\(\d\))?|0[xX][0-9a-fA-F]+(?![\w.$])"
    r"|(?P<symbol>(?:\d+[bf](?![\w.$])|[A-Za-z_.][\w.$]*)(?:@[A-Za-z]+)?(?:[-+](?:0[xX][0-9a-fA-F]+|\d+)(?![\w.$]))?)"
    r"|\d+(?![\w.$])|[-+$*(),\s]+",
    re.ASCII,
)
_MNEMONIC: Final = re.compile(r"[a-z][a-z0-9]*(?=\s|$)", re.ASCII)
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
    """The key of a statement, and where the symbol stands in it (both -1 for none)."""

    key: str
    start: int
    end: int


@lru_cache(maxsize=MAX_RECIPES)
def shape_of(text: str, at: int, mode: int) -> Shape | None:
    """Return the shape of an instruction that begins at a position; None if it cannot have a recipe."""
    word = _MNEMONIC.match(text, at)
    if word is None:
        return None
    position, start, end = word.end(), -1, -1
    while position < len(text):
        token = _TOKEN.match(text, position)
        if token is None:
            return None
        if token["symbol"]:
            if start >= 0:
                return None
            start, end = token.span()
        position = token.end()
    operands = text[word.end() :] if start < 0 else text[word.end() : start] + _PLACE + text[end:]
    return Shape(f"{mode} {word[0]} {_BLANKS.sub(_first, operands.strip())}", start, end)


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


class Store:
    """The recipes on disk, in a folder (None: nowhere); reading begins with the first question."""

    def __init__(self, folder: Path | None) -> None:
        self.path = None if folder is None else folder / f"asm-{_tool_digest()}.recipes"
        self.lines: dict[str, str] | None = None
        self.fresh: dict[str, Recipe] = {}

    def get(self, key: str) -> Recipe | None:
        """Return a recipe, None if there is none or its line is damaged."""
        if self.path is None:
            return None
        if self.lines is None:
            self.lines = _read(self.path)
        line = self.lines.get(key)
        return None if line is None else _decode(key, line)

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
        lines |= {key: _encode(key, recipe) for key, recipe in self.fresh.items()}
        text = "".join(f"{key}\t{lines[key]}\n" for key in sorted(lines))
        try:
            write_output(self.path, text.encode())
        except ToolError:
            self.path = None


def default_folder() -> Path | None:
    """Return EXOTOOL_CACHE, or the user's cache folder; None when EXOTOOL_CACHE is empty or there is no home."""
    chosen = os.environ.get("EXOTOOL_CACHE")
    if chosen is not None:
        return Path(chosen) if chosen else None
    base = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache")
    try:
        return base.expanduser() / "exotool"
    except RuntimeError:
        return None


@cache
def _tool_digest() -> str:
    """Return a digest of what decides the bytes: this package's code and the version of Keystone."""
    import importlib.metadata

    digest = hashlib.blake2b(digest_size=12)
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    try:
        digest.update(importlib.metadata.version("keystone-engine").encode())
    except importlib.metadata.PackageNotFoundError:
        digest.update(b"none")
    return digest.hexdigest()


def _read(path: Path) -> dict[str, str]:
    try:
        if path.stat().st_size > MAX_FILE:
            return {}
        text = path.read_text(encoding="ascii", errors="replace")
    except OSError:
        return {}
    pairs = (line.partition("\t") for line in text.split("\n"))
    return {key: rest for key, tab, rest in pairs if tab}


def _check(key: str, payload: str) -> str:
    return hashlib.blake2b(f"{key}\t{payload}".encode(), digest_size=8).hexdigest()


def _encode(key: str, recipe: Recipe) -> str:
    parts = [recipe.code.hex(), recipe.fields, recipe.short.hex(), recipe.width, recipe.marked]
    payload = json.dumps(parts, separators=(",", ":"))
    return f"{_check(key, payload)} {payload}"


def _decode(key: str, line: str) -> Recipe | None:
    check, _, payload = line.partition(" ")
    if check != _check(key, payload):
        return None
    code, fields, short, width, marked = json.loads(payload)
    return Recipe(bytes.fromhex(code), tuple(tuple(field) for field in fields), bytes.fromhex(short), width, marked)
