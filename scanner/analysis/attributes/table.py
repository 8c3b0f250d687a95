"""Every attribute, by the kind of node or edge that has it."""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import Path

from scanner.analysis.attributes.attribute import DECLARED, DECLARED_OF_EDGES, Attribute, EdgeAttribute
from scanner.graph.edge_kinds import EDGE_KINDS, node_classes
from scanner.graph.graph import EdgeKind
from scanner.graph.nodes.base import Node


def _declared() -> None:
    """Importing the modules beside this one declares what they hold."""
    for file in sorted(Path(__file__).parent.glob("*.py")):
        if file.stem not in ("__init__", "table"):
            import_module(f"scanner.analysis.attributes.{file.stem}")


_declared()


@cache
def attributes() -> Mapping[str, Mapping[str, Mapping[type[Node], Attribute]]]:
    """Kind -> name -> class -> attribute. Where classes share a kind (actions of the repository and of others), one of them may
    lack what the other has; where both have it, both have it with the same type."""
    found: dict[str, dict[str, dict[type[Node], Attribute]]] = {node.kind: {} for node in node_classes()}
    for one in DECLARED:
        found[one.node.kind].setdefault(one.name, {})[one.node] = one
    return found


@cache
def edge_attributes() -> Mapping[EdgeKind, Mapping[str, EdgeAttribute]]:
    """Kind -> name -> attribute."""
    found: dict[EdgeKind, dict[str, EdgeAttribute]] = {kind: {} for kind in EDGE_KINDS}
    for one in DECLARED_OF_EDGES:
        found[one.edge][one.name] = one
    return found


@cache
def of_every_node() -> frozenset[str]:
    """The names of the attributes that every kind of node has."""
    return frozenset.intersection(*(frozenset(by_name) for by_name in attributes().values()))


@cache
def of_every_edge() -> frozenset[str]:
    """The names of the attributes that every kind of edge has."""
    return frozenset.intersection(*(frozenset(by_name) for by_name in edge_attributes().values()))
