"""One module for each integer type: every operator on it, and every conversion from it."""

from __future__ import annotations

TYPES = ("u8", "u16", "u32", "u64", "i8", "i16", "i32", "i64")

OPERATORS = {
    "add": "a + b",
    "subtract": "a - b",
    "multiply": "a * b",
    "divide": "a // b",
    "modulo": "a % b",
    "conjunction": "a & b",
    "disjunction": "a | b",
    "exclusive": "a ^ b",
}
COMPARISONS = {"less": "<", "less_equal": "<=", "equal": "==", "not_equal": "!=", "greater": ">", "greater_equal": ">="}


def source(kind: str) -> str:
    """Return the module of a type."""
    lines = [f"from exotool.lang import {', '.join(sorted(TYPES))}, wrapping"]
    for name, expression in OPERATORS.items():
        lines += ["", "", f"def t_{name}(a: {kind}, b: {kind}) -> {kind}:", f"    return {expression}"]
        lines += ["", "", "@wrapping", f"def t_{name}_wrapping(a: {kind}, b: {kind}) -> {kind}:"]
        lines += [f"    return {expression}"]
    for name, symbol in COMPARISONS.items():
        lines += ["", "", f"def t_{name}(a: {kind}, b: {kind}) -> bool:", f"    return a {symbol} b"]
    for name, symbol in {"left": "<<", "right": ">>"}.items():
        lines += ["", "", f"def t_shift_{name}(a: {kind}, n: u8) -> {kind}:", f"    return a {symbol} n"]
        lines += ["", "", f"def t_shift_{name}_signed(a: {kind}, n: i8) -> {kind}:", f"    return a {symbol} n"]
    lines += ["", "", f"def t_negate(a: {kind}) -> {kind}:", "    return -a"]
    lines += ["", "", f"def t_invert(a: {kind}) -> {kind}:", "    return ~a"]
    lines += [
        "",
        "",
        f"def t_update(a: {kind}, b: {kind}) -> {kind}:",
        "    c = a",
        "    c += b",
        "    c *= 2",
        "    c //= 3",
    ]
    lines += ["    c %= 100", "    return c"]
    for other in TYPES:
        lines += ["", "", f"def t_to_{other}(a: {kind}) -> {other}:", f"    return {other}(a)"]
    lines += ["", "", f"def t_flag(a: {kind}) -> {kind}:", f"    return {kind}(a > 1)"]
    wider = {"u8": "u32", "u16": "u64", "u32": "i64", "i8": "i32", "i16": "i64", "i32": "i64"}.get(kind)
    if wider is not None:
        lines += ["", "", f"def t_mixed(a: {kind}, b: {wider}) -> {wider}:", "    return a * b - b // 3 + a"]
        lines += ["", "", f"def t_widened(a: {kind}) -> {wider}:", "    return a"]
        lines += ["", "", f"def t_mixed_compare(a: {kind}, b: {wider}) -> bool:", "    return a < b"]
    return "\n".join(lines) + "\n"
