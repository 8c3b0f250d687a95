"""Many questions at once: each asked once, and what is raised comes out."""

import threading

import pytest

from scanner.adapters.at_once import THREADS, at_once


def test_each_is_asked_once() -> None:
    asked: list[int] = []
    at_once(asked.append, range(100))
    assert sorted(asked) == list(range(100))
    at_once(asked.append, [])


def test_they_are_asked_together() -> None:
    """All meet at the barrier, or nobody passes it."""
    together = threading.Barrier(THREADS)
    at_once(lambda _: together.wait(30), range(THREADS))


def test_what_is_raised_comes_out_and_ends_the_asking() -> None:
    asked: list[int] = []

    def ask(one: int) -> None:
        asked.append(one)
        raise ValueError("a bug")

    with pytest.raises(ValueError, match="a bug"):
        at_once(ask, range(1000))
    assert len(asked) <= THREADS


def test_nobody_waits_for_the_threads_when_the_run_ends() -> None:
    daemons: list[bool] = []
    at_once(lambda _: daemons.append(threading.current_thread().daemon), range(3))
    assert all(daemons)
