"""What the functions of one LLVM module share while they are lowered: symbols, declarations, trap records, metadata."""

from __future__ import annotations

from typing import Final

from exotool.compiler.debuginfo import DebugInfo
from exotool.compiler.lower_options import Machine, Options
from exotool.compiler.lower_text import quoted, string_constant
from exotool.compiler.lower_types import Register, registers, result_shape
from exotool.compiler.tree import REASON_TEXT, Function, Global, Reason, Span
from exotool.compiler.types import NeverType

TRAP_FUNCTION: Final = "__kpy_trap"
NATIVE_TRAP_FUNCTION: Final = "native.trapped"
"""In process the program's own `__kpy_trap`, if it has one, is a function like any other."""
LIKELY: Final = "!0"
"""Metadata: the first way of a branch is taken 2,000 times as often as the second."""

_HAS_OPERANDS: Final = 1


class ModuleContext:
    """The LLVM module that is being written.

    `defined` are the functions and statics that this module defines; `external` are the functions
    of other objects that it calls; `symbols` the values of linker symbols where no linker follows, `missing` those that
    have none. `counters` names, for each function of a cycle of
    the call graph, the functions of that cycle, whose activations its hidden parameters count.
    """

    def __init__(
        self,
        options: Options,
        machine: Machine,
        debug: DebugInfo | None,
        defined: set[Function | Global],
        counters: dict[Function, tuple[Function, ...]],
    ) -> None:
        self.options = options
        self.machine = machine
        self.debug = debug
        self.defined = defined
        self.counters = counters
        self.external: dict[str, Function] = {}
        self.symbols: dict[str, int] | None = None
        self.trap_function = TRAP_FUNCTION if machine.freestanding else NATIVE_TRAP_FUNCTION
        self.missing: list[str] = []
        self.declarations: dict[str, str] = {}
        self.constants: list[str] = []
        self._defined_symbols = {item.symbol for item in defined}
        self._records: dict[tuple[str, int, int, Reason, str, bool], str] = {}
        self._texts: dict[bytes, str] = {}

    def global_address(self, target: Global) -> str:
        """Return the operand for the address of a static, declared here if another object defines it."""
        name = f"@{quoted(target.symbol)}"
        if target not in self.defined:
            visibility = "dso_local" if target.exported else "hidden"
            kind = "constant" if target.read_only else "global"
            self.declarations.setdefault(target.symbol, f"{name} = external {visibility} {kind} i8")
        return name

    def symbol_address(self, symbol: str) -> str:
        """Return the operand for the address of a symbol that the linker knows."""
        name = f"@{quoted(symbol)}"
        if symbol not in self._defined_symbols:
            if self.symbols is not None:
                if symbol not in self.symbols:
                    self.missing.append(symbol)
                return f"inttoptr (i64 {self.symbols.get(symbol, 0)} to ptr)"
            self.declarations.setdefault(symbol, f"{name} = external dso_local global i8")
        return name

    def function_address(self, function: Function) -> str:
        """Return the operand for the function as the C convention calls it, declared here if it is not defined."""
        name = f"@{quoted(function.symbol)}"
        # An extern that another module of the program exports is defined here under a different `Function`.
        if function.symbol not in self._defined_symbols:
            if function.external:
                self.external.setdefault(function.symbol, function)
            visibility = "dso_local" if function.external or function.exported else "hidden"
            self.declarations[function.symbol] = f"declare {visibility} {prototype(function, name)} {self.attributes()}"
        return name

    def nested_address(self, function: Function) -> str:
        """Return the operand for the body of a function of a call cycle, which takes its counters first."""
        counters = self.counters[function]
        name = f"@{quoted(nested_symbol(function))}"
        if function not in self.defined:
            text = prototype(function, name, counters=len(counters))
            self.declarations.setdefault(nested_symbol(function), f"declare hidden {text} {self.attributes()}")
        return name

    def intrinsic(self, name: str, result: str, parameters: str) -> str:
        """Return the operand for an LLVM intrinsic function."""
        self.declarations.setdefault(name, f"declare {result} @{name}({parameters})")
        return f"@{name}"

    def linkage(self, *, exported: bool) -> str:
        """Return how other objects see what this module defines."""
        if exported:
            return "dso_local"
        return "internal" if self.options.whole_program else "hidden"

    def attributes(self) -> str:
        """Return what every function of the module says, its declarations included."""
        parts = ["nounwind"]
        if self.machine.freestanding:
            parts += ["noredzone", '"no-builtins"']
        if self.machine.features:
            parts.append(f'"target-features"="{self.machine.features}"')
        parts.append(f'"target-cpu"="{self.machine.cpu}"')
        return " ".join(parts)

    def trap_record(self, span: Span, reason: Reason, message: str, *, operands: bool) -> str:
        """Return the operand for the record of a trap: what `__kpy_trap` gets as its first argument."""
        text = message or REASON_TEXT[reason]
        key = (span.path, span.line, span.column, reason, text, operands)
        name = self._records.get(key)
        if name is None:
            name = self._records[key] = f"@trap.{len(self._records)}"
            flags = _HAS_OPERANDS if operands else 0
            self.constants.append(
                f"{name} = private unnamed_addr constant {{ptr, ptr, i32, i32, i32, i32}} {{"
                f"ptr {self.text(span.path)}, ptr {self.text(text)}, "
                f"i32 {span.line}, i32 {span.column}, i32 {int(reason)}, i32 {flags}}}, align 8"
            )
            if self.trap_function not in self._defined_symbols:
                head = f"declare dso_local void @{self.trap_function}(ptr nonnull, i64, i64)"
                self.declarations.setdefault(self.trap_function, f"{head} noreturn cold {self.attributes()}")
        return name

    def text(self, text: str) -> str:
        """Return the operand for a NUL-terminated text in .rodata."""
        data = text.encode("utf-8", "surrogateescape") + b"\0"
        name = self._texts.get(data)
        if name is None:
            name = self._texts[data] = f"@text.{len(self._texts)}"
            self.constants.append(
                f"{name} = private unnamed_addr constant [{len(data)} x i8] {string_constant(data)}, align 1"
            )
        return name


def nested_symbol(function: Function) -> str:
    """Return the symbol of the body of a function of a call cycle."""
    return f"{function.symbol}.nested"


def parameter_registers(function: Function) -> list[Register]:
    """Return the registers of all parameters, in order, without hidden ones."""
    return [part for parameter in function.parameters for part in registers(parameter.type)]


def prototype(function: Function, name: str, counters: int = 0, names: bool = False) -> str:
    """Return result, name and parameters as `define` and `declare` have them; `names` numbers the parameters."""
    shape = result_shape(function.result)
    parts = [f"i32 %c{i}" if names else "i32" for i in range(counters)]
    for index, part in enumerate(parameter_registers(function)):
        words = [part.llvm, "noundef", part.attributes, f"%a{index}" if names else ""]
        parts.append(" ".join(filter(None, words)))
    never = " noreturn" if isinstance(function.result, NeverType) else ""
    result = " ".join(filter(None, (shape.attributes, shape.llvm)))
    return f"{result} {name}({', '.join(parts)}){never}"
