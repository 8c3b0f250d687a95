"""How a rule about code asks servers: many questions at once, and what is worked out of an answer is kept. What is not known is said once of
each repository in each file: whoever looks at one file only, or has switched the rule off in the others, hears of it, too."""

from collections.abc import Iterable, Iterator

from scanner.analysis.remotes.tags import Tags
from scanner.model.finding import Unknown
from scanner.model.online import NotKnown, Online, Question, Remote
from scanner.model.source import Span


class Asking:
    """The questions of one run of a rule."""

    __slots__ = ("_prepared", "_said", "_tags", "online")

    def __init__(self, online: Online) -> None:
        self.online = online
        self._prepared: set[Question] = set()
        self._tags: dict[Remote, Tags | NotKnown] = {}
        self._said: set[tuple[Remote, str]] = set()

    def prepare(self, wanted: Iterable[Question]) -> None:
        """Has questions asked at once, each of them once. A rule names here what it will ask, and nothing else: a budget pays for it."""
        questions = tuple(one for one in dict.fromkeys(wanted) if one not in self._prepared)
        self._prepared.update(questions)
        if questions:
            self.online.prepare(questions)

    def prepare_tags(self, remotes: Iterable[Remote]) -> None:
        """The same for the branches and tags of repositories."""
        self.prepare(Question("refs", remote) for remote in remotes)

    def prepare_peeled(self, pins: Iterable[tuple[Remote, str]]) -> None:
        """The same for what `peeled` will tell of ids to which no tag leads."""
        self.prepare(
            Question("commits", remote, commit=commit)
            for remote, commit in pins
            if isinstance(tags := self.tags(remote), Tags) and not tags.at(commit)
        )

    def tags(self, remote: Remote) -> Tags | NotKnown:
        """The branches and tags of a repository."""
        if remote not in self._tags:
            refs = self.online.refs(remote)
            self._tags[remote] = refs if isinstance(refs, NotKnown) else Tags(refs)
        return self._tags[remote]

    def peeled(self, remote: Remote, commit: str) -> str:
        """The commit that an id means: who pins the id of an annotated tag, pins the commit that it is of."""
        found = self.online.commits(remote, (commit,))
        meant = None if isinstance(found, NotKnown) else found.get(commit)
        return meant.id if meant is not None else commit

    def unknown(self, at: Span, subject: str, remote: Remote, what: str, why: NotKnown) -> Iterator[Unknown]:
        """Says, once in a file, what cannot be told of a repository: a clause with "whether" or the like that is about all uses of it there,
        not about this one only."""
        key = remote, at.shown
        if key not in self._said:
            self._said.add(key)
            yield Unknown(at, subject, f"nobody can tell {what}, because {why.reason}", why.reason)


def asking_of(online: Online | None) -> Asking | None:
    """For rules that ask where they may, and do without else."""
    return Asking(online) if online is not None else None
