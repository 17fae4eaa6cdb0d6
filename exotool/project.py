"""`exotool.toml` -> typed settings: the images of a project, their sources and layouts, and how they run.

The reference of the format, with every key, is docs/project.md.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Final, Literal

from exotool.diagnostics import Diagnostic, ExitCode, ToolError, did_you_mean
from exotool.elf.constants import PF_R, PF_W, PF_X
from exotool.expectations import BootTest, Check, parse_boot_test, parse_check
from exotool.layout import Layout, Orphans, OutputSection, Segment
from exotool.tables import Table, read_table

PROJECT_FILE: Final = "exotool.toml"
DEFAULT_ENTRY: Final = "_start"

Profile = Literal["dev", "release"]
PROFILES: Final[tuple[Profile, ...]] = ("dev", "release")
Overflow = Literal["trap", "wrap"]
OVERFLOWS: Final[tuple[Overflow, ...]] = ("trap", "wrap")
Shift = Literal["trap", "mask"]
SHIFTS: Final[tuple[Shift, ...]] = ("trap", "mask")
_ORPHANS: Final[tuple[Orphans, ...]] = ("error", "warn", "place")
_FLAGS: Final = {"r": PF_R, "w": PF_W, "x": PF_X}


@dataclass(frozen=True, slots=True)
class Image:
    """What one link makes. Paths and patterns are relative to the project's root, with `/`.

    `profile`, `overflow` and `shift` are for its Kernel Python; None is what the profile does by itself. `stack` is how
    many bytes its entries may take, and `recursion` how often functions that call themselves can be open.
    """

    name: str
    output: str
    sources: tuple[str, ...]
    include: tuple[str, ...]
    define: tuple[tuple[str, str], ...]
    entry: str
    layout: Layout
    profile: Profile = "dev"
    overflow: Overflow | None = None
    shift: Shift | None = None
    stack: int | None = None
    recursion: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class RunSettings:
    """How the project's image boots when the command line does not say otherwise; times are in seconds.

    `module` is another image of the project or a file in it, which the loader puts into memory for the kernel.
    """

    machine: str = "q35"
    timeout: float = 30.0
    append: str = ""
    module: str = ""
    hang_after: float = 2.0
    check: Check = field(default_factory=Check)


@dataclass(frozen=True, slots=True)
class Project:
    """A directory with an `exotool.toml`."""

    root: Path
    name: str
    images: tuple[Image, ...]
    run: RunSettings
    tests: tuple[str, ...]
    boot_tests: tuple[BootTest, ...] = ()

    def image(self, name: str | None = None) -> Image:
        """Return an image by name; without one, the first.

        Raises `ToolError` P0106 when there is none of that name.
        """
        if name is None:
            return self.images[0]
        for image in self.images:
            if image.name == name:
                return image
        names = [image.name for image in self.images]
        raise ToolError(
            Diagnostic(
                "P0106",
                f"there is no image `{name}` in {PROJECT_FILE}",
                help=(*did_you_mean(name, names), f"images: {', '.join(names)}"),
            ),
            exit_code=ExitCode.USAGE,
        )


def find_module(project: Project, name: str, find_image: Callable[[str], Path]) -> Path | None:
    """Return the file of a module: an image of the project, which `find_image` brings up to date, or a file in it."""
    if not name:
        return None
    if any(image.name == name for image in project.images):
        return find_image(name)
    return project.root / name


def find_project(start: Path) -> Project | None:
    """Return the project that `start` is in: the nearest `exotool.toml` here or above, or None."""
    start = start.absolute()
    for directory in (start, *start.parents):
        if (directory / PROJECT_FILE).is_file():
            return load_project(directory)
    return None


def require_project(start: Path) -> Project:
    """Return the project that `start` is in, or raise `ToolError` P0105."""
    project = find_project(start)
    if project is None:
        raise ToolError(
            Diagnostic(
                "P0105",
                f"there is no {PROJECT_FILE} in this directory or above it",
                help=("change to your project, or name it with `exotool -C DIR …`",),
            ),
            exit_code=ExitCode.USAGE,
        )
    return project


def load_project(root: Path) -> Project:
    """Read `exotool.toml` in `root`; raises `ToolError` P01xx for everything that is wrong in it."""
    top = read_table(root / PROJECT_FILE, "project file", PROJECT_FILE)
    project = top.table("project")
    name = project.string("name", root.name or "kernel")
    project.finish()
    run = top.table("run")
    defaults = RunSettings()
    settings = RunSettings(
        run.string("machine", defaults.machine),
        run.number("timeout", defaults.timeout),
        run.string("append", defaults.append),
        _module(run),
        run.number("hang_after", defaults.hang_after),
        parse_check(top.table("check")),
    )
    run.finish()
    test = top.table("test")
    tests = test.strings("paths", ["tests"])
    boot_tests = tuple(parse_boot_test(table) for table in test.tables("boot"))
    test.finish()
    images = tuple(_image(name, table) for name, table in top.table("image").named_tables().items())
    if not images:
        top.fail("image", "P0104", "there is no image", "describe one in a table [image.kernel]")
    top.finish()
    return Project(root, name, images, settings, tests, boot_tests)


def _image(name: str, table: Table) -> Image:
    image = Image(
        name,
        _relative(table, "output", table.string("output", f"build/{name}.elf")),
        tuple(_relative(table, "sources", pattern) for pattern in table.strings("sources")),
        tuple(_relative(table, "include", path) for path in table.strings("include")),
        tuple(sorted(table.string_map("define").items())),
        table.string("entry", DEFAULT_ENTRY),
        parse_layout(table.table("layout")),
        table.choice("profile", "dev", PROFILES),
        table.choice("overflow", "trap", OVERFLOWS) if table.has("overflow") else None,
        table.choice("shift", "trap", SHIFTS) if table.has("shift") else None,
        table.size("stack"),
        _recursion(table),
    )
    if not image.sources:
        table.fail("sources", "P0104", f"image `{name}` has no sources", 'write sources = ["kernel/*.S"]')
    table.finish()
    return image


def _module(table: Table) -> str:
    name = table.string("module", "")
    return _relative(table, "module", name) if name else ""


def parse_layout(table: Table) -> Layout:
    """Return the layout in a `[layout]` table; raises `ToolError` P01xx."""
    segments = tuple(_segment(segment) for segment in table.tables("segment"))
    if not segments:
        table.fail("segment", "P0104", "the layout has no segments", "describe one in a table [[….layout.segment]]")
    layout = Layout(segments, table.strings("discard"), table.choice("orphans", "error", _ORPHANS))
    table.finish()
    return layout


def _segment(table: Table) -> Segment:
    flags = table.string("flags")
    if not flags or any(letter not in _FLAGS for letter in flags) or len(set(flags)) != len(flags):
        table.fail("flags", "P0102", f'`flags` must be made of r, w and x, not "{flags}"', 'write "rx" for code')
    bits = sum(_FLAGS[letter] for letter in flags)
    if bits & PF_W and bits & PF_X:
        table.fail(
            "flags",
            "P0102",
            "a segment must not be writable and executable",
            "put code and data into segments of their own",
        )
    sections = tuple(_output_section(section) for section in table.tables("sections"))
    if not sections:
        table.fail("sections", "P0104", "the segment has no sections", 'write sections = [{ name = ".text" }]')
    segment = Segment(
        table.string("name", sections[0].name.lstrip(".")),
        bits,
        sections,
        table.size("vaddr"),
        table.size("paddr"),
        _alignment(table, 0x1000),
        table.size("limit"),
        table.string("start", ""),
        table.string("end", ""),
    )
    table.finish()
    return segment


def _output_section(table: Table) -> OutputSection:
    name = table.string("name")
    section = OutputSection(
        name,
        table.strings("input", [name, f"{name}.*"]),
        table.string("start", ""),
        table.string("end", ""),
        _alignment(table, 1),
    )
    table.finish()
    return section


def _alignment(table: Table, default: int) -> int:
    align = table.size("align")
    if align is None:
        return default
    if align == 0 or align & (align - 1):
        table.fail("align", "P0102", f"`align` must be a power of two, not {align}")
    return align


def _recursion(table: Table) -> tuple[tuple[str, int], ...]:
    """Return how often each function that calls itself can be open at once."""
    counts = table.string_map("recursion")
    for name, count in counts.items():
        if not count.isdecimal() or not 1 <= int(count) <= 1 << 20:
            table.fail("recursion", "P0102", f"`{name}` must be a number between 1 and 1048576")
    return tuple(sorted((name, int(count)) for name, count in counts.items()))


def _relative(table: Table, key: str, path: str) -> str:
    pure = PurePosixPath(path)
    if not path or pure.is_absolute() or ".." in pure.parts:
        table.fail(key, "P0102", f'`{key}` must name files inside the project, not "{path}"')
    return str(pure)
