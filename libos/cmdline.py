"""The command line: words with blanks between them, some of them `name=value`."""

from typing import Final

from exotool.lang import Array, u8, u64

BLANK: Final = 0x20
NOWHERE: Final = 0xFFFF_FFFF_FFFF_FFFF


def value_of(line: Array[u8], name: Array[u8]) -> u64:
    """Return where the value of the first word that begins with `name`, which ends with `=`, begins; or NOWHERE."""
    at: u64 = 0
    while at < len(line) and line[at] != 0:
        if starts_with(line[at:], name):
            return at + len(name)
        while at < len(line) and line[at] != 0 and line[at] != BLANK:
            at += 1
        while at < len(line) and line[at] == BLANK:
            at += 1
    return NOWHERE


def starts_with(text: Array[u8], start: Array[u8]) -> bool:
    """Tell whether a text begins with another one."""
    if len(text) < len(start):
        return False
    for i, c in enumerate(start):  # noqa: SIM110 - there are no generators in Kernel Python
        if text[i] != c:
            return False
    return True


def number_of(line: Array[u8], name: Array[u8], default: u64) -> u64:
    """Return the decimal number that is the value of a word, or another one."""
    at = value_of(line, name)
    if at == NOWHERE:
        return default
    number: u64 = 0
    while at < len(line) and 0x30 <= line[at] <= 0x39 and number < 1 << 56:
        number = number * 10 + (line[at] - 0x30)
        at += 1
    return number
