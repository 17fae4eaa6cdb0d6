"""`exotool ld`: what a command line in GNU ld's manner asks for, done."""

from __future__ import annotations

import contextlib
import dataclasses
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np

from exotool.diagnostics import Collector, Diagnostic, ExitCode, Place, Severity, ToolError, did_you_mean
from exotool.elf import ObjectFile
from exotool.elf.columns import section_table
from exotool.elf.constants import EM_386, EM_X86_64, SHF_ALLOC, SHF_EXECINSTR, SHT_PROGBITS
from exotool.files import read_input, write_output
from exotool.link.crossref import cross_reference, traced
from exotool.link.formats import flat_binary, wrap_elf32
from exotool.link.ldoptions import Command, help_text, read_command, usage
from exotool.link.linker import LinkedImage, link
from exotool.link.load import Loaded, load
from exotool.link.memory import memory_usage
from exotool.link.model import InputFile, LinkOptions
from exotool.link.script.default import default_script
from exotool.link.script.layouter import DEFAULT_ENTRY, ScriptLayouter
from exotool.link.script.lexer import Source
from exotool.link.script.parser import parse_assignment, parse_script
from exotool.link.script.tree import (
    InputPattern,
    Insert,
    Number,
    OutputStatement,
    Script,
    SetAddress,
    Span,
    assignments,
)

STACK_NOTE: Final = ".note.GNU-stack"
OPTION: Final = "<option>"
"""Stands for the path of what was written on the command line."""


@dataclass(slots=True)
class LdResult:
    """What a link in GNU ld's manner made: the files to write and the texts to print."""

    outputs: dict[Path, tuple[bytes, bool]] = field(default_factory=dict)
    """Contents, and whether the file is executable."""
    printed: list[str] = field(default_factory=list)
    warnings: list[Diagnostic] = field(default_factory=list)
    image: LinkedImage | None = None


def run_ld(arguments: Sequence[str], directory: Path) -> LdResult:
    """Carry out one command line and write its outputs; paths are relative to `directory`, the current one.

    Raises `ToolError`: L0701 for the command line, everything that reading, laying out and linking raise, and L0702
    when warnings are fatal.
    """
    with contextlib.chdir(directory):
        command = read_command(arguments)
        result = _Driver(command, Path()).run(list(arguments))
        for path, (data, executable) in result.outputs.items():
            write_output(path, data, executable=executable)
    return result


def script_layouter(path: Path) -> tuple[ScriptLayouter, str, dict[str, bytes]]:
    """Return what lays out by a script, the entry symbol that it names, and the files that it was read from."""
    options = LinkOptions(relro=True, build_id="sha1", executable_stack=False, merge_strings=False)
    driver = _Driver(Command(options=options, scripts=[str(path)]), Path())
    driver.read_scripts()
    options = driver.link_options()
    return ScriptLayouter(driver.script, options), options.entry or DEFAULT_ENTRY, driver.read_files


