"""What the linker says about symbols and relocations: where in the sources it is, and how to put it right."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from heapq import nlargest
from itertools import pairwise
from pathlib import Path, PurePath
from typing import Final

from exotool.diagnostics import MAX_ERRORS, Diagnostic, Note, Place, Severity, ToolError, did_you_mean
from exotool.elf import ObjectFile, Relocation
from exotool.elf.constants import EM_X86_64, SHF_EXECINSTR, STT_SECTION, X86Reloc, relocation_name
from exotool.elf.lines import Lines, Location, object_lines, section_address
from exotool.files import read_input
from exotool.link.model import ADDRESS_MASK, Definition, InputSection, OutputPlan

FindDefinition = Callable[[str], Sequence[Place]]
"""Returns where the project's sources define a symbol that the image lacks."""

FindMembers = Callable[[str], Sequence[str]]
"""Returns the members of archives that define a symbol and were not taken, as `lib.a(m.o)`."""

MAX_SOURCE: Final = 16 << 20
"""A larger source is not read for the sake of an error message."""

SHOWN_REFERENCES: Final = 3
"""References to an undefined symbol that are shown beside the first."""

LABEL_DISTANCE: Final = 16
"""Lines before an instruction in which its label is looked for."""

COMPARED_NAMES: Final = 32
"""So many names are compared closely with a misspelt one; each takes tens of microseconds."""

_COMPILED: Final = frozenset((".c", ".cc", ".cpp", ".cxx", ".h", ".hpp", ".rs", ".zig"))
_MODE: Final = re.compile(r"^\s*(?:\w+:\s*)?\.code(16|32|64)", re.MULTILINE)
_REGISTERS: Final = ("rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi")

_MEMORY: Final = "compilers call it even in freestanding code: the kernel has to define it"
_WIDE: Final = (
    "128-bit arithmetic is in the compiler's run-time library (libgcc, compiler-rt): link the object that has it"
)
_HINTS: Final = (
    (re.compile(r"mem(cpy|set|move|cmp)|bcmp|strlen"), _MEMORY),
    (re.compile(r"__stack_chk_(fail|guard)"), "compile with -fno-stack-protector, or define it"),
    (re.compile(r"_GLOBAL_OFFSET_TABLE_"), "compile with -fno-pic (and -mcmodel=kernel for the top 2 GiB)"),
    (re.compile(r"__u?(div|mod|divmod)ti[34]|__mul(o)?ti[34]|__(ash[lr]|lshr)ti3"), _WIDE),
    (re.compile(r"__tls_get_addr"), "compile thread-local variables with -ftls-model=local-exec"),
    (re.compile(r"_Unwind_\w+|__gxx_personality_v0|__cxa_\w+"), "compile C++ with -fno-exceptions -fno-rtti"),
    (re.compile(r"rust_eh_personality"), 'set panic = "abort" in Cargo.toml'),
    (re.compile(r"__fentry__|mcount|__cyg_profile_func_\w+"), "compile without -pg and -finstrument-functions"),
    (re.compile(r"__(asan|ubsan|tsan|kasan|sanitizer)_\w+"), "compile without -fsanitize, or define its run time"),
    (re.compile(r"__kpy_trap"), "the checks of Kernel Python call it: define it (docs/compiler.md, the panic path)"),
    (re.compile(r"__x86_(indirect|return)_thunk\w*"), "compile without -mindirect-branch, or define the thunks"),
)


