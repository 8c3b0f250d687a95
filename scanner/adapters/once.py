"""Answers that are given once."""

from collections.abc import Callable, Hashable
from concurrent.futures import Future
from threading import Lock
from typing import TypeVar

T = TypeVar("T")


class Once:
    """Answers by their questions. A question that is asked by several threads is asked by one of them, and the others wait."""

    __slots__ = ("_answers", "_lock")

    def __init__(self) -> None:
        self._lock = Lock()
        self._answers: dict[Hashable, Future[object]] = {}

    def __call__(self, question: Hashable, ask: Callable[[], T]) -> T:
        """What `ask` has answered to this question; raises what it has raised."""
        with self._lock:
            future = self._answers.get(question)
            first = future is None
            if future is None:
                future = self._answers[question] = Future()
        if first:
            try:
                future.set_result(ask())
            except BaseException as error:
                future.set_exception(error)
        return future.result()  # type: ignore[return-value]
