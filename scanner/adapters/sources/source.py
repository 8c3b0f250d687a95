"""What a source is: somebody on a server who knows what one of our tables says, and how it is asked."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Final, NamedTuple, Protocol

from scanner.model.ports import Http


class Seen(NamedTuple):
    """What a source remembers of its last answer, kept in `sources.json`: short texts under names of its own, among them validators
    of HTTP (`etag of …`, `modified of …`, see `scanner.adapters.sources.asking`)."""

    marks: Mapping[str, str] = {}


NOTHING_SEEN: Final = Seen()


class Asked(NamedTuple):
    """What a source is asked with.

    `url` is where it is, its own or a mirror's. `seen` is what it remembers, nothing where a table of it is not there any more. `table`
    gives a table by its file name as it is now (None: there is none that can be read), `day` stamps what is written. A `token` is for
    GitHub's API alone.
    """

    http: Http
    url: str
    table: Callable[[str], object]
    day: date
    seen: Seen = NOTHING_SEEN
    token: str = ""


class Fetched(NamedTuple):
    """Tables by their file names, whole and validated; how many rows they have and the names of the new ones, those that matter most first. `remarks` say
    what was left out."""

    tables: Mapping[str, Mapping[str, object]]
    rows: int
    new: tuple[str, ...]
    seen: Seen = NOTHING_SEEN
    remarks: tuple[str, ...] = ()


class Unchanged(NamedTuple):
    """The server has nothing newer than the tables that are there."""

    seen: Seen


class Failed(NamedTuple):
    """No answer that can be used; `reason` is the end of a sentence, without address, secret and final period."""

    reason: str


Outcome = Fetched | Unchanged | Failed


class Source(Protocol):
    """A feed. `name` is what people call it on the command line, `title` what it is, `noun` what its rows are (singular and plural),
    `tables` the files that it writes, `url` where it is asked unless a mirror is given, `licence` that of its data."""

    @property
    def name(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def noun(self) -> tuple[str, str]: ...
    @property
    def tables(self) -> tuple[str, ...]: ...
    @property
    def url(self) -> str: ...
    @property
    def licence(self) -> str: ...

    def fetch(self, asked: Asked) -> Outcome:
        """Asks the server and makes tables of its answer. It never raises for what a server says."""
