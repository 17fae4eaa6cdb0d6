"""Work in other processes: where it runs, and what is left when one of them dies."""

from __future__ import annotations

import os
import signal

import pytest

from exotool.workers import WorkerDiedError, Workers


def die(number: int) -> int:
    os.kill(os.getpid(), number)
    return number


def test_one_at_a_time_is_this_process_unless_it_is_isolated() -> None:
    with Workers(1) as workers:
        assert not workers.parallel
        assert workers.submit(os.getpid)() == os.getpid()
        assert workers.isolate(os.getpid)() != os.getpid()


def test_several_at_once_are_other_processes_and_keep_their_order() -> None:
    with Workers(2) as workers:
        assert workers.parallel
        waiting = [workers.submit(pow, number, 2) for number in range(20)]
        assert [wait() for wait in waiting] == [number * number for number in range(20)]
        assert workers.submit(os.getpid)() != os.getpid()


def test_an_exception_comes_out_where_the_result_is_wanted() -> None:
    with Workers(2) as workers:
        wait = workers.submit(int, "no number")
        with pytest.raises(ValueError, match="invalid literal"):
            wait()


def test_a_worker_that_dies_takes_nothing_along_but_the_work() -> None:
    with Workers(1) as workers:
        assert workers.isolate(pow, 2, 3)() == 8
        wait = workers.isolate(die, signal.SIGKILL)
        with pytest.raises(WorkerDiedError):
            wait()
        with pytest.raises(WorkerDiedError):
            workers.isolate(pow, 2, 3)()
