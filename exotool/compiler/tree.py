"""The typed tree: what the checker makes of a program, and what flow analyses and lowering read.

Every name is resolved, every expression has its exact type, every implicit conversion is a `Convert`, every generic is
an instance of its own, constants are folded. What can still go wrong at run time is in the nodes themselves: lowering
writes the check that `Reason` names wherever a node's documentation says "traps".

Expressions are evaluated in Python's order: operands from left to right; for `Store` first the value, then the place;
for `Update` the place, then the value found there, then the operand.

The file has more than 600 lines because the nodes are one vocabulary, read from top to bottom.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, IntEnum
from typing import TypeAlias

from exotool.compiler.types import (
    ArrayType,
    BitField,
    EnumType,
    FunctionType,
    RefType,
    ResultType,
    StorageType,
    StructField,
    StructType,
    ValueType,
)


@dataclass(frozen=True, slots=True)
class Span:
    """A range of a source file. Lines and columns count from 1, columns in characters; `end_column` is exclusive."""

    path: str
    line: int
    column: int = 1
    end_line: int = 0
    end_column: int = 0


class Reason(IntEnum):
    """Why a program trapped. The number stands in the trap record that the panic path gets; see `lower`."""

    ASSERTION = 1
    BOUNDS = 2
    SLICE = 3
    NULL = 4
    DIVISION = 5
    SHIFT = 6
    OVERFLOW = 7
    ENUM = 8
    UNREACHABLE = 9
    RECURSION = 10
    PANIC = 11


REASON_TEXT = {
    Reason.ASSERTION: "assertion failed",
    Reason.BOUNDS: "index out of bounds",
    Reason.SLICE: "slice out of bounds",
    Reason.NULL: "address 0 dereferenced",
    Reason.DIVISION: "division by zero",
    Reason.SHIFT: "shift amount not less than the width",
    Reason.OVERFLOW: "integer overflow",
    Reason.ENUM: "no such member of the enum",
    Reason.UNREACHABLE: "unreachable code reached",
    Reason.RECURSION: "recursion deeper than declared",
    Reason.PANIC: "panic",
}


class Order(Enum):
    """Memory orders, with the names of C11 (section 7.17.3)."""

    RELAXED = "monotonic"
    ACQUIRE = "acquire"
    RELEASE = "release"
    ACQ_REL = "acq_rel"
    SEQ_CST = "seq_cst"


# --- Things with names -----------------------------------------------------------------------------------------------


@dataclass(eq=False, slots=True)
class Local:
    """A parameter or variable of a function that holds a value.

    `hidden` variables are the compiler's own (loop limits, temporaries of chained comparisons) and stay out of DWARF.
    """

    name: str
    type: ValueType
    span: Span
    parameter: bool = False
    hidden: bool = False


@dataclass(eq=False, slots=True)
class LocalStorage:
    """A struct or array in the frame of a function; zeroed by `Zero` where its constructor stands."""

    name: str
    type: StructType | ArrayType
    span: Span


@dataclass(eq=False, slots=True)
class Global:
    """Static storage of a module.

    `data` are the initial bytes (`size_of(type)` of them; None for all zero, .bss), `relocations` the addresses to be
    put into them: (offset, what, addend). `read_only` storage goes to .rodata.
    """

    name: str
    symbol: str
    module: str
    type: StorageType
    span: Span
    data: bytes | None = None
    relocations: tuple[tuple[int, Global | Function, int], ...] = ()
    read_only: bool = False
    exported: bool = False
    section: str = ""


@dataclass(frozen=True, slots=True)
class Proof:
    """What `@proof(unroll=N, traps=Reason.X)` says: rounds of a loop, and how every execution is to end."""

    unroll: int = 0
    traps: Reason | None = None


@dataclass(eq=False, slots=True)
class Function:
    """A function, method, or instance of a generic one.

    `symbol` is the ELF symbol; `exported` ones are global, keep it, and follow the C ABI; all others are internal to
    the program. `external` ones are defined by other objects and have no body. `recursion` is the number of nested
    activations that `@recursive(depth=N)` allows, 0 for none. `address_taken` is set when the program uses it as a
    value. `body` is None for external functions and, while the checker works, for functions not yet checked. `proof`
    is set for proofs, `model_of` is the extern that a `@model` stands for, `proof_word` where a function uses a word
    that only proofs have: `verify` reads them, and `lower` refuses them.
    """

    name: str
    symbol: str
    module: str
    parameters: tuple[Local, ...]
    result: ResultType
    span: Span
    body: tuple[Statement, ...] | None = None
    locals: list[Local] = field(default_factory=list)
    storage: list[LocalStorage] = field(default_factory=list)
    external: bool = False
    exported: bool = False
    section: str = ""
    noinline: bool = False
    inline: bool = False
    hot: bool = False
    wrapping: bool = False
    recursion: int = 0
    address_taken: bool = False
    owner: StructType | None = None
    proof: Proof | None = None
    model_of: str = ""
    proof_word: Span | None = None

    @property
    def type(self) -> FunctionType:
        """The type of a pointer to this function."""
        return FunctionType(tuple(p.type for p in self.parameters), self.result)


@dataclass(slots=True)
class Module:
    """One source file: its dotted name, its path as shown, its text, and the modules that it imports, in order."""

    name: str
    path: str
    text: str
    imports: tuple[str, ...] = ()


@dataclass(slots=True)
class Program:
    """Everything that the checker accepted. The lists are in the order of modules, then of definition."""

    modules: list[Module] = field(default_factory=list)
    functions: list[Function] = field(default_factory=list)
    globals: list[Global] = field(default_factory=list)
    structs: list[StructType] = field(default_factory=list)
    enums: list[EnumType] = field(default_factory=list)


# --- Places: what has an address -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class GlobalPlace:
    """Static storage."""

    target: Global
    span: Span

    @property
    def type(self) -> StorageType:
        """What kind of value or storage this is."""
        return self.target.type


@dataclass(frozen=True, slots=True)
class StoragePlace:
    """A struct or array in the frame."""

    target: LocalStorage
    span: Span

    @property
    def type(self) -> StorageType:
        """What kind of value or storage this is."""
        return self.target.type


@dataclass(frozen=True, slots=True)
class Target:
    """What a reference refers to. The checker has narrowed `reference`: its type is not nullable."""

    reference: Expression
    type: StorageType
    span: Span


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the struct at `base`."""

    base: Place
    field: StructField
    span: Span

    @property
    def type(self) -> StorageType:
        """What kind of value or storage this is."""
        return self.field.type


