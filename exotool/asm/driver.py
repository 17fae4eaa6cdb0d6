"""The command line of GNU as: its options -> `Options`, so that compilers and makefiles can call exotool instead.

Options that cannot change the object here are accepted; those that would, and are not supported, are refused.
"""

from __future__ import annotations

import gc
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from exotool import __version__
from exotool.asm import Options, assemble
from exotool.asm.expressions import c_number
from exotool.asm.recipes import default_folder
from exotool.diagnostics import Diagnostic, ExitCode, Place, Severity, ToolError, did_you_mean, render, wants_color

MAX_RESPONSE: Final = 16
"""Response files (`@file`) within response files."""

MAX_ARGUMENTS: Final = 100_000


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_WITHOUT_EFFECT: Final = _words(
    """
    -f -J -k -q -s -w -Qy -Qn -v -Z -V -O0 --divide --reduce-memory-overheads --statistics
    --traditional-format --no-pad-sections --nocompress-debug-sections --warn --no-statistics
    -mfence-as-lock-add=no -momit-lock-prefix=no -mlfence-before-indirect-branch=none
    -mlfence-before-ret=none -mlfence-after-load=no -mx86-used-note=no -mbranches-within-32B-boundaries=no
    -malign-branch-boundary=0 -mno-shared -madd-bnd-prefix=no -mshared -mno-branches-within-32B-boundaries
    --sectname-subst --compress-debug-sections=none --gdwarf-sections
"""
)
_VALUE_WITHOUT_EFFECT: Final = (
    "-march=",
    "-mtune=",
    "--hash-size=",
    "-moperand-check=",
    "-msse-check=",
    "-msse2avx=no",
)
_KNOWN: Final = _words(
    """
    --32 --64 --x32 --defsym --fatal-warnings --no-warn --noexecstack --execstack --gdwarf-5 --gen-debug
    --keep-locals --MD --debug-prefix-map --version --help -mrelax-relocations= -msyntax= -mmnemonic=
    -mnaked-reg
"""
)
USAGE: Final = """usage: exotool as [OPTION]... [FILE]...

Assemble with the options of GNU as; without FILE, or with `-`, read standard input.

  --64, --32                    make ELF64 (x86_64) or ELF32 (i386)
  -o FILE                       write the object to FILE (a.out)
  -I DIR                        look for .include and .incbin files in DIR
  --defsym NAME=VALUE           define a symbol
  -g, --gdwarf-N                line information for assembly sources (always DWARF 5)
  --noexecstack, --execstack    say whether the object needs an executable stack
  -L, --keep-locals             keep .L symbols in the symbol table
  -mrelax-relocations=yes|no    whether GOT loads may be relaxed by the linker
  -msyntax=att|intel -mnaked-reg   syntax at the start of the source
  -march=, -mtune=, --divide, -f, -s ...   accepted, without effect
  --MD FILE                     write the dependencies as a make rule
  --fatal-warnings, -W          make warnings errors, or leave them out
  @FILE                         read options from FILE
"""


@dataclass(slots=True)
class Command:
    """A parsed command line of GNU as."""

    inputs: list[str] = field(default_factory=list)
    output: str = "a.out"
    include: list[Path] = field(default_factory=list)
    defsym: list[tuple[str, int]] = field(default_factory=list)
    arch: Literal["x86_64", "i386"] = "x86_64"
    debug: bool = False
    dwarf: int = 3
    quiet: bool = False
    fatal: bool = False
    stack: bool | None = None
    keep_locals: bool = False
    relax: bool = True
    intel: bool = False
    naked: bool = False
    dependencies: str = ""
    show: str = ""


def _fault(message: str, *help_: str) -> ToolError:
    return ToolError(Diagnostic("A0601", message, help=help_), exit_code=ExitCode.USAGE)


def expand_responses(args: Sequence[str], depth: int = 0) -> list[str]:
    """Replace `@file` by the words of the file (quoting as in GNU tools); what is no file stays as it is."""
    out: list[str] = []
    for arg in args:
        path = Path(arg[1:])
        if not arg.startswith("@") or not path.is_file():
            out.append(arg)
            continue
        if depth >= MAX_RESPONSE:
            raise _fault(f"`{arg}`: response files are nested more than {MAX_RESPONSE} deep")
        from exotool.files import read_input

        words = _response_words(read_input(path, "response file").decode(errors="surrogateescape"))
        out += expand_responses(words, depth + 1)
        if len(out) > MAX_ARGUMENTS:
            raise _fault(f"there are more than {MAX_ARGUMENTS} arguments")
    return out


