"""A stand-in for QEMU that behaves as no real one should be made to: it floods, or never answers.

    standin.py MODE ARGUMENT...

It takes QEMU's arguments, speaks QMP on the inherited socket, and ends with the status of a success. Modes: `flood`
prints 100 MB of binary first; `mute` never greets; `deaf` greets and answers nothing after `cont`.
"""

from __future__ import annotations

import json
import os
import re
import socket
import sys
import time
from collections.abc import Iterator
from typing import Any

MEGABYTES = 100


def commands(monitor: socket.socket) -> Iterator[dict[str, Any]]:
    """Yield the JSON objects that arrive; there is nothing between them."""
    text = ""
    while data := monitor.recv(4096):
        text += data.decode()
        while text.strip():
            try:
                command, end = json.JSONDecoder().raw_decode(text.strip())
            except ValueError:
                break
            text = text.strip()[end:]
            yield command


def main() -> None:
    mode, arguments = sys.argv[1], sys.argv[2:]
    if "--version" in arguments:
        print("QEMU emulator version 8.2.0")  # noqa: T201
        return
    if "-L" in arguments:
        return
    found = re.search(r"fd=(\d+)", " ".join(arguments))
    assert found is not None
    monitor = socket.socket(fileno=int(found[1]))
    if mode == "mute":
        time.sleep(300)
    monitor.sendall(
        b'{"QMP": {"version": {"qemu": {"major": 8, "minor": 2, "micro": 0}, "package": ""}, "capabilities": []}}\n'
    )
    for command in commands(monitor):
        named = {"id": command["id"]} if "id" in command else {}
        monitor.sendall(json.dumps({"return": {}, **named}).encode() + b"\n")
        if command["execute"] == "cont":
            break
    if mode == "deaf":
        time.sleep(300)
    block = bytes(range(256)) * 4096
    for _ in range(MEGABYTES):
        os.write(1, block) if mode == "flood" else None
    nonce = next(
        word for word in arguments[arguments.index("-append") + 1].split() if word.startswith("exotool.nonce=")
    )
    os.write(1, f"\nexotool: ok {nonce.partition('=')[2]}\n".encode())
    os._exit(0x10 << 1 | 1)


main()
