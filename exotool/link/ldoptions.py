"""The command line of GNU ld -> what it asks for (binutils manual, "Command-line Options").

Options may be written with one hyphen or two, their argument behind `=` or as the next word, and long ones cut short
where that names only one. What has no effect on a static image is read and forgotten; what is not known is an error.
"""

from __future__ import annotations

import shlex
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, NoReturn

from exotool.diagnostics import Diagnostic, ExitCode, ToolError, did_you_mean
from exotool.elf.constants import EM_386, EM_X86_64
from exotool.files import read_input
from exotool.link.model import InputFile, LinkOptions
from exotool.link.script.lexer import number_value

MAX_RESPONSE_FILES: Final = 100
"""So many @files are read, one within the other or side by side."""

EMULATIONS: Final = {"elf_x86_64": EM_X86_64, "elf_i386": EM_386}
FORMATS: Final = ("elf64-x86-64", "elf32-i386", "binary")


@dataclass(slots=True)
class Command:
    """One command line: `options` go to the linker, the rest is for the driver."""

    options: LinkOptions = field(default_factory=lambda: LinkOptions(relro=True))
    inputs: list[InputFile] = field(default_factory=list)
    output: str = "a.out"
    scripts: list[str] = field(default_factory=list)
    default_scripts: list[str] = field(default_factory=list)
    defsyms: list[str] = field(default_factory=list)
    section_starts: list[tuple[str, int, str]] = field(default_factory=list)
    """Section, address, and for -Ttext and its kin the name that SEGMENT_START asks for."""
    oformat: str | None = None
    map_file: str | None = None
    cref: bool = False
    print_memory_usage: bool = False
    reproduce: str | None = None
    dependency_file: str | None = None
    verbose: bool = False
    version: bool = False
    help: bool = False
    no_warnings: bool = False


@dataclass(slots=True)
class _Place:
    """What holds from here on: --push-state saves it."""

    whole_archive: bool = False
    static: bool = False
    as_needed: bool = False
    binary: bool = False


Handler = Callable[["_Reader", str], None]