@dataclass(frozen=True, slots=True)
class Element:
    """Element `index` of the array at place `base`, or of a view or `Ptr` value.

    `base` is a Place of `ArrayType`, or an Expression of `ViewType` or `PtrType`; `index` an Expression of any integer
    type. Negative indices are out of bounds (no counting from the end). Traps BOUNDS outside of arrays and views, NULL
    for a `Ptr` whose value is 0.
    """

    base: Place | Expression
    index: Expression
    type: StorageType
    span: Span


Place: TypeAlias = "GlobalPlace | StoragePlace | Target | Field | Element"


# --- Expressions -----------------------------------------------------------------------------------------------------


class BinaryOperator(Enum):
    """Operators on two integers of one type. FLOOR_DIVIDE and MODULO round to minus infinity and trap DIVISION."""

    ADD = "+"
    SUBTRACT = "-"
    MULTIPLY = "*"
    FLOOR_DIVIDE = "//"
    MODULO = "%"
    AND = "&"
    OR = "|"
    XOR = "^"
    SHIFT_LEFT = "<<"
    SHIFT_RIGHT = ">>"


class UnaryOperator(Enum):
    """Operators on one value; NOT is for `bool`."""

    NEGATE = "-"
    INVERT = "~"
    NOT = "not"


class Comparison(Enum):
    """Comparisons of two values of one type; all but equality are for integers and pointers."""

    EQUAL = "=="
    NOT_EQUAL = "!="
    LESS = "<"
    LESS_EQUAL = "<="
    GREATER = ">"
    GREATER_EQUAL = ">="


