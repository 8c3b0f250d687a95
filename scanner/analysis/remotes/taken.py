"""Every repository that code is taken from: actions, called workflows, hooks of pre-commit and inputs of locks, in one list."""

from collections.abc import Iterator
from datetime import datetime
from typing import Literal, NamedTuple

from scanner.analysis.locks.inputs import Input
from scanner.analysis.remotes.names import action_remote, hook_remote
from scanner.analysis.uses.hooks import hooks_of
from scanner.analysis.uses.uses import commit_of, repository_uses
from scanner.graph.graph import Graph, per_graph
from scanner.graph.nodes.nix import LockfileNode
from scanner.graph.nodes.workflows import ActionsLockNode
from scanner.model.commit import is_commit
from scanner.model.online import Remote
from scanner.model.source import Span

Kind = Literal["action", "hook", "input"]


class Taken(NamedTuple):
    """Code of another repository that is used here.

    `at` is the text that names it, `text` is what is written there. `ref` is the branch, tag or commit that is asked for (None: the
    default branch), `commit` the one that is used (40 hex digits, lower case; None where the files do not fix it). `made` is the time of that commit as the
    files have it. `input` is there for inputs of locks.
    """

    kind: Kind
    subject: str
    at: Span
    text: str
    remote: Remote
    ref: str | None
    commit: str | None
    made: datetime | None = None
    input: Input | None = None


@per_graph
def taken_of(graph: Graph, home: str) -> tuple[Taken, ...]:
    """All of them, in the order of actions, hooks, inputs; `home` is the host on which `uses:` finds actions."""
    code = (*_actions(graph, home), *_hooks(graph))
    if next(graph.of(LockfileNode), None) is None:
        return code
    from scanner.analysis.remotes.taken_inputs import (
        taken_inputs,
    )  # reads references, which no workflow needs

    return *code, *taken_inputs(graph)


@per_graph
def remotes_of(graph: Graph, home: str) -> tuple[Remote, ...]:
    """The repositories, each once."""
    return tuple(dict.fromkeys(one.remote for one in taken_of(graph, home)))


def _actions(graph: Graph, home: str) -> Iterator[Taken]:
    lock = next((node.lock for node in graph.of(ActionsLockNode)), None)
    for used in repository_uses(graph):
        text = used.used.call.text.value.strip()
        remote = action_remote(used.use.slug, home)
        yield Taken("action", used.subject, used.at, text, remote, used.use.ref, commit_of(lock, used))


def _hooks(graph: Graph) -> Iterator[Taken]:
    for hooks in hooks_of(graph):
        remote = hook_remote(hooks)
        if remote is not None:
            rev = hooks.repository.rev.value.strip() if hooks.repository.rev is not None else None
            text = hooks.repository.repo.value.strip()
            yield Taken("hook", hooks.subject, hooks.at, text, remote, rev, whole_commit(rev))


def whole_commit(ref: str | None) -> str | None:
    """The commit (lower case) that a text is, if it is the whole id of one."""
    return ref.lower() if ref is not None and len(ref) == 40 and is_commit(ref) else None