class _Reader:
    def __init__(self) -> None:
        self.command = Command()
        self.place = _Place()
        self.saved: list[_Place] = []
        self.group = 0
        self.groups = 0
        self.response_files = 0

    def read(self, arguments: Sequence[str]) -> Command:
        words = list(reversed(arguments))
        only_files = False
        while words:
            word = words.pop()
            if word.startswith("@") and len(word) > 1 and Path(word[1:]).is_file():
                words += reversed(self.response_file(word[1:]))
            elif only_files or not word.startswith("-") or word == "-":
                self.add(InputFile(word))
            elif word == "--":
                only_files = True
            else:
                self.option(word, words)
        if self.group:
            usage("--start-group has no --end-group")
        return self.command

    def response_file(self, path: str) -> list[str]:
        self.response_files += 1
        if self.response_files > MAX_RESPONSE_FILES:
            usage(f"more than {MAX_RESPONSE_FILES} response files, or `@{path}` names itself")
        try:
            return shlex.split(read_input(Path(path), "response file").decode("utf-8", "surrogateescape"))
        except ValueError as error:
            usage(f"response file `{path}` cannot be read: {str(error).lower()}")

    def add(self, file: InputFile) -> None:
        place = self.place
        kind = "binary" if place.binary and file.kind == "file" else file.kind
        self.command.inputs.append(
            replace(
                file,
                kind=kind,
                whole_archive=place.whole_archive,
                static=place.static,
                as_needed=place.as_needed,
                group=self.group,
            )
        )

    def set(self, **values: Any) -> None:
        self.command.options = replace(self.command.options, **values)

    def option(self, word: str, rest: list[str]) -> None:
        """Carry out one option; `rest` are the words behind it, the next one last."""
        body = word.lstrip("-")
        name, equals, value = body.partition("=")
        long = find_long(name, word)
        if long is not None:
            wants, handler = LONG[long]
            if wants == "" and equals:
                usage(f"option `--{long}` takes no argument, and was given `{value}`")
            if wants == "required" and not equals:
                if not rest:
                    usage(f"option `{word}` needs an argument")
                value = rest.pop()
            handler(self, value)
            return
        letter, joined = word[1:2], word[2:]
        if not word.startswith("--") and letter in SHORT:
            wants, short_handler = SHORT[letter]
            if wants == "" and joined:
                self.option(f"-{letter}", rest)
                self.option(f"-{joined}", rest)
                return
            if wants == "required" and not joined:
                if not rest:
                    usage(f"option `{word}` needs an argument")
                joined = rest.pop()
            short_handler(self, joined)
            return
        close = did_you_mean(name, [n for n in LONG if len(n) > 1])
        usage(f"unknown option `{word}`", *(line.replace("`", "`--", 1) for line in close))

    # Options that need more than a line

    def z(self, value: str) -> None:
        name, _, argument = value.partition("=")
        if name in Z_PAGES:
            size = number(argument, f"-z {name}")
            if size & size - 1 or not size:
                usage(f"`-z {value}` is no power of two")
            self.set(**{Z_PAGES[name]: size})
        elif name == "stack-size":
            self.set(stack_size=number(argument, "-z stack-size"))
        elif value in Z_FLAGS:
            self.set(**Z_FLAGS[value])
        elif name not in Z_IGNORED:
            close = did_you_mean(name, [*Z_PAGES, *Z_FLAGS, *Z_IGNORED])
            usage(f"unknown option `-z {value}`", *close)

    def machine(self, value: str) -> None:
        if value not in EMULATIONS:
            usage(f"there is no emulation `{value}`", f"known are {' and '.join(EMULATIONS)}")
        self.set(machine=EMULATIONS[value])

    def oformat(self, value: str) -> None:
        known = {"elf": "elf64-x86-64"}.get(value, value)
        if known not in FORMATS:
            usage(f"there is no output format `{value}`", f"known are {', '.join(FORMATS)}")
        self.command.oformat = known

    def input_format(self, value: str) -> None:
        if value not in ("binary", "default", "elf64-x86-64", "elf32-i386"):
            usage(f"there is no input format `{value}`", "known are binary, elf64-x86-64, elf32-i386 and default")
        self.place.binary = value == "binary"

    def section_start(self, value: str) -> None:
        section, equals, address = value.partition("=")
        if not equals:
            usage(f"--section-start takes SECTION=ADDRESS, not `{value}`")
        self.command.section_starts.append((section, number(address, "--section-start", 16), ""))

    def segment_start(self, name: str, value: str) -> None:
        self.command.section_starts.append((f".{name}", number(value, f"-T{name}", 16), name))

    def orphans(self, value: str) -> None:
        if value not in ("place", "warn", "error", "discard"):
            usage(f"--orphan-handling takes place, warn, error or discard, not `{value}`")
        self.set(orphans=value)

    def sort_section(self, value: str) -> None:
        if value not in ("name", "alignment"):
            usage(f"--sort-section takes name or alignment, not `{value}`")
        self.set(sort_section=value)

    def unresolved(self, value: str) -> None:
        kinds = {"ignore-all": "ignore", "ignore-in-object-files": "ignore", "report-all": "error"}
        if value not in (*kinds, "ignore-in-shared-libs"):
            usage(f"--unresolved-symbols does not know `{value}`", f"known are {', '.join(kinds)}")
        self.set(unresolved=kinds.get(value, "error"))

    def build_id(self, value: str) -> None:
        if value == "none":
            self.set(build_id=None)
        elif value.lower().startswith("0x"):
            self.set(build_id=value[2:].replace("-", "").replace(":", ""))
        elif value in ("", "sha1", "tree", "fast", "md5", "uuid"):
            if value == "uuid":
                usage("--build-id=uuid would make another image each time", "use --build-id=sha1")
            self.set(build_id="sha1")
        else:
            usage(f"there is no build-id style `{value}`", "known are sha1, md5, none and 0xHEX")

    def begin_group(self) -> None:
        if self.group:
            usage("--start-group stands in a group already")
        self.groups += 1
        self.group = self.groups

    def end_group(self) -> None:
        if not self.group:
            usage("--end-group has no --start-group")
        self.group = 0

    def pop_state(self) -> None:
        if not self.saved:
            usage("--pop-state has no --push-state")
        self.place = self.saved.pop()

    def strip(self, value: str) -> None:
        self.set(strip=value)

    def extend(self, name: str, value: str) -> None:
        self.set(**{name: (*getattr(self.command.options, name), value)})

    def refuse(self, what: str, why: str) -> NoReturn:
        usage(f"option `{what}` is not supported", why)


def usage(message: str, *help_: str) -> NoReturn:
    """Raise `ToolError` L0701: the command line cannot be carried out."""
    raise ToolError(Diagnostic("L0701", message, help=help_), exit_code=ExitCode.USAGE)


def number(text: str, option: str, base: int = 0) -> int:
    """Return the number that an option was given; `base` 16 is for addresses, which may lack their `0x`."""
    try:
        value = int(text, 16) if base == 16 else None
    except ValueError:
        value = None
    value = value if value is not None else number_value(text)
    if value is None:
        usage(f"`{option}` needs a number, not `{text}`")
    return value & (1 << 64) - 1


