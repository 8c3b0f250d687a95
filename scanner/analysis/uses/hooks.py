"""The repositories whose hooks a pre-commit configuration runs."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from scanner.graph.graph import Graph
from scanner.graph.nodes.updates import PreCommitNode
from scanner.model.source import Span
from scanner.parse.pre_commit import HookRepository
from scanner.parse.uses import RepositoryUse

GITHUB: Final = frozenset(("github.com", "www.github.com", "ssh.github.com"))


class Hooks(NamedTuple):
    """A repository of hooks, the id of the configuration's node, and the text of its URL."""

    repository: HookRepository
    subject: str
    at: Span


class GitHubHooks(NamedTuple):
    """The same for one on GitHub; `use` holds its owner, name and revision."""

    repository: HookRepository
    subject: str
    at: Span
    use: RepositoryUse


def hooks_of(graph: Graph) -> Iterator[Hooks]:
    for node in graph.of(PreCommitNode):
        for one in node.config.repositories:
            yield Hooks(one, node.id, one.repo.content.first_line())


def github_hooks(graph: Graph) -> Iterator[GitHubHooks]:
    for hooks in hooks_of(graph):
        host, path = hooks.repository.place
        owner, slash, name = path.partition("/")
        if host in GITHUB and slash and "/" not in name:
            rev = hooks.repository.rev
            use = RepositoryUse(owner, name, "", rev.value if rev is not None else "")
            yield GitHubHooks(*hooks, use)
