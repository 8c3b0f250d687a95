"""Whether a commit belongs to the repository by whose name it is used.

A forge serves the commits of all forks under the name of each of them, so that it has a commit says nothing: only what the history of a
branch or tag holds has been put there by somebody who may write to the repository.
"""

from collections.abc import Iterable, Iterator
from typing import Final, Literal

from scanner.model.online import NotKnown, Online, Refs, Remote

MOST_ASKED: Final = 8
"""Branches and tags that are asked one by one, where the server does not answer for all of them at once."""

Reach = Literal["held", "foreign", "gone"]
"""`held`: the history of a branch or tag has it. `foreign`: the server has it, but no branch and no tag does, so it is of a fork or a pull
request, or was left behind when a branch was rewritten or deleted. `gone`: the server does not have it."""


def reach_of(
    online: Online, remote: Remote, commit: str, likely: Iterable[str | None] = ()
) -> Reach | NotKnown:
    """Where a commit (40 hex digits, lower case) is. `likely` are names of branches and tags that may hold it, the likeliest first, without
    `refs/heads/`: where the server cannot answer for all refs at once, they are asked before the others. Those that there are not are passed
    over. Not known where some refs could not be asked."""
    refs = online.refs(remote)
    if isinstance(refs, NotKnown):
        return refs
    if is_tip(refs, commit):
        return "held"
    answer = online.held(remote, commit)
    if answer is None:
        return "gone"
    if not isinstance(answer, NotKnown):
        return "held" if answer else "foreign"
    known = [name for name in likely if name is not None and (name in refs.branches or name in refs.tags)]
    return _one_by_one(online, remote, commit, tuple(_ordered(refs, known)), answer)


def is_tip(refs: Refs, commit: str) -> bool:
    """Whether a branch or tag leads to a commit."""
    return commit in refs.branches.values() or commit in refs.tags.values()


def _ordered(refs: Refs, likely: list[str]) -> Iterator[str]:
    """Every ref, each once: the likely ones, the default branch, the other branches, the tags."""
    usual = (name for name in (refs.default, "main", "master") if name is not None and name in refs.branches)
    yield from dict.fromkeys((*likely, *usual, *sorted(refs.branches), *sorted(refs.tags)))


def _one_by_one(
    online: Online, remote: Remote, commit: str, names: tuple[str, ...], why: NotKnown
) -> Reach | NotKnown:
    """The answer from the refs themselves, as far as they are asked."""
    has = online.commits(remote, (commit,))
    if not isinstance(has, NotKnown) and has.get(commit, why) is None:
        return "gone"
    for name in names[:MOST_ASKED]:
        answer = online.holds(remote, name, commit)
        if isinstance(answer, NotKnown):
            return answer
        if answer:
            return "held"
    if len(names) > MOST_ASKED:
        return NotKnown(
            f"it is in none of the {MOST_ASKED} likeliest branches and tags, and of the others {why.reason}"
        )
    return "foreign"