def find_long(name: str, word: str) -> str | None:
    """Return the long option that a word names, whole or cut short."""
    if name in LONG:
        return name
    if not word.startswith("--") or len(name) < 3:
        return None
    fitting = [known for known in LONG if known.startswith(name)]
    if len(fitting) > 1:
        usage(f"option `{word}` may be {', '.join(f'--{known}' for known in fitting[:5])}")
    return fitting[0] if fitting else None


def _option(**values: Any) -> Handler:
    return lambda reader, _: reader.set(**values)


def _place(**values: bool) -> Handler:
    return lambda reader, _: setattr(reader, "place", replace(reader.place, **values))


def _command(name: str, value: Any = None) -> Handler:
    return lambda reader, given: setattr(reader.command, name, given if value is None else value)


def _more(name: str) -> Handler:
    return lambda reader, given: reader.extend(name, given)


def _listed(name: str) -> Handler:
    return lambda reader, given: getattr(reader.command, name).append(given)


def _nothing(_: _Reader, __: str) -> None:
    """Read an option that has no effect on a static image."""


def _refused(what: str, why: str) -> Handler:
    return lambda reader, _: reader.refuse(what, why)


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


Z_PAGES: Final = {"max-page-size": "max_page_size", "common-page-size": "common_page_size"}
Z_FLAGS: Final[dict[str, dict[str, Any]]] = {
    "noexecstack": {"executable_stack": False},
    "execstack": {"executable_stack": True},
    "separate-code": {"separate_code": True},
    "noseparate-code": {"separate_code": False},
    "relro": {"relro": True},
    "norelro": {"relro": False},
    "muldefs": {"allow_multiple_definition": True},
    "defs": {"unresolved": "error"},
    "undefs": {"unresolved": "ignore"},
    "keep-text-section-prefix": {},
    "start-stop-gc": {},
    "nostart-stop-gc": {},
}
Z_IGNORED: Final = _words(
    "now lazy origin nodefaultlib nodlopen nodump nodelete interpose loadfltr initfirst combreloc nocombreloc text "
    "notext textoff global globalaudit common nocommon ibt ibtplt shstk cet-report lam-u48 lam-u57 "
    "indirect-extern-access noindirect-extern-access extern-protected-data noextern-protected-data "
    "dynamic-undefined-weak nodynamic-undefined-weak unique-symbol nounique-symbol pack-relative-relocs "
    "nopack-relative-relocs start-stop-visibility call-nop isa-level-report x86-64-baseline x86-64-v2 x86-64-v3 "
    "x86-64-v4 memory-seal nomemory-seal sectionheader execstack-if-needed rewrite-endbr"
)

_NO_SYMBOLS_ONLY: Final = "give the addresses with --defsym, or in a script"
_SHARED: Final = "exotool links static images; make one with -static or -r"

SHORT: Final[dict[str, tuple[str, Handler]]] = {
    "o": ("required", _command("output")),
    "e": ("required", lambda r, v: r.set(entry=v)),
    "T": ("required", _listed("scripts")),
    "L": ("required", _more("library_path")),
    "l": ("required", lambda r, v: r.add(InputFile(v, "library"))),
    "m": ("required", _Reader.machine),
    "z": ("required", _Reader.z),
    "u": ("required", _more("undefined")),
    "y": ("required", _more("trace_symbols")),
    "b": ("required", _Reader.input_format),
    "A": ("required", _nothing),
    "h": ("required", _nothing),
    "R": ("required", _refused("-R", _NO_SYMBOLS_ONLY)),
    "I": ("required", _nothing),
    "a": ("required", _nothing),
    "G": ("required", _nothing),
    "O": ("optional", lambda r, v: r.set(optimize_strings=v not in ("", "0", "1"))),
    "n": ("", _option(nmagic=True)),
    "N": ("", _option(omagic=True)),
    "r": ("", _option(relocatable=True)),
    "i": ("", _option(relocatable=True)),
    "q": ("", _option(emit_relocs=True)),
    "s": ("", _option(strip="all")),
    "S": ("", _option(strip="debug")),
    "x": ("", _option(discard_locals="all")),
    "X": ("", _option(discard_locals="temporary")),
    "d": ("", _option(define_common=True)),
    "M": ("", _command("map_file", "-")),
    "v": ("", _command("version", True)),
    "V": ("", _command("version", True)),
    "E": ("", _nothing),
    "g": ("", _nothing),
    "t": ("", _command("verbose", True)),
    "w": ("", _command("no_warnings", True)),
    "(": ("", lambda r, _: r.begin_group()),
    ")": ("", lambda r, _: r.end_group()),
}

