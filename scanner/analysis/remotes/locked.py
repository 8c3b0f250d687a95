"""The commits that locks hold of repositories on servers, and the question whether the branches that are followed have them."""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from scanner.analysis.locks.inputs import Input
from scanner.analysis.locks.locking import is_dirty
from scanner.analysis.remotes.asking import Asking
from scanner.analysis.remotes.branches import followed
from scanner.analysis.remotes.reach import is_tip
from scanner.analysis.remotes.taken import Taken, taken_of
from scanner.graph.graph import Graph, per_graph
from scanner.model.online import BRANCH, NotKnown, Online, Question, Refs, Remote
from scanner.model.source import Span

MOST_COMMITS: Final = 100
"""Commits of one repository that servers are asked about: real locks have up to 39, of nixpkgs."""

TOO_MANY: Final = NotKnown(f"more than {MOST_COMMITS} commits of it are locked here")


class Locked(NamedTuple):
    """An input with the commit that it is locked to. `asked`: servers are asked about it, it is none of too many."""

    taken: Taken
    input: Input
    commit: str
    asked: bool

    @property
    def remote(self) -> Remote:
        return self.taken.remote

    @property
    def at(self) -> Span:
        """Where the lock says which commit it is."""
        return self.input.value("locked", "rev" if self.input.node.input.locked.rev is not None else "url")

    def refs(self, online: Online) -> Refs | NotKnown:
        """The branches and tags of its repository, where servers are asked about it."""
        return online.refs(self.remote) if self.asked else TOO_MANY


@per_graph
def locked_of(graph: Graph, home: str) -> tuple[Locked, ...]:
    """Every input of a lock that a commit of a repository fixes; not what has changes that nobody has committed."""
    commits: dict[Remote, set[str]] = {}
    found = []
    for taken in taken_of(graph, home):
        input, commit = taken.input, taken.commit
        if input is not None and commit is not None and not is_dirty(input.node.input.locked):
            of_it = commits.setdefault(taken.remote, set())
            if len(of_it) < MOST_COMMITS:
                of_it.add(commit)
            found.append(Locked(taken, input, commit, commit in of_it))
    return tuple(found)


def prepare_history(asking: Asking, graph: Graph) -> None:
    """Asks at once whether the branches that inputs follow have the commits that are locked."""
    locked = [one for one in locked_of(graph, asking.online.home) if one.asked]
    asking.prepare_tags(one.remote for one in locked)
    asking.prepare(_wanted(asking.online, locked))


def _wanted(online: Online, locked: Iterable[Locked]) -> Iterator[Question]:
    for one in locked:
        refs = one.refs(online)
        if isinstance(refs, NotKnown):
            continue
        branch = followed(one.input, refs)
        if branch is not None and branch in refs.branches and not is_tip(refs, one.commit):
            yield Question("holds", one.remote, f"{BRANCH}{branch}", one.commit)
