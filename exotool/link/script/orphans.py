"""Where sections go that no pattern of a script takes: behind the output section that is most like them.

GNU ld's rules (binutils manual, "Orphan Sections"; ld/ldelf.c, ld/ldlang.c), so that a kernel whose script forgets a
section is laid out as its authors have always seen it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from exotool.elf.constants import (
    SHF_ALLOC,
    SHF_EXECINSTR,
    SHF_WRITE,
    SHT_FINI_ARRAY,
    SHT_INIT_ARRAY,
    SHT_NOBITS,
    SHT_NOTE,
    SHT_NULL,
    SHT_PREINIT_ARRAY,
    SHT_PROGBITS,
    SHT_RELA,
)
from exotool.link.model import InputSection, OutputPlan
from exotool.link.script.lexer import Source
from exotool.link.script.sizing import Step
from exotool.link.script.state import (
    ALLOC,
    CODE,
    CONTENTS,
    DATA,
    DEBUGGING,
    LOAD,
    READONLY,
    THREAD_LOCAL,
    Output,
    RegionState,
    input_flags,
)
from exotool.link.script.tree import Assignment, Number, OutputStatement, Span

_READ_ONLY: Final = CONTENTS | ALLOC | LOAD | READONLY

NAMED: Final = {
    ".text": _READ_ONLY | CODE,
    ".rodata": _READ_ONLY | DATA,
    ".tdata": CONTENTS | ALLOC | LOAD | DATA | THREAD_LOCAL,
    ".data": CONTENTS | ALLOC | LOAD | DATA,
    ".bss": ALLOC,
    ".interp": _READ_ONLY | DATA,
    ".comment": CONTENTS,
}
"""The output sections behind which orphans of their kind go, with the flags that they are taken to have while empty."""

SPECIAL_TYPES: Final = {
    **dict.fromkeys((".text", ".data", ".data1", ".rodata", ".rodata1", ".init", ".fini", ".got"), SHT_PROGBITS),
    **dict.fromkeys((".plt", ".tdata", ".comment", ".interp", ".debug", ".line"), SHT_PROGBITS),
    ".bss": SHT_NOBITS,
    ".tbss": SHT_NOBITS,
    ".sbss": SHT_NOBITS,
    ".lbss": SHT_NOBITS,
    ".init_array": SHT_INIT_ARRAY,
    ".fini_array": SHT_FINI_ARRAY,
    ".preinit_array": SHT_PREINIT_ARRAY,
}
"""Types that GNU ld gives to output sections of these names as soon as they exist."""

LINKERS_OWN: Final = (
    (".rela.got", SHT_RELA, SHF_ALLOC),
    (".got", SHT_PROGBITS, SHF_ALLOC | SHF_WRITE),
    (".got.plt", SHT_NULL, SHF_ALLOC | SHF_WRITE),
    (".iplt", SHT_NULL, SHF_ALLOC | SHF_EXECINSTR),
    (".rela.iplt", SHT_RELA, SHF_ALLOC),
    (".igot.plt", SHT_NULL, SHF_ALLOC | SHF_WRITE),
)
"""Sections that GNU ld adds to the first object, in case that it needs them. Empty as they are, they take part in the
search for patterns and places: what is put behind one of them stays there when it is dropped."""

ARRAYS: Final = (SHT_INIT_ARRAY, SHT_FINI_ARRAY, SHT_PREINIT_ARRAY)

RELOCATIONS: Final = ".rela.dyn"
"""The output section of all relocations among the orphans."""

NOWHERE: Final = Span(Source("the linker", ""), 0, 0)


@dataclass(slots=True)
class _Home:
    """Where orphans of one kind go: behind `output` first, then behind the last that went there."""

    name: str
    output: Output | None = None
    last: Output | None = None


class OrphanPlacer:
    """Puts orphans into the steps of a script."""

    def __init__(
        self, steps: list[Step], default: RegionState, name_output: Callable[[Output], None], unique: bool = False
    ) -> None:
        self.steps = steps
        self.default = default
        self.unique = unique
        self.placed: list[Output] = []
        self._name_output = name_output
        self._homes = {name: _Home(name) for name in (*NAMED, RELOCATIONS)}
        self._assumed: dict[int, int] = {}
        self._notes_begun = False

    @property
    def outputs(self) -> list[Output]:
        """The output sections in the order of the steps."""
        return [step for step in self.steps if isinstance(step, Output)]

    def place(self, section: InputSection, later: list[InputSection]) -> Output:
        """Give an orphan its output section; `later` are those orphans of its object that have the same name."""
        flags = input_flags(section)
        name = RELOCATIONS if section.sh_type == SHT_RELA and section.is_alloc else section.name
        same_name = [o for o in self.outputs if o.name == name and not o.is_disabled]
        if not self.unique:
            for output in same_name:
                is_like = not (flags ^ output.flags) & (LOAD | ALLOC) and _type_of(output) == section.sh_type
                if output.exists and (output.flags == 0 or is_like):
                    output.add_orphan(section)
                    return output
            unused = [output for output in same_name if not output.exists]
            if unused:
                unused[-1].add_orphan(section)
                return unused[-1]
        self._assume()
        for other in later:
            if not input_flags(other) & READONLY:
                flags &= ~READONLY
        home = self._home(section, flags)
        after = None
        if home is not None:
            if home.output is None:
                home.output = next((o for o in self.outputs if o.name == home.name and not o.is_disabled), None)
            after = home.output or self._like(section, flags, exact=home)
        output = self._create(section, name, after)
        if home is None:
            self.steps.append(output)
        else:
            self._insert(output, section, after, home)
        self.placed.append(output)
        return output

    def _assume(self) -> None:
        """Take the well-known sections of the script to have their usual flags while nothing is in them."""
        if not self._assumed:
            for output in self.outputs:
                if output.name in NAMED and not output.exists:
                    self._assumed[id(output)] = NAMED[output.name]
            self._assumed[0] = 0

    def _flags(self, output: Output) -> int:
        return output.flags if output.exists else self._assumed.get(id(output), 0)

    def _home(self, section: InputSection, flags: int) -> _Home | None:
        if not flags & (ALLOC | DEBUGGING):
            return self._homes[".comment"]
        if not flags & ALLOC:
            return None
        if flags & LOAD and section.sh_type == SHT_NOTE:
            return self._homes[".interp"]
        if not flags & (LOAD | CONTENTS | THREAD_LOCAL):
            return self._homes[".bss"]
        if flags & THREAD_LOCAL:
            return self._homes[".tdata"]
        if not flags & READONLY:
            return self._homes[".data"]
        if section.sh_type == SHT_RELA:
            return self._homes[RELOCATIONS]
        return self._homes[".text" if flags & CODE else ".rodata"]

    def _like(self, section: InputSection, wanted: int, *, exact: _Home | None, by_type: bool = True) -> Output | None:
        """Return the last output section with the orphan's flags, or with flags that it can go behind."""
        outputs = [o for o in self.outputs if not by_type or not o.exists or _type_of(o) == section.sh_type]
        all_outputs = self.outputs
        kind = CONTENTS | ALLOC | LOAD | READONLY | CODE | THREAD_LOCAL
        found = _last(outputs, lambda o: not (self._flags(o) ^ wanted) & kind)
        if found is not None:
            if exact is not None:
                exact.output = found
            return found
        if wanted & CODE and wanted & ALLOC:
            mask = CONTENTS | ALLOC | LOAD | CODE | THREAD_LOCAL
        elif wanted & READONLY and wanted & ALLOC:
            mask = CONTENTS | ALLOC | LOAD | READONLY
        elif wanted & THREAD_LOCAL and wanted & ALLOC:
            return self._like_thread_local(all_outputs, wanted)
        elif wanted & CONTENTS and wanted & ALLOC:
            mask = CONTENTS | ALLOC | LOAD | THREAD_LOCAL
        elif wanted & ALLOC:
            mask = ALLOC
        else:
            return _last(all_outputs, lambda o: not (self._flags(o) ^ wanted) & DEBUGGING)
        found = _last(outputs, lambda o: not (self._flags(o) ^ wanted) & mask)
        if found is not None or not by_type:
            return found
        return self._like(section, wanted, exact=None, by_type=False)

    def _like_thread_local(self, outputs: list[Output], wanted: int) -> Output | None:
        found = None
        seen = False
        for output in outputs:
            flags = self._flags(output)
            differ = flags ^ (wanted | LOAD | CONTENTS)
            if not differ & (THREAD_LOCAL | ALLOC):
                if not flags & LOAD and wanted & LOAD:
                    break
                found, seen = output, True
            elif seen:
                break
            elif not differ & (CONTENTS | ALLOC | LOAD):
                found = output
        return found

    def _create(self, section: InputSection, name: str, after: Output | None) -> Output:
        statement = OutputStatement(NOWHERE, name, is_orphan=True)
        output = Output(statement, OutputPlan(name), self.default)
        flags = input_flags(section)
        if not flags & (LOAD | ALLOC):
            statement.address = Number(NOWHERE, 0)
        elif after is not None:
            output.region, output.load_region = after.region, after.load_region
            statement.segments = after.statement.segments
        output.add_orphan(section)
        self._name_output(output)
        return output

    def _insert(self, output: Output, section: InputSection, after: Output | None, home: _Home) -> None:
        behind = home.last if home.last is not None else after
        place_after = home.last is None
        note_place = self._note_place(output, section)
        if note_place is not None:
            behind, place_after = note_place
        at = self.steps.index(behind) + 1 if behind is not None else 0
        if place_after:
            at = self._skip_assignments(at, ignore_first=behind is None)
        self.steps.insert(at, output)
        home.last = output

    def _note_place(self, output: Output, section: InputSection) -> tuple[Output | None, bool] | None:
        """Keep loaded notes together, those of larger alignment first, so that one PT_NOTE covers those of one."""
        if section.sh_type != SHT_NOTE or not section.is_alloc:
            return None
        outputs = [o for o in self.outputs if o.exists]
        first = next((i for i, o in enumerate(outputs) if _is_note(o)), None)
        if first is None:
            return None
        after: Output | None = None
        for other in outputs[first:]:
            if not _is_note(other):
                break
            if other.alignment >= output.alignment:
                after = other
        if after is not None:
            return after, True
        return (outputs[first - 1] if first else None), True

    def _skip_assignments(self, at: int, *, ignore_first: bool) -> int:
        """Return where behind an output section the next goes: behind symbols that mark its end, before `.` moves."""
        moved: int | None = None
        for index in range(at, len(self.steps)):
            step = self.steps[index]
            if isinstance(step, Output):
                if moved is not None and (not step.exists or not step.plan.inputs or step.is_alloc):
                    return moved
                return index
            if isinstance(step, Assignment) and step.name == "." and moved is None:
                if not ignore_first:
                    moved = index
                ignore_first = False
        return len(self.steps)


def _is_note(output: Output) -> bool:
    return _type_of(output) == SHT_NOTE and bool(output.flags & LOAD)


def _type_of(output: Output) -> int:
    special = SPECIAL_TYPES.get(output.name, SHT_NULL)
    # The first input decides, but over an array that the name promises.
    return special if special in ARRAYS else output.sh_type or special


def _last(outputs: list[Output], test: Callable[[Output], bool]) -> Output | None:
    return next((output for output in reversed(outputs) if test(output)), None)