LONG: Final[dict[str, tuple[str, Handler]]] = {
    "output": ("required", _command("output")),
    "entry": ("required", lambda r, v: r.set(entry=v)),
    "script": ("required", _listed("scripts")),
    "default-script": ("required", _listed("default_scripts")),
    "dT": ("required", _listed("default_scripts")),
    "library-path": ("required", _more("library_path")),
    "library": ("required", lambda r, v: r.add(InputFile(v, "library"))),
    "undefined": ("required", _more("undefined")),
    "require-defined": ("required", _more("require_defined")),
    "trace-symbol": ("required", _more("trace_symbols")),
    "why": ("required", _more("why")),
    "wrap": ("required", _more("wrap")),
    "defsym": ("required", _listed("defsyms")),
    "section-start": ("required", _Reader.section_start),
    "Ttext": ("required", lambda r, v: r.segment_start("text", v)),
    "Tdata": ("required", lambda r, v: r.segment_start("data", v)),
    "Tbss": ("required", lambda r, v: r.segment_start("bss", v)),
    "Ttext-segment": ("required", lambda r, v: r.segment_start("text-segment", v)),
    "image-base": ("required", lambda r, v: r.segment_start("text-segment", v)),
    "Trodata-segment": ("required", lambda r, v: r.segment_start("rodata-segment", v)),
    "Tldata-segment": ("required", lambda r, v: r.segment_start("ldata-segment", v)),
    "oformat": ("required", _Reader.oformat),
    "format": ("required", _Reader.input_format),
    "Map": ("required", _command("map_file")),
    "print-map": ("", _command("map_file", "-")),
    "cref": ("", _command("cref", True)),
    "print-memory-usage": ("", _command("print_memory_usage", True)),
    "reproduce": ("required", _command("reproduce")),
    "dependency-file": ("required", _command("dependency_file")),
    "just-symbols": ("required", _refused("--just-symbols", _NO_SYMBOLS_ONLY)),
    "help": ("", _command("help", True)),
    "verbose": ("optional", _command("verbose", True)),
    "trace": ("", _command("verbose", True)),
    "version": ("", _command("version", True)),
    "gc-sections": ("", _option(gc_sections=True)),
    "no-gc-sections": ("", _option(gc_sections=False)),
    "print-gc-sections": ("", _option(print_gc_sections=True)),
    "no-print-gc-sections": ("", _option(print_gc_sections=False)),
    "gc-keep-exported": ("", _option(gc_keep_exported=True)),
    "relocatable": ("", _option(relocatable=True)),
    "Ur": ("", _option(relocatable=True)),
    "emit-relocs": ("", _option(emit_relocs=True)),
    "strip-all": ("", _option(strip="all")),
    "strip-debug": ("", _option(strip="debug")),
    "discard-all": ("", _option(discard_locals="all")),
    "discard-locals": ("", _option(discard_locals="temporary")),
    "discard-none": ("", _option(discard_locals="none")),
    "nmagic": ("", _option(nmagic=True)),
    "omagic": ("", _option(omagic=True)),
    "no-omagic": ("", _option(omagic=False)),
    "no-nmagic": ("", _option(nmagic=False)),
    "relax": ("", _option(relax=True)),
    "no-relax": ("", _option(relax=False)),
    "build-id": ("optional", _Reader.build_id),
    "eh-frame-hdr": ("", _option(eh_frame_hdr=True)),
    "no-eh-frame-hdr": ("", _option(eh_frame_hdr=False)),
    "orphan-handling": ("required", _Reader.orphans),
    "unresolved-symbols": ("required", _Reader.unresolved),
    "noinhibit-exec": ("", _option(unresolved="warn")),
    "warn-unresolved-symbols": ("", _option(unresolved="warn")),
    "error-unresolved-symbols": ("", _option(unresolved="error")),
    "no-undefined": ("", _option(unresolved="error")),
    "allow-multiple-definition": ("", _option(allow_multiple_definition=True)),
    "fatal-warnings": ("", _option(fatal_warnings=True)),
    "no-fatal-warnings": ("", _option(fatal_warnings=False)),
    "no-warnings": ("", _command("no_warnings", True)),
    "warn-rwx-segments": ("", _option(warn_rwx=True)),
    "no-warn-rwx-segments": ("", _option(warn_rwx=False)),
    "define-common": ("", _option(define_common=True)),
    "dc": ("", _option(define_common=True)),
    "dp": ("", _option(define_common=True)),
    "no-define-common": ("", _option(define_common=False)),
    "whole-archive": ("", _place(whole_archive=True)),
    "no-whole-archive": ("", _place(whole_archive=False)),
    "as-needed": ("", _place(as_needed=True)),
    "no-as-needed": ("", _place(as_needed=False)),
    "Bstatic": ("", _place(static=True)),
    "static": ("", _place(static=True)),
    "dn": ("", _place(static=True)),
    "non_shared": ("", _place(static=True)),
    "Bdynamic": ("", _place(static=False)),
    "dy": ("", _place(static=False)),
    "call_shared": ("", _place(static=False)),
    "push-state": ("", lambda r, _: r.saved.append(replace(r.place))),
    "pop-state": ("", lambda r, _: r.pop_state()),
    "start-group": ("", lambda r, _: r.begin_group()),
    "end-group": ("", lambda r, _: r.end_group()),
    "pie": ("", _option(pie=True)),
    "pic-executable": ("", _option(pie=True)),
    "shared": ("", _refused("-shared", _SHARED)),
    "Bshareable": ("", _refused("-shared", _SHARED)),
    "plugin": ("required", _nothing),
    "plugin-opt": ("required", _nothing),
    "dynamic-linker": ("required", _nothing),
    "hash-style": ("required", _nothing),
    "soname": ("required", _nothing),
    "rpath": ("required", _nothing),
    "rpath-link": ("required", _nothing),
    "version-script": ("required", _nothing),
    "dynamic-list": ("required", _nothing),
    "exclude-libs": ("required", _nothing),
    "sysroot": ("required", _nothing),
    "sort-common": ("optional", _nothing),
    "sort-section": ("required", _Reader.sort_section),
    "compress-debug-sections": ("required", _nothing),
    "hash-size": ("required", _nothing),
    "error-handling-script": ("required", _nothing),
    "color-diagnostics": ("optional", _nothing),
    "threads": ("optional", _nothing),
}

