"""Code that runs here and comes from other repositories: actions, called workflows and hooks, by the ref that names each."""

from collections.abc import Iterator
from typing import NamedTuple

from scanner.analysis.remotes.names import action_remote, hook_remote
from scanner.analysis.uses.hooks import hooks_of
from scanner.analysis.uses.locked_actions import lock_of
from scanner.analysis.uses.pins import Comment, comment_of
from scanner.analysis.uses.uses import commit_of, repository_uses
from scanner.graph.graph import Graph, per_graph
from scanner.model.commit import is_commit
from scanner.model.online import Remote
from scanner.model.source import Span
from scanner.parse.nodes import Scalar


class Code(NamedTuple):
    """A use of another repository's code.

    `at` is the text that holds the `ref` as it is written (a branch, a tag, a commit): `uses:`, or the `rev` of a hook. `name` is the repository,
    for actions with the path in it, as written. `commit` is what runs (40 hex digits, lower case), None where the files do not fix it;
    `locked`: GitHub's lock fixes it, and not the ref. `comment` stands behind the ref.
    """

    subject: str
    at: Span
    text: str
    name: str
    remote: Remote
    ref: str
    commit: str | None
    locked: bool
    comment: Comment | None

    @property
    def pinned(self) -> bool:
        """Whether the ref is the commit."""
        return self.commit is not None and not self.locked

    @property
    def said(self) -> str | None:
        """The version, tag or branch that people read: the ref, or what the comment behind a commit names."""
        return self.ref if not self.pinned else self.comment.ref if self.comment is not None else None


@per_graph
def code_of(graph: Graph, home: str) -> tuple[Code, ...]:
    """All that can run, in the order of actions and hooks; `home` is the host on which `uses:` finds actions."""
    return *_actions(graph, home), *_hooks(graph)


def _actions(graph: Graph, home: str) -> Iterator[Code]:
    lock = lock_of(graph)
    for used in repository_uses(graph):
        use, text = used.use, used.used.call.text
        commit = commit_of(lock, used)
        yield Code(
            used.subject,
            used.at,
            text.value.strip(),
            use.name,
            action_remote(use.slug, home),
            use.ref,
            commit,
            commit is not None and not use.pinned,
            comment_of(text) if use.pinned else None,
        )


def _hooks(graph: Graph) -> Iterator[Code]:
    for hooks in hooks_of(graph):
        remote, rev = hook_remote(hooks), hooks.repository.rev
        if remote is not None and isinstance(rev, Scalar) and rev.value.strip():
            ref = rev.value.strip()
            pinned = len(ref) == 40 and is_commit(ref)
            yield Code(
                hooks.subject,
                rev.content.first_line(),
                f"{hooks.repository.repo.value.strip()} at {ref}",
                str(remote),
                remote,
                ref,
                ref.lower() if pinned else None,
                False,
                comment_of(rev) if pinned else None,
            )
