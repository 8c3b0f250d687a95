"""Whether servers answer at all: one thread finds out for each, and the others wait for what it finds.

A network that swallows everything costs every question the longest wait. So nobody joins in before the first question has ended or its answer
has begun, and a server that was silent then is asked nothing more.
"""

from collections.abc import Hashable
from threading import Event, Lock
from typing import Final, Generic, TypeVar

Server = TypeVar("Server", bound=Hashable)
Failure = TypeVar("Failure")


class _Met(Generic[Failure]):
    __slots__ = ("answered", "failure", "settled")

    def __init__(self) -> None:
        self.settled: Final = Event()
        self.answered = False
        self.failure: Failure | None = None


class FirstContact(Generic[Server, Failure]):
    """What became of servers in this run. Safe to be used by several threads."""

    __slots__ = ("_lock", "_met")

    def __init__(self) -> None:
        self._lock: Final = Lock()
        self._met: Final[dict[Server, _Met[Failure]]] = {}

    def begin(self, server: Server) -> Failure | None:
        """Why a server is left alone; None to who may ask it: the first at once, and then has to `end`; the others when it has answered."""
        with self._lock:
            met = self._met.get(server)
            if met is None:
                self._met[server] = _Met()
                return None
        met.settled.wait()
        return met.failure

    def answered(self, server: Server) -> None:
        """A server has begun an answer."""
        met = self._met[server]
        met.answered = True
        met.settled.set()

    def has_answered(self, server: Server) -> bool:
        return self._met[server].answered

    def end(self, server: Server, failure: Failure | None) -> None:
        """A question has ended; with a `failure` the server is left alone from now on."""
        met = self._met[server]
        met.failure = met.failure or failure
        met.settled.set()
