"""The import hook: true lines in tracebacks and traces, statics, imports, traps, externs, templates."""

from __future__ import annotations

import sys
import textwrap
import time
import traceback
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from exotool.lang.functions import models
from exotool.lang.integers import u8, u64
from exotool.lang.loader import install, uninstall
from exotool.lang.traps import KernelTypeError, Reason, Trap

from .conftest import Load


def line_of(module: Any, text: str) -> int:
    lines = Path(module.__file__).read_text("utf-8").splitlines()
    return next(n for n, line in enumerate(lines, 1) if text in line)


SOURCE = '''
def inner(a: u8,
          b: u8) -> u8:
    """Add."""
    c: u8 = 1
    x = (
        a
        + b
    )
    return x + c

def outer(n: u8) -> u8:
    total: u8 = 0
    for i in range(n):
        total += inner(
            u8(i), 1
        )
    assert total != 9, "nine"
    return total if total > 2 else 0
'''


def test_tracebacks_show_the_true_lines(load: Load) -> None:
    module = load(SOURCE)
    with pytest.raises(Trap) as caught:
        module.inner(200, 100)
    lines = [f.lineno for f in traceback.extract_tb(caught.value.__traceback__) if f.filename == module.__file__]
    assert lines == [line_of(module, "        a\n".strip("\n"))] or lines == [line_of(module, "+ b") - 1]
    with pytest.raises(Trap, match="nine") as caught:
        module.outer(3)
    frames = traceback.extract_tb(caught.value.__traceback__)
    assert frames[1].lineno == line_of(module, "assert total")


def test_a_trace_sees_just_the_lines_that_run(load: Load) -> None:
    """What debuggers stop at, and coverage counts."""
    module = load(SOURCE)
    seen: set[int] = set()

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        if frame.f_code.co_filename != module.__file__:
            return None
        if event == "line":
            seen.add(frame.f_lineno)
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        module.outer(0)
    finally:
        sys.settrace(before)
    start = line_of(module, "def outer")
    assert seen == {start, start + 1, start + 2, start + 6, start + 7}


def test_the_source_is_found_for_an_error(load: Load) -> None:
    module = load("def f(a: u8) -> u8:\n    return a + 1  # here\n")
    with pytest.raises(Trap) as caught:
        module.f(255)
    assert "# here" in "".join(traceback.format_exception(caught.value))


def test_with_cleans_up_on_every_way_out_but_a_trap(load: Load) -> None:
    module = load(
        """
        class Lock(Struct):
            held: u32

            def __enter__(self) -> None:
                self.held += 1

            def __exit__(self, *exc: object) -> None:
                self.held -= 1

        lock: Lock = Lock()

        def use(x: u8) -> u8:
            with lock:
                if x == 1:
                    return 7
                assert x != 2, "two"
            return 8
        """
    )
    assert (module.use(0), module.use(1), module.lock.held) == (8, 7, 0)
    with pytest.raises(Trap) as caught:
        module.use(2)
    assert (caught.value.reason, caught.value.message) == (Reason.ASSERTION, "two")
    assert module.lock.held == 1


def test_statics_keep_their_type(load: Load) -> None:
    module = load(
        """
        ticks: u8 = 250
        LIMIT: Final[u64] = 1 << 40

        def tick() -> u8:
            global ticks
            ticks += 1
            return ticks

        def reset() -> None:
            global ticks
            ticks = 3
        """
    )
    assert [type(x) for x in (module.ticks, module.LIMIT)] == [u8, u64]
    for _ in range(5):
        module.tick()
    with pytest.raises(Trap):
        module.tick()
    module.reset()
    assert type(module.ticks) is u8
    module.ticks = 9
    assert type(module.ticks) is u8
    with pytest.raises(KernelTypeError):
        module.ticks = 256


def test_externs_run_their_model(load: Load) -> None:
    module = load(
        """
        @extern
        def inb(port: u16) -> u8: ...

        @extern
        def pause() -> None:
            \"\"\"Do nothing for a moment.\"\"\"

        @extern
        def square(x: u32) -> u64:
            return x * x

        def use(port: u16) -> u64:
            pause()
            return square(inb(port))
        """
    )
    with pytest.raises(NotImplementedError, match="extern inb has no model"):
        module.use(1)
    with models(inb=lambda port: int(port) + 1):
        assert module.use(4) == 25
        with pytest.raises(KernelTypeError, match="256"):
            module.use(255)
    with models(inb=lambda port: 0, square=lambda x: 77):
        assert module.use(4) == 77
    with pytest.raises(NotImplementedError):
        module.use(1)


