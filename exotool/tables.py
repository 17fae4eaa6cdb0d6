"""TOML files as typed settings: every value is checked, and an unknown key is an error with its place.

`tomllib` forgets where a key stood, so `_Locator` looks it up again in the text when there is something to report.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NoReturn, TypeVar

from exotool.diagnostics import Diagnostic, ExitCode, Place, ToolError, did_you_mean
from exotool.files import read_input

_UNITS: Final = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30}
_NUMBER: Final = re.compile(r"(0[xX][0-9a-fA-F_]+|[0-9][0-9_]*)\s*([KMG]?)(?:i?B)?")
_HEADER: Final = re.compile(r"\s*(\[\[?)\s*([^\]]+?)\s*\]")

KeyPath = tuple[str | int, ...]
_Choice = TypeVar("_Choice", bound=str)


def parse_size(text: str) -> int | None:
    """Return the number of a size or address such as `4K`, `128M` or `0xffff_ffff_8010_0000`, or None."""
    match = _NUMBER.fullmatch(text.strip())
    if match is None:
        return None
    try:
        return int(match[1], 0 if match[1][:2] in ("0x", "0X") else 10) * _UNITS[match[2]]
    except ValueError:
        return None


class Table:
    """One table of a TOML file; its methods take keys out of it and say what is wrong with them.

    Every method raises `ToolError` (P0102 wrong type or value, P0104 missing) with the place of the key.
    """

    def __init__(self, path: str, text: str, data: dict[str, Any], key_path: KeyPath = ()) -> None:
        self._path = path
        self._text = text
        self._data = data
        self._key_path = key_path
        self._known: set[str] = set()

    def has(self, key: str) -> bool:
        """Tell whether the key is given."""
        self._known.add(key)
        return key in self._data

    def string(self, key: str, default: str | None = None) -> str:
        """Return a text; without `default` the key is required."""
        value = self._take(key, default)
        if not isinstance(value, str):
            self.fail(key, "P0102", f"`{key}` must be a text, not {_kind(value)}")
        return value

    def choice(self, key: str, default: _Choice, among: Sequence[_Choice]) -> _Choice:
        """Return one of the words in `among`."""
        value = self.string(key, default)
        for word in among:
            if value == word:
                return word
        words = ", ".join(f'"{word}"' for word in among)
        self.fail(key, "P0102", f'`{key}` must be one of {words}, not "{value}"', *did_you_mean(value, among))

    def strings(self, key: str, default: Sequence[str] = ()) -> tuple[str, ...]:
        """Return an array of texts."""
        value = self._take(key, list(default))
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self.fail(key, "P0102", f"`{key}` must be an array of texts")
        return tuple(value)

    def string_map(self, key: str) -> dict[str, str]:
        """Return a table of texts; numbers are taken as their decimal text."""
        value = self._take(key, {})
        if not isinstance(value, dict) or not all(isinstance(item, str | int) for item in value.values()):
            self.fail(key, "P0102", f"`{key}` must be a table of texts and numbers")
        return {name: str(item) for name, item in value.items()}

    def size(self, key: str) -> int | None:
        """Return a size or address, in bytes, given as a number or as a text with a unit; None when absent."""
        if not self.has(key):
            return None
        value = self._data[key]
        number = parse_size(value) if isinstance(value, str) else value
        if isinstance(number, bool) or not isinstance(number, int):
            self.fail(key, "P0102", f"`{key}` must be a number", 'write 4096, "4K" or "0xffff_ffff_8010_0000"')
        if not 0 <= number < 1 << 64:
            self.fail(key, "P0102", f"`{key}` must lie between 0 and 0xffffffffffffffff")
        return number

    def number(self, key: str, default: float) -> float:
        """Return a number, which must not be negative."""
        value = self._take(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not value >= 0:
            self.fail(key, "P0102", f"`{key}` must be a number, zero or more")
        return value

    def numbers(self, key: str, least: int, most: int) -> tuple[int, ...]:
        """Return an array of whole numbers."""
        value = self._take(key, [])
        if not isinstance(value, list) or not all(type(item) is int and least <= item <= most for item in value):
            self.fail(key, "P0102", f"`{key}` must be an array of whole numbers between {least} and {most}")
        return tuple(value)

    def boolean(self, key: str) -> bool:
        """Return a truth value, false when absent."""
        value = self._take(key, False)
        if not isinstance(value, bool):
            self.fail(key, "P0102", f"`{key}` must be true or false, not {_kind(value)}")
        return value

    def table(self, key: str) -> Table:
        """Return a table; an absent one is empty."""
        value = self._take(key, {})
        if not isinstance(value, dict):
            self.fail(key, "P0102", f"`{key}` must be a table, not {_kind(value)}")
        return Table(self._path, self._text, value, (*self._key_path, key))

    def named_tables(self) -> dict[str, Table]:
        """Return all entries of this table, each of which must be a table, by name."""
        return {name: self.table(name) for name in self._data}

    def tables(self, key: str) -> list[Table]:
        """Return an array of tables."""
        value = self._take(key, [])
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self.fail(key, "P0102", f"`{key}` must be an array of tables, not {_kind(value)}")
        return [Table(self._path, self._text, item, (*self._key_path, key, i)) for i, item in enumerate(value)]

    def finish(self) -> None:
        """Raise `ToolError` P0103 when the table has a key that no method asked for."""
        unknown = [key for key in self._data if key not in self._known]
        if unknown:
            where = ".".join(str(k) for k in self._key_path if isinstance(k, str))
            inside = f" in [{where}]" if where else ""
            known = ", ".join(sorted(self._known))
            raise ToolError(
                *(
                    Diagnostic(
                        "P0103",
                        f"unknown key `{key}`{inside}",
                        self.place(key),
                        help=(*did_you_mean(key, self._known), f"known here: {known}"),
                    )
                    for key in unknown
                ),
                exit_code=ExitCode.USAGE,
            )

    def fail(self, key: str, code: str, message: str, *help_: str) -> NoReturn:
        """Raise a `ToolError` at the place of a key."""
        raise ToolError(Diagnostic(code, message, self.place(key), help=help_), exit_code=ExitCode.USAGE)

    def place(self, key: str) -> Place:
        """Return where a key of this table stands in the file."""
        return _locate(self._path, self._text, (*self._key_path, key))

    def _take(self, key: str, default: Any) -> Any:
        if self.has(key):
            return self._data[key]
        if default is None:
            where = ".".join(str(k) for k in self._key_path if isinstance(k, str))
            self.fail(key, "P0104", f"`{key}` is missing" + (f" in [{where}]" if where else ""))
        return default


def read_table(path: Path, what: str, shown: str | None = None) -> Table:
    """Read a TOML file; `what` names its role, `shown` the path to show in errors.

    Raises `ToolError` T01xx (see `read_input`) or P0101 when it is not TOML.
    """
    shown = shown or str(path)
    try:
        raw = read_input(path, what)
    except ToolError as error:
        raise ToolError(*error.diagnostics, exit_code=ExitCode.USAGE) from None
    try:
        text = raw.decode()
        data = tomllib.loads(text)
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        diagnostic = Diagnostic("P0101", f"`{shown}` is not UTF-8 text", Place(shown, line))
        raise ToolError(diagnostic, exit_code=ExitCode.USAGE) from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ToolError(_syntax_error(shown, text, str(error)), exit_code=ExitCode.USAGE) from None
    return Table(shown, text, data)


def _syntax_error(path: str, text: str, message: str) -> Diagnostic:
    match = re.search(r" \(at (?:line (\d+), column (\d+)|end of document)\)$", message)
    reason = message[: match.start()] if match else message
    lines = text.splitlines() or [""]
    line = int(match[1]) if match and match[1] else len(lines)
    column = int(match[2]) if match and match[2] else len(lines[-1]) + 1
    source = lines[line - 1] if line <= len(lines) else ""
    return Diagnostic(
        "P0101",
        f"`{path}` is not valid TOML",
        Place(path, line, column, column + 1, source),
        label=reason[:1].lower() + reason[1:],
    )


def _locate(path: str, text: str, key_path: KeyPath) -> Place:
    """Return the place of a key: the longest table header that leads to it, then its name behind that."""
    lines = text.splitlines()
    start, best = 0, -1
    counts: dict[tuple[str, ...], int] = {}
    wanted = [k for k in key_path if isinstance(k, str)]
    for number, line in enumerate(lines):
        header = _HEADER.match(line)
        if header is None:
            continue
        name = tuple(part.strip().strip("\"'") for part in header[2].split("."))
        if header[1] == "[[":
            counts[name] = counts.get(name, -1) + 1
        if list(name) == wanted[: len(name)] and len(name) > best and _same_item(key_path, name, counts):
            start, best = number, len(name)
    if best == len(wanted):
        return _whole_line(path, lines, start)
    for number in range(start + (best >= 0), len(lines)):
        if best >= 0 and _HEADER.match(lines[number]):
            break
        match = re.search(rf"(?<![\w.-])[\"']?{re.escape(wanted[-1])}[\"']?\s*=", lines[number])
        if match is not None:
            column = match.start() + 1
            return Place(path, number + 1, column, column + len(wanted[-1]), lines[number])
    return _whole_line(path, lines, start) if best >= 0 else Place(path)


def _same_item(key_path: KeyPath, name: tuple[str, ...], counts: dict[tuple[str, ...], int]) -> bool:
    """Tell whether the arrays of tables that `name` goes through are at the items that `key_path` names."""
    prefix: list[str] = []
    for part, following in zip(key_path, (*key_path[1:], ""), strict=True):
        if isinstance(part, int):
            continue
        prefix.append(part)
        if len(prefix) > len(name):
            break
        if isinstance(following, int) and counts.get(tuple(prefix), following) != following:
            return False
    return True


def _whole_line(path: str, lines: list[str], number: int) -> Place:
    text = lines[number] if number < len(lines) else ""
    column = len(text) - len(text.lstrip()) + 1
    return Place(path, number + 1, column, len(text.rstrip()) + 1, text)


def _kind(value: object) -> str:
    kinds = {
        str: "a text",
        bool: "a truth value",
        int: "a number",
        float: "a number",
        list: "an array",
        dict: "a table",
    }
    return kinds.get(type(value), "a date or time")
