"""How a rule about code asks servers: what is worked out of an answer is kept, what is not known is said once of each repository."""

from collections.abc import Iterator

from scanner.analysis.remotes.code import Code
from scanner.analysis.remotes.tags import Tags
from scanner.model.finding import Unknown
from scanner.model.online import NotKnown, Online, Remote
from scanner.model.source import Span


class Asking:
    """The questions of one run of a rule."""

    __slots__ = ("_said", "_tags", "online")

    def __init__(self, online: Online) -> None:
        self.online = online
        self._tags: dict[Remote, Tags | NotKnown] = {}
        self._said: set[Remote] = set()

    def tags(self, remote: Remote) -> Tags | NotKnown:
        if remote not in self._tags:
            refs = self.online.refs(remote)
            self._tags[remote] = refs if isinstance(refs, NotKnown) else Tags(refs)
        return self._tags[remote]

    def peeled(self, remote: Remote, commit: str) -> str:
        """The commit that an id means: who pins the id of an annotated tag, pins the commit that it is of."""
        found = self.online.commits(remote, (commit,))
        meant = None if isinstance(found, NotKnown) else found.get(commit)
        return meant.id if meant is not None else commit

    def unknown(self, one: Code, what: str, why: NotKnown) -> Iterator[Unknown]:
        """Says once of a repository what cannot be told of it, a clause with "whether"."""
        yield from self.unknown_at(one.at, one.subject, one.remote, what, why)

    def unknown_at(
        self, at: Span, subject: str, remote: Remote, what: str, why: NotKnown
    ) -> Iterator[Unknown]:
        if remote not in self._said:
            self._said.add(remote)
            yield Unknown(at, subject, f"nobody can tell {what}, because {why.reason}")


def asking_of(online: Online | None) -> Asking | None:
    """For rules that ask where they may, and do without else."""
    return Asking(online) if online is not None else None
