"""How far long work is, on one line of the terminal that is drawn again and again, and is gone before anything else is written."""

import os
import sys
import time
from _thread import allocate_lock, start_new_thread
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from functools import cache
from typing import Final, TextIO

from scanner.cli.terminal import before_writing
from scanner.model.ports import NO_PROGRESS, Progress

PATIENCE: Final = 0.5
"""Seconds of work of which nothing is shown."""

_EVERY: Final = 0.1
"""Seconds between two drawings."""

_ERASE: Final = "\r\x1b[K"


def add_progress(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--no-progress", action="store_true", help="do not show on the terminal how far long work is"
    )


def progress_of(arguments: Namespace, state: str = "") -> Progress:
    """Who is told how far a run is: a person at a terminal; nobody with `--no-progress` or `--quiet`, in CI, or in a command that
    does not show it. `state` names the one of several states that the work is about."""
    if getattr(arguments, "no_progress", True) or getattr(arguments, "quiet", False):
        return NO_PROGRESS
    if os.environ.get("CI") or os.environ.get("TERM", "dumb") == "dumb" or not sys.stderr.isatty():
        return NO_PROGRESS
    return _OfState(_of_terminal(), state) if state else _of_terminal()


class _OfState:
    """Progress with the name of a state before what is done."""

    __slots__ = ("_line", "_state")

    def __init__(self, line: "ProgressLine", state: str) -> None:
        self._line = line
        self._state = state

    def step(self, what: str, done: int, total: int) -> None:
        self._line.step(f"{self._state}: {what}", done, total)


@cache
def _of_terminal() -> "ProgressLine":
    line = ProgressLine(sys.stderr, time.monotonic, _width)
    before_writing(line.erase)
    start_new_thread(_keep_drawing, (line,))  # ends with the process
    return line


def _keep_drawing(line: "ProgressLine") -> None:
    while line.draw():
        time.sleep(_EVERY)


def _width() -> int:
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns or 80
    except (OSError, ValueError):
        return 80


class ProgressLine:
    """`scanner.model.ports.Progress` on a terminal. `clock` tells seconds, `width` the columns at this moment.

    Work only tells where it is (`step`), which costs it next to nothing; who calls `draw` again and again, from another thread, shows it,
    however long a single step takes.
    """

    __slots__ = ("_clock", "_drawn", "_lock", "_since", "_state", "_stream", "_width")

    def __init__(self, stream: TextIO, clock: Callable[[], float], width: Callable[[], int]) -> None:
        self._stream = stream
        self._clock = clock
        self._width = width
        self._since = clock()
        self._state: tuple[str, int, int] | None = None
        self._drawn = ""
        self._lock = allocate_lock()

    def step(self, what: str, done: int, total: int) -> None:
        self._state = what, done, total

    def draw(self) -> bool:
        """Shows what was told last, once the work is long; answers whether it can be shown at all."""
        with self._lock:
            state = self._state
            if state is None or self._clock() - self._since < PATIENCE:
                return True
            what, done, total = state
            # What is said is ours, but a name in it may be of a policy.
            text = "".join(char if " " <= char <= "~" else "?" for char in what)
            text = f"{text} {done:,}/{total:,}" if total else f"{text} ..."
            text = text[: max(self._width() - 1, 1)]
            return text == self._drawn or self._write(text)

    def erase(self) -> None:
        """Takes the line away, until work tells that it goes on, and has done so for long."""
        with self._lock:
            self._state = None
            self._since = self._clock()
            if self._drawn:
                self._write("")

    def _write(self, text: str) -> bool:
        self._drawn = text
        try:
            self._stream.write(f"{_ERASE}{text}")
            self._stream.flush()
        except (OSError, ValueError):  # nobody looks any more
            return False
        return True