def test_recursion_has_its_declared_depth(load: Load) -> None:
    module = load("@recursive(depth=3)\ndef f(n: u8) -> u8:\n    return f(n - 1) + 1 if n > 0 else 0\n")
    assert module.f(2) == 2
    for _ in range(2):
        with pytest.raises(Trap) as caught:
            module.f(3)
        assert caught.value.reason is Reason.RECURSION


def test_imports_follow_pythons_rules(tmp_path: Path) -> None:
    package = tmp_path / "kernel_of_test"
    (package / "deep").mkdir(parents=True)
    files = {
        "clock.py": "from exotool.lang import u64\n\nticks: u64 = 5\n",
        "deep/use.py": """
            from typing import TYPE_CHECKING

            from exotool.lang import Ref, Struct, u64
            from kernel_of_test import clock
            from .. import clock as same
            from ..names import SIZE as COUNT

            if TYPE_CHECKING:
                from kernel_of_test.later import Later

            class Holder(Struct):
                later: Ref["Later"] | None

            def now() -> u64:
                return clock.ticks + same.ticks + COUNT

            def name(later: "Later") -> u64:
                return later.x
            """,
        "later.py": "from exotool.lang import Struct, u64\n\nclass Later(Struct):\n    x: u64\n",
        "names.py": "from typing import Final\n\nSIZE: Final = 7\n",
    }
    for name, text in files.items():
        (package / name).write_text(textwrap.dedent(text), "utf-8")
    finder = install(tmp_path, ["kernel_of_test"])
    try:
        import kernel_of_test.deep.use as use  # type: ignore[import-not-found]
        import kernel_of_test.later as later  # type: ignore[import-not-found]

        assert use.now() == 17
        assert use.name(later.Later(x=3)) == 3
        assert use.Holder().later is None
        use.clock.ticks = 6
        assert use.now() == 19
    finally:
        uninstall(finder)
    assert "kernel_of_test.deep.use" not in sys.modules


def test_a_syntax_error_shows_its_place(load: Load) -> None:
    with pytest.raises(SyntaxError) as caught:
        load("def f(:\n    pass\n")
    assert caught.value.filename is not None
    assert caught.value.filename.endswith(".py")


def test_text_becomes_typed_calls(load: Load) -> None:
    module = load(
        """
        class Screen(Struct):
            shown: Array[u8] = array(64)
            length: u64
            value: u64
            negative: i64
            base: u32
            width: u32
            flags: u32

            def write(self, text: Array[u8]) -> None:
                for c in text:
                    self.shown[self.length] = c
                    self.length += 1

            def write_unsigned(self, value: u64, base: u32, width: u32, flags: u32) -> None:
                self.value = value
                self.base = base
                self.width = width
                self.flags = flags

            def write_signed(self, value: i64, width: u32, flags: u32) -> None:
                self.negative = value

        screen: Screen = Screen()

        def say(text: str) -> None:
            fprint(screen, text)

        def show(a: u32, b: i8, c: bool) -> None:
            say(f"[{a:#010x}] {b} {c}{u8(33):c}\\n")

        def refused(a: u32) -> None:
            say(f"{a:e}")
        """
    )
    module.show(0xBEEF, -5, True)
    screen = module.screen
    assert bytes(screen.shown[: screen.length]) == b"[]  True!\n"
    assert (screen.value, screen.base, screen.width, screen.flags) == (0xBEEF, 16, 10, 3)
    assert screen.negative == -5
    with pytest.raises(KernelTypeError, match="format 'e'"):
        module.refused(1)


def test_what_python_has_and_the_language_has_not(load: Load) -> None:
    module = load("def f() -> None:\n    print('x')\n\ndef g(n: u64, m: i64) -> u64:\n    return max(n, m)\n")
    with pytest.raises(KernelTypeError, match="fprint"):
        module.f()
    with pytest.raises(KernelTypeError, match="write a cast"):
        module.g(1, 2)


@pytest.mark.slow
def test_it_does_twenty_thousand_operations_a_second(load: Load) -> None:
    """The floor; a usual machine does fifty times that. Twelve operations a round."""
    module = load(
        """
        class P(Struct):
            x: u64

        p: P = P()
        a: Array[u64] = array(64)

        def work(n: u64) -> u64:
            s: u64 = 0
            for i in range(n):
                s = s + i * 3
                a[i & 63] = s
                p.x += a[i & 63] >> 1
                s ^= p.x & 0xFFFF
                if s > 1000:
                    s -= 1000
            return s
        """
    )
    module.work(10)
    start = time.process_time()
    module.work(2000)
    assert 12 * 2000 / (time.process_time() - start) > 20_000