class Explainer:
    """Makes the diagnostics that need to know where in the sources something is; looks that up only when asked."""

    def __init__(
        self,
        objects: Sequence[ObjectFile],
        source_root: Path | None,
        find_definition: FindDefinition | None,
        find_members: FindMembers | None = None,
    ) -> None:
        self._objects = objects
        self.e_machine = objects[0].e_machine if objects else EM_X86_64
        self._root = source_root.resolve() if source_root is not None else None
        self._find_definition = find_definition
        self._find_members = find_members
        self._lines: dict[int, Lines] = {}
        self._texts: dict[str, str | None] = {}
        self._budget = 4 * MAX_ERRORS
        self._helped = 0

    # Places

    def _location(self, section: InputSection, offset: int) -> Location:
        if self._budget <= 0 or section.index < 0:
            return Location()
        self._budget -= 1
        lines = self._lines.get(id(section.obj))
        if lines is None:
            lines = self._lines[id(section.obj)] = object_lines(section.obj)
        return lines.lookup(section_address(section.index, offset)) or Location()

    def _place(self, section: InputSection, location: Location, word: str = "") -> Place:
        """Return a place for a person: source line with the word, or its first word, marked; else the object."""
        if not location.line:
            return Place(section.obj.path)
        path = self._shown(location.path)
        text = self._text(path)
        lines = text.splitlines() if text is not None else []
        if location.line > len(lines):
            return Place(path, location.line, location.column)
        source = lines[location.line - 1]
        found = re.search(rf"(?<![\w.$]){re.escape(word)}(?![\w.$])", source) if word else None
        if found is None and location.column and location.column <= len(source):
            found = re.compile(r"\w+|.").match(source, location.column - 1)
        found = found or re.search(r"\S+", source)
        if found is None:
            return Place(path, location.line)
        return Place(path, location.line, found.start() + 1, found.end() + 1, source)

    def _shown(self, path: str) -> str:
        pure = PurePath(path)
        if self._root is not None and pure.is_absolute() and pure.is_relative_to(self._root):
            return pure.relative_to(self._root).as_posix()
        return path

    def _text(self, path: str) -> str | None:
        """Return a source's text if it is inside the source root; its path comes from an object and may be anything."""
        if path not in self._texts:
            self._texts[path] = None
            if self._root is not None:
                try:
                    file = (self._root / path).resolve()
                    if file.is_relative_to(self._root) and file.stat().st_size <= MAX_SOURCE:
                        self._texts[path] = read_input(file, "source").decode("utf-8", "replace")
                except (OSError, ValueError, RuntimeError, ToolError):
                    return None
        return self._texts[path]

    def _mode(self, section: InputSection, location: Location) -> int:
        """Return 16, 32 or 64 when the source before the line says for which mode its code is, else 0."""
        path = self._shown(location.path)
        text = self._text(path)
        if not location.line or text is None or not section.sh_flags & SHF_EXECINSTR:
            return 0
        found = _MODE.findall("\n".join(text.splitlines()[: location.line]))
        return int(found[-1]) if found else 0

    def definition_place(self, definition: Definition) -> Place | None:
        """Return where a symbol is defined, as exactly as the object tells."""
        if definition.obj is None:
            return None
        if definition.section is None:
            return Place(definition.obj.path)
        location = self._location(definition.section, definition.value)
        return self._label(location, definition.name) or self._place(definition.section, location, definition.name)

    def _label(self, location: Location, name: str) -> Place | None:
        """Return the line of an assembly label: line tables name the instruction behind it."""
        path = self._shown(location.path)
        lines = (self._text(path) or "").splitlines()
        for number in range(min(location.line, len(lines)), max(0, location.line - LABEL_DISTANCE), -1):
            found = re.match(rf"\s*({re.escape(name)})\s*:", lines[number - 1])
            if found is not None:
                return Place(path, number, found.start(1) + 1, found.end(1) + 1, lines[number - 1])
        return None

    # Symbols

    def duplicate(self, name: str, definitions: list[Definition]) -> Diagnostic:
        """Report a symbol with more than one definition; all places are named."""
        first, second = definitions[0], definitions[1]
        notes = [Note(f"the first is {_described(first)}", self.definition_place(first))]
        notes += [Note(f"one more is {_described(d)}", self.definition_place(d)) for d in definitions[2:6]]
        help_ = "rename one, make it local, or declare the one that may be replaced `.weak`"
        if any(d.boundary is not None for d in definitions):
            help_ = "rename it in the source, or in the layout"
        elif first.obj is not None and second.obj is not None and _same_code(first, second):
            help_ = "both are the same code: leave one of the two objects out"
        return Diagnostic(
            "L0101",
            f"symbol `{name}` is defined twice",
            self.definition_place(second),
            label="defined again here" if second.obj is not None else "",
            context=_context(second.section, second.value) if second.section else "",
            notes=tuple(notes),
            help=(help_,),
        )

    def indirect(self, definition: Definition) -> Diagnostic:
        """Report an indirect function in an image in which nobody calls its resolver."""
        return Diagnostic(
            "L0102",
            f"`{definition.name}` is an indirect function (IFUNC), which needs a loader to choose its code",
            self.definition_place(definition),
            help=(
                "call the wanted function itself, or choose it at run time through a pointer",
                "or apply the relocations from `__rela_iplt_start` to `__rela_iplt_end` first, as a C library does",
            ),
        )

    def undefined(
        self, name: str, references: list[tuple[InputSection, Relocation]], count: int, known: Sequence[str]
    ) -> Diagnostic:
        """Report a symbol that code refers to and nothing defines.

        `references` are the first of `count`; `known` are the names that are defined.
        """
        section, r = references[0]
        location = self._location(section, r.r_offset)
        notes = []
        for other, at in references[1 : 1 + SHOWN_REFERENCES]:
            where = self._location(other, at.r_offset)
            function = f" by `{where.function}`" if where.function else ""
            notes.append(
                Note(f"also referred to{function} ({_context(other, at.r_offset)})", self._place(other, where, name))
            )
        if count > 1 + SHOWN_REFERENCES:
            notes.append(Note(f"and {count - 1 - SHOWN_REFERENCES} times more"))
        return Diagnostic(
            "L0108",
            f"undefined symbol `{name}`",
            self._place(section, location, name),
            label=f"referred to by `{location.function}`" if location.function else "referred to here",
            context=_context(section, r.r_offset),
            notes=tuple(notes),
            help=self._help_for_undefined(name, known),
        )

    def no_entry(self, entry: str, known: Sequence[str]) -> Diagnostic:
        """Report that the entry symbol is not defined."""
        return Diagnostic(
            "L0109",
            f"the entry symbol `{entry}` is not defined",
            help=self._help_for_undefined(entry, known) or (f"define it: `.globl {entry}`, or name another `entry`",),
        )

    def _help_for_undefined(self, name: str, known: Sequence[str]) -> tuple[str, ...]:
        self._helped += 1
        if self._helped > MAX_ERRORS:
            return ()
        help_ = []
        for obj in self._objects:
            for symbol in obj.symbols:
                if symbol.name != name or not symbol.is_defined:
                    continue
                if symbol.is_global:
                    left_out = obj.sections[symbol.section].name if symbol.section > 0 else "a section"
                    help_.append(f"`{obj.path}` defines it in `{left_out}`, which is left out of the image")
                else:
                    help_.append(f"`{obj.path}` has a local symbol of this name: make it global with `.globl {name}`")
                break
        for member in self._find_members(name) if self._find_members is not None else ():
            help_.append(
                f"`{member}` defines it: name the archive behind the objects that need it, or both between "
                "--start-group and --end-group"
            )
        for place in self._find_definition(name) if self._find_definition is not None else ():
            help_.append(f"{place} defines it, but is not in the image: add {place.path} to `sources`")
        help_ += [hint for regex, hint in _HINTS if regex.fullmatch(name)]
        return tuple(help_) or did_you_mean(name, _similar(name, known))

    # Relocations

    def unsupported(self, section: InputSection, r: Relocation) -> Diagnostic:
        """Report a relocation type that a static image without thread-local storage has no meaning for."""
        name = relocation_name(section.obj.e_machine, r.r_type)
        if any(word in name for word in ("TLS", "TPOFF", "DTP")):
            help_ = "compile thread-local variables with -ftls-model=local-exec"
        else:
            help_ = "build the object again for a static image, without -fpic and -shared"
        location = self._location(section, r.r_offset)
        target = self._target(section, r)
        return Diagnostic(
            "L0104",
            f"{name} against `{target}` is not a relocation for a static image",
            self._place(section, location, target),
            context=_context(section, r.r_offset),
            help=(help_,),
        )

    def thread_local(self, section: InputSection, r: Relocation) -> Diagnostic:
        """Report an ordinary reference to a thread-local variable."""
        target, location = self._target(section, r), self._location(section, r.r_offset)
        return Diagnostic(
            "L0111",
            f"{relocation_name(section.obj.e_machine, r.r_type)} needs an address, and `{target}` is thread-local",
            self._place(section, location, target),
            context=_context(section, r.r_offset),
            help=("declare it thread-local in every source that uses it",),
        )

    def no_address(self, section: InputSection, r: Relocation) -> Diagnostic:
        """Report an address in a small field of an image that can be loaded anywhere."""
        target, location = self._target(section, r), self._location(section, r.r_offset)
        name = relocation_name(section.obj.e_machine, r.r_type)
        return Diagnostic(
            "L0115",
            f"{name} needs the address of `{target}`, which -pie leaves open",
            self._place(section, location, target),
            context=_context(section, r.r_offset),
            help=("compile with -fpie, or link with -no-pie",),
        )

    def unknown_tls(self, section: InputSection, r: Relocation) -> Diagnostic:
        """Report thread-local code that is not the sequence of the psABI, so that it cannot be rewritten."""
        target, location = self._target(section, r), self._location(section, r.r_offset)
        return Diagnostic(
            "L0112",
            f"the code around {relocation_name(section.obj.e_machine, r.r_type)} against `{target}` is not known",
            self._place(section, location, target),
            context=_context(section, r.r_offset),
            help=("compile it with -ftls-model=local-exec",),
        )

    def outside(self, section: InputSection, r: Relocation) -> Diagnostic:
        """Report a relocation whose field is not wholly in its section."""
        name = relocation_name(section.obj.e_machine, r.r_type)
        return Diagnostic(
            "L0106",
            f"`{section.obj.path}` is damaged: a field of {name} goes past the end of `{section.name}`",
            Place(section.obj.path),
            context=_context(section, r.r_offset),
            help=("build the object again",),
        )

    def discarded(self, section: InputSection, r: Relocation, meaning: Definition) -> Diagnostic:
        """Report a reference to something in a section that is not in the image."""
        target = self._target(section, r)
        owner = meaning.symbol.section if meaning.symbol is not None else 0
        home = section.obj.sections[owner].name if 0 < owner < len(section.obj.sections) else "a reserved section"
        location = self._location(section, r.r_offset)
        return Diagnostic(
            "L0105",
            f"`{target}` is in `{home}`, which is left out of the image",
            self._place(section, location, target),
            label=f"referred to by `{location.function}`" if location.function else "referred to here",
            context=_context(section, r.r_offset),
            help=("take the section out of the layout's `discard`, or the reference out of the code",),
        )

    def crossing(self, section: InputSection, r: Relocation, source: str, target: str, rule: Place) -> Diagnostic:
        """Report a reference from one output section to another that a script forbids."""
        name, location = self._target(section, r), self._location(section, r.r_offset)
        return Diagnostic(
            "L0116",
            f"`{source}` refers to `{name}` in `{target}`",
            self._place(section, location, name),
            label=f"referred to by `{location.function}`" if location.function else "referred to here",
            context=_context(section, r.r_offset),
            notes=(Note("the script forbids that here", rule),),
            help=("reach it through a section that may be referred to, or take one of the two out of the list",),
        )

    def remark(self, section: InputSection, r: Relocation, name: str, text: str) -> Diagnostic:
        """Pass on what the object that defines a symbol says to those who refer to it."""
        location = self._location(section, r.r_offset)
        return Diagnostic(
            "L0117",
            text,
            self._place(section, location, name),
            label=f"`{name}` is referred to" + (f" by `{location.function}`" if location.function else " here"),
            context=_context(section, r.r_offset),
            severity=Severity.WARNING,
        )

    def overflow(
        self, section: InputSection, r: Relocation, meaning: Definition | None, low: int, high: int, value: int
    ) -> Diagnostic:
        """Report a value that does not fit its field."""
        name = relocation_name(section.obj.e_machine, r.r_type)
        target = self._target(section, r)
        location = self._location(section, r.r_offset)
        address = meaning.address if meaning is not None else 0
        home = meaning.section.output.name if meaning and meaning.section and meaning.section.output else ""
        where = f"the symbol is at {address:#x}" + (f" in {home}" if home else "")
        needed = f"{low:#x}..{high:#x}" if low else f"0..{high:#x}"
        if _is_relative(r.r_type):
            label = f"needs a distance of {needed}; {where}, {value:#x} away"
        elif value & ADDRESS_MASK == address:
            label = f"needs {needed}; {where}"
        else:
            label = f"needs {needed}; {where}, and the value is {value & ADDRESS_MASK:#x}"
        return Diagnostic(
            "L0107",
            f"relocation {name} cannot reach `{target}`",
            self._place(section, location),
            label=label,
            context=_context(section, r.r_offset),
            help=self._help_for_overflow(section, r, meaning, location, target),
        )

    def _help_for_overflow(
        self, section: InputSection, r: Relocation, meaning: Definition | None, location: Location, target: str
    ) -> tuple[str, ...]:
        mode = self._mode(section, location)
        address = meaning.address if meaning is not None else 0
        is_code = bool(section.sh_flags & SHF_EXECINSTR)
        is_compiled = PurePath(location.path).suffix in _COMPILED
        if _is_relative(r.r_type):
            return _help_for_distance(r.r_type, target)
        if r.r_type not in (X86Reloc.R_X86_64_32, X86Reloc.R_X86_64_32S):
            width = 8 if r.r_type == X86Reloc.R_X86_64_8 else 16
            return (f"put `{target}` below {1 << width:#x}, or use a wider field",)
        early = mode in (16, 32) or (mode == 0 and is_code and section.address >> 32 == 0 and address >> 32 != 0)
        help_ = []
        if early and address >> 32:
            distance = _distance_to_memory(meaning)
            if distance:
                help_.append(
                    f"32-bit code runs before paging and needs the physical address: write `{target} - {distance:#x}`, "
                    f"which is {address - distance:#x}"
                )
            else:
                help_.append("32-bit code reaches the first 4 GiB only: give the segment a lower `paddr`")
        if not is_code:
            help_.append("keep the address in 8 bytes, with `.quad` instead of `.long`")
        elif is_compiled:
            help_.append("compile with -fno-pic -mcmodel=kernel for the top 2 GiB, or -mcmodel=large for any address")
        elif mode in (0, 64):
            register = _register(section, r)
            help_.append(f"in 64-bit code take the address with `leaq {target}(%rip), {register}`")
        return tuple(help_)

    def _target(self, section: InputSection, r: Relocation) -> str:
        """Return the name of what a relocation refers to; for a section symbol, the label there if there is one."""
        obj = section.obj
        symbol = obj.symbols[r.symbol]
        if symbol.type != STT_SECTION:
            return symbol.name or "address 0"
        offset = symbol.st_value + r.r_addend + (4 if _is_relative(r.r_type) else 0)
        for other in obj.symbols:
            if other.section == symbol.section and other.st_value == offset and other.type != STT_SECTION:
                return other.name
        return f"{symbol.name}+{offset:#x}" if offset else symbol.name


