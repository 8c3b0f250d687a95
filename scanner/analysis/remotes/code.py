"""Code that runs here and comes from other repositories: actions, called workflows and hooks, by the ref that names each."""

from typing import NamedTuple

from scanner.analysis.remotes.taken import Taken, taken_code
from scanner.analysis.uses.pins import Comment
from scanner.graph.graph import Graph, per_graph
from scanner.model.online import Remote
from scanner.model.source import Span


class Code(NamedTuple):
    """A use of another repository's code, of which a file of this one says which: `ref` is there."""

    taken: Taken
    ref: str

    @property
    def at(self) -> Span:
        """The text that holds the ref: `uses:`, or the `rev` of a hook."""
        return self.taken.ref_at

    @property
    def subject(self) -> str:
        return self.taken.subject

    @property
    def text(self) -> str:
        return self.taken.text if self.taken.kind == "action" else f"{self.taken.text} at {self.ref}"

    @property
    def name(self) -> str:
        """The repository, for actions with the path in it, as written."""
        use = self.taken.use
        return use.name if use is not None and self.taken.kind == "action" else str(self.remote)

    @property
    def remote(self) -> Remote:
        return self.taken.remote

    @property
    def commit(self) -> str | None:
        """What runs (lower case), None where the files do not fix it."""
        return self.taken.commit

    @property
    def locked(self) -> bool:
        """Whether GitHub's lock fixes the commit, and not the ref."""
        return self.taken.held

    @property
    def pinned(self) -> bool:
        """Whether the ref is the commit."""
        return self.taken.pinned

    @property
    def comment(self) -> Comment | None:
        return self.taken.comment

    @property
    def said(self) -> str | None:
        """The version, tag or branch that people read: the ref, or what the comment behind a commit names."""
        return self.ref if not self.pinned else self.comment.ref if self.comment is not None else None


@per_graph
def used_code(graph: Graph, home: str) -> tuple[Code, ...]:
    """All that can run, in the order of actions and hooks; `home` is the host on which `uses:` finds actions."""
    return tuple(
        Code(one, one.ref)
        for one in taken_code(graph, home)
        if one.kind in ("action", "hook") and one.ref is not None
    )
