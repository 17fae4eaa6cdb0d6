"""Calls: arguments and results as the psABI passes them, and the counters of nested activations."""

from __future__ import annotations

from exotool.compiler.lower_context import parameter_registers
from exotool.compiler.lower_places import Places
from exotool.compiler.lower_types import Register, ResultShape, Value, registers, result_shape, value_type
from exotool.compiler.tree import Call, CallPointer, Expression, Function
from exotool.compiler.types import NeverType, ResultType


class Calls(Places):
    """A function's text, with calls and returns."""

    def call(self, call: Call) -> Value:
        """Return the result of calling a known function."""
        function = call.function
        arguments = self._arguments(call.arguments)
        self.at(call.span)
        if function in self.context.counters:
            callee = self.context.nested_address(function)
            return self.call_with(callee, self._counters(function), parameter_registers(function), arguments, call.type)
        callee = self.context.function_address(function)
        return self.call_with(callee, [], parameter_registers(function), arguments, call.type)

    def call_pointer(self, call: CallPointer) -> Value:
        """Return the result of calling through a function pointer."""
        (callee,) = self.expression(call.callee)
        arguments = self._arguments(call.arguments)
        self.at(call.span)
        parts = [part for argument in call.arguments for part in registers(value_type(argument))]
        return self.call_with(callee, [], parts, arguments, call.type)

    def _arguments(self, arguments: tuple[Expression, ...]) -> Value:
        return tuple(operand for argument in arguments for operand in self.expression(argument))

    def _counters(self, callee: Function) -> list[str]:
        """Return the hidden arguments: how many activations of each function of the callee's cycle there will be."""
        cycle = self.context.counters[callee]
        inside = self.function in cycle
        counts = []
        for index, function in enumerate(cycle):
            count = f"%c{index}" if inside else "0"
            if function is callee:
                count = self.value(f"add i32 {count}, 1") if inside else "1"
            counts.append(f"i32 {count}")
        return counts

    def call_with(
        self, callee: str, hidden: list[str], parts: list[Register], arguments: Value, result: ResultType
    ) -> Value:
        """Return the result of a call whose arguments are in registers; `hidden` ones, with their types, come first."""
        passed = [
            " ".join(filter(None, (part.llvm, "noundef", part.attributes, operand)))
            for part, operand in zip(parts, arguments, strict=True)
        ]
        shape = result_shape(result)
        target = " ".join(filter(None, (shape.attributes, shape.llvm)))
        text = f"call {target} {callee}({', '.join([*hidden, *passed])})"
        if not shape.registers:
            self.emit(text)
            if isinstance(result, NeverType):
                self.end("unreachable")
            return ()
        return self.unpack_result(shape, self.value(text))

    def unpack_result(self, shape: ResultShape, result: str) -> Value:
        """Return the registers that a call gave back as one LLVM value."""
        if len(shape.registers) == 1:
            return (result,)
        if shape.packed is not None:
            values = []
            for offset, part in zip(shape.packed, shape.registers, strict=True):
                moved = self.value(f"lshr i64 {result}, {offset}") if offset else result
                small = self.value(f"trunc i64 {moved} to {part.stored}")
                values.append(self.value(f"trunc i8 {small} to i1") if part.llvm == "i1" else small)
            return tuple(values)
        values = []
        for index, part in enumerate(shape.registers):
            item = self.value(f"extractvalue {shape.llvm} {result}, {index}")
            values.append(self.value(f"trunc i8 {item} to i1") if part.llvm == "i1" else item)
        return tuple(values)

    def give_back(self, value: Value) -> None:
        """Return from the function."""
        shape = result_shape(self.function.result)
        if not shape.registers:
            self.end("ret void")
            return
        if len(shape.registers) == 1:
            self.end(f"ret {shape.llvm} {value[0]}")
            return
        if shape.packed is not None:
            first, second = (
                self.value(f"zext {part.llvm} {operand} to i64")
                for operand, part in zip(value, shape.registers, strict=True)
            )
            high = self.value(f"shl i64 {second}, {shape.packed[1]}")
            self.end(f"ret i64 {self.value(f'or i64 {first}, {high}')}")
            return
        whole = "poison"
        for index, (operand, part) in enumerate(zip(value, shape.registers, strict=True)):
            item = self.value(f"zext i1 {operand} to i8") if part.llvm == "i1" else operand
            whole = self.value(f"insertvalue {shape.llvm} {whole}, {part.stored} {item}, {index}")
        self.end(f"ret {shape.llvm} {whole}")