def _context(section: InputSection, offset: int) -> str:
    return f"{section.name}+{offset:#x} in {PurePath(section.obj.path).name}"


def _described(definition: Definition) -> str:
    if definition.boundary is not None:
        return f"the {definition.boundary} in the layout"
    if definition.obj is None:
        return "made by the linker"
    if definition.section is None:
        return f"the absolute value {definition.value:#x} in {PurePath(definition.obj.path).name}"
    return _context(definition.section, definition.value)


def _same_code(first: Definition, second: Definition) -> bool:
    """Tell whether two definitions lie in sections of the same bytes, as when a source is compiled twice."""
    a, b = first.section, second.section
    return a is not None and b is not None and a.size > 0 and (a.name, bytes(a.data)) == (b.name, bytes(b.data))


def _similar(name: str, known: Sequence[str]) -> list[str]:
    """Return the names that share most pairs of letters with a misspelt one: those are worth a closer comparison."""
    pairs = set(pairwise(name))
    return nlargest(COMPARED_NAMES, known, key=lambda other: len(pairs.intersection(pairwise(other))))


def _is_relative(r_type: int) -> bool:
    name = relocation_name(EM_X86_64, r_type)
    return "PC" in name or "PLT" in name


def _help_for_distance(r_type: int, target: str) -> tuple[str, ...]:
    if r_type in (X86Reloc.R_X86_64_PC8, X86Reloc.R_X86_64_PC16):
        return (f"`{target}` is too far for a short jump: use one with a 32-bit distance",)
    return (
        f"load its address with `movabsq ${target}, %rax` and go on through `*%rax` or `(%rax)`",
        "or bring the two segments within 2 GiB of each other in the layout",
    )


def _distance_to_memory(meaning: Definition | None) -> int:
    """Return how far a symbol's virtual address is from its physical one."""
    output = meaning.section.output if meaning is not None and meaning.section is not None else None
    if output is None and meaning is not None and meaning.boundary is not None:
        of = meaning.boundary.of
        segment = of.segment if isinstance(of, OutputPlan) else of
    else:
        segment = output.segment if output is not None else None
    return segment.p_vaddr - segment.p_paddr if segment is not None else 0


def _register(section: InputSection, r: Relocation) -> str:
    """Return the register that `mov $symbol, %reg` loads, or a placeholder when the instruction is another one."""
    at, data = r.r_offset, section.data
    rex = data[at - 2] if at >= 2 else 0
    if at >= 1 and 0xB8 <= data[at - 1] <= 0xBF:
        register = data[at - 1] & 7
    elif at >= 3 and data[at - 2] == 0xC7 and data[at - 1] & 0xF8 == 0xC0:
        register, rex = data[at - 1] & 7, data[at - 3]
    else:
        return "%REG"
    if rex & 0xF1 == 0x41:
        return f"%r{register + 8}"
    return f"%{_REGISTERS[register]}"
