"""Is KVM faster than TCG here? A timed boot of a tiny guest under each decides.

A /dev/kvm that opens proves nothing: under some hypervisors it is emulated itself, thousands of times slower than TCG.
The guest is an ELF64 of 32-bit code with a PVH note, made here from bytes: it counts down and writes to the exit port.
"""

from __future__ import annotations

import os
import struct
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Final

from exotool.launch.machine import Accelerator
from exotool.launch.qemu import EXIT_PORT, find_qemu

KVM_DEVICE: Final = Path("/dev/kvm")
PROBE_SECONDS: Final = 10.0
"""TCG takes a tenth of a second for the probe; a KVM that takes this long is of no use."""

PROBE_VALUE: Final = 0x21
_LOAD: Final = 0x100000
_ROUNDS: Final = 20_000_000


def choose_accelerator(asked: str | None) -> Accelerator | None:
    """Return the accelerator for what the command line says: None leaves it to the machine profile."""
    if asked == "auto":
        return "kvm" if kvm_is_faster() else "tcg"
    return "kvm" if asked == "kvm" else "tcg" if asked == "tcg" else None


def kvm_is_faster() -> bool:
    """Tell whether a guest under KVM runs, and ends sooner than under TCG; takes a boot of each."""
    if not os.access(KVM_DEVICE, os.R_OK | os.W_OK):
        return False
    qemu = find_qemu()
    with tempfile.TemporaryDirectory(prefix="exotool-") as folder:
        image = Path(folder, "probe.elf")
        image.write_bytes(probe_image())
        emulated = _seconds(qemu, image, "tcg", PROBE_SECONDS)
        return _seconds(qemu, image, "kvm", emulated) < emulated


def _seconds(qemu: str, image: Path, accelerator: str, limit: float) -> float:
    """Return how long the probe takes, or infinity if it does not end as it should within `limit` seconds."""
    command = [qemu, "-machine", "q35", "-accel", accelerator, "-m", "16M", "-nodefaults", "-no-user-config"]
    command += ["-display", "none", "-serial", "null", "-no-reboot", "-kernel", str(image)]
    command += ["-device", f"isa-debug-exit,iobase={EXIT_PORT:#x},iosize=4"]
    begun = time.monotonic()
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=min(limit, PROBE_SECONDS), check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return float("inf")
    return time.monotonic() - begun if done.returncode == PROBE_VALUE << 1 | 1 else float("inf")


def probe_image() -> bytes:
    """Return the guest: count down in 32-bit code, then write `PROBE_VALUE` to the exit port."""
    code = b"\xb9" + struct.pack("<I", _ROUNDS)  # movl $_ROUNDS, %ecx
    code += b"\x49\x75\xfd"  # 1: decl %ecx; jnz 1b
    code += b"\xb8" + struct.pack("<I", PROBE_VALUE) + b"\xe7" + bytes((EXIT_PORT,))  # movl, outl %eax, $EXIT_PORT
    code += b"\xfa\xf4"  # cli; hlt
    note = struct.pack("<III4sQ", 4, 8, 18, b"Xen\0", _LOAD)
    size = 64 + 2 * 56
    header = struct.pack("<16sHHIQQQIHHHHHH", *(b"\x7fELF\x02\x01\x01", 2, 62, 1, _LOAD, 64, 0, 0, 64, 56, 2, 64, 0, 0))
    load = struct.pack("<IIQQQQQQ", 1, 5, size, _LOAD, _LOAD, len(code), len(code), 1)
    notes = struct.pack("<IIQQQQQQ", 4, 4, size + len(code), 0, 0, len(note), len(note), 4)
    return header + load + notes + code + note
