"""Attributes of the repository as a whole."""

from scanner.analysis.attributes.attribute import World, attribute
from scanner.analysis.updates.cover import dependabot, renovate, updated_by_workflow
from scanner.analysis.updates.owners import code_owners
from scanner.analysis.uses.locked_actions import lock_of
from scanner.graph.nodes.base import FileNode, RepositoryNode
from scanner.graph.nodes.nix import LockfileNode
from scanner.graph.nodes.updates import PreCommitNode
from scanner.graph.nodes.workflows import WorkflowNode


@attribute(RepositoryNode)
def files(node: RepositoryNode, world: World) -> tuple[str, ...]:
    """The files in it that are scanned, by their paths."""
    return tuple(one.path for one in world.graph.nodes.values() if isinstance(one, FileNode))


@attribute(RepositoryNode)
def kinds(node: RepositoryNode, world: World) -> tuple[str, ...]:
    """The kinds of nodes that there are in it: `workflow`, `lock`, `image`, …"""
    return tuple(dict.fromkeys(one.kind for one in world.graph.nodes.values()))


@attribute(RepositoryNode)
def workflows(node: RepositoryNode, world: World) -> int:
    """How many workflows it has."""
    return sum(1 for _ in world.graph.of(WorkflowNode))


@attribute(RepositoryNode)
def has_lock(node: RepositoryNode, world: World) -> bool:
    """Whether it locks inputs of Nix anywhere."""
    return next(world.graph.of(LockfileNode), None) is not None


@attribute(RepositoryNode)
def has_actions_lock(node: RepositoryNode, world: World) -> bool:
    """Whether it has GitHub's actions.lock."""
    return lock_of(world.graph) is not None


@attribute(RepositoryNode)
def has_code_owners(node: RepositoryNode, world: World) -> bool:
    """Whether it has a CODEOWNERS where GitHub looks for it."""
    return code_owners(world.graph) is not None


@attribute(RepositoryNode)
def has_dependabot(node: RepositoryNode, world: World) -> bool:
    """Whether it has a configuration of Dependabot."""
    return dependabot(world.graph) is not None


@attribute(RepositoryNode)
def has_renovate(node: RepositoryNode, world: World) -> bool:
    """Whether it has a configuration of Renovate."""
    return renovate(world.graph) is not None


@attribute(RepositoryNode)
def has_pre_commit(node: RepositoryNode, world: World) -> bool:
    """Whether it has a configuration of pre-commit."""
    return next(world.graph.of(PreCommitNode), None) is not None


@attribute(RepositoryNode)
def updated_by_workflows(node: RepositoryNode, world: World) -> tuple[str, ...]:
    """What workflows of its own keep up to date, as far as their words tell: `nix`, `pre-commit`."""
    return tuple(name for name in ("nix", "pre-commit") if updated_by_workflow(world.graph, name))
