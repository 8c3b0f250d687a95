"""What can be asked about repositories on servers, and what is answered. `scanner.adapters` asks, rules read the answers.

Every question may be answered by `NotKnown`: a server that does not answer, a repository that nobody may see, a spent
budget. That makes one answer unknown and never ends a run.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Final, Literal, NamedTuple, Protocol

GITHUB: Final = "github.com"
BRANCH: Final = "refs/heads/"
TAG: Final = "refs/tags/"


class NotKnown(NamedTuple):
    """No answer; `reason` says why, as the end of a sentence ("… because `reason`"), without a final period."""

    reason: str


class NotThere(NotKnown):
    """The server says that it has no such repository, or none that it shows to everybody."""

    __slots__ = ()


class Remote(NamedTuple):
    """A repository on a server: `host` in lower case, with a port where it is written; `path` as in its address, without
    slashes around it and without `.git`. On GitHub and GitLab names are compared without case: `path` is in lower case there."""

    host: str
    path: str

    def __str__(self) -> str:
        return self.path if self.host == GITHUB else f"{self.host}/{self.path}"


class Refs(NamedTuple):
    """Branches and tags by their names with the commit (40 hex digits, lower case) that each leads to; annotated tags are followed.
    `default` is the branch that HEAD names. `moved` is the repository to which the server sends who asks for this one."""

    branches: Mapping[str, str]
    tags: Mapping[str, str]
    default: str | None
    moved: Remote | None

    def tips(self, ref: str) -> set[str]:
        """The commits that a name means: one that begins with `refs/heads/` or `refs/tags/` that of the branch or the tag, else of both."""
        if ref.startswith(BRANCH):
            found = [self.branches.get(ref.removeprefix(BRANCH))]
        elif ref.startswith(TAG):
            found = [self.tags.get(ref.removeprefix(TAG))]
        else:
            found = [self.branches.get(ref), self.tags.get(ref)]
        return {one for one in found if one is not None}


class Commit(NamedTuple):
    """A commit; `made` is the time of its committer (UTC)."""

    id: str
    made: datetime
    parents: tuple[str, ...]


class About(NamedTuple):
    """What a forge says of a repository. `name` is `owner/name` as it is called now, `license` the SPDX id that the forge has found
    out (None: none, or it cannot tell). Ids are those of the forge and never given out again; `created` outlives a transfer."""

    name: str
    archived: bool
    license: str | None
    owner: str
    owner_id: int
    id: int
    created: datetime


class Account(NamedTuple):
    """The owner of a repository, as the forge has it now; `created` is when the account was registered."""

    name: str
    id: int
    created: datetime


class Release(NamedTuple):
    """A release of a tag. An `immutable` one cannot be changed or moved any more, not even by its owner."""

    tag: str
    immutable: bool


Topic = Literal["refs", "about", "account", "holds", "held", "release", "commits"]


class Question(NamedTuple):
    """A question to `Online` as a value: its name there, and what it is asked with (`tag` is a `ref`)."""

    topic: Topic
    remote: Remote
    ref: str = ""
    commit: str = ""


class Online(Protocol):
    """The world outside, as a scan asks it with `--online`. Every answer is given once a run: asked again, it is the same."""

    @property
    def home(self) -> str:
        """The host on which `uses:` finds actions: github.com, or a GitHub Enterprise Server."""

    def prepare(self, wanted: Iterable[Question]) -> None:
        """Asks many questions at once: a rule that will ask them does not wait for one after the other. Nothing else is asked, so that the
        budget of an API serves what rules need."""

    def refs(self, remote: Remote) -> Refs | NotKnown:
        """Branches and tags of any git server, by git's own protocol: it costs nothing of the budget of an API."""

    def commits(self, remote: Remote, ids: Collection[str]) -> Mapping[str, Commit | None] | NotKnown:
        """Commits by their ids (40 hex digits, lower case), by git's own protocol; None for one that the server does not have. GitHub has
        the commits of all forks of a repository: that it has one says nothing about whose it is, see `holds`."""

    def holds(self, remote: Remote, ref: str, commit: str) -> bool | NotKnown:
        """Whether the history of a branch or tag has a commit; its name as `Refs.tips` takes it."""

    def held(self, remote: Remote, commit: str) -> bool | NotKnown | None:
        """Whether the history of any branch or tag has a commit; None where the server does not have it at all. One question by git's own
        protocol: who wants the commit and has the tips of all refs is sent an empty pack if one of them leads to it."""

    def about(self, remote: Remote) -> About | NotKnown:
        """What the forge says of a repository. GitHub only."""

    def account(self, remote: Remote) -> Account | NotKnown:
        """Who owns a repository now. GitHub only."""

    def release(self, remote: Remote, tag: str) -> Release | NotKnown | None:
        """The release of a tag; None where there is none. GitHub only."""

    def remarks(self) -> tuple[str, ...]:
        """What the report says of the asking: how many answers there are, and what stood in the way of others."""
