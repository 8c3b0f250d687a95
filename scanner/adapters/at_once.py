"""Many questions at once."""

from collections import deque
from collections.abc import Callable, Sequence
from itertools import count
from threading import Thread
from typing import Final, TypeVar

THREADS: Final = 8

T = TypeVar("T")


def at_once(
    ask: Callable[[T], object], about: Sequence[T], told: Callable[[int], object] | None = None
) -> None:
    """Asks about each, with several threads, and waits for all. What one of them raises is raised here. How many are over is `told`.

    The threads are daemons: who presses Ctrl-C does not wait for servers, as with those of `concurrent.futures`, which the interpreter joins
    when it ends.
    """
    waiting = deque(about)
    raised: list[BaseException] = []
    over = count(1)

    def work() -> None:
        while True:
            try:
                one = waiting.popleft()
            except IndexError:
                return
            try:
                ask(one)
                if told is not None:
                    told(next(over))
            except BaseException as error:
                raised.append(error)
                waiting.clear()

    threads = [Thread(target=work, daemon=True) for _ in range(min(THREADS, len(about)))]
    for thread in threads:
        thread.start()
    try:
        for thread in threads:
            thread.join()
    finally:
        waiting.clear()
    if raised:
        raise raised[0]