_QUOTED: Final = re.compile(
    r"""\\(?P<escaped>.)|'(?P<single>(?:\\.|[^'\\])*)'|"(?P<double>(?:\\.|[^"\\])*)"|(\S)""", re.S
)


def _response_words(text: str) -> list[str]:
    """Return the words of a response file: blanks separate, quotes and backslashes take blanks as they are."""
    words: list[str] = []
    end = -1
    for match in _QUOTED.finditer(text):
        inside = match["single"] if match["single"] is not None else match["double"]
        part = re.sub(r"\\(.)", r"\1", inside, flags=re.S) if inside is not None else match["escaped"] or match[0]
        if match.start() == end:
            words[-1] += part
        else:
            words.append(part)
        end = match.end()
    return words


class _Parser:
    """Takes arguments from left to right."""

    def __init__(self, args: Sequence[str]) -> None:
        self.args = expand_responses(args)
        self.at = 0
        self.command = Command()

    def run(self) -> Command:
        """Return the parsed command; `ToolError` A0601 for an option that is not supported."""
        while self.at < len(self.args):
            arg = self.args[self.at]
            self.at += 1
            if arg == "-" or not arg.startswith("-"):
                self.command.inputs.append(arg)
            elif arg == "--":
                self.command.inputs += self.args[self.at :]
                break
            elif not (self.flag(arg) or self.valued(arg)):
                raise _fault(f"option `{arg}` is not supported", *did_you_mean(arg, _KNOWN | _WITHOUT_EFFECT))
        return self.command

    def value(self, arg: str, name: str) -> str | None:
        """Return the value of option `name` if `arg` is that option, in one word or in two."""
        if not arg.startswith(name):
            return None
        rest = arg[len(name) :]
        if rest.startswith("=") and name.startswith("--"):
            return rest[1:]
        if rest:
            return None if name.startswith("--") else rest
        if self.at == len(self.args):
            raise _fault(f"option `{arg}` needs a value")
        self.at += 1
        return self.args[self.at - 1]

    def flag(self, arg: str) -> bool:
        """Take an option without a value, and tell whether it was one."""
        command = self.command
        if arg in ("--64", "--32"):
            command.arch = "x86_64" if arg == "--64" else "i386"
        elif arg in ("-g", "--gen-debug"):
            command.debug = True
        elif dwarf := re.fullmatch(r"--?gdwarf-([2-5])", arg):
            command.debug, command.dwarf = True, int(dwarf[1])
        elif arg in ("-W", "--no-warn"):
            command.quiet = True
        elif arg in ("--noexecstack", "--execstack"):
            command.stack = arg == "--execstack"
        elif arg in ("-L", "--keep-locals"):
            command.keep_locals = True
        elif arg in ("--fatal-warnings", "-mnaked-reg"):
            command.fatal |= arg == "--fatal-warnings"
            command.naked |= arg == "-mnaked-reg"
        elif arg in ("-mrelax-relocations=yes", "-mrelax-relocations=no"):
            command.relax = arg.endswith("yes")
        elif arg in ("-msyntax=att", "-msyntax=intel", "-mmnemonic=att"):
            command.intel = command.intel or arg == "-msyntax=intel"
        elif arg in ("--version", "--help"):
            command.show = arg
        else:
            return arg in _WITHOUT_EFFECT or arg.startswith(_VALUE_WITHOUT_EFFECT)
        return True

    def valued(self, arg: str) -> bool:
        """Take an option with a value, and tell whether it was one."""
        command = self.command
        if (output := self.value(arg, "-o")) is not None:
            command.output = output
        elif (folder := self.value(arg, "-I")) is not None:
            command.include.append(Path(folder))
        elif (definition := self.value(arg, "--defsym")) is not None:
            command.defsym.append(_definition(definition))
        elif (rule := self.value(arg, "--MD")) is not None:
            command.dependencies = rule
        elif self.value(arg, "--debug-prefix-map") is None:  # paths in our debug information are relative anyway
            return False
        return True


