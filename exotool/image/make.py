"""The whole way from a kernel image to a boot image."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

from exotool.image.payload import Module, make_payload

Format = Literal["disk", "iso", "uefi"]
FORMATS: Final[tuple[Format, ...]] = ("disk", "iso", "uefi")


def make_image(
    kernel: bytes, name: str, format_: Format, command_line: str = "", modules: Sequence[Module] = ()
) -> bytes:
    """Return a boot image: the same bytes for the same input.

    `name` names the kernel in errors. Raises `ToolError` as `make_payload` does.
    """
    payload = make_payload(kernel, name, command_line, modules)
    if format_ == "disk":
        from exotool.image.disk import make_disk

        return make_disk(payload)
    if format_ == "iso":
        from exotool.image.iso import make_iso

        return make_iso(payload)
    from exotool.image.uefi import make_uefi

    return make_uefi(payload)
