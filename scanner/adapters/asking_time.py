"""The time that the asking of a run may take: every request is bounded, but there may be any number of them."""

import time
from collections.abc import Callable
from threading import Lock
from typing import Final

from scanner.model.counting import counted
from scanner.model.ports import Http, NoResponse, Request, Response

MOST: Final = 300.0
"""Seconds. A thousand repositories at half a second a request take some four minutes."""


class TimedHttp:
    """`http` until it has been at work for as many `seconds` in all, counted while any request is under way; after that nobody is asked any
    more. Those that are under way then are ended, each within its own bounds. Safe to be used by several threads."""

    def __init__(
        self, http: Http, seconds: float = MOST, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._http = http
        self._seconds = seconds
        self._clock = clock
        self._lock = Lock()
        self._under_way = 0
        self._since = 0.0
        self._spent = 0.0

    def send(self, request: Request) -> Response | NoResponse:
        with self._lock:
            now = self._clock()
            if self._spent + (now - self._since if self._under_way else 0.0) >= self._seconds:
                return NoResponse(self._reason())
            if not self._under_way:
                self._since = now
            self._under_way += 1
        try:
            return self._http.send(request)
        finally:
            with self._lock:
                self._under_way -= 1
                if not self._under_way:
                    self._spent += self._clock() - self._since

    def _reason(self) -> str:
        minutes, seconds = divmod(round(self._seconds), 60)
        shown = counted(minutes, "minute") if minutes and not seconds else f"{self._seconds:g} s"
        return f"after {shown} of asking the rest was left; run it again to go on from there"
