"""GDB's remote serial protocol: packets and their acknowledgements (GDB manual, appendix E.1)."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Final

INTERRUPT: Final = b"\x03"
"""What gdb sends, outside of any packet, to stop the guest."""

MAX_PACKET: Final = 1 << 20


def packed(data: bytes) -> bytes:
    """Return a packet with its checksum."""
    return b"$" + data + b"#%02x" % (sum(data) & 0xFF)


async def read_packet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    """Return the next packet's contents, as they were sent, and acknowledge it; `INTERRUPT` comes as it is.

    Raises EOFError (`asyncio.IncompleteReadError`) when the other side has gone, ValueError for a packet without end.
    """
    while True:
        byte = await reader.readexactly(1)
        if byte == INTERRUPT:
            return INTERRUPT
        if byte == b"$":
            break
    try:
        data = (await reader.readuntil(b"#"))[:-1]
    except asyncio.LimitOverrunError:
        raise ValueError("a packet of gdb's protocol does not end") from None
    await reader.readexactly(2)
    writer.write(b"+")
    return data


async def ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, data: bytes) -> bytes:
    """Send a packet and return the answer."""
    writer.write(packed(data))
    return await read_packet(reader, writer)


async def closed(writer: asyncio.StreamWriter) -> None:
    """Close a connection; the other side may have gone."""
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