@dataclass(frozen=True, slots=True)
class Constant:
    """A value known at compile time: an int for integers, enums, bit records, pointers; a bool; None for a null."""

    value: int | bool | None
    type: ValueType
    span: Span


@dataclass(frozen=True, slots=True)
class Read:
    """The value of a local variable."""

    local: Local
    span: Span

    @property
    def type(self) -> ValueType:
        """What kind of value or storage this is."""
        return self.local.type


@dataclass(frozen=True, slots=True)
class Load:
    """The value at a place of scalar storage. Traps ENUM when an enum's storage holds no member."""

    place: Place
    type: ValueType
    span: Span


@dataclass(frozen=True, slots=True)
class Reference:
    """The address of a place of struct, array or atomic storage; `type` is the `RefType` to it."""

    place: Place
    type: RefType
    span: Span


@dataclass(frozen=True, slots=True)
class View:
    """A view of the whole array of known length at `place`, or of the one scalar there (for its address)."""

    place: Place
    type: ValueType
    span: Span


@dataclass(frozen=True, slots=True)
class Slice:
    """`view[start:stop]`; a missing end is 0 or the length. Traps SLICE unless 0 <= start <= stop <= length."""

    view: Expression
    start: Expression | None
    stop: Expression | None
    type: ValueType
    span: Span


@dataclass(frozen=True, slots=True)
class Length:
    """`len(view)`, u64. The length of an array of known length is a `Constant`."""

    view: Expression
    type: ValueType
    span: Span


@dataclass(frozen=True, slots=True)
class Unary:
    """An operator on one value. NEGATE traps OVERFLOW like `0 - x`."""

    operator: UnaryOperator
    operand: Expression
    type: ValueType
    span: Span


@dataclass(frozen=True, slots=True)
class Binary:
    """An operator on two integers of `type`; for shifts `right` has any integer type.

    ADD, SUBTRACT, MULTIPLY and FLOOR_DIVIDE trap OVERFLOW where the build asks for it and the function is not
    `wrapping`, else wrap. SHIFT_LEFT never overflows: bits shifted out are lost. Shifts trap SHIFT for an amount that
    is negative or not less than the width, where shifts are checked; else the amount is taken modulo the width.
    """

    operator: BinaryOperator
    left: Expression
    right: Expression
    type: ValueType
    span: Span


@dataclass(frozen=True, slots=True)
class PtrOffset:
    """`pointer + n` or `pointer - n` in elements; wraps like the address that it is."""

    pointer: Expression
    count: Expression
    negative: bool
    type: ValueType
    span: Span


@dataclass(frozen=True, slots=True)
class PtrDifference:
    """`p - q` of two `Ptr` of one type, in elements, i64, rounded to minus infinity."""

    left: Expression
    right: Expression
    type: ValueType
    span: Span


@dataclass(frozen=True, slots=True)
class Compare:
    """A comparison; the type is bool. Pointers and references compare as unsigned addresses."""

    operator: Comparison
    left: Expression
    right: Expression
    type: ValueType
    span: Span


@dataclass(frozen=True, slots=True)
class Logic:
    """`and` (`conjunction`) or `or`: the right operand is evaluated only if it decides."""

    conjunction: bool
    left: Expression
    right: Expression
    type: ValueType
    span: Span


@dataclass(frozen=True, slots=True)
class Conditional:
    """`then if test else otherwise`."""

    test: Expression
    then: Expression
    otherwise: Expression
    type: ValueType
    span: Span


@dataclass(frozen=True, slots=True)
class Let:
    """Evaluate `value`, keep it in the hidden `local`, then give the value of `body`."""

    local: Local
    value: Expression
    body: Expression
    span: Span

    @property
    def type(self) -> ResultType:
        """What kind of value or storage this is."""
        return self.body.type


