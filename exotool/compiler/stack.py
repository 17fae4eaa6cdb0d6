"""Worst-case stack depth of the entries of an object or image, with the chain of calls that needs it.

The depth of a function is its own frame, or the deepest of its calls: the depth of the call, 8 bytes for the return
address, and the depth of what is called. A call through a pointer reaches every function that is used as a value. What
the processor pushes for an interrupt, and the handler's own depth, come on top: handlers are entries of their own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from exotool.compiler.stack_code import Code, Function, read_code
from exotool.compiler.stack_frames import Frame, Site, scan_function

_UNBOUNDED: Final = 1 << 62


@dataclass(frozen=True, slots=True)
class Depth:
    """The most that a call of a function takes below its return address, in bytes, and the chain that takes it.

    `remarks` say why more may be true; `unbounded`, if not empty, why there is no number at all.
    """

    name: str
    frame: int
    depth: int
    chain: tuple[tuple[str, int], ...]
    remarks: tuple[str, ...] = ()
    unbounded: str = ""


@dataclass(slots=True)
class _Result:
    depth: int = 0
    next: Function | None = None
    unbounded: str = ""
    remarks: frozenset[str] = field(default_factory=frozenset)


def stack_depths(data: bytes, path: str, recursion: Mapping[str, int] | None = None) -> list[Depth]:
    """Return the depths of all entries, deepest first, then by name.

    Entries are, in an object, the global functions; in an image, its entry and what no call reaches. `recursion` gives
    the number of open activations of functions that call themselves. Raises `ToolError` as `read_code` does.
    """
    code = read_code(data, path)
    analysis = _Analysis(code, recursion or {})
    # From a function with a bound on, all cycles through it are closed there: from elsewhere on, one cycle would look
    # like several that nest, and each would be counted as often as the bound says.
    for function in code.functions:
        if function.name in analysis.recursion:
            analysis.depth(function)
    entries = [f for f in code.functions if f.exported] if code.entry is None else analysis.roots()
    depths = [analysis.depth(function) for function in entries]
    return sorted(depths, key=lambda d: (not d.unbounded, -d.depth, d.name))


class _Analysis:
    def __init__(self, code: Code, recursion: Mapping[str, int]) -> None:
        self.code = code
        self.recursion = recursion
        self.frames: dict[int, Frame] = {}
        self.calls: dict[int, list[tuple[Site, Function]]] = {}
        self.results: dict[int, _Result] = {}
        self.names = {function.start: function.name for function in code.functions}
        self.cycles: dict[int, set[int]] = {}
        self.times: dict[int, int] = {}
        self.pointed = [function for function in code.functions if function.taken]
        for function in code.functions:
            frame = scan_function(code.bytes_of(function), function.start, code.fixups)
            self.frames[function.start] = frame
            self.calls[function.start] = self._calls(function, frame)

    def _calls(self, function: Function, frame: Frame) -> list[tuple[Site, Function]]:
        calls: list[tuple[Site, Function]] = []
        for site in frame.sites:
            if site.target is None:
                if not site.tail:
                    frame.remarks.add("calls through a pointer")
                    calls += [(site, target) for target in self.pointed]
            elif site.target.external:
                frame.remarks.add(f"calls `{site.target.external}`, which is not in this file")
            else:
                target = self.code.at(site.target.address)
                if target is not None and (target is not function or not site.tail):
                    calls.append((site, target))
        return calls

    def roots(self) -> list[Function]:
        """Return the entry of the image and the functions that no other one calls."""
        called = {t.start for f in self.code.functions for _, t in self.calls[f.start] if t is not f}
        return [f for f in self.code.functions if f.start == self.code.entry or f.start not in called]

    def depth(self, function: Function) -> Depth:
        """Return the depth of one entry."""
        result = self._solve(function)
        chain = []
        seen: set[int] = set()
        step: Function | None = function
        while step is not None and step.start not in seen:
            seen.add(step.start)
            chain.append((step.name, self.frames[step.start].depth))
            step = self.results[step.start].next
        frame = self.frames[function.start].depth
        return Depth(function.name, frame, result.depth, tuple(chain), tuple(sorted(result.remarks)), result.unbounded)

    def _solve(self, root: Function) -> _Result:
        """Solve callees before callers, without Python's own stack; a function met again while it is open recurses."""
        on_way: list[int] = []
        open_: list[tuple[Function, int]] = [(root, -1)]
        while open_:
            function, index = open_.pop()
            if index < 0:
                index = 0
                if function.start in self.results:
                    continue
                self.results[function.start] = self._begin(function)
                on_way.append(function.start)
            calls = self.calls[function.start]
            while index < len(calls):
                site, target = calls[index]
                if target.start not in self.results:
                    open_.append((function, index))
                    open_.append((target, -1))
                    break
                self._join(function, site, target, on_way)
                index += 1
            else:
                on_way.pop()
                self._finish(function)
        return self.results[root.start]

    def _begin(self, function: Function) -> _Result:
        frame = self.frames[function.start]
        result = _Result(frame.depth, remarks=frozenset(f"`{function.name}` {r}" for r in frame.remarks))
        if frame.dynamic:
            result.unbounded = f"`{function.name}` {frame.dynamic}"
        return result

    def _join(self, function: Function, site: Site, target: Function, on_way: list[int]) -> None:
        result, callee = self.results[function.start], self.results[target.start]
        if target.start in on_way:
            self._close(function, site, target, on_way[on_way.index(target.start) :])
            return
        result.remarks |= callee.remarks
        result.unbounded = result.unbounded or callee.unbounded
        if site.depth + callee.depth > result.depth:
            result.depth, result.next = site.depth + callee.depth, target

    def _close(self, function: Function, site: Site, target: Function, members: Sequence[int]) -> None:
        """Take note of a cycle of calls from `target` by way of `function` back to it."""
        self.cycles.setdefault(target.start, set()).update(members)
        if site.target is None:
            what = f"`{function.name}` may call itself through a pointer; counted once"
            self.results[function.start].remarks |= {what}
            return
        bounds = [self.recursion[name] for name in (self.names[start] for start in members) if name in self.recursion]
        if not bounds:
            result = self.results[function.start]
            result.unbounded = result.unbounded or f"`{target.name}` calls itself by way of `{function.name}`"
            return
        # Around the activations of a function with a bound there is one more of the other functions of the cycle.
        self.times[target.start] = max(max(bounds) + 1, self.times.get(target.start, 1))

    def _finish(self, function: Function) -> None:
        """Count the functions of a cycle as often as they may be open; its depth is that of each of them."""
        result = self.results[function.start]
        times = self.times.get(function.start, 1)
        result.depth = min(result.depth * times, _UNBOUNDED)
        for start in self.cycles.get(function.start, ()):
            member = self.results[start]
            member.depth = max(member.depth, result.depth)
            member.unbounded = member.unbounded or result.unbounded
            member.remarks |= result.remarks
