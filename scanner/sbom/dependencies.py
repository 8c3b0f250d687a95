"""What components depend on, and how much of that the files can tell."""

from collections.abc import Mapping
from typing import Final

from scanner.graph.graph import Graph
from scanner.graph.ids import REPOSITORY
from scanner.graph.nodes.base import Node
from scanner.graph.nodes.nix import InputNode, PinNode
from scanner.graph.nodes.workflows import ActionNode
from scanner.sbom.bill import Completeness, id_of

DEPENDENCIES: Final = frozenset(("input", "uses", "calls"))
"""The kinds of edges that make a component depend on another."""


def dependencies_of(graph: Graph, components: frozenset[str]) -> dict[str, tuple[str, ...]]:
    """What each of the `components`, and the repository, depends on, where a lock or the repository's own files tell.

    One without dependencies has an empty entry: CycloneDX leaves out those of which nobody knows, which is an image, an action that no
    lock holds, a pin (npins, niv and lon do not look into what they pin).
    """
    names = {id: id_of(id) for id in graph.nodes}
    # What has no node of its own is named by the repository's files.
    found: dict[str, set[str]] = {id_of(REPOSITORY): set(components.difference(names.values()))}
    for node in graph.nodes.values():
        if names[node.id] in components and (_is_flake_input(node) or _uses_nothing(node)):
            found[names[node.id]] = set()
    for edge in graph.edges:
        if edge.kind in DEPENDENCIES:
            source, target = (
                _owner(graph.nodes[id], names[id], components) for id in (edge.source, edge.target)
            )
            if source is not None and target is not None and source != target:
                found.setdefault(source, set()).add(target)
    return {id: tuple(sorted(targets)) for id, targets in sorted(found.items())}


def completeness_of(
    graph: Graph, components: frozenset[str], unread: frozenset[str], whole: bool = True
) -> Mapping[str, Completeness]:
    """How much of what each of the `components`, and the repository, depends on `dependencies_of` has. A lock lists all that it can know
    of; scripts of jobs may fetch what no file names, so nobody knows of the repository. `unread` are paths of files with problems; the
    graph is not `whole` where files were left out of it."""
    found: dict[str, Completeness] = dict.fromkeys(sorted(components), "unknown")
    found[id_of(REPOSITORY)] = "unknown" if whole and not unread else "incomplete"
    for node in graph.nodes.values():
        id = id_of(node.id)
        if id not in components:
            continue
        if isinstance(node, InputNode) and _is_flake_input(node):
            found[id] = "incomplete" if node.path in unread else "complete"
        elif isinstance(node, ActionNode) and node.pin is not None and pinned_commit(node) is not None:
            found[id] = "incomplete" if node.pin.key.source.path in unread else "complete"
    return found


def pinned_commit(node: Node) -> str | None:
    """The commit that actions.lock fixes for an action."""
    if not isinstance(node, ActionNode) or node.pin is None or node.pin.defect is not None:
        return None
    return node.pin.commit


def _owner(node: Node, id: str, components: frozenset[str]) -> str | None:
    """The component that a node is or is a part of; None for an input that its lock does not reach."""
    if id in components:
        return id
    return None if isinstance(node, InputNode) else id_of(REPOSITORY)


def _is_flake_input(node: Node) -> bool:
    return isinstance(node, InputNode) and not isinstance(node, PinNode)


def _uses_nothing(node: Node) -> bool:
    """Whether actions.lock says of an action that it uses no other."""
    return (
        pinned_commit(node) is not None and isinstance(node, ActionNode) and not (node.pin and node.pin.uses)
    )
