"""A counterexample under CPython: it must end there as the verifier says, or one of the two is wrong.

The proof runs in a process of its own, which gets the values as JSON: modules of other projects may be loaded here.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from exotool.compiler.tree import Function
from exotool.lang.address_space import memory
from exotool.lang.arrays import Array
from exotool.lang.integers import settings
from exotool.lang.loader import install
from exotool.lang.proofs import Rejected, run_proof
from exotool.lang.structs import Struct
from exotool.lang.traps import Fault, Trap
from exotool.verify.explore import Choice, Content, Refuted

_SECONDS: Final = 60
_WORD: Final = 64


@dataclass(frozen=True, slots=True)
class Ending:
    """How a run ended: "trap", "fault", "returned", "rejected", "error" or "time"; what and where it says."""

    kind: str
    reason: str = ""
    line: int = 0
    text: str = ""


def replay(root: Path, proof: Function, refuted: Refuted, *, overflow: bool, shift: bool) -> Ending:
    """Run a proof with the values of a counterexample and return how that ended."""
    order = {
        "root": str(root.resolve()),
        "module": proof.module,
        "function": proof.name,
        "overflow": "trap" if overflow else "wrap",
        "shift": "trap" if shift else "mask",
        "symbols": dict(refuted.symbols),
        "statics": [list(entry) for entry in refuted.statics],
        "choices": [_choice(choice) for choice in refuted.choices],
    }
    # This package, wherever it is: it need not be installed.
    path = os.pathsep.join(filter(None, (str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH"))))
    command = [sys.executable, "-m", "exotool.verify.replay"]
    try:
        done = subprocess.run(
            command,
            input=json.dumps(order),
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
            env={**os.environ, "PYTHONPATH": path},
        )
    except subprocess.TimeoutExpired:
        return Ending("time")
    if done.returncode != 0:
        return Ending("error", text=(done.stderr.strip().splitlines() or [""])[-1])
    return Ending(**json.loads(done.stdout))


def agrees(ending: Ending, refuted: Refuted) -> bool:
    """Tell whether a run ended as the verifier says."""
    failure = refuted.failure
    if failure.kind == "no trap":
        return ending.kind == "trap" and ending.reason == "UNREACHABLE"
    if failure.reason is None or ending.kind != "trap" or ending.reason != failure.reason.name:
        return False
    return failure.span.line <= ending.line <= max(failure.span.end_line, failure.span.line)


def _choice(choice: Choice) -> int | list[list[int]]:
    if isinstance(choice.value, Content):
        return [list(cell) for cell in choice.value.cells]
    return choice.value


class _Recorded:
    """Gives the values of a counterexample in the order in which the verifier chose them."""

    def __init__(self, choices: list[Any], statics: list[Any]) -> None:
        self._choices: Iterator[Any] = iter(choices)
        self._statics = statics

    def number(self, minimum: int, maximum: int) -> int:
        """Return the next number."""
        value = self._next()
        return self._moved(value) if maximum.bit_length() == _WORD and minimum == 0 else value

    def member(self, values: list[int]) -> int:
        """Return the next member's value."""
        value = self._next()
        if value not in values:
            raise AssertionError(f"{value} is no member")
        return value

    def fill(self, what: Struct | Array) -> None:
        """Write the next content."""
        address = what.__kpy_address__
        cells = next(self._choices)
        memory.zero(address, what.length * what.element.size if isinstance(what, Array) else type(what).__kpy_size__)
        for offset, size, value in cells:
            memory.write(address + offset, size, self._moved(value) if size * 8 == _WORD else value)

    def _next(self) -> int:
        value = next(self._choices)
        if not isinstance(value, int):
            raise AssertionError("the counterexample has content where the proof wants a number")
        return value

    def _moved(self, value: int) -> int:
        """Return an address in a static as CPython has it, where the number is one in the verifier's memory."""
        for module, name, base, size in self._statics:
            if base <= value < base + size:
                static = getattr(sys.modules.get(module), name, None)
                if isinstance(static, Struct | Array):
                    place: int = static.__kpy_address__
                    return place + int(value - base)
        return value


def _run(order: dict[str, Any]) -> Ending:
    root = Path(order["root"])
    settings.overflow, settings.shift = order["overflow"], order["shift"]
    install(root, [order["module"].split(".")[0]])
    module = __import__(order["module"], fromlist=["*"])
    for name, address in order["symbols"].items():
        memory.set_symbol(name, address)
    source = _Recorded(order["choices"], order["statics"])
    try:
        run_proof(getattr(module, order["function"]), source)
    except Rejected:
        return Ending("rejected")
    except Trap as trap:
        return Ending("trap", trap.reason.name, _line(trap, root), trap.message)
    except Fault as fault:
        return Ending("fault", line=_line(fault, root), text=str(fault))
    return Ending("returned")


def _line(error: BaseException, root: Path) -> int:
    """Return the line of the program that was running."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [f.lineno for f in frames if f.filename.startswith(f"{root}/") and "/exotool/lang/" not in f.filename]
    return (lines[-1] if lines else 0) or 0


if __name__ == "__main__":
    ending = _run(json.load(sys.stdin))
    json.dump({"kind": ending.kind, "reason": ending.reason, "line": ending.line, "text": ending.text}, sys.stdout)