def _definition(text: str) -> tuple[str, int]:
    name, equals, value = text.partition("=")
    number = re.fullmatch(r"\s*(-?)\s*(0[xX][0-9a-fA-F]+|0[bB][01]+|0[0-7]*|[1-9][0-9]*)\s*", value)
    if not equals or not re.fullmatch(r"[A-Za-z_.$][\w.$]*", name) or number is None:
        raise _fault(f"`--defsym {text}` is not of the form NAME=NUMBER")
    magnitude = c_number(number[2])
    return name, -magnitude if number[1] else magnitude


def _source(command: Command) -> tuple[bytes, Path]:
    """Return the text to assemble and its name; several files are one text with line markers."""
    from exotool.files import read_input

    names = command.inputs or ["-"]
    texts = [sys.stdin.buffer.read() if name == "-" else read_input(Path(name), "source") for name in names]
    if len(texts) == 1:
        return texts[0], Path("{standard input}" if names[0] == "-" else names[0])
    parts = []
    for name, text in zip(names, texts, strict=True):
        quoted = name.replace("\\", "\\\\").replace('"', '\\"')
        parts.append(f'# 1 "{quoted}"\n'.encode(errors="surrogateescape") + text)
        if not text.endswith(b"\n"):
            parts.append(b"\n")
    return b"".join(parts), Path(names[0])


def _options(command: Command) -> Options:
    return Options(
        arch=command.arch,
        include=(Path(), *command.include),
        debug=command.debug,
        dwarf=max(3, command.dwarf),
        preprocess=False,
        defsym=tuple(command.defsym),
        stack=command.stack,
        keep_locals=command.keep_locals,
        relax_relocations=command.relax,
        intel=command.intel,
        naked_registers=command.naked,
        cache=default_folder(),
    )


def _write(path: Path, data: bytes) -> None:
    """Write the object; a device such as /dev/null is written to, not replaced."""
    from exotool.files import write_output

    if path.exists() and not path.is_file() and not path.is_dir():
        path.write_bytes(data)
    else:
        write_output(path, data)


def _rule(command: Command, dependencies: Sequence[Path]) -> bytes:
    """Return the dependencies as a rule for make."""
    names = [*command.inputs, *map(str, dependencies)]
    words = [re.sub(r"([ \\#])", r"\\\1", name).replace("$", "$$") for name in names]
    return f"{command.output}: {' '.join(words)}\n\n".encode(errors="surrogateescape") + b"".join(
        f"{word}:\n\n".encode(errors="surrogateescape") for word in words[1:]
    )


def run(args: Sequence[str]) -> ExitCode:
    """Carry out a command line of GNU as; messages go to stderr."""
    gc.set_threshold(200_000)  # an assembly makes many objects and few circles, and the process ends soon
    quiet = False
    try:
        command = _Parser(args).run()
        quiet = command.quiet
        if command.show:
            # Build systems look for the words that GNU as prints.
            text = f"GNU assembler (exotool {__version__}) 2.40\n" if command.show == "--version" else USAGE
            sys.stdout.write(text)
            return ExitCode.SUCCESS
        from exotool.elf import write_object

        source, path = _source(command)
        assembly = assemble(source, path, _options(command))
        if assembly.warnings and command.fatal and not command.quiet:
            count = len(assembly.warnings)
            fatal = Diagnostic("A0602", f"{count} warnings are errors (--fatal-warnings)", Place(str(path)))
            raise ToolError(*assembly.warnings, fatal)
        sys.stdout.write("".join(f"{message}\n" for message in assembly.messages))
        _write(Path(command.output), write_object(assembly.object))
        if command.dependencies:
            _write(Path(command.dependencies), _rule(command, assembly.dependencies))
        found: Sequence[Diagnostic] = assembly.warnings
        code = ExitCode.SUCCESS
    except ToolError as error:
        found, code = error.diagnostics, error.exit_code
    colored = wants_color()
    for diagnostic in found:
        if not (quiet and diagnostic.severity is Severity.WARNING):
            sys.stderr.write(render(diagnostic, color=colored) + "\n\n")
    return code
