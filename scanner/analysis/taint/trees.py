"""Trees of files in a job's workspace that outsiders wrote: the code of a pull request, the artifact of another run."""

from collections.abc import Collection, Iterable
from typing import Literal, NamedTuple

from scanner.model.finding import Note
from scanner.model.source import Span

Kind = Literal["pull request", "artifact"]

Way = tuple[frozenset[str] | None, tuple[Note, ...]]
"""A way from an event to the text, with the events that bring it along (None: all, as far as is known)."""


def way_in(ways: Iterable[Way], events: Collection[str]) -> tuple[Note, ...] | None:
    """The first way that a run of one of some events can take."""
    return next((how for brings, how in ways if brings is None or not brings.isdisjoint(events)), None)


class Tree(NamedTuple):
    """`at` is the text that asks for it: the `ref:` of a checkout, a command, the `uses:` of an action that downloads. `by` is the
    id of the step. `folder` is where the files are put, relative to the workspace (`""` for the workspace itself), None where
    that cannot be told (places outside of the workspace are those of `places.place_of`). `fixed` says that a commit is named, so that what is fetched cannot be changed
    any more; a branch, a number and a merge can. `how` leads from the event to `at`, empty when they are one.

    `guarded` are the events in whose runs actions/checkout itself refuses to fetch this from a fork. `own` says that only a
    branch of this repository can be meant, where outsiders cannot push. `events` bring along what is asked for (None: all of
    them, as far as is known); `latent` says that no event of the workflow does, so that nothing is fetched today. `guess`
    says that only the name of an output or variable says that this is somebody else's. `commit` says that a commit is named, be it
    one that the run looks up. `told` says that an artifact names it, `same_run` that an artifact is of another job of this
    run. `ways` are all ways to `at`, of which `how` is the first that the events of the workflow can take; none where there is
    just that.
    """

    kind: Kind
    at: Span
    by: str
    folder: str | None
    fixed: bool
    how: tuple[Note, ...] = ()
    guarded: frozenset[str] = frozenset()
    own: bool = False
    latent: bool = False
    events: frozenset[str] | None = None
    guess: bool = False
    commit: bool = False
    told: bool = False
    same_run: bool = False
    ways: tuple[Way, ...] = ()

    @property
    def real(self) -> bool:
        """Whether it is known that an outsider can have written the files in runs as the workflow is today."""
        return not (self.own or self.latent or self.guess)

    def comes(self, event: str) -> bool:
        """Whether a run of an event brings along what is asked for."""
        return self.events is None or event in self.events

    def led_by(self, event: str) -> tuple[Note, ...]:
        """The way from an event to `at`."""
        way = way_in(self.ways, (event,))
        return self.how if way is None else way
