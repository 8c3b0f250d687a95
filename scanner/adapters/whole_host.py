"""Whether a server fails as a whole, or only for the repositories that were asked about.

What a server answers for one repository says nothing of the others: a status of some would else switch off the answers about all. So who
fails many times in a row is asked once for something that is no repository's, and only who fails there, too, is left alone.
"""

from threading import Lock
from typing import Final

from scanner.adapters.loopback import is_loopback
from scanner.model.online import NotKnown
from scanner.model.ports import Http, NoResponse, Request

_MOST: Final = 64 << 10


class WholeHost:
    """The failures of one server in a row, whatever they are about: after `most` of them it is asked at `url`. `shown` is its name in messages. Safe to be used by several
    threads. `closed` says why nothing more is asked of it."""

    def __init__(self, http: Http, url: str, shown: str, most: int) -> None:
        self._http = http
        self._url = url
        self._shown = shown
        self._most = most
        self._lock = Lock()
        self._failures = 0
        self.closed: NotKnown | None = None

    def answered(self) -> None:
        """The server has answered a question."""
        self._failures = 0

    def failed(self, limit: NotKnown | None = None) -> None:
        """It has not; with a `limit` because it has been asked too much, which is about all that it is asked."""
        with self._lock:
            self._failures += 1
            if self._failures < self._most or self.closed is not None:
                return
            self._failures = 0
        why = limit or self._as_a_whole()
        if why is not None:
            self.closed = why

    def _as_a_whole(self) -> NotKnown | None:
        """Why it cannot be used, None when it can."""
        answer = self._http.send(Request(self._url, limit=_MOST))
        if isinstance(answer, NoResponse):
            return None if answer.too_long else NotKnown(answer.reason)
        if answer.status >= 500:
            return NotKnown(f"{self._shown} fails to answer ({answer.status}); try again later")
        return None


def root_of(host: str) -> str:
    """The address of what every server of git has or has not, without asking for a repository."""
    return f"{'http' if is_loopback(host) else 'https'}://{host}/robots.txt"
