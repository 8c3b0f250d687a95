"""The tags that locks hold at a commit: those of `actions.lock`, and those that inputs of flakes and pins ask for."""

from collections.abc import Iterator
from typing import NamedTuple

from scanner.analysis.remotes.names import pin_remote
from scanner.analysis.uses.locked_actions import the_lock
from scanner.graph.graph import Graph
from scanner.graph.nodes.nix import LockfileNode
from scanner.model.commit import is_commit
from scanner.model.online import TAG, Remote
from scanner.model.source import Span


class HeldTag(NamedTuple):
    """A name that a lock holds at a commit (40 hex digits, lower case).

    `ref` is without `refs/tags/`; `is_tag` says that it was written with it, `branch_first` that a branch of this name would be taken
    before a tag. `of_input`: an input asks for it, so that branches are `not-on-branch`'s to judge; of an input of an input (`transitive`)
    the owner has locked it. `by_git`: Nix's fetcher of git has locked it, which writes the id of an annotated tag itself and not of its
    commit. `renewal` is how the lock is written anew, as the end of a sentence.
    """

    subject: str
    at: Span
    remote: Remote
    ref: str
    commit: str
    renewal: str
    is_tag: bool
    branch_first: bool = False
    of_input: bool = False
    transitive: bool = False
    by_git: bool = False


def held_tags(graph: Graph, home: str) -> Iterator[HeldTag]:
    """All of them; also names of branches in `actions.lock`, which does not say what a name is."""
    yield from _of_actions(graph, home)
    if next(graph.of(LockfileNode), None) is not None:
        # It reads references, which no workflow needs.
        from scanner.analysis.remotes.held_tags_of_inputs import of_inputs

        yield from of_inputs(graph, home)


def _of_actions(graph: Graph, home: str) -> Iterator[HeldTag]:
    node = the_lock(graph)
    for pin in node.lock.pins.values() if node is not None else ():
        ref, commit = pin.ref, pin.commit
        # A commit as a name cannot be moved; what is wrong with an entry itself is said by other rules.
        if ref is None or commit is None or len(commit) != 40 or pin.defect is not None or is_commit(ref):
            continue
        name = ref.removeprefix(TAG)
        if node is not None and not name.startswith("refs/"):
            yield HeldTag(
                node.id,
                pin.key.content.first_line(),
                pin_remote(pin, home),
                name,
                commit.lower(),
                "write the lock anew with `gh actions-lock`",
                ref.startswith(TAG),
            )
