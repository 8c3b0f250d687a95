"""Every repository that code is taken from, in one list: actions, called workflows, hooks of pre-commit, actions that only GitHub's lock names,
and inputs of locks."""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Literal, NamedTuple

from scanner.analysis.remotes.names import action_remote, hook_remote, pin_remote
from scanner.analysis.uses.hooks import hooks_of, use_of_hooks
from scanner.analysis.uses.locked_actions import lock_of, the_lock
from scanner.analysis.uses.pins import Comment, comment_of
from scanner.analysis.uses.uses import commit_of, pin_of, repository_uses
from scanner.graph.graph import Graph, per_graph
from scanner.graph.nodes.nix import LockfileNode
from scanner.model.commit import whole_commit
from scanner.model.online import GITHUB, Remote
from scanner.model.source import Span
from scanner.parse.uses import RepositoryUse

if TYPE_CHECKING:  # the reader of locks, which no workflow needs
    from scanner.analysis.locks.inputs import Input

Kind = Literal["action", "hook", "locked", "input"]
"""`action`: a `uses:` of an action or of a workflow. `locked`: an action that another one uses, as GitHub's lock has it; no file of the
repository names it."""


class Taken(NamedTuple):
    """Code of another repository that is used here.

    `at` is the text that names the repository, `text` is what is written there. `ref` is the branch, tag or commit that is asked for (None:
    the default branch, or for hooks nothing) and `ref_at` the text that holds it. `commit` is the one that is used (lower case; None where
    the files do not fix it), `held`: GitHub's lock fixes it and not the ref. `comment` stands behind a ref that is the commit.

    `use` has the parts of a name on GitHub or on the home of actions, None elsewhere. `by` is the action that uses a `locked` one. `made` is
    the time of the commit as a lock has it; `input` is there for inputs.
    """

    kind: Kind
    subject: str
    at: Span
    text: str
    remote: Remote
    ref: str | None
    ref_at: Span
    commit: str | None
    held: bool = False
    comment: Comment | None = None
    use: RepositoryUse | None = None
    by: str = ""
    made: datetime | None = None
    input: "Input | None" = None

    @property
    def pinned(self) -> bool:
        """Whether the ref is the commit."""
        return self.commit is not None and not self.held


@per_graph
def taken_of(graph: Graph, home: str) -> tuple[Taken, ...]:
    """All of them, in the order of actions, hooks, locked actions, inputs; `home` is the host on which `uses:` finds actions."""
    code = taken_code(graph, home)
    if next(graph.of(LockfileNode), None) is None:
        return code
    # It reads references, which no workflow needs.
    from scanner.analysis.remotes.taken_inputs import taken_inputs

    return *code, *taken_inputs(graph)


@per_graph
def taken_code(graph: Graph, home: str) -> tuple[Taken, ...]:
    """Those that run as actions, workflows and hooks: all but inputs."""
    return *_actions(graph, home), *_hooks(graph, home), *_locked(graph, home)


def _actions(graph: Graph, home: str) -> Iterator[Taken]:
    lock = lock_of(graph)
    for used in repository_uses(graph):
        use, text, pin = used.use, used.used.call.text, pin_of(lock, used)
        commit = commit_of(lock, used)
        yield Taken(
            "action",
            used.subject,
            used.at,
            text.value.strip(),
            pin_remote(pin, home) if pin is not None else action_remote(use.slug, home),
            use.ref,
            used.at,
            commit,
            commit is not None and not use.pinned,
            comment_of(text) if use.pinned else None,
            use,
        )


def _hooks(graph: Graph, home: str) -> Iterator[Taken]:
    for hooks in hooks_of(graph):
        remote = hook_remote(hooks, home)
        if remote is None:
            continue
        rev = hooks.repository.rev
        ref = (rev.value.strip() or None) if rev is not None else None
        commit = whole_commit(ref)
        yield Taken(
            "hook",
            hooks.subject,
            hooks.at,
            hooks.repository.repo.value.strip(),
            remote,
            ref,
            rev.content.first_line() if rev is not None else hooks.at,
            commit,
            comment=comment_of(rev) if rev is not None and commit is not None else None,
            use=use_of_hooks(hooks) if remote.host in (GITHUB, home) else None,
        )


def _locked(graph: Graph, home: str) -> Iterator[Taken]:
    node = the_lock(graph)
    if node is None:
        return
    own = {(used.use.slug, used.use.ref) for used in repository_uses(graph)}
    users: dict[str, str] = {}
    for pin in node.lock.pins.values():
        for key in pin.uses:
            users.setdefault(key, pin.key.value)
    for key, pin in node.lock.pins.items():
        use = pin.target
        if key in users and (use.slug, use.ref) not in own:
            at = pin.key.content.first_line()
            commit = pin.commit if pin.defect is None else None
            yield Taken(
                "locked",
                node.id,
                at,
                pin.key.value,
                pin_remote(pin, home),
                use.ref,
                at,
                commit,
                commit is not None and not use.pinned,
                use=use,
                by=users[key],
            )