_NO_EFFECT: Final = _words(
    "nostdlib no-pie no-dynamic-linker export-dynamic no-export-dynamic Bsymbolic Bsymbolic-functions Bno-symbolic "
    "no-undefined-version undefined-version default-symver check-sections no-check-sections copy-dt-needed-entries "
    "no-copy-dt-needed-entries add-needed no-add-needed allow-shlib-undefined no-allow-shlib-undefined "
    "no-warn-mismatch warn-common warn-once warn-multiple-gp warn-section-align warn-textrel warn-alternate-em "
    "warn-execstack no-warn-execstack warn-constructors no-warn-textrel no-warn-search-mismatch "
    "accept-unknown-input-arch no-accept-unknown-input-arch reduce-memory-overheads no-keep-memory stats no-stats "
    "demangle no-demangle no-ld-generated-unwind-info ld-generated-unwind-info traditional-format disable-new-dtags "
    "enable-new-dtags no-map-whole-files print-map-discarded no-print-map-discarded print-map-locals "
    "print-map-locals-unused no-ctf-variables strip-discarded no-strip-discarded EB EL embedded-relocs "
    "force-exe-suffix target-help no-toc-optimize no-fix-cortex-a8 enable-linker-version disable-linker-version "
    "enable-non-contiguous-regions-warnings no-force-group-allocation qmagic Qy Qn"
)

LONG.update(dict.fromkeys(_NO_EFFECT, ("", _nothing)))
LONG["package-metadata"] = ("required", _nothing)


def read_command(arguments: Sequence[str]) -> Command:
    """Return what a command line asks for. Raises `ToolError` L0701, with exit code 2, for what is not understood."""
    return _Reader().read(arguments)


def help_text() -> str:
    """Return the options that are known: those with an effect first, then those that are read and forgotten."""
    shown = {name: wants for name, (wants, handler) in SHORT.items() if handler is not _nothing}
    short = [f"-{name}{' ARG' if wants == 'required' else ''}" for name, wants in shown.items()]
    marks = {"": "", "required": "=ARG", "optional": "[=ARG]"}
    long = [f"--{name}{marks[wants]}" for name, (wants, handler) in LONG.items() if handler is not _nothing]
    forgotten = [f"--{name}" for name, (_, handler) in LONG.items() if handler is _nothing]
    parts = (("options", [*short, *long]), ("read, and without effect on a static image", forgotten))
    lines = ["usage: exotool ld [OPTION | FILE | @FILE]..."]
    for title, words in parts:
        lines += ["", f"{title}:", *textwrap.wrap(" ".join(words), 100, initial_indent="  ", subsequent_indent="  ")]
    return "\n".join(lines)