@dataclass(frozen=True, slots=True)
class Convert:
    """The same value in another type, or the nearest thing to it; which conversion follows from the two types.

    Integer to integer: extend or truncate. bool, enum and bit record to integer, integer to bit record: the bits.
    Integer to enum: traps ENUM unless it is a member's value. Integer to pointer and back, pointer to pointer,
    reference to pointer: the address. Nullable reference or function to the type without None: nothing (the checker has
    narrowed), and the other way round. Pointer to reference (`P.at`, `Ptr[P]` element): traps NULL when 0.
    Reference to an array of known length to a view is `View`, not `Convert`.
    """

    operand: Expression
    type: ValueType
    span: Span


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a known function; a method's receiver is the first argument."""

    function: Function
    arguments: tuple[Expression, ...]
    span: Span

    @property
    def type(self) -> ResultType:
        """What kind of value or storage this is."""
        return self.function.result


@dataclass(frozen=True, slots=True)
class CallPointer:
    """A call through a function pointer that the checker has narrowed to not None."""

    callee: Expression
    arguments: tuple[Expression, ...]
    type: ResultType
    span: Span


@dataclass(frozen=True, slots=True)
class FunctionAddress:
    """A function as a value."""

    function: Function
    type: ValueType
    span: Span


@dataclass(frozen=True, slots=True)
class MakeTuple:
    """Several values at once."""

    items: tuple[Expression, ...]
    type: ValueType
    span: Span


@dataclass(frozen=True, slots=True)
class TupleItem:
    """One value of a tuple."""

    value: Expression
    index: int
    type: ValueType
    span: Span


@dataclass(frozen=True, slots=True)
class BitsGet:
    """A field of a bit record, shifted down. Traps ENUM for a field of enum type that holds no member."""

    value: Expression
    field: BitField
    type: ValueType
    span: Span


@dataclass(frozen=True, slots=True)
class BitsReplace:
    """A bit record with some fields changed. Traps OVERFLOW, in every build, when a value does not fit its field."""

    value: Expression
    fields: tuple[tuple[BitField, Expression], ...]
    type: ValueType
    span: Span


class AtomicOperator(Enum):
    """Operations of `Atomic`. Read-modify-write ones give the old value; CAS tells whether it exchanged."""

    LOAD = "load"
    STORE = "store"
    SWAP = "swap"
    CAS = "cas"
    ADD = "add"
    SUB = "sub"
    AND = "and"
    OR = "or"
    XOR = "xor"


@dataclass(frozen=True, slots=True)
class AtomicOperation:
    """An atomic operation on the place (of `AtomicType`); arithmetic wraps. CAS takes (expected, new)."""

    operator: AtomicOperator
    place: Place
    arguments: tuple[Expression, ...]
    order: Order
    type: ResultType
    span: Span


class IntrinsicOperator(Enum):
    """Functions of `exotool.lang` that are operations of the machine.

    MIN, MAX: two integers of one type. CLZ, CTZ, POPCOUNT: one integer, result u32; the width for zero. BYTE_SWAP,
    ROTATE_LEFT (amount modulo the width). CHECKED_ADD/SUBTRACT/MULTIPLY: tuple[T, bool], the wrapped result and whether
    it wrapped. FENCE: orders memory. SYMBOL_ADDRESS: the address of a symbol that the linker or another object defines.
    ADDRESS_OF: the address, u64, of what a Reference, a View or a FunctionAddress refers to.

    Proofs only (`Function.proof_word`): ASSUME: one bool. ARBITRARY: any value of `type`. HAVOC: any content for what a
    Reference or a view leads to. PROVIDE_MEMORY: address and size, constants, u64.
    """

    MIN = "min"
    MAX = "max"
    COUNT_LEADING_ZEROS = "count_leading_zeros"
    COUNT_TRAILING_ZEROS = "count_trailing_zeros"
    POPCOUNT = "popcount"
    BYTE_SWAP = "byteswap"
    ROTATE_LEFT = "rotate_left"
    CHECKED_ADD = "checked_add"
    CHECKED_SUBTRACT = "checked_sub"
    CHECKED_MULTIPLY = "checked_mul"
    FENCE = "fence"
    SYMBOL_ADDRESS = "symbol_address"
    ADDRESS_OF = "addressof"
    ASSUME = "assume"
    ARBITRARY = "arbitrary"
    HAVOC = "havoc"
    PROVIDE_MEMORY = "provide_memory"


