"""KTAP and TAP as guests print them, and as they should not."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exotool.testing.ktap import Case, KtapParser


def parse_ktap(lines: Iterable[str]) -> list[Case]:
    parser = KtapParser()
    for line in lines:
        parser.take(line)
    return parser.finish()


def results(text: str) -> list[tuple[str, str, str]]:
    return [(case.name, case.status, case.message) for case in parse_ktap(text.splitlines())]


def test_results_and_directives() -> None:
    text = """\
TAP version 14
1..6
ok 1 - first
not ok 2 - second
ok 3 third # SKIP no disk
not ok 4 fourth # TODO not written
ok
not ok 6 # XFAIL known
"""
    assert results(text) == [
        ("first", "passed", ""),
        ("second", "failed", "not ok"),
        ("third", "skipped", "no disk"),
        ("fourth", "skipped", "expected to fail: not written"),
        ("test 5", "passed", ""),
        ("test 6", "skipped", "expected to fail: known"),
    ]


def test_subtests_of_linux() -> None:
    text = """\
[    1.204] KTAP version 1
[    1.204] 1..1
[    1.205]   KTAP version 1
[    1.205]   1..2
[    1.206]     # kmalloc: expected 4, got 5
[    1.206]   not ok 1 kmalloc
[    1.207]   ok 2 kfree
[    1.208] not ok 1 slab
"""
    assert results(text) == [("slab/kmalloc", "failed", "not ok"), ("slab/kfree", "passed", "")]
    assert parse_ktap(text.splitlines())[0].output == ("# kmalloc: expected 4, got 5",)


def test_a_parent_that_fails_by_itself_is_told() -> None:
    text = "TAP version 14\n1..1\n    1..1\n    ok 1 child\nnot ok 1 parent\n"
    assert results(text) == [("parent/child", "passed", ""), ("parent", "failed", "not ok")]


def test_planned_tests_that_never_came_have_failed() -> None:
    assert results("1..3\nok 1 a\n") == [
        ("a", "passed", ""),
        ("test 2", "failed", "planned as one of 3 tests, but never reported"),
        ("test 3", "failed", "planned as one of 3 tests, but never reported"),
    ]


def test_the_plan_may_come_last() -> None:
    assert results("ok 1 a\nok 2 b\n1..2\n") == [("a", "passed", ""), ("b", "passed", "")]


def test_lost_lines_are_a_failure() -> None:
    assert results("1..3\nok 1 a\nok 3 c\n") == [
        ("a", "passed", ""),
        ("c", "failed", "numbered 3, where 2 is due: test lines were lost"),
    ]


def test_bail_out_and_yaml() -> None:
    text = "TAP version 14\n1..2\nok 1 a\n  ---\n  not ok 7 inside yaml\n  ...\nBail out! no memory\n"
    assert results(text) == [
        ("a", "passed", ""),
        ("test 2", "failed", "planned as one of 2 tests, but never reported"),
        ("bail out", "failed", "no memory"),
    ]


def test_the_interrupted_child_of_a_parent_that_never_came() -> None:
    assert results("KTAP version 1\n1..1\n  1..2\n  ok 1 a\n")[0] == (
        "test 1",
        "failed",
        "planned as one of 1 tests, but never reported",
    )


@pytest.mark.parametrize("line", ["okay", "not okay", "ok1", "# ok 1 x", "1...3", "booting ok"])
def test_what_is_no_test_line(line: str) -> None:
    parser = KtapParser()
    parser.take(line)
    assert not parser.found
    assert parser.finish() == []


def test_a_hash_in_a_name() -> None:
    assert parse_ktap(["ok 1 issue \\#7"]) == [Case("issue #7", "passed")]


@given(st.lists(st.text(alphabet=" \t#.-/12ok\\not KTAPversion", max_size=30), max_size=40))
def test_any_lines_end_in_results(lines: list[str]) -> None:
    for case in parse_ktap(lines):
        assert case.name
        assert case.status in ("passed", "failed", "skipped")


@given(st.lists(st.tuples(st.booleans(), st.text(alphabet="abc_xyz", min_size=1, max_size=8)), max_size=30))
def test_what_is_printed_is_read(tests: list[tuple[bool, str]]) -> None:
    lines = ["KTAP version 1", f"1..{len(tests)}"]
    lines += [f"{'ok' if good else 'not ok'} {n} {name}" for n, (good, name) in enumerate(tests, 1)]
    assert [(case.status == "passed", case.name) for case in parse_ktap(lines)] == tests
