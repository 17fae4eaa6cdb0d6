"""The passes of an assembly: read statements, encode instructions, lay out, emit.

`Assembler` holds the state that statements change: the current section, mode and syntax, symbols, macros and
conditions. Directives are functions in the modules `directives_*`, found by name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from exotool.asm.advice import advise_sections
from exotool.asm.arguments import NAME, Arguments, check_name
from exotool.asm.directives import CONDITIONALS, DIRECTIVES
from exotool.asm.expressions import Expr, ExpressionParser, Linear, Names, NotLinearError, Num, Op, Ref, evaluate, wrap
from exotool.asm.frames import Frames
from exotool.asm.layout import MAX_BYTES, AnyItem, AsmSection, Branch, Chunk, Data, Fixup, Request
from exotool.asm.line_table import LineTable
from exotool.asm.macro import Expander, Macro
from exotool.asm.recipes import Recipe, Shape, Stats, Store, lookup, remember, shape_of
from exotool.asm.registers import REGISTERS, Register
from exotool.asm.sections import ABSOLUTE, standard_sections, structure_offset
from exotool.asm.source import AsmError, Condition, Expansion, Origin, SourceFile, Statement, diagnostic_of
from exotool.asm.sources import Sources
from exotool.asm.statements import split_lines
from exotool.asm.symbols import MAX_NUMERIC, Symbol, SymbolTable
from exotool.diagnostics import Collector, Severity, ToolError, did_you_mean

if TYPE_CHECKING:
    from exotool.asm import Assembly, Options
    from exotool.asm.instructions import Instructions

MAX_STATEMENTS: Final = 1_000_000
"""Statements of an assembly, expansions included."""

_LABEL: Final = re.compile(rf'\s*({NAME}|"[^"]*"|\d+)\s*:(?!:)')
_ASSIGNMENT: Final = re.compile(r'\s*([A-Za-z_.$][\w.$]*|"[^"]*")\s*(==?)(?!=)')
_WORD: Final = re.compile(r"\s*([^\s,;:=\"'{}\[\]]+)")
_REGISTER: Final = re.compile(r"\s*%([A-Za-z][A-Za-z0-9]*)\s*")


@dataclass(slots=True)
class Input:
    """A source of statements; `conditions` is the depth of conditions at its start."""

    statements: Iterator[Statement]
    expansion: Expansion | None
    file: SourceFile
    conditions: int
    is_macro: bool = False


@dataclass(slots=True)
class State:
    """What `.pushsection` saves."""

    chunk: Chunk
    previous: Chunk


class Seen(NamedTuple):
    """An instruction that was there before: in which mode, and what it became."""

    mode: int
    shape: Shape
    recipe: Recipe


class Assembler:
    """Assembles one source; `run` does it all."""

    def __init__(self, source: bytes, path: Path, options: Options) -> None:
        self.options = options
        self.files = Sources(options)
        self.file = self.files.open_source(source, path)
        self.collector = Collector()
        self.symbols = SymbolTable()
        self.sections: dict[str, AsmSection] = {}
        self.grouped: dict[str, AsmSection] = {}
        """The first section of a group, or with a number, by its name."""
        self.elf32 = options.arch == "i386"
        self.mode = 32 if self.elf32 else 64
        self.intel = options.intel
        self.naked = options.naked_registers
        """Whether registers are written without `%`."""
        self.macros: dict[str, Macro] = {}
        self.expander = Expander()
        self.conditions: list[Condition] = []
        self.inputs: list[Input] = []
        self.instructions: Instructions | None = None
        self.seen: dict[str, Seen] = {}
        """Statements that are an instruction and nothing else, by their text."""
        self.aliases: dict[str, Register] = {}
        self.file_names: list[str] = []
        self.relocations: list[Request] = []
        self.messages: list[str] = []
        self.gcc16 = False
        """Whether instructions that use the stack have 32-bit operands by default (`.code16gcc`)."""
        self.frames = Frames()
        self.lines = LineTable(version=options.dwarf)
        self.store = Store(options.cache)
        self.counts = {"memory": 0, "disk": 0, "encoded": 0}
        self.stored = 0
        self.ended = False
        self.statement = Statement("", Origin(self.file, 0))
        standard_sections(self.sections)
        self.chunk = self.sections[".text"].chunk(0)
        self.previous = self.chunk
        self.structure = (self.chunk, 0, 0)
        """The chunk of a `.struct`, how many of its items have been added up, and to how many bytes."""
        self.stack: list[State] = []
        for name, value in options.defsym:
            self.symbols.get(check_name(name, -1, -1)).value = Num(wrap(value))

    def run(self) -> Assembly:
        """Return the finished assembly; `ToolError` with everything that is wrong."""
        from exotool.asm import Assembly
        from exotool.asm.emit import emit

        self.read()
        self.flush()
        self.collector.check()
        advise_sections(self)
        obj = emit(self)
        self.collector.check()
        self.store.save()
        stats = Stats(sum(self.counts.values()), **self.counts)
        found = tuple(self.collector.warnings)
        return Assembly(obj, found, tuple(self.files.dependencies), tuple(self.messages), stats)

    # Statements

    def read(self) -> None:
        """Read and carry out all statements."""
        self.push_file(self.file)
        count = 0
        while not self.ended:
            statement = self.next_statement()
            if statement is None:
                break
            self.statement = statement
            count += 1
            if count > MAX_STATEMENTS:
                self.report(AsmError("A0223", f"there are more than {MAX_STATEMENTS} statements"), statement)
                return
            try:
                self.carry_out(statement)
            except AsmError as error:
                self.report(error, statement)
        for condition in self.conditions:
            self.collector.add(diagnostic_of(AsmError("A0231", "`.if` has no `.endif`"), condition.origin))

    def push_file(self, file: SourceFile) -> None:
        """Read statements from a file next."""
        statements = split_lines(self.files.lines(file, self.collector), self.files.marked)
        self.inputs.append(Input(statements, None, file, len(self.conditions)))

    def push_text(self, statements: Iterator[Statement], expansion: Expansion, *, is_macro: bool = False) -> None:
        """Read the statements of an expansion next."""
        self.inputs.append(Input(statements, expansion, self.file, len(self.conditions), is_macro))

    def next_statement(self) -> Statement | None:
        """Return the next statement of the innermost input that has one."""
        while self.inputs:
            try:
                return next(self.inputs[-1].statements)
            except StopIteration:
                self.inputs.pop()
            except AsmError as error:
                ended = self.inputs.pop()
                self.report(error, Statement("", self.statement.origin))
                if ended.expansion is not None and error.code == "A0223":
                    self.inputs.clear()
            except ToolError as error:
                self.inputs.pop()
                for diagnostic in error.diagnostics:
                    self.collector.add(diagnostic)
        return None

    def leave_macro(self) -> None:
        """Carry out `.exitm`."""
        while self.inputs:
            ended = self.inputs.pop()
            if ended.is_macro or ended.expansion is None:
                del self.conditions[ended.conditions :]
                if ended.expansion is None:
                    self.inputs.append(ended)
                return

    def report(self, error: AsmError, statement: Statement, severity: Severity = Severity.ERROR) -> None:
        """Keep an error or warning of a statement."""
        self.collector.add(diagnostic_of(error, statement.origin, statement.text, statement.column, severity))

    def warn(self, error: AsmError) -> None:
        """Keep a warning of the current statement."""
        self.report(error, self.statement, Severity.WARNING)

    @property
    def skipping(self) -> bool:
        """Tell whether a condition leaves the current text out."""
        return bool(self.conditions) and not self.conditions[-1].active

    def carry_out(self, statement: Statement) -> None:
        """Carry out one statement: its labels, then an assignment, directive, macro or instruction."""
        text = statement.text
        at = 0
        if not self.skipping:
            if self.is_repeated(statement):
                return
            while label := _LABEL.match(text, at):
                if self.intel and label[1].lower() in ("es", "cs", "ss", "ds", "fs", "gs"):
                    break
                self.define_label(label[1], label.start(1), label.end(1))
                at = label.end()
        word = _WORD.match(text, at)
        if word is None:
            if text[at:].strip() and not self.skipping:
                raise AsmError("A0202", f"unexpected `{text[at:].strip()[:20]}`", at, len(text))
            return
        name = word[1].lower()
        if self.skipping:
            if name in CONDITIONALS:
                CONDITIONALS[name](self, self.arguments(statement, word.end(), name))
            return
        assignment = _ASSIGNMENT.match(text, at)
        if assignment:
            self.assign_statement(assignment, statement)
        elif name in DIRECTIVES:
            args = self.arguments(statement, word.end(), name)
            DIRECTIVES[name](self, args)
        elif name in CONDITIONALS:
            CONDITIONALS[name](self, self.arguments(statement, word.end(), name))
        elif name in self.macros:
            self.invoke(self.macros[name], statement, word.end())
        elif name.startswith("."):
            known = [*DIRECTIVES, *CONDITIONALS]
            raise AsmError(
                "A0204", f"unknown directive `{name}`", word.start(1), word.end(1), help=did_you_mean(name, known)
            )
        else:
            self.instruction(statement, word.start(1))

    def arguments(self, statement: Statement, position: int, directive: str) -> Arguments:
        """Return the arguments of a directive, beginning at a position of its statement."""
        return Arguments(statement, position, directive, self.names(), self.aliases)

    def invoke(self, macro: Macro, statement: Statement, position: int) -> None:
        """Expand a macro."""
        from exotool.asm.macro import bind_arguments

        values = bind_arguments(macro, statement.text[position:], self.expander.alternate, self.absolute_text)
        expansion = self.expansion(f"macro `{macro.name}`", statement)
        used, macro.used = macro.used, macro.used + 1
        self.push_text(self.expander.expand(macro.body, values, expansion, used), expansion, is_macro=True)

    def expansion(self, what: str, statement: Statement) -> Expansion:
        """Return a new expansion asked for by a statement; `AsmError` A0223 when it is nested too deeply."""
        from exotool.asm.macro import MAX_NESTING

        outer = statement.origin.expansion
        depth = outer.depth + 1 if outer is not None else 1
        if depth > MAX_NESTING or len(self.inputs) > 2 * MAX_NESTING:
            self.inputs.clear()
            raise AsmError("A0223", f"expansions are nested more than {MAX_NESTING} deep")
        return Expansion(what, statement.origin, depth)

    def body(self, openers: tuple[str, ...], closers: tuple[str, ...], what: str) -> list[Statement]:
        """Take the statements up to the closing directive, which may be nested."""
        begin = self.statement
        statements: list[Statement] = []
        depth = 0
        while (statement := self.next_statement()) is not None:
            word = _WORD.match(statement.text)
            name = word[1].lower() if word else ""
            label = _LABEL.match(statement.text)
            if label and word:
                inner = _WORD.match(statement.text, label.end())
                name = inner[1].lower() if inner else ""
            if name in openers:
                depth += 1
            elif name in closers:
                if not depth:
                    return statements
                depth -= 1
            statements.append(statement)
            if len(statements) > MAX_STATEMENTS:
                break
        self.statement = begin
        raise AsmError("A0224", f"{what} has no `{closers[0]}`")

    # Symbols

    def names(self) -> Names:
        """Return how expressions of the current statement find names."""
        return Names(self.reference, self.numeric, self.dot)

    def reference(self, name: str) -> Expr:
        """Return what a name stands for now: a number, or the symbol."""
        symbol = self.symbols.get(check_name(name, -1, -1))
        if isinstance(symbol.value, Num):
            return symbol.value
        if symbol.alias is not None:
            symbol.alias.is_weakly_used = True
            return Ref(symbol.alias)
        if symbol.used is None:
            symbol.used = self.statement.origin
        return Ref(symbol)

    def numeric(self, number: int, direction: str) -> Symbol | None:
        """Return the target of `1b` or `1f`."""
        return self.symbols.numeric(number, direction, self.statement.origin)

    def dot(self) -> Symbol:
        """Return a symbol for the current place."""
        return Symbol("", self.chunk, len(self.chunk.items))

    def define_label(self, name: str, start: int, end: int) -> None:
        """Put a label at the current place; `AsmError` A0304 when it exists."""
        if name.isdigit():
            if int(name) >= MAX_NUMERIC:
                raise AsmError("A0303", "a numeric label must be below 2147483648", start, end)
            symbol = self.symbols.define_numeric(int(name))
        else:
            symbol = self.symbols.get(check_name(name.strip('"'), start, end))
            self.must_be_new(symbol, start, end)
        symbol.defined = self.statement.origin
        if self.chunk.section.name == ABSOLUTE:
            symbol.value = Num(structure_offset(self, start, end))
        else:
            symbol.chunk, symbol.index, symbol.offset = self.chunk, len(self.chunk.items), 0

    def must_be_new(self, symbol: Symbol, start: int, end: int) -> None:
        """Raise `AsmError` A0304 if a symbol is defined already."""
        if symbol.name == ".":
            raise AsmError("A0304", "`.` cannot be a label", start, end)
        if symbol.is_defined or symbol.common is not None:
            from exotool.asm.source import place_of
            from exotool.diagnostics import Note

            first = (Note("it is defined", place_of(symbol.defined)),) if symbol.defined else ()
            raise AsmError("A0304", f"symbol `{symbol.name}` is already defined", start, end, notes=first)

    def assign_statement(self, match: re.Match[str], statement: Statement) -> None:
        """Carry out `name = value`."""
        name = match[1].strip('"')
        args = self.arguments(statement, match.end(), match[2])
        self.assign(name, match.start(1), match.end(1), args, once=match[2] == "==")

    def assign(self, name: str, start: int, end: int, args: Arguments, *, once: bool = False) -> None:
        """Give the symbol named at some columns a value; with `once`, it must be new."""
        if name == ".":
            from exotool.asm.directives_data import place_at

            place_at(self, args)
            return
        register = _REGISTER.match(args.text, args.position)
        if register and register.end() == len(args.text):
            found = REGISTERS.get(register[1].lower())
            if found is None:
                raise AsmError("A0402", f"`%{register[1]}` is not a register", register.start(1) - 1, register.end())
            self.aliases[name] = found
            return
        symbol = self.symbols.get(check_name(name, start, end))  # the table has it before those of its value
        expr, _, _ = args.value()
        args.finish()
        self.aliases.pop(name, None)
        if once or symbol.chunk is not None or symbol.common is not None or symbol.is_equiv:
            self.must_be_new(symbol, start, end)
        if symbol.value is not None and not isinstance(symbol.value, Num):
            symbol = self.symbols.replace(symbol)
        number = self.constant(expr)
        symbol.value = expr if number is None else Num(number)
        if isinstance(expr, Op):
            self.copy_attributes(symbol, expr)
        symbol.is_equiv = once
        symbol.defined = self.statement.origin

    def copy_attributes(self, symbol: Symbol, expr: Expr) -> None:
        """Give a symbol that is a distance behind another the type and size that the other has by now."""
        value = self.linear(expr)
        if value is not None and len(value.plus) == 1 and not value.minus and not value.modifier:
            original = value.plus[0]
            symbol.type = original.type or symbol.type
            symbol.size, symbol.size_origin = original.size, original.size_origin

    # Values

    def known_number(self, symbol: Symbol) -> int | None:
        """Return the value of a symbol that is a number by now, else None."""
        return symbol.value.value if isinstance(symbol.value, Num) else None

    def early_distance(self, first: Symbol, second: Symbol) -> int | None:
        """Return a distance that no later relaxation can change."""
        one, two = self.early_place(first), self.early_place(second)
        if one is None or two is None or one[0] is not two[0]:
            return None
        self.flush()
        chunk = one[0]
        chunk.settle()
        run_one, offset_one = chunk.runs[one[1]]
        run_two, offset_two = chunk.runs[two[1]]
        return offset_one + one[2] - offset_two - two[2] if run_one == run_two else None

    def early_place(self, symbol: Symbol, depth: int = 0) -> tuple[Chunk, int, int] | None:
        """Return chunk, item and offset of a symbol that has a place by now and cannot be replaced by a linker."""
        if symbol.is_weak or depth > 50:
            return None
        if symbol.chunk is not None:
            return symbol.chunk, symbol.index, symbol.offset
        value = symbol.value
        add = 0
        if isinstance(value, Op) and value.op in ("+", "-") and len(value.args) == 2:
            left, right = value.args
            if isinstance(right, Num):
                add, value = right.value if value.op == "+" else -right.value, left
        if isinstance(value, Ref):
            place = self.early_place(value.symbol, depth + 1)
            return None if place is None else (place[0], place[1], place[2] + add)
        return None

    def linear(self, expr: Expr) -> Linear | None:
        """Return the value of an expression as far as it is known now; None when an operator cannot be applied yet."""
        try:
            return evaluate(expr, self.early_distance, self.known_number)
        except NotLinearError:
            return None

    def constant(self, expr: Expr) -> int | None:
        """Return the value of an expression that is a number by now, else None."""
        if isinstance(expr, Num):
            return expr.value
        if isinstance(expr, Ref):
            return self.known_number(expr.symbol)
        value = self.linear(expr)
        return value.const if value is not None and value.is_constant else None

    def absolute(self, args: Arguments, what: str) -> int:
        """Take an expression that must be a number now; `AsmError` A0305."""
        expr, start, end = args.value()
        value = self.constant(expr)
        if value is None:
            raise AsmError("A0305", f"{what} must be a number that is known here", start, end)
        return value

    def absolute_text(self, text: str) -> int:
        """Return the value of a text that must be a number now."""
        statement = Statement(text, self.statement.origin)
        args = self.arguments(statement, 0, "%")
        try:
            value = self.absolute(args, "the argument")
            args.finish()
        except AsmError as error:
            error.start = error.end = -1
            raise
        return value

    # Items

    def add(self, item: AnyItem) -> None:
        """Append an item to the current section; `AsmError` A0502 when the file gets too large."""
        self.stored += item.size
        if self.stored > MAX_BYTES:
            self.ended = True
            raise AsmError("A0502", f"the sections have more than {MAX_BYTES >> 20} MiB")
        self.chunk.items.append(item)

    def add_data(self, data: bytes, fixups: list[Fixup] | None = None) -> None:
        """Append bytes to the current section."""
        self.add(Data(self.statement, data, fixups or (), len(data)))

    # Instructions

    @property
    def is_plain(self) -> bool:
        """Tell whether the text of an instruction alone says, with the mode, what it means: then recipes serve."""
        return not (self.intel or self.naked or self.gcc16 or self.aliases or self.chunk.section.name == ABSOLUTE)

    def instruction(self, statement: Statement, at: int) -> None:
        """Parse an instruction and put it, or a place for its bytes, into the section."""
        if self.chunk.section.name == ABSOLUTE:
            raise AsmError("A0207", "there are no instructions in a structure", at, len(statement.text))
        shape = shape_of(statement.text, at, self.mode) if self.is_plain else None
        symbol: Expr | None = None
        if shape is not None:
            if shape.start >= 0:
                symbol = self.shape_symbol(statement, shape)
                if symbol is None:
                    shape = None
            if shape is not None and (recipe := self.known_recipe(shape)) is not None:
                if not at:
                    self.seen[statement.text] = Seen(self.mode, shape, recipe)
                self.repeat(recipe, statement, symbol)
                return
        if self.instructions is None:
            from exotool.asm.instructions import Instructions

            self.instructions = Instructions(self)
        self.instructions.new(statement, at, shape, symbol)

    def shape_symbol(self, statement: Statement, shape: Shape) -> Expr | None:
        """Return the expression in a shape; None if it is a number by now, or ends elsewhere."""
        if shape.name:
            symbol = self.reference(shape.name)
        else:
            parser = ExpressionParser(statement.text[: shape.end], shape.start, self.names())
            symbol = parser.parse()
            if parser.position != shape.end:
                return None
        return symbol if self.constant(symbol) is None else None

    def known_recipe(self, shape: Shape) -> Recipe | None:
        """Return the recipe of a shape, from this process or from disk."""
        recipe = lookup(shape.key)
        if recipe is not None:
            self.counts["memory"] += 1
            return recipe
        recipe = self.store.get(shape.key)
        if recipe is not None:
            self.counts["disk"] += 1
            remember(shape.key, recipe)
        return recipe

    def is_repeated(self, statement: Statement) -> bool:
        """Put an instruction into the section whose very text was there before, and tell whether it was."""
        seen = self.seen.get(statement.text)
        if seen is None or seen.mode != self.mode or not self.is_plain or seen.shape.word in self.macros:
            return False
        symbol: Expr | None = None
        if seen.shape.start >= 0:
            symbol = self.shape_symbol(statement, seen.shape)
            if symbol is None:
                return False
        self.counts["memory"] += 1
        self.repeat(seen.recipe, statement, symbol)
        return True

    def repeat(self, recipe: Recipe, statement: Statement, symbol: Expr | None) -> None:
        """Put an instruction into the section by its recipe."""
        self.lines.instruction(self)
        code = recipe.code
        if symbol is None:
            self.add(Data(statement, code, (), len(code), is_code=True))
        elif recipe.width:
            self.add(Branch(statement, recipe.short, code, symbol, recipe.width, recipe.marked))
        else:
            fixups = [
                Fixup(offset, width, symbol, pc, signed, branch, relax)
                for offset, width, pc, signed, branch, relax in recipe.fields
            ]
            self.add(Data(statement, code, fixups, len(code), is_code=True))

    def flush(self) -> None:
        """Encode the instructions that wait."""
        if self.instructions is not None:
            self.instructions.flush()
