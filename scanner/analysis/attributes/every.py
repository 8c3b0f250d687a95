"""Attributes of every node, and of every file."""

from typing import Final

from scanner.analysis.attributes.attribute import Missing, World, attribute
from scanner.analysis.updates.owners import Owners
from scanner.analysis.updates.owners import code_owners as file_in_force
from scanner.graph.edge_kinds import node_classes
from scanner.graph.graph import Graph, per_graph
from scanner.graph.nodes.base import FileNode, Node

_NODES: Final = node_classes()
_FILES: Final = tuple(one for one in _NODES if issubclass(one, FileNode))


@attribute(*_NODES)
def kind(node: Node, world: World) -> str:
    """The kind of node."""
    return node.kind


@attribute(*_NODES)
def id_(node: Node, world: World) -> str:
    """The id of the node, as `snowfence why` and `snowfence graph` name it."""
    return node.id


@attribute(*_NODES)
def label(node: Node, world: World) -> str:
    """The short name for people, as reports show it."""
    return node.label


@attribute(*_NODES)
def path(node: Node, world: World) -> str | Missing:
    """The file that declares it, from the root of the repository."""
    return node.path if node.path is not None else Missing("no file of the repository declares it")


@attribute(*_FILES)
def code_owners(node: FileNode, world: World) -> tuple[str, ...] | Missing:
    """Who owns the file by CODEOWNERS: `@user`, `@organization/team` or an e-mail address."""
    owners = _owners(world.graph)
    if owners is None:
        return Missing("there is no CODEOWNERS")
    line = owners.line_of(node.path)
    return line.owners if line is not None else ()


@per_graph
def _owners(graph: Graph) -> Owners | None:
    node = file_in_force(graph)
    return Owners(node.owners) if node is not None else None
