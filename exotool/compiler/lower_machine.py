"""Atomic operations, fences, and the functions of `exotool.lang` that are operations of the machine."""

from __future__ import annotations

from typing import Final

from exotool.compiler.lower_calls import Calls
from exotool.compiler.lower_types import Value, integer_of, register_of, value_in
from exotool.compiler.tree import AtomicOperation, AtomicOperator, Intrinsic, IntrinsicOperator, Order
from exotool.compiler.types import BoolType, IntType, Type, size_of

_READ_MODIFY_WRITE: Final = {
    AtomicOperator.SWAP: "xchg",
    AtomicOperator.ADD: "add",
    AtomicOperator.SUB: "sub",
    AtomicOperator.AND: "and",
    AtomicOperator.OR: "or",
    AtomicOperator.XOR: "xor",
}
_LOAD_ORDERS: Final = (Order.RELAXED, Order.ACQUIRE, Order.SEQ_CST)
_STORE_ORDERS: Final = (Order.RELAXED, Order.RELEASE, Order.SEQ_CST)
_FAILURE_ORDERS: Final = {Order.RELEASE: Order.RELAXED, Order.ACQ_REL: Order.ACQUIRE}
"""What a compare-and-swap that exchanges nothing orders: it has no store to release."""

_CHECKED: Final = {
    IntrinsicOperator.CHECKED_ADD: "add",
    IntrinsicOperator.CHECKED_SUBTRACT: "sub",
    IntrinsicOperator.CHECKED_MULTIPLY: "mul",
}
_COUNTS: Final = {IntrinsicOperator.COUNT_LEADING_ZEROS: "ctlz", IntrinsicOperator.COUNT_TRAILING_ZEROS: "cttz"}
_U32: Final = IntType(32, signed=False)


class MachineOperations(Calls):
    """A function's text, with operations of the machine."""

    def atomic(self, node: AtomicOperation) -> Value:
        """Return the result of an atomic operation."""
        address = self.place(node.place)
        arguments = [self.expression(argument)[0] for argument in node.arguments]
        self.at(node.span)
        kind = value_in(address.type)
        part = register_of(kind)
        pointer, align = self.pointer(address), size_of(address.type)
        stored = [self.value(f"zext i1 {a} to i8") if part.llvm == "i1" else a for a in arguments]
        order = node.order
        match node.operator:
            case AtomicOperator.LOAD:
                order = order if order in _LOAD_ORDERS else Order.SEQ_CST
                old = self.value(f"load atomic {part.stored}, ptr {pointer} {order.value}, align {align}")
                return (self.loaded(old, kind, node.span),)
            case AtomicOperator.STORE:
                order = order if order in _STORE_ORDERS else Order.SEQ_CST
                self.emit(f"store atomic {part.stored} {stored[0]}, ptr {pointer} {order.value}, align {align}")
                return ()
            case AtomicOperator.CAS:
                failure = _FAILURE_ORDERS.get(order, order)
                both = self.value(
                    f"cmpxchg ptr {pointer}, {part.stored} {stored[0]}, {part.stored} {stored[1]}"
                    f" {order.value} {failure.value}, align {align}"
                )
                return (self.value(f"extractvalue {{{part.stored}, i1}} {both}, 1"),)
            case _:
                operation = _READ_MODIFY_WRITE[node.operator]
                old = self.value(
                    f"atomicrmw {operation} ptr {pointer}, {part.stored} {stored[0]} {order.value}, align {align}"
                )
                return (self.loaded(old, kind, node.span),)

    def intrinsic_operation(self, node: Intrinsic) -> Value:
        """Return the result of an operation of the machine."""
        operator = node.operator
        if operator is IntrinsicOperator.SYMBOL_ADDRESS:
            return (self.value(f"ptrtoint ptr {self.context.symbol_address(node.symbol)} to i64"),)
        values = [self.expression(argument) for argument in node.arguments]
        operands = [value[0] for value in values]
        self.at(node.span)
        if operator is IntrinsicOperator.FENCE:
            if node.order is not Order.RELAXED:
                self.emit(f"fence {node.order.value}")
            return ()
        if operator is IntrinsicOperator.ADDRESS_OF:
            return (self.value(f"ptrtoint ptr {operands[0]} to i64"),)
        kind = _integer(node.arguments[0].type)
        llvm = f"i{kind.bits}"
        if operator in _CHECKED:
            return self.with_overflow(_CHECKED[operator], kind, operands[0], operands[1])
        if operator in (IntrinsicOperator.MIN, IntrinsicOperator.MAX):
            name = f"llvm.{'s' if kind.signed else 'u'}{operator.value}.{llvm}"
            return (self._call_intrinsic(name, llvm, operands),)
        if operator is IntrinsicOperator.BYTE_SWAP:
            return (operands[0] if kind.bits == 8 else self._call_intrinsic(f"llvm.bswap.{llvm}", llvm, operands),)
        if operator is IntrinsicOperator.ROTATE_LEFT:
            # Only the low bits of the amount count, so cutting or filling it changes nothing.
            count = self.resize(operands[1], IntType(_integer(node.arguments[1].type).bits, signed=False), kind)
            return (self._call_intrinsic(f"llvm.fshl.{llvm}", llvm, [operands[0], operands[0], count]),)
        if operator is IntrinsicOperator.POPCOUNT:
            count = self._call_intrinsic(f"llvm.ctpop.{llvm}", llvm, operands)
        else:
            name = f"llvm.{_COUNTS[operator]}.{llvm}"
            function = self.context.intrinsic(name, llvm, f"{llvm}, i1 immarg")
            count = self.value(f"call {llvm} {function}({llvm} {operands[0]}, i1 false)")
        return (self.resize(count, IntType(kind.bits, signed=False), _U32),)

    def _call_intrinsic(self, name: str, llvm: str, operands: list[str]) -> str:
        function = self.context.intrinsic(name, llvm, ", ".join([llvm] * len(operands)))
        return self.value(f"call {llvm} {function}({', '.join(f'{llvm} {operand}' for operand in operands)})")


def _integer(kind: Type) -> IntType:
    integer = integer_of(kind)
    if integer is None or isinstance(kind, BoolType):
        raise TypeError(f"{kind} is no integer")
    return integer