@dataclass(frozen=True, slots=True)
class Intrinsic:
    """An operation of the machine; `symbol` for SYMBOL_ADDRESS, `order` for FENCE."""

    operator: IntrinsicOperator
    arguments: tuple[Expression, ...]
    type: ResultType
    span: Span
    symbol: str = ""
    order: Order = Order.SEQ_CST


Expression: TypeAlias = (
    "Constant | Read | Load | Reference | View | Slice | Length | Unary | Binary | PtrOffset | PtrDifference | Compare"
    " | Logic | Conditional | Let | Convert | Call | CallPointer | FunctionAddress | MakeTuple | TupleItem | BitsGet"
    " | BitsReplace | AtomicOperation | Intrinsic"
)


# --- Statements ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Assign:
    """Give a variable a value."""

    local: Local
    value: Expression
    span: Span


@dataclass(frozen=True, slots=True)
class Store:
    """Write a value to a place of scalar storage."""

    place: Place
    value: Expression
    span: Span


@dataclass(frozen=True, slots=True)
class Update:
    """`place op= operand`: the place is evaluated once."""

    place: Place
    operator: BinaryOperator
    operand: Expression
    type: ValueType
    span: Span


@dataclass(frozen=True, slots=True)
class Zero:
    """Set a struct or array to all zero bytes: its constructor."""

    place: Place
    span: Span


@dataclass(frozen=True, slots=True)
class Copy:
    """`copy(destination, source)`: the bytes of a struct, or of an array of the same type. The two may be the same."""

    destination: Place
    source: Place
    span: Span


@dataclass(frozen=True, slots=True)
class CopyView:
    """`copy(destination, source)` of two views: traps SLICE unless the lengths agree; right also if they overlap."""

    destination: Expression
    source: Expression
    span: Span


@dataclass(frozen=True, slots=True)
class Evaluate:
    """An expression for its effect."""

    value: Expression
    span: Span


@dataclass(frozen=True, slots=True)
class If:
    """`if`; `elif` is an If alone in `otherwise`."""

    test: Expression
    then: tuple[Statement, ...]
    otherwise: tuple[Statement, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class While:
    """`while`; `otherwise` runs when the test fails, not after `break`."""

    test: Expression
    body: tuple[Statement, ...]
    otherwise: tuple[Statement, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class ForRange:
    """`for local in range(start, stop, step)`, `step` a constant other than 0.

    All three are evaluated once, before. The variable takes its next value before each round, and assignments to it in
    the body do not change the walk; it keeps its last value afterwards, and has none if there was no round. No
    overflow happens however near the limits are to the ends of the type. `reverse` walks the same values from the end.
    """

    local: Local
    start: Expression
    stop: Expression
    step: int
    reverse: bool
    body: tuple[Statement, ...]
    otherwise: tuple[Statement, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Break:
    """Leave the innermost loop."""

    span: Span


@dataclass(frozen=True, slots=True)
class Continue:
    """Go on with the next round of the innermost loop."""

    span: Span


@dataclass(frozen=True, slots=True)
class Return:
    """Leave the function."""

    value: Expression | None
    span: Span


@dataclass(frozen=True, slots=True)
class Case:
    """One way of a `Switch`: the values that lead to it."""

    values: tuple[int, ...]
    body: tuple[Statement, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Switch:
    """`match` over an integer or enum. `default` is None when the cases are all members: anything else traps ENUM."""

    value: Expression
    cases: tuple[Case, ...]
    default: tuple[Statement, ...] | None
    span: Span


@dataclass(frozen=True, slots=True)
class Scoped:
    """`with`: `body`, then `cleanup` on every way out of it: its end, return, break and continue; not on a trap.

    A returned value is evaluated before the cleanup runs.
    """

    body: tuple[Statement, ...]
    cleanup: tuple[Statement, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Trap:
    """Stop for a reason that the program gives: `assert` (under an If), code that must not be reached."""

    reason: Reason
    message: str
    span: Span


Statement: TypeAlias = (
    "Assign | Store | Update | Zero | Copy | CopyView | Evaluate | If | While | ForRange | Break | Continue | Return"
    " | Switch | Scoped | Trap"
)
