"""Input sections -> the patterns of a script: the first that matches takes a section (manual, "Input Section Basics").

Within one pattern sections keep the order of the files and of their sections, unless it sorts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache, cmp_to_key
from typing import Final, Literal

from exotool.elf import ObjectFile
from exotool.link.model import InputSection
from exotool.link.script.tree import InputPattern, SectionPattern, Sort

WILDCARDS: Final = frozenset("*?[")
_START: Final = 4
"""By so many letters at the start of a name it is decided which patterns to try: nearly all begin with such."""

_PRIORITY: Final = re.compile(r"\.(init_array|fini_array|ctors|dtors)\.([0-9]{5})\Z")
_ARCHIVE: Final = re.compile(r"(?P<archive>.*)\((?P<member>[^()]*)\)\Z", re.DOTALL)


@cache
def glob(pattern: str) -> Callable[[str], bool]:
    """Return a test for a shell pattern as fnmatch(3) has it: `*` matches `/` too, a backslash takes meanings away.

    The test takes time linear in the name: each part between two stars is looked for once, from the left.
    """
    if not WILDCARDS & set(pattern) and "\\" not in pattern:
        return pattern.__eq__
    if pattern.endswith("*") and not WILDCARDS & set(pattern[:-1]) and "\\" not in pattern:
        prefix = pattern[:-1]
        return lambda name: name.startswith(prefix)
    first, *rest = _parts(pattern)
    out = first + "".join(f"(?>.*?{part})" for part in rest[:-1]) + "".join(f".*{part}" for part in rest[-1:])
    try:
        found = re.compile(out, re.DOTALL)
    except re.error:
        return pattern.__eq__
    return lambda name: found.fullmatch(name) is not None


def _parts(pattern: str) -> list[str]:
    """Return what stands between the stars of a pattern, as regular expressions."""
    parts, at = [""], 0
    while at < len(pattern):
        c = pattern[at]
        at += 1
        if c == "*":
            parts.append("")
        elif c == "?":
            parts[-1] += "."
        elif c == "[" and (end := pattern.find("]", at + 1 + (pattern[at : at + 1] in ("!", "^")))) > 0:
            inside = re.sub(r"([\\\[&~|])", r"\\\1", pattern[at:end])
            parts[-1] += f"[^{inside[1:]}]" if inside[0] in "!^" else f"[{inside}]"
            at = end + 1
        elif c == "\\" and at < len(pattern):
            parts[-1] += re.escape(pattern[at])
            at += 1
        else:
            parts[-1] += re.escape(c)
    return parts


def archive_and_member(path: str) -> tuple[str, str]:
    """Return the archive, empty for a file of its own, and the name that file patterns look at."""
    found = _ARCHIVE.match(path)
    return (found["archive"], found["member"]) if found is not None else ("", path)


@cache
def file_matches(pattern: str, path: str) -> bool:
    """Tell whether a file pattern takes a file; `archive:member`, `archive:` and `:file` are as in the manual."""
    archive, name = archive_and_member(path)
    if ":" in pattern:
        wanted_archive, _, wanted = pattern.partition(":")
        if not wanted_archive:
            return not archive and glob(wanted)(name)
        return bool(archive) and glob(wanted_archive)(archive) and (not wanted or glob(wanted)(name))
    return pattern == "*" or glob(pattern)(name)


@cache
def _excluded(patterns: tuple[str, ...], path: str) -> bool:
    archive = archive_and_member(path)[0]
    return any(file_matches(p, path) or (bool(archive) and ":" not in p and glob(p)(archive)) for p in patterns)


class Matcher:
    """Finds the pattern that takes a section; `patterns` are all of a script, in order."""

    def __init__(self, patterns: Sequence[InputPattern]) -> None:
        self._patterns = patterns
        self._by_name: dict[str, list[tuple[int, int]]] = {}
        self._any = (SectionPattern("*"),)
        self._tests = [
            (number, place, glob(spec.name))
            for number, pattern in enumerate(patterns)
            for place, spec in enumerate(pattern.sections or self._any)
        ]
        self._by_start: dict[str, list[tuple[int, int, Callable[[str], bool]]]] = {}
        self._takes_all = [_takes_all_files(pattern) for pattern in patterns]
        self._settled: dict[frozenset[int], dict[str, tuple[int, int] | None]] = {}

    def candidates(self, name: str) -> list[tuple[int, int]]:
        """Return the patterns that take sections of this name from some file: numbers of pattern and of its part."""
        found = self._by_name.get(name)
        if found is None:
            found = [(number, place) for number, place, test in self._tests_for(name[:_START]) if test(name)]
            self._by_name[name] = found
        return found

    def _tests_for(self, start: str) -> list[tuple[int, int, Callable[[str], bool]]]:
        """Return the tests of the patterns that can take a name which starts so."""
        found = self._by_start.get(start)
        if found is None:
            begins = (_literal(self._spec(number, place).name)[:_START] for number, place, _ in self._tests)
            found = [test for test, begin in zip(self._tests, begins, strict=True) if start.startswith(begin)]
            self._by_start[start] = found
        return found

    def _spec(self, number: int, place: int) -> SectionPattern:
        return (self._patterns[number].sections or self._any)[place]

    def settled(self, disabled: frozenset[int]) -> dict[str, tuple[int, int] | None]:
        """Return what `find` has found for names of sections where nothing but the name counts."""
        return self._settled.setdefault(disabled, {})

    def find(self, section: InputSection, disabled: frozenset[int] = frozenset()) -> tuple[int, int] | None:
        """Return the first pattern that takes a section, and the part of it that does."""
        settled = self.settled(disabled)
        if section.name in settled:
            return settled[section.name]
        by_name = True
        for number, place in self.candidates(section.name):
            if number in disabled:
                continue
            by_name = by_name and self._takes_all[number]
            if self.takes(number, place, section.obj, section):
                if by_name:
                    # What the name decides needs no second look: there can be many thousands of sections.
                    settled[section.name] = number, place
                return number, place
        if by_name:
            settled[section.name] = None
        return None

    def takes(self, number: int, place: int, obj: ObjectFile, section: InputSection) -> bool:
        """Tell whether a pattern whose name fits takes this section too."""
        pattern = self._patterns[number]
        spec = self._spec(number, place)
        return (
            file_matches(pattern.file, obj.path)
            and not (pattern.exclude and _excluded(pattern.exclude, obj.path))
            and not (spec.exclude and _excluded(spec.exclude, obj.path))
            and all(bool(section.sh_flags & flag) is wanted for wanted, flag in pattern.flags)
        )


def _literal(pattern: str) -> str:
    """Return what every name that a pattern takes begins with."""
    return pattern[: next((at for at, c in enumerate(pattern) if c in WILDCARDS or c == "\\"), len(pattern))]


def _takes_all_files(pattern: InputPattern) -> bool:
    """Tell whether a pattern asks for nothing but names of sections."""
    specs = pattern.sections
    return pattern.file == "*" and not pattern.exclude and not pattern.flags and not any(s.exclude for s in specs)


def with_order(pattern: InputPattern, order: Literal["none", "name", "alignment"]) -> InputPattern:
    """Return a pattern with the order of --sort-section: alone where it has none, else behind the one that it has."""
    if order == "none":
        return pattern
    orders = _SORT_SECTION[order]
    sections = tuple(spec._replace(sort=orders.get(spec.sort, spec.sort)) for spec in pattern.sections)
    return pattern._replace(sections=sections)


_SORT_SECTION: Final = {
    "name": {Sort.NONE: Sort.NAME, Sort.ALIGNMENT: Sort.ALIGNMENT_NAME},
    "alignment": {Sort.NONE: Sort.ALIGNMENT, Sort.NAME: Sort.NAME_ALIGNMENT},
}


def in_order(pattern: InputPattern, found: list[tuple[InputSection, int]]) -> list[InputSection]:
    """Return the sections of one pattern, with the part of it that took each, in the order in which they go out."""
    if pattern.sort_files:
        found = sorted(found, key=lambda item: archive_and_member(item[0].obj.path))
    sorts = [spec.sort for spec in pattern.sections] or [Sort.NONE]
    if all(sort in (Sort.NONE, Sort.KEEP_ORDER) for sort in sorts):
        return [section for section, _ in found]
    if len(set(sorts)) == 1 and not pattern.sort_files:
        return sorted((section for section, _ in found), key=cmp_to_key(_compare(sorts[0])))
    out: list[tuple[InputSection, int]] = []
    for section, place in found:
        # A sorted part goes before the first that is larger, whatever brought that one; an unsorted part goes last.
        at = len(out)
        if sorts[place] not in (Sort.NONE, Sort.KEEP_ORDER):
            compare = _compare(sorts[place])
            at = next(
                (
                    i
                    for i, (other, _) in enumerate(out)
                    if compare(section, other) < 0 and (not pattern.sort_files or other.obj is section.obj)
                ),
                len(out),
            )
        out.insert(at, (section, place))
    return [section for section, _ in out]


def _priority(name: str) -> int:
    found = _PRIORITY.search(name)
    if found is None:
        return -1
    number = int(found[2])
    return 65535 - number if found[1] in ("ctors", "dtors") else number


def _compare(sort: Sort) -> Callable[[InputSection, InputSection], int]:
    def by_name(a: InputSection, b: InputSection) -> int:
        return (a.name > b.name) - (a.name < b.name)

    def by_alignment(a: InputSection, b: InputSection) -> int:
        return b.sh_addralign - a.sh_addralign

    def by_priority(a: InputSection, b: InputSection) -> int:
        first, second = _priority(a.name), _priority(b.name)
        return (first - second if first >= 0 and second >= 0 else 0) or by_name(a, b)

    return {
        Sort.NAME: by_name,
        Sort.ALIGNMENT: by_alignment,
        Sort.INIT_PRIORITY: by_priority,
        Sort.NAME_ALIGNMENT: lambda a, b: by_name(a, b) or by_alignment(a, b),
        Sort.ALIGNMENT_NAME: lambda a, b: by_alignment(a, b) or by_name(a, b),
    }[sort]
