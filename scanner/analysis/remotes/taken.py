"""Every repository that code is taken from: actions, called workflows, hooks of pre-commit and inputs of locks, in one list."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final, Literal, NamedTuple

from scanner.analysis.locks.ages import day_of
from scanner.analysis.locks.inputs import Input, inputs
from scanner.analysis.locks.references import repository_of, url_of
from scanner.analysis.uses.hooks import GITHUB as GITHUB_NAMES
from scanner.analysis.uses.hooks import hooks_of
from scanner.analysis.uses.uses import commit_of, repository_uses
from scanner.graph.graph import Graph, per_graph
from scanner.graph.nodes.workflows import ActionsLockNode
from scanner.model.commit import is_commit
from scanner.model.online import GITHUB, Remote
from scanner.model.source import Span
from scanner.parse.nix.hosts import HOSTS
from scanner.parse.nix.reference import Reference

Kind = Literal["action", "hook", "input"]

_NO_CASE: Final = frozenset((GITHUB, "gitlab.com", "codeberg.org"))
"""Forges that compare names without case."""


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
    return *_actions(graph, home), *_hooks(graph), *_inputs(graph)


@per_graph
def remotes_of(graph: Graph, home: str) -> tuple[Remote, ...]:
    """The repositories, each once."""
    return tuple(dict.fromkeys(one.remote for one in taken_of(graph, home)))


def action_remote(slug: str, home: str) -> Remote:
    """The repository of an action `owner/repository`."""
    return Remote(home, slug.lower())


def _actions(graph: Graph, home: str) -> Iterator[Taken]:
    lock = next((node.lock for node in graph.of(ActionsLockNode)), None)
    for used in repository_uses(graph):
        text = used.used.call.text.value.strip()
        remote = action_remote(used.use.slug, home)
        yield Taken("action", used.subject, used.at, text, remote, used.use.ref, commit_of(lock, used))


def _hooks(graph: Graph) -> Iterator[Taken]:
    for hooks in hooks_of(graph):
        host, path = hooks.repository.place
        if host and path:
            rev = hooks.repository.rev.value.strip() if hooks.repository.rev is not None else None
            remote = _remote(GITHUB if host in GITHUB_NAMES else host, path)
            yield Taken(
                "hook",
                hooks.subject,
                hooks.at,
                hooks.repository.repo.value.strip(),
                remote,
                rev,
                _commit(rev),
            )


def _inputs(graph: Graph) -> Iterator[Taken]:
    for input in inputs(graph):
        locked, original = input.node.input.locked, input.node.input.original
        remote = remote_of(locked)
        if remote is None:
            continue
        day = day_of(locked)
        yield Taken(
            "input",
            input.node.id,
            input.value("locked", "repo" if locked.repo is not None else "url"),
            input.name,
            remote,
            original.ref,
            _commit(locked.rev),
            datetime(day.year, day.month, day.day, tzinfo=UTC) if day is not None else None,
            input,
        )


def remote_of(reference: Reference) -> Remote | None:
    """The repository of a reference, also of an archive that a forge makes of it; None for a folder, a name of the registry and any
    other file."""
    repository = repository_of(reference)
    if repository is None:
        return None
    if reference.type in ("tarball", "file") and repository.host not in HOSTS.values():
        return None
    if reference.type == "git" and reference.url is not None and repository.host not in _NO_CASE:
        return Remote(repository.host, url_of(reference.url).path.strip("/").removesuffix(".git"))
    if reference.type in HOSTS and repository.host not in _NO_CASE:
        return Remote(repository.host, f"{reference.owner}/{reference.repo}")
    return Remote(repository.host, repository.path)


def _remote(host: str, path: str) -> Remote:
    return Remote(host, path.lower() if host in _NO_CASE else path)


def _commit(ref: str | None) -> str | None:
    return ref.lower() if ref is not None and len(ref) == 40 and is_commit(ref) else None
