"""The verifier gives the language the meaning that its documents give it, with arguments that it does not know."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("z3", reason="the extra `verify` is not installed")

from exotool.compiler.frontend import check_program
from exotool.compiler.tree import Function
from exotool.compiler.types import BoolType
from exotool.diagnostics import ToolError, render
from exotool.lang.state import save
from exotool.lang.traps import Trap
from exotool.verify.run import Options, run

from ..compiler.differential import integers
from ..compiler.differential.harness import calls_of, imported
from ..compiler.differential.programs import Writer
from ..compiler.differential.test_programs import FOLDED
from ..conftest import REPOSITORY
from ..test_language import ACCEPTED, BLOCK, Example, calls, with_imports

WORDS = "\nfrom exotool.lang import Reason, assume, i8, i16, i32, i64, proof, u8, u16, u32, u64\n"


@pytest.mark.parametrize("example", ACCEPTED, ids=lambda example: example.name)
def test_calls_of_the_documents_are_proved(example: Example, tmp_path: Path) -> None:
    """Each call becomes a proof whose parameters are assumed to be the arguments: so every operation is symbolic."""
    path = tmp_path / f"{example.name}.py"
    source = with_imports(example.text) + "\n"
    path.write_text(source, "utf-8")
    functions = {function.name: function for function in check_program([path], tmp_path).functions}
    proofs: list[str] = []
    before: list[str] = []
    for number, (name, arguments, result, trap) in enumerate(calls(example.text)):
        proofs.append(as_proof(number, functions[name], arguments, result, trap, before))
        if not trap:
            before.append(f"    {name}({', '.join(map(repr, arguments))})")
    if not proofs:
        pytest.skip("a program without calls")
    path.write_text(source + WORDS + "\n".join(proofs), "utf-8")
    for outcome in run([path], tmp_path, Options(seconds=120)):
        if "Volatile[" in example.text:
            assert outcome.verdict == "unsupported"
            continue
        assert outcome.proved, "\n".join(render(diagnostic) for diagnostic in outcome.diagnostics)


def test_the_proofs_of_the_document_hold(tmp_path: Path) -> None:
    blocks = [block[1] for block in BLOCK.finditer((REPOSITORY / "docs" / "verify.md").read_text("utf-8"))]
    for number, block in enumerate(blocks):
        path = tmp_path / f"block_{number}.py"
        path.write_text(with_imports(block), "utf-8")
        assert all(outcome.proved for outcome in run([path], tmp_path, Options(seconds=120)))
    assert blocks


FEATURES = sorted((Path(__file__).parents[1] / "compiler" / "differential" / "features").glob("*.py"))
CALLS_OF_ONE = 3


@pytest.mark.slow
@pytest.mark.parametrize("name", [*(path.stem for path in FEATURES), *integers.TYPES])
def test_calls_of_the_differential_suite_are_proved(name: str, tmp_path: Path) -> None:
    """The programs that compare CPython with machine code: a few calls of each function, from the initial state."""
    path = tmp_path / f"{name}_.py"
    source = integers.source(name) if name in integers.TYPES else FEATURES[0].with_name(f"{name}.py").read_text("utf-8")
    path.write_text(source, "utf-8")
    functions = {function.name: function for function in check_program([path], tmp_path).functions}
    proofs: list[str] = []
    taken: dict[str, int] = {}
    everything = calls_of(source)
    random.Random(name).shuffle(everything)
    with imported(path) as module:
        for function, arguments in everything:
            taken[function] = taken.get(function, 0) + 1
            if taken[function] <= CALLS_OF_ONE:
                restore = save()
                result, trap = under_cpython(getattr(module, function), arguments)
                restore()
                proofs.append(
                    as_proof(len(proofs), functions[function], arguments, result, trap, (), name not in integers.TYPES)
                )
    path.write_text(source + WORDS + "\n".join(proofs), "utf-8")
    for outcome in run([path], tmp_path, Options(unroll=300, seconds=120)):
        if outcome.verdict == "unsupported":
            (diagnostic,) = outcome.diagnostics
            assert "`Volatile` storage" in diagnostic.message
            continue
        assert outcome.proved, "\n".join(render(diagnostic) for diagnostic in outcome.diagnostics)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(12))
def test_calls_of_random_programs_are_proved(seed: int, tmp_path: Path) -> None:
    """What CPython gives is what the verifier proves; every second time with numbers that only the solver knows."""
    chooser = random.Random(seed)
    source = Writer(chooser.randrange).program()
    path = tmp_path / f"random_{seed}.py"
    path.write_text(source, "utf-8")
    try:
        functions = {function.name: function for function in check_program([path], tmp_path).functions}
    except ToolError as error:
        assert {diagnostic.code for diagnostic in error.diagnostics} <= FOLDED
        return
    everything = calls_of(source)
    chooser.shuffle(everything)
    proofs: list[str] = []
    with imported(path) as module:
        for function, arguments in everything[:6]:
            restore = save()
            result, trap = under_cpython(getattr(module, function), arguments)
            restore()
            proofs.append(as_proof(len(proofs), functions[function], arguments, result, trap, (), seed % 2 == 0))
    path.write_text(source + WORDS + "\n".join(proofs), "utf-8")
    for outcome in run([path], tmp_path, Options(unroll=300, seconds=120)):
        assert outcome.proved, "\n".join(render(diagnostic) for diagnostic in outcome.diagnostics)


def under_cpython(function: Callable[..., Any], arguments: tuple[Any, ...]) -> tuple[object, str]:
    try:
        return function(*arguments), ""
    except Trap as trap:
        return None, trap.reason.name


def as_proof(
    number: int,
    function: Function,
    arguments: tuple[Any, ...],
    result: object,
    trap: str,
    before: Sequence[str] = (),
    known_numbers: bool = False,
) -> str:
    """Return a proof of what a call gives, after the calls that stand before it."""
    parameters = [f"p{i}: {parameter.type}" for i, parameter in enumerate(function.parameters)]
    expects = f"(traps=Reason.{trap})" if trap else ""
    lines = [f"@proof{expects}", f"def proof_{number}({', '.join(parameters)}) -> None:"]
    for i, (argument, parameter) in enumerate(zip(arguments, function.parameters, strict=True)):
        if isinstance(parameter.type, BoolType):
            known = f"p{i} == {bool(argument)}"
        elif known_numbers:
            known = f"p{i} == {plain(argument)!r}"
        else:
            known = f"p{i} <= {plain(argument)!r} and p{i} >= {plain(argument)!r}"  # a number to the solver only
        lines.append(f"    assume({known})")
    lines += before
    call = f"{function.name}({', '.join(f'p{i}' for i in range(len(arguments)))})"
    if trap:
        lines.append(f"    {call}")
    elif isinstance(result, tuple):
        names = [f"r{i}" for i in range(len(result))]
        lines.append(f"    {', '.join(names)} = {call}")
        lines += [f"    assert {name} == {plain(value)!r}" for name, value in zip(names, result, strict=True)]
    else:
        lines.append(f"    assert {call} == {plain(result)!r}")
    return "\n".join(lines) + "\n"


def plain(value: object) -> object:
    return int(value) if isinstance(value, int) and not isinstance(value, bool) else value
