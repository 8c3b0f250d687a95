"""What the core asks of the world outside the process; `scanner.adapters` answers, `scanner.cli` connects.

What can be asked about repositories on servers is a port of its own, see `scanner.model.online`.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal, NamedTuple, Protocol


class Repository(Protocol):
    """The version control of a folder."""

    def toplevel(self, folder: Path) -> Path | None:
        """The root of the checkout that holds `folder`, or None when there is none."""

    def visible_files(self, root: Path) -> list[str] | None:
        """Paths below `root`, relative to it and with `/`, that are tracked or not ignored; a path with a
        trailing `/` is a checkout of its own. None when `root` is not in a checkout or git cannot answer."""


class Request(NamedTuple):
    """A request of HTTP. `limit` is how many octets of a body are taken, unpacked: a longer one is no answer. With a `body` it is a POST, or
    what `method` says. One that is sent `once` is not repeated when a server may have acted on it, as on a POST that makes something.
    A `secret` is the whole value of the header `Authorization` ("Bearer …"), for this scheme, host and port only. A redirect may lead to
    the same host and to `hosts` (in lower case, with a port unless it is that of the scheme), to no other."""

    url: str
    headers: Mapping[str, str] = {}
    body: bytes | None = None
    limit: int = 8 << 20
    secret: str = ""
    hosts: frozenset[str] = frozenset()
    method: Literal["", "PATCH"] = ""
    once: bool = False

    def __repr__(self) -> str:
        """Without headers, body and secret: what is shown of values ends in logs."""
        return f"Request({self.url!r})"


class Response(NamedTuple):
    """An answer of a server, whatever its `status`. `url` is where it came from at last, the names of `headers` are in lower case."""

    status: int
    url: str
    headers: Mapping[str, str]
    body: bytes


class NoResponse(NamedTuple):
    """No answer that can be used; `reason` is the end of a sentence that may name the host, without path, query, secret and final period.
    `too_long`: there was more of it than the limit."""

    reason: str
    too_long: bool = False


class Http(Protocol):
    """The one way to a server. It never raises for what a server or the way to it does wrong."""

    def send(self, request: Request) -> Response | NoResponse:
        """Follows redirects and tries again what may pass, within bounds of time and size."""


class Progress(Protocol):
    """Who is told how far long work is. Telling it costs next to nothing where nobody looks."""

    def step(self, what: str, done: int, total: int) -> None:
        """`what` is done ("reading files"): so much of it is over, out of `total`. Several threads may say so."""


class NoProgress:
    """Nobody looks."""

    __slots__ = ()

    def step(self, what: str, done: int, total: int) -> None:
        pass


NO_PROGRESS: Final = NoProgress()
