"""Places and expressions, with the meaning that `compiler.lower_places` and `compiler.lower_expressions` give them."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass, field, replace
from typing import Final, assert_never

import z3

from exotool.compiler.lower_types import integer_of, registers, value_in, value_type
from exotool.compiler.tree import (
    REASON_TEXT,
    AtomicOperation,
    AtomicOperator,
    Binary,
    BinaryOperator,
    BitsGet,
    BitsReplace,
    Call,
    CallPointer,
    Compare,
    Comparison,
    Conditional,
    Constant,
    Convert,
    Element,
    Expression,
    Field,
    Function,
    FunctionAddress,
    Global,
    GlobalPlace,
    Intrinsic,
    IntrinsicOperator,
    Length,
    Let,
    Load,
    Local,
    LocalStorage,
    Logic,
    MakeTuple,
    Place,
    PtrDifference,
    PtrOffset,
    Read,
    Reason,
    Reference,
    Slice,
    Span,
    StoragePlace,
    Target,
    TupleItem,
    Unary,
    UnaryOperator,
    View,
)
from exotool.compiler.types import (
    ArrayType,
    BitField,
    BoolType,
    EnumType,
    FunctionType,
    IntType,
    PtrType,
    RefType,
    ResultType,
    StorageType,
    TupleType,
    Type,
    ValueType,
    ViewType,
    VolatileType,
    size_of,
)
from exotool.verify import terms
from exotool.verify.effects import PROOF_WORDS, Effects
from exotool.verify.memory import Filling, Location, Memory, Object
from exotool.verify.path import Failure, MustFork, NotModelled, Path
from exotool.verify.terms import Bits, Scalar, Truth, Value, number, truth

PLACES: Final = (GlobalPlace, StoragePlace, Target, Field, Element)
FUNCTIONS: Final = 0xFFFF_FFFF_8000_0000
_BITWISE: Final = (BinaryOperator.AND, BinaryOperator.OR, BinaryOperator.XOR)


@dataclass(frozen=True, slots=True)
class Address:
    """A place; `sure` says that it lies in an object, as all the bounds on the way there have been checked."""

    value: Bits
    type: StorageType
    sure: bool = False


@dataclass(frozen=True, slots=True)
class Draw:
    """Something that the proof left open, in the order of the execution: a scalar of a type, or content."""

    name: str
    type: Type
    value: Scalar | Filling
    span: Span


@dataclass(eq=False, slots=True)
class Activation:
    """A function that runs."""

    function: Function
    locals: dict[Local, Value] = field(default_factory=dict)
    storage: dict[LocalStorage, Object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Compiled:
    """What all executions of a proof share: the addresses of functions, what stands for externs, what has no effect."""

    functions: dict[Function, int]
    models: dict[str, Function]
    effects: Effects


class Evaluation:
    """One execution: memory, and the expressions of the function that runs."""

    def __init__(self, path: Path, program: Compiled, *, overflow: bool, shift: bool) -> None:
        self.path = path
        self.effects = program.effects
        self.memory = Memory(path)
        self.functions = program.functions
        self.draws: list[Draw] = []
        self.symbols: dict[str, z3.BitVecRef] = {}
        self.activations: list[Activation] = []
        self._traps_overflow = overflow
        self._traps_shift = shift
        self._globals: dict[Global, Object] = {}

    @property
    def running(self) -> Activation:
        """The innermost function that runs."""
        return self.activations[-1]

    @abstractmethod
    def call(self, function: Function, arguments: list[Value], span: Span) -> Value:
        """Run a function and return its result."""

    # --- Traps -------------------------------------------------------------------------------------------------------

    def check(self, holds: Truth, reason: Reason, span: Span, message: str = "") -> None:
        """Go on where `holds`; elsewhere the program traps."""
        if holds is not True:
            failure = Failure(reason, message or REASON_TEXT[reason], span, tuple(self.path.calls))
            self.path.require(holds, failure)

    def check_member(self, value: Bits, source: IntType, enum: EnumType, span: Span) -> None:
        """Trap ENUM unless an integer is the value of a member."""
        holds: Truth = False
        for member in sorted(set(enum.members.values())):
            if source.minimum <= member <= source.maximum:
                same = terms.equal(value, member & ((1 << source.bits) - 1), source.bits)
                holds = terms.either(holds, same)
        self.check(holds, Reason.ENUM, span)

    # --- Places ------------------------------------------------------------------------------------------------------

    def place(self, place: Place) -> Address:
        """Return the address of a place, after the checks on the way there."""
        match place:
            case Field(base=base, field=part):
                inner = self.place(base)
                return Address(terms.add(inner.value, part.offset), part.type, inner.sure)
            case Target(reference=reference, type=storage):
                return Address(number(self.expression(reference)[0]), storage)
            case GlobalPlace(target=target):
                return Address(self.global_object(target).base, target.type, sure=True)
            case StoragePlace(target=storage):
                return Address(self.storage_object(storage).base, storage.type, sure=True)
            case Element():
                return self._element(place)

    def global_object(self, target: Global) -> Object:
        """Return the object of a static."""
        found = self._globals.get(target)
        if found is None:
            data = target.data
            if data is not None and target.relocations:
                data = self._relocated(target, data)
            made = self.memory.make(target.name, target.type, data, read_only=target.read_only)
            found = self._globals[target] = made
        return found

    def _relocated(self, target: Global, data: bytes) -> bytes:
        filled = bytearray(data)
        for offset, what, addend in target.relocations:
            base = self.functions[what] if isinstance(what, Function) else self.global_object(what).base
            filled[offset : offset + 8] = (base + addend & (1 << 64) - 1).to_bytes(8, "little")
        return bytes(filled)

    def statics(self) -> tuple[tuple[str, str, int, int], ...]:
        """Return module, name, address and size of the statics that were used."""
        return tuple((g.module, g.name, made.base, made.size) for g, made in self._globals.items())

    def storage_object(self, storage: LocalStorage) -> Object:
        """Return the object of a struct or array in the frame."""
        found = self.running.storage.get(storage)
        if found is None:
            self.path.act()
            found = self.running.storage[storage] = self.memory.make(storage.name, storage.type, None, frame=True)
        return found

    def _element(self, element: Element) -> Address:
        base = element.base
        if isinstance(base, PLACES):
            array = self.place(base)
            if not isinstance(array.type, ArrayType):
                raise TypeError(f"element of {array.type}")
            index = self.index(element.index)
            self.check(terms.below(index, array.type.length), Reason.BOUNDS, element.span)
        else:
            value = self.expression(base)
            array = Address(number(value[0]), element.type)
            index = self.index(element.index)
            if isinstance(base.type, PtrType):
                self.check(terms.negate(terms.equal(array.value, 0)), Reason.NULL, element.span)
            else:
                self.check(terms.below(index, number(value[1])), Reason.BOUNDS, element.span)
        offset = terms.multiply(index, size_of(element.type))
        return Address(terms.add(array.value, offset), element.type, array.sure)

    def index(self, expression: Expression) -> Bits:
        """Return an integer expression with 64 bits: a negative one becomes an index beyond every length."""
        kind = _integer(expression.type)
        return terms.resize(number(self.expression(expression)[0]), kind.bits, 64, sign=kind.signed)

    def locate(self, address: Address, size: int, span: Span) -> Location:
        """Return where an access of `size` bytes goes."""
        if isinstance(address.type, VolatileType):
            help_ = "prove the functions around it, with a @model for what reads the device"
            raise NotModelled(span, "`Volatile` storage, which changes by itself", help_)
        return self.memory.locate(address.value, size, span, sure=address.sure, calls=tuple(self.path.calls))

    def load(self, address: Address, span: Span) -> Scalar:
        """Return the scalar at an address. Traps ENUM."""
        kind = value_in(address.type)
        size = size_of(kind)
        value = self.memory.load(self.locate(address, size, span), size, span)
        if isinstance(kind, EnumType):
            self.check_member(value, kind.storage, kind, span)
        return terms.negate(terms.equal(value, 0, 8)) if isinstance(kind, BoolType) else value

    def store(self, address: Address, value: Scalar, span: Span) -> None:
        """Write a scalar."""
        size = size_of(value_in(address.type))
        bits = terms.choose(value, 1, 0, 8) if isinstance(value, bool | z3.BoolRef) else value
        self.memory.store(self.locate(address, size, span), size, bits, span)

    # --- Expressions -------------------------------------------------------------------------------------------------

    def expression(self, expression: Expression) -> Value:
        """Return the scalars of an expression's value."""
        match expression:
            case Read(local=local):
                return self.running.locals[local]
            case Constant(value=value, type=kind):
                return self._constant(value, kind)
            case Load(place=place):
                return (self.load(self.place(place), expression.span),)
            case Binary(left=left, right=right, operator=operator, type=kind, span=span):
                first, second = number(self.expression(left)[0]), number(self.expression(right)[0])
                return (self.binary(operator, _integer(kind), first, second, _integer(right.type), span),)
            case Convert(operand=operand, type=kind, span=span):
                return self._convert(self.expression(operand), value_type(operand), kind, span)
            case Compare(left=left, right=right, operator=operator):
                return (self._compare(operator, value_type(left), self.expression(left)[0], self.expression(right)[0]),)
            case Call(function=function, arguments=arguments, span=span):
                return self.call(function, [self.expression(a) for a in arguments], span)
            case Reference(place=place):
                return (self.place(place).value,)
            case Logic(conjunction=conjunction, left=left, right=right):
                return (self._logic(conjunction, truth(self.expression(left)[0]), right),)
            case Unary():
                return (self._unary(expression),)
            case View(place=place):
                array = self.place(place)
                return array.value, array.type.length if isinstance(array.type, ArrayType) else 1
            case Slice():
                return self._slice(expression)
            case Length(view=view):
                return (self.expression(view)[1],)
            case Let(local=local, value=value, body=body):
                self.running.locals[local] = self.expression(value)
                return self.expression(body)
            case Conditional():
                return self._conditional(expression)
            case CallPointer(callee=callee, arguments=arguments, span=span):
                function = self._callee(number(self.expression(callee)[0]), span)
                return self.call(function, [self.expression(a) for a in arguments], span)
            case FunctionAddress(function=function):
                return (self.functions[function],)
            case MakeTuple(items=items):
                return tuple(scalar for item in items for scalar in self.expression(item))
            case TupleItem(value=value, index=index):
                return self._tuple_item(self.expression(value), value.type, index)
            case PtrOffset(pointer=pointer, count=count, negative=negative, type=kind):
                start = number(self.expression(pointer)[0])
                distance = terms.multiply(self.index(count), _element_size(kind))
                return (terms.subtract(start, distance) if negative else terms.add(start, distance),)
            case PtrDifference(left=left, right=right):
                size = max(_element_size(left.type), 1)
                first, second = number(self.expression(left)[0]), number(self.expression(right)[0])
                return (terms.divide(terms.subtract(first, second), size, 64, sign=True)[0],)
            case BitsGet(value=value, field=part, span=span):
                bits = number(self.expression(value)[0])
                return (self._bits_get(bits, part, span),)
            case BitsReplace():
                return (self._bits_replace(expression),)
            case AtomicOperation():
                return self._atomic(expression)
            case Intrinsic():
                return self._intrinsic(expression)
            case _:
                assert_never(expression)

    def _constant(self, value: int | bool | None, kind: ValueType) -> Value:
        if isinstance(kind, BoolType):
            return (bool(value),)
        if isinstance(kind, ViewType):
            return 0, 0
        return ((value or 0) & ((1 << scalar_bits(kind)) - 1),)

    def _convert(self, value: Value, source: Type, target: Type, span: Span) -> Value:
        if isinstance(source, TupleType) and isinstance(target, TupleType):
            result: list[Scalar] = []
            start = 0
            for old, new in zip(source.items, target.items, strict=True):
                count = len(registers(old))
                result += self._convert(value[start : start + count], old, new, span)
                start += count
            return tuple(result)
        if isinstance(source, ViewType) or isinstance(target, ViewType | BoolType):
            return value
        return (self._convert_scalar(value[0], source, target, span),)

    def _convert_scalar(self, operand: Scalar, source: Type, target: Type, span: Span) -> Scalar:
        from_integer, to_integer = integer_of(source), integer_of(target)
        to_bits = to_integer.bits if to_integer is not None else 64
        if isinstance(source, BoolType):
            return terms.choose(truth(operand), 1, 0, to_bits)
        value = number(operand)
        if from_integer is not None:
            if isinstance(target, EnumType) and source is not target:
                self.check_member(value, from_integer, target, span)
            value = terms.resize(value, from_integer.bits, to_bits, sign=from_integer.signed)
        elif to_integer is not None:
            return terms.resize(value, 64, to_bits, sign=False)
        certain = isinstance(target, RefType | FunctionType) and not target.nullable
        if certain and (from_integer is not None or isinstance(source, PtrType)):
            self.check(terms.negate(terms.equal(value, 0)), Reason.NULL, span)
        return value

    # --- Operators ---------------------------------------------------------------------------------------------------

    def binary(
        self, operator: BinaryOperator, kind: IntType, left: Bits, right: Bits, amount: IntType, span: Span
    ) -> Bits:
        """Return `left operator right` of type `kind`; `amount` is the type of a shift's right operand."""
        bits, sign = kind.bits, kind.signed
        match operator:
            case BinaryOperator.SHIFT_LEFT | BinaryOperator.SHIFT_RIGHT:
                if self._traps_shift:
                    self.check(terms.below(right, bits, amount.bits), Reason.SHIFT, span)
                count = terms.resize(right, amount.bits, bits, sign=False)
                count = terms.bitwise(BinaryOperator.AND, count, bits - 1, bits)
                return terms.shift(operator, left, count, bits, sign=sign)
            case BinaryOperator.FLOOR_DIVIDE | BinaryOperator.MODULO:
                self.check(terms.negate(terms.equal(right, 0, bits)), Reason.DIVISION, span)
                if sign and self._checks_overflow and operator is BinaryOperator.FLOOR_DIVIDE:
                    least = terms.equal(left, 1 << (bits - 1), bits)
                    minus_one = terms.equal(right, (1 << bits) - 1, bits)
                    self.check(terms.negate(terms.both(least, minus_one)), Reason.OVERFLOW, span)
                quotient, rest = terms.divide(left, right, bits, sign=sign)
                return quotient if operator is BinaryOperator.FLOOR_DIVIDE else rest
            case _ if operator in _BITWISE:
                return terms.bitwise(operator, left, right, bits)
        if self._checks_overflow:
            wraps = terms.wraps(operator, left, right, bits, sign=sign)
            self.check(terms.negate(wraps), Reason.OVERFLOW, span)
        operate = {BinaryOperator.ADD: terms.add, BinaryOperator.SUBTRACT: terms.subtract}.get(operator, terms.multiply)
        return operate(left, right, bits)

    @property
    def _checks_overflow(self) -> bool:
        return self._traps_overflow and not self.running.function.wrapping

    def _unary(self, node: Unary) -> Scalar:
        (operand,) = self.expression(node.operand)
        match node.operator:
            case UnaryOperator.NOT:
                return terms.negate(truth(operand))
            case UnaryOperator.INVERT:
                bits = _integer(node.type).bits
                return terms.bitwise(BinaryOperator.XOR, number(operand), (1 << bits) - 1, bits)
            case UnaryOperator.NEGATE:
                kind = _integer(node.type)
                return self.binary(BinaryOperator.SUBTRACT, kind, 0, number(operand), kind, node.span)

    def _compare(self, operator: Comparison, kind: ValueType, left: Scalar, right: Scalar) -> Truth:
        if isinstance(kind, BoolType):
            same = terms.choose_truth(truth(left), truth(right), terms.negate(truth(right)))
            return same if operator is Comparison.EQUAL else terms.negate(same)
        integer = integer_of(kind)
        sign = integer is not None and integer.signed
        return terms.compare(operator, number(left), number(right), scalar_bits(kind), sign=sign)

    def _logic(self, conjunction: bool, left: Truth, right: Expression) -> Truth:
        if isinstance(left, z3.BoolRef) and self.effects.is_plain(right):
            guard = left if conjunction else z3.Not(left)
            try:
                with self.path.under(guard):
                    second = truth(self.expression(right)[0])
                return terms.both(left, second) if conjunction else terms.either(left, second)
            except MustFork:
                pass
        if self.path.branch(left) is not conjunction:
            return not conjunction
        return truth(self.expression(right)[0])

    def _conditional(self, node: Conditional) -> Value:
        test = truth(self.expression(node.test)[0])
        if isinstance(test, z3.BoolRef) and self.effects.is_plain(node.then) and self.effects.is_plain(node.otherwise):
            try:
                with self.path.under(test):
                    then = self.expression(node.then)
                with self.path.under(z3.Not(test)):
                    otherwise = self.expression(node.otherwise)
            except MustFork:
                pass
            else:
                return merge(test, then, otherwise, node.type)
        return self.expression(node.then if self.path.branch(test) else node.otherwise)

    # --- Tuples, views, functions ------------------------------------------------------------------------------------

    def _tuple_item(self, value: Value, kind: Type, index: int) -> Value:
        if not isinstance(kind, TupleType):
            raise TypeError(f"item of {kind}")
        start = sum(len(registers(item)) for item in kind.items[:index])
        return value[start : start + len(registers(kind.items[index]))]

    def _slice(self, node: Slice) -> Value:
        data, whole = (number(scalar) for scalar in self.expression(node.view))
        start = self.index(node.start) if node.start is not None else 0
        stop = self.index(node.stop) if node.stop is not None else whole
        if node.stop is not None:
            self.check(terms.negate(terms.below(whole, stop)), Reason.SLICE, node.span)
        self.check(terms.negate(terms.below(stop, start)), Reason.SLICE, node.span)
        return terms.add(data, terms.multiply(start, _element_size(node.type))), terms.subtract(stop, start)

    def _callee(self, address: Bits, span: Span) -> Function:
        if not isinstance(address, int):
            picked = self.path.value(address, len(self.functions))
            if picked is None:
                raise NotModelled(span, "a call of a function that can be any")
            address = picked
        for function, place in self.functions.items():
            if place == address:
                return function
        self.path.require(False, Failure(None, "a call of what is no function", span, tuple(self.path.calls), "stray"))
        raise AssertionError("the way goes on behind a failure that is certain")

    # --- Bit records -------------------------------------------------------------------------------------------------

    def _bits_get(self, bits: Bits, part: BitField, span: Span) -> Scalar:
        found = terms.extract(bits, part.high, part.low)
        width = part.high - part.low + 1
        if isinstance(part.type, BoolType):
            return terms.equal(terms.low_bits(found, 1) if width > 1 else found, 1, 1)
        kind = _integer(part.type)
        wide = max(width, kind.bits)
        found = terms.resize(found, width, wide, sign=kind.signed)
        if isinstance(part.type, EnumType):
            self.check_member(found, IntType(wide, kind.signed), part.type, span)
        return terms.resize(found, wide, kind.bits, sign=kind.signed)

    def _bits_replace(self, node: BitsReplace) -> Bits:
        bits = number(self.expression(node.value)[0])
        values = [self.expression(value)[0] for _, value in node.fields]
        storage = _integer(node.type).bits
        for (part, _), operand in zip(node.fields, values, strict=True):
            width = part.high - part.low + 1
            mask = ((1 << width) - 1) << part.low
            kept = terms.bitwise(BinaryOperator.AND, bits, ~mask & ((1 << storage) - 1), storage)
            moved = terms.shift(
                BinaryOperator.SHIFT_LEFT, self._field(part, operand, storage, node.span), part.low, storage, sign=False
            )
            bits = terms.bitwise(BinaryOperator.OR, kept, moved, storage)
        return bits

    def _field(self, part: BitField, operand: Scalar, storage: int, span: Span) -> Bits:
        """Return a field's value in the width of the record, all bits above the field 0. Traps OVERFLOW."""
        if isinstance(part.type, BoolType):
            return terms.choose(truth(operand), 1, 0, storage)
        kind, value = _integer(part.type), number(operand)
        width = part.high - part.low + 1
        if width < kind.bits:
            moved = terms.add(value, 1 << (width - 1), kind.bits) if kind.signed else value
            self.check(terms.below(moved, 1 << width, kind.bits), Reason.OVERFLOW, span)
        whole = terms.resize(value, kind.bits, storage, sign=False)
        return terms.bitwise(BinaryOperator.AND, whole, (1 << width) - 1, storage)

    # --- Operations of the machine -----------------------------------------------------------------------------------

    def _atomic(self, node: AtomicOperation) -> Value:
        address = self.place(node.place)
        arguments = [self.expression(argument)[0] for argument in node.arguments]
        kind = value_in(address.type)
        plain = replace(address, type=kind)
        if node.operator is AtomicOperator.STORE:
            self.store(plain, arguments[0], node.span)
            return ()
        old = self.load(plain, node.span)
        match node.operator:
            case AtomicOperator.LOAD:
                return (old,)
            case AtomicOperator.CAS:
                same = self._compare(Comparison.EQUAL, kind, old, arguments[0])
                new = terms.choose_scalar(same, arguments[1], old, scalar_bits(kind))
                self.store(plain, new, node.span)
                return (same,)
            case AtomicOperator.SWAP:
                self.store(plain, arguments[0], node.span)
                return (old,)
        bits = scalar_bits(kind)
        left, right = number(old), number(arguments[0])
        match node.operator:
            case AtomicOperator.ADD:
                new = terms.add(left, right, bits)
            case AtomicOperator.SUB:
                new = terms.subtract(left, right, bits)
            case _:
                new = terms.bitwise(BinaryOperator[node.operator.name], left, right, bits)
        self.store(plain, new, node.span)
        return (old,)

    def _intrinsic(self, node: Intrinsic) -> Value:
        operator = node.operator
        if operator in PROOF_WORDS:
            return self._proof_word(node)
        if operator is IntrinsicOperator.SYMBOL_ADDRESS:
            made = self.symbols.setdefault(node.symbol, z3.BitVec(f"symbol {node.symbol}", 64))
            return (made,)
        values = [self.expression(argument) for argument in node.arguments]
        if operator is IntrinsicOperator.FENCE:
            return ()
        if operator is IntrinsicOperator.ADDRESS_OF:
            return (values[0][0],)
        operands = [number(value[0]) for value in values]
        kind = _integer(node.arguments[0].type)
        bits, sign = kind.bits, kind.signed
        match operator:
            case IntrinsicOperator.MIN | IntrinsicOperator.MAX:
                less = terms.compare(Comparison.LESS, operands[0], operands[1], bits, sign=sign)
                first, second = operands if operator is IntrinsicOperator.MIN else operands[::-1]
                return (terms.choose(less, first, second, bits),)
            case IntrinsicOperator.BYTE_SWAP:
                return (terms.byte_swap(operands[0], bits),)
            case IntrinsicOperator.ROTATE_LEFT:
                amount = terms.resize(operands[1], _integer(node.arguments[1].type).bits, bits, sign=False)
                return (terms.rotate_left(operands[0], amount, bits),)
            case IntrinsicOperator.POPCOUNT:
                return (terms.resize(terms.popcount(operands[0], bits), bits, 32, sign=False),)
            case IntrinsicOperator.COUNT_LEADING_ZEROS:
                return (terms.resize(terms.leading_zeros(operands[0], bits), bits, 32, sign=False),)
            case IntrinsicOperator.COUNT_TRAILING_ZEROS:
                return (terms.resize(terms.trailing_zeros(operands[0], bits), bits, 32, sign=False),)
        plain = _CHECKED[operator]
        operate = {BinaryOperator.ADD: terms.add, BinaryOperator.SUBTRACT: terms.subtract}.get(plain, terms.multiply)
        wraps = terms.wraps(plain, operands[0], operands[1], bits, sign=sign)
        return operate(operands[0], operands[1], bits), wraps

    def _proof_word(self, node: Intrinsic) -> Value:
        match node.operator:
            case IntrinsicOperator.ASSUME:
                self.path.assume(truth(self.expression(node.arguments[0])[0]))
                return ()
            case IntrinsicOperator.ARBITRARY:
                return (self.arbitrary("arbitrary", node.type, node.span),)
            case IntrinsicOperator.PROVIDE_MEMORY:
                base, size = (number(self.expression(a)[0]) for a in node.arguments)
                if isinstance(base, int) and isinstance(size, int):
                    self.memory.provide(base, size, node.span)
                return ()
        (argument,) = node.arguments
        value = self.expression(argument)
        kind = argument.type
        if isinstance(kind, RefType):
            self.havoc(Address(number(value[0]), kind.target), node.span)
        elif isinstance(kind, ViewType):
            length = number(value[1])
            if not isinstance(length, int):
                raise NotModelled(node.span, "`havoc` of a view whose length is not known")
            self.havoc(Address(number(value[0]), ArrayType(kind.element, length)), node.span)
        return ()

    def havoc(self, address: Address, span: Span) -> None:
        """Let a struct or array have any content."""
        size = size_of(address.type)
        location = self.memory.locate(address.value, size, span, sure=address.sure, calls=tuple(self.path.calls))
        filling = self.memory.havoc(location, size, address.type, span)
        self.draws.append(Draw(location.object.name, address.type, filling, span))

    def arbitrary(self, name: str, kind: Type, span: Span) -> Scalar:
        """Return a variable that can have any value of a type."""
        self.path.act()
        made = self.memory.variable(name, scalar_bits(kind))
        value: Scalar = made
        if isinstance(kind, BoolType):
            value = terms.equal(made, 1, 1)
        elif isinstance(kind, EnumType):
            allowed: Truth = False
            for member in sorted(set(kind.members.values())):
                same = terms.equal(made, member & ((1 << kind.storage.bits) - 1), kind.storage.bits)
                allowed = terms.either(allowed, same)
            self.path.axiom(allowed)
        self.draws.append(Draw(name, kind, value, span))
        return value


_CHECKED: Final = {
    IntrinsicOperator.CHECKED_ADD: BinaryOperator.ADD,
    IntrinsicOperator.CHECKED_SUBTRACT: BinaryOperator.SUBTRACT,
    IntrinsicOperator.CHECKED_MULTIPLY: BinaryOperator.MULTIPLY,
}


def merge(test: Truth, then: Value, otherwise: Value, kind: ResultType) -> Value:
    """Return `then if test else otherwise`, scalar by scalar."""
    return tuple(
        terms.choose_scalar(test, one, other, 8 * part.size)
        for one, other, part in zip(then, otherwise, registers(kind), strict=True)
    )


def scalar_bits(kind: Type) -> int:
    """Return how many bits a scalar has: 1 for a bool, 64 for whatever is an address."""
    if isinstance(kind, BoolType):
        return 1
    integer = integer_of(kind)
    return integer.bits if integer is not None else 64


def _integer(kind: Type) -> IntType:
    integer = integer_of(kind)
    if integer is None:
        raise TypeError(f"{kind} is no integer")
    return integer


def _element_size(kind: Type) -> int:
    if not isinstance(kind, PtrType | ViewType):
        raise TypeError(f"{kind} is no pointer")
    return size_of(kind.element)
