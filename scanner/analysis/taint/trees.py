"""Trees of files in a job's workspace that outsiders wrote: the code of a pull request, the artifact of another run."""

from typing import Literal, NamedTuple

from scanner.model.finding import Note
from scanner.model.source import Span

Kind = Literal["pull request", "artifact"]


class Tree(NamedTuple):
    """`at` is the text that asks for it: the `ref:` of a checkout, a command, the `uses:` of an action that downloads. `by` is the
    id of the step. `folder` is where the files are put, relative to the workspace (`""` for the workspace itself), None where
    that cannot be told or is outside of it. `fixed` says that a commit is named, so that what is fetched cannot be changed
    any more; a branch, a number and a merge can. `how` leads from the event to `at`, empty when they are one.

    `guarded` are the events in whose runs actions/checkout itself refuses to fetch this from a fork. `own` says that only a
    branch of this repository can be meant, where outsiders cannot push. `latent` says that no event of the workflow brings
    along what is asked for, so that nothing is fetched today.
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