class _Driver:
    def __init__(self, command: Command, directory: Path) -> None:
        self.command, self.directory = command, directory
        self.script = Script()
        self.read_files: dict[str, bytes] = {}
        self.result = LdResult()

    def run(self, arguments: list[str]) -> LdResult:
        command = self.command
        if command.help:
            self.result.printed.append(help_text())
            return self.result
        if command.version:
            from exotool import __version__

            self.result.printed.append(f"exotool {__version__}, a linker for the options and scripts of GNU ld")
            if not command.inputs:
                return self.result
        self.read_scripts()
        if not command.inputs and not self.script.inputs:
            usage("there are no input files")
        options = self.link_options()
        loaded = self._load(options)
        self._note_effects()
        options = self._for_objects(options, loaded.objects)
        if command.reproduce is not None:
            self._reproduce(arguments, loaded)
        if options.relocatable:
            self._relocatable(options, loaded)
        else:
            self._image(options, loaded)
        self._warn_or_fail()
        return self.result

    # Scripts

    def read_scripts(self) -> None:
        """Read the scripts that the command names, or the one that stands in for them."""
        command = self.command
        names = command.scripts or command.default_scripts
        errors = Collector()
        for text in command.defsyms:
            try:
                self.script.statements.append(parse_assignment(text, "--defsym"))
            except ToolError as error:
                _collect(errors, error)
        for name in names:
            try:
                path, text = self._find_script(name)
                parse_script(text, path, self.script, self._find_script)
            except ToolError as error:
                _collect(errors, error)
        errors.check()
        if not names or any(isinstance(s, Insert) for s in self.script.statements):
            self._add_default()
        for section, address, segment in command.section_starts:
            span = Span(Source(OPTION, f"{section}={address:#x}"), 0, len(section))
            self.script.statements.append(SetAddress(span, section, Number(span, address), segment))

    def _add_default(self) -> None:
        options = self.command.options
        text = default_script(
            options.machine,
            separate_code=options.separate_code and not options.nmagic,
            omagic=options.omagic,
            pie=options.pie,
        )
        parse_script(text, "<default script>", self.script)

    def _find_script(self, name: str) -> tuple[str, str]:
        """Return the path and the text of a script: as named, or in one of the folders of -L."""
        folders = ["", *self.command.options.library_path]
        for folder in folders:
            path = self.directory / folder / name
            if path.is_file():
                shown = os.path.join(folder, name) if folder else name  # noqa: PTH118 -- `./k.ld` stays as it was given
                data = read_input(path, "script")
                self.read_files[shown] = data
                return shown, data.decode("utf-8", "replace")
        read_input(self.directory / name, "script")
        raise ToolError(Diagnostic("T0101", f"script `{name}` does not exist", Place(name)))

    def _script_among_inputs(self, data: bytes, shown: str, path: Path) -> Sequence[InputFile]:
        """Read a text among the inputs as a script that adds to the layout and names more inputs."""
        before = len(self.script.inputs)
        statements = len(self.script.statements)
        parse_script(data.decode("utf-8", "replace"), shown, self.script, self._find_script)
        self.read_files[shown] = data
        if any(isinstance(s, OutputStatement) for s in self.script.statements[statements:]) and not self._has_layout():
            usage(f"`{shown}` among the inputs lays out sections", f"name it with `-T {shown}`")
        return [self._input(item.name, path.parent, item.as_needed) for item in self.script.inputs[before:]]

    def _has_layout(self) -> bool:
        return bool(self.command.scripts)

    def _input(self, name: str, folder: Path, as_needed: bool) -> InputFile:
        if name.startswith("-l"):
            return InputFile(name[2:], "library", as_needed=as_needed)
        for candidate in (self.directory / name, folder / name):
            if candidate.is_file():
                return InputFile(str(candidate) if candidate.is_absolute() else name, as_needed=as_needed)
        return InputFile(f":{name}" if not name.startswith("/") else name, "library" if name[0] != "/" else "file")

    # Inputs

    def link_options(self) -> LinkOptions:
        """Return the options, with what the scripts say of entry, names and folders."""
        command, script = self.command, self.script
        options = command.options
        output_format = command.oformat or script.output_format
        if script.output_format is not None and command.oformat is None:
            known = {"elf64-x86-64", "elf32-i386", "binary", "default", "elf64-little", "elf32-little", "elf32-x86-64"}
            if output_format not in known:
                help_ = did_you_mean(script.output_format, known)
                raise ToolError(Diagnostic("L0704", f"there is no output format `{script.output_format}`", help=help_))
        self.format = output_format or ""
        entry = options.entry or script.entry
        undefined = (*options.undefined, *script.extern)
        defined = frozenset(a.name for a in assignments(script) if not a.visibility.is_provide)
        folders = tuple(str(self.directory / folder) for folder in (*options.library_path, *script.search_dirs))
        return dataclasses.replace(
            options, entry=entry, undefined=undefined, defined=options.defined | defined, library_path=folders
        )

    def _load(self, options: LinkOptions) -> Loaded:
        """Read the inputs: first those that patterns name without wildcards, as GNU ld does when -T comes first."""
        named: dict[str, InputFile] = {}
        for statement in self.script.statements:
            for item in statement.contents if isinstance(statement, OutputStatement) else ():
                if isinstance(item, InputPattern) and not set("*?[:") & set(item.file) and Path(item.file).is_file():
                    named[item.file] = InputFile(item.file)
        inputs = [file for file in self.command.inputs if file.kind != "file" or file.name not in named]
        more = [self._input(item.name, self.directory, item.as_needed) for item in self.script.inputs]
        return load([*named.values(), *inputs, *more], options, self._script_among_inputs)

    def _for_objects(self, options: LinkOptions, objects: Sequence[ObjectFile]) -> LinkOptions:
        """Return the options with what depends on the objects: the machine, and whether the stack is executable."""
        machines = {obj.e_machine for obj in objects}
        if options.machine == EM_X86_64 and machines == {EM_386} and self.format in ("", "elf32-i386", "binary"):
            options = dataclasses.replace(options, machine=EM_386)
        stack = options.executable_stack
        if stack is None:
            notes = [_stack_note(obj) for obj in objects]
            if any(flags is not None for flags in notes):
                stack = any(flags is None or bool(flags & SHF_EXECINSTR) for flags in notes)
        return dataclasses.replace(options, executable_stack=stack)

    def _note_effects(self) -> None:
        for message, span in self.script.notes:
            if message.startswith("VERSION"):
                self.result.warnings.append(Diagnostic("L0703", message, span.place, severity=Severity.WARNING))

    # Outputs

    def _image(self, options: LinkOptions, loaded: Loaded) -> None:
        command, result = self.command, self.result
        starts = {segment: address for _, address, segment in command.section_starts if segment}
        layouter = ScriptLayouter(self.script, options, starts)
        entry = options.entry or (DEFAULT_ENTRY if command.scripts else "_start")
        image = link(
            loaded.objects,
            layouter,
            entry,
            options=options,
            find_members=loaded.find_members,
            source_root=self.directory,
            names=loaded.names,
        )
        result.image = image
        result.warnings += image.warnings
        data = image.data
        if self.format == "binary":
            data = flat_binary(layouter.all_outputs())
        elif self.format == "elf32-i386" and options.machine == EM_X86_64:
            data = wrap_elf32(image.data)
        output = command.output or self.script.output or "a.out"
        result.outputs[self._path(output)] = (data, True)
        if command.print_memory_usage:
            result.printed.append(memory_usage(layouter))
        if options.print_gc_sections:
            result.printed += [f"removing unused section {section}" for section in image.collected]
        result.printed += image.why
        if options.trace_symbols:
            result.printed.append(traced(loaded.objects, options.trace_symbols))
        cref = cross_reference(loaded.objects) if command.cref else ""
        if command.map_file is not None:
            from exotool.link.ldmap import ld_map

            text = ld_map(image, layouter, loaded, output, script_first=bool(command.scripts)) + cref
            if command.map_file == "-":
                result.printed.append(text)
            else:
                result.outputs[self._path(command.map_file)] = (text.encode(), False)
        elif cref:
            result.printed.append(cref)
        if command.dependency_file is not None:
            names = [*dict.fromkeys([*loaded.paths, *self.read_files])]
            files = [name for name in names if not name.endswith(")")]
            text = f"{command.output}:" + "".join(f" \\\n  {_escaped(name)}" for name in files) + "\n"
            result.outputs[self._path(command.dependency_file)] = (text.encode(), False)
        if command.verbose:
            result.printed += loaded.paths

    def _relocatable(self, options: LinkOptions, loaded: Loaded) -> None:
        from exotool.link.relocatable import link_relocatable

        if options.sort_section != "none":
            usage("--sort-section is for images, not for -r")
        self.result.outputs[self._path(self.command.output)] = (link_relocatable(loaded.objects, options), False)

    def _path(self, name: str) -> Path:
        return self.directory / name

    def _reproduce(self, arguments: list[str], loaded: Loaded) -> None:
        from exotool.link.reproduce import response_archive

        name = self.command.reproduce or ""
        files = [path for path in loaded.paths if not path.endswith(")")]
        archive = response_archive(arguments, files, self.read_files, Path(name).stem)
        self.result.outputs[self._path(name)] = (archive, False)

    def _warn_or_fail(self) -> None:
        if self.command.no_warnings:
            self.result.warnings = []
        if self.command.options.fatal_warnings and self.result.warnings:
            message = "there were warnings, and --fatal-warnings makes an error of them"
            raise ToolError(*self.result.warnings, Diagnostic("L0702", message), exit_code=ExitCode.FAILED)


def _collect(errors: Collector, error: ToolError) -> None:
    for diagnostic in error.diagnostics:
        errors.add(diagnostic)


def _stack_note(obj: ObjectFile) -> int | None:
    """Return the flags of the note that says whether an object needs an executable stack; None without one."""
    table = section_table(obj)
    plain = np.flatnonzero((table.raw["sh_type"] == SHT_PROGBITS) & (table.raw["sh_flags"] & SHF_ALLOC == 0))
    named = (i for i, name in zip(plain.tolist(), table.names(plain), strict=True) if name == STACK_NOTE)
    index = next(named, None)
    return None if index is None else int(table.raw["sh_flags"][index])


def _escaped(name: str) -> str:
    return name.replace(" ", "\\ ")
