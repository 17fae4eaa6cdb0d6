"""All directives by name: which function carries each out."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, TypeAlias

from exotool.asm import directives_control as control
from exotool.asm import directives_data as data
from exotool.asm import directives_symbols as symbols
from exotool.asm import frames, sections
from exotool.asm.arguments import Arguments

if TYPE_CHECKING:
    from exotool.asm.assembler import Assembler

Directive: TypeAlias = Callable[["Assembler", Arguments], None]

CONDITIONALS: Final[dict[str, Directive]] = control.CONDITIONALS
"""Directives that are looked at even in text that a condition leaves out."""


def _ignored(_asm: Assembler, _args: Arguments) -> None:
    """Do nothing: the directive has no influence on the object."""


def _refused(_asm: Assembler, args: Arguments) -> None:
    raise args.fault(f"`{args.directive}` is not supported", code="A0206")


def _words(text: str) -> list[str]:
    return [f".{word}" for word in text.split()]


_IGNORED: Final = _words(
    "extern arch loc_mark_labels list nolist title sbttl psize eject line ln addrsig addrsig_sym optim noopt lflags"
)
_REFUSED: Final = _words(
    "symver stabs stabn stabd tls_common vtable_entry vtable_inherit gnu_attribute bundle_align_mode"
    " bundle_lock bundle_unlock mri largecomm secrel32 def cfi_val_encoded_addr"
    " cfi_label cfi_inline_lsda cfi_fde_data cfi_personality_id"
)

DIRECTIVES: Final[dict[str, Directive]] = {
    **dict.fromkeys((".text", ".data", ".bss"), sections.standard),
    ".section": sections.section,
    ".pushsection": sections.push_section,
    ".popsection": sections.pop_section,
    ".previous": sections.previous,
    ".subsection": sections.subsection,
    **dict.fromkeys((".struct", ".offset"), sections.structure),
    **data.DIRECTIVES,
    **symbols.DIRECTIVES,
    **control.DIRECTIVES,
    **frames.DIRECTIVES,
    **dict.fromkeys(_IGNORED, _ignored),
    **dict.fromkeys(_REFUSED, _refused),
}
