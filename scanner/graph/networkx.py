"""The graph as a `networkx.MultiDiGraph`, for paths, cycles and exports."""

from typing import TYPE_CHECKING

import networkx

from scanner.graph.graph import Graph

if TYPE_CHECKING:
    from collections.abc import Mapping

    MultiDiGraph = networkx.MultiDiGraph[str]


def to_networkx(graph: Graph) -> "MultiDiGraph":
    """Nodes carry `kind`, `label`, `path` (when they have one) and their attributes; edges `kind`, `name`,
    `follows`, each only where it is set."""
    result: MultiDiGraph = networkx.MultiDiGraph()
    for node in graph.nodes.values():
        attributes: Mapping[str, str | int | bool] = {
            "kind": node.kind,
            "label": node.label,
            **({"path": node.path} if node.path is not None else {}),
            **node.exported(),
        }
        result.add_node(node.id, **attributes)
    for edge in graph.edges:
        shown: dict[str, str | bool] = {"kind": edge.kind}
        if edge.name is not None:
            shown["name"] = edge.name
        if edge.follows is not None:
            shown["follows"] = edge.follows
        result.add_edge(edge.source, edge.target, **shown)
    return result
