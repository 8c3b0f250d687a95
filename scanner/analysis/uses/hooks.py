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


def hooks_of(graph: Graph) -> Iterator[Hooks]:
    for node in graph.of(PreCommitNode):
        for one in node.config.repositories:
            yield Hooks(one, node.id, one.repo.content.first_line())


def use_of_hooks(hooks: Hooks) -> RepositoryUse | None:
    """The repository in the words of `uses:`; None where its path is not of an owner and a name."""
    owner, slash, name = hooks.repository.place[1].partition("/")
    rev = hooks.repository.rev
    if not slash or "/" in name:
        return None
    return RepositoryUse(owner, name, "", rev.value.strip() if rev is not None else "")
