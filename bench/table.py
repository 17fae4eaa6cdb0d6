"""Timing a command, and printing what came out."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Sequence


def milliseconds(work: Callable[[], object], rounds: int, prepare: Callable[[], object] = lambda: None) -> list[float]:
    """Return the wall time of `work` in each of some rounds, sorted; `prepare` runs before each, untimed."""
    times = []
    for _ in range(rounds):
        prepare()
        start = time.perf_counter()
        work()
        times.append((time.perf_counter() - start) * 1000)
    return sorted(times)


def print_table(title: str, rows: Sequence[tuple[str, Sequence[float], str]]) -> None:
    """Print label, median, minimum and a remark for each row of times in milliseconds."""
    width = max(len(label) for label, _, _ in rows)
    out = sys.stdout
    out.write(f"\n{title}\n  {'':{width}}  median ms     min ms\n")
    for label, times, remark in rows:
        out.write(f"  {label:{width}}  {statistics.median(times):9.1f}  {min(times):9.1f}  {remark}\n".rstrip() + "\n")
    out.flush()
