"""Why is this here? Every shortest path from the repository to a node, by declaration and by the steps that run it."""

from collections.abc import Iterator
from itertools import islice, pairwise
from typing import NamedTuple

import networkx

from scanner.graph.graph import Edge, Graph
from scanner.graph.networkx import to_networkx
from scanner.graph.nodes.base import Node
from scanner.graph.nodes.nix import FlakeNode, InputNode, LockfileNode
from scanner.graph.nodes.workflows import WorkflowNode

MAX_PATHS = 1000
"""Paths shown of one kind; the number of shortest paths can grow exponentially."""

ROOT = "repository:."


class Path(NamedTuple):
    """Ids from the repository to the node, and the edges between them."""

    nodes: tuple[str, ...]
    edges: tuple[Edge, ...]


class Why(NamedTuple):
    """`declared` are the shortest paths over all edges; `run_by` those that lead through a step which evaluates
    the lock (empty when no step does). `cut` is true when there are more than `MAX_PATHS` of a kind."""

    node: Node
    declared: tuple[Path, ...]
    run_by: tuple[Path, ...]
    cut: bool


def find(graph: Graph, name: str) -> list[Node]:
    """The nodes that a name can mean: an id, a label, an action without its ref, or a lock's file name.

    The first of these ways that finds any decides.
    """
    if name in graph.nodes:
        return [graph.nodes[name]]
    wanted = name.lower()
    for names in (_labels, _references):
        found = [node for node in graph.nodes.values() if wanted in (one.lower() for one in names(node))]
        if found:
            return found
    return []


def _labels(node: Node) -> Iterator[str]:
    yield node.label
    yield node.id.partition(":")[2]


def _references(node: Node) -> Iterator[str]:
    if isinstance(node, InputNode):
        locked = node.input.locked
        if locked.owner and locked.repo:
            yield f"{locked.owner}/{locked.repo}"
            yield f"{locked.type}:{locked.owner}/{locked.repo}"
    else:
        target = node.id.partition(":")[2]
        yield target.partition("@")[0]
        if node.path is not None:
            yield node.path.rpartition("/")[2]


def names(graph: Graph) -> list[str]:
    """What can be asked for, for advice on a name that is not there."""
    return sorted({node.label for node in graph.nodes.values() if node.kind != "step"})


def drawing(graph: Graph) -> "networkx.DiGraph[str]":
    """The graph without parallel edges, for `why`."""
    drawn: networkx.DiGraph[str] = networkx.DiGraph(to_networkx(graph))
    return drawn


def why(graph: Graph, node: Node, whole: "networkx.DiGraph[str]") -> Why:
    """`whole` is `drawing(graph)`, made once for several questions."""
    declared = list(islice(_paths(graph, whole, node.id), MAX_PATHS + 1))
    run_by: list[Path] = []
    if isinstance(node, InputNode | LockfileNode | FlakeNode):
        drawn = whole.copy()
        drawn.remove_edges_from([(ROOT, id) for id in _run_by_others(graph)])
        run_by = list(islice(_paths(graph, drawn, node.id), MAX_PATHS + 1))
        run_by = [path for path in run_by if any(edge.kind == "evaluates" for edge in path.edges)]
    return Why(
        node,
        tuple(declared[:MAX_PATHS]),
        tuple(run_by[:MAX_PATHS]),
        len(declared) > MAX_PATHS or len(run_by) > MAX_PATHS,
    )


def _run_by_others(graph: Graph) -> Iterator[str]:
    """What the repository contains but something else in it runs: evaluated locks, actions in use, workflows that
    only calls start. Without its containment the way leads through what runs it."""
    for edge in graph.out(ROOT, "contains"):
        node = graph.nodes[edge.target]
        kinds = {into.kind for into in graph.into(node.id)}
        if isinstance(node, WorkflowNode):
            if "calls" in kinds and node.workflow.events == {"workflow_call"}:
                yield node.id
        elif "evaluates" in kinds or "uses" in kinds or next(graph.out(node.id, "locks"), None) is not None:
            yield node.id


def _paths(graph: Graph, drawn: "networkx.DiGraph[str]", target: str) -> Iterator[Path]:
    """In the order of the documents: networkx keeps the order in which edges were added."""
    if target == ROOT:
        yield Path((ROOT,), ())
        return
    try:
        for nodes in networkx.all_shortest_paths(drawn, ROOT, target):
            edges = tuple(
                next(edge for edge in graph.out(source) if edge.target == end)
                for source, end in pairwise(nodes)
            )
            yield Path(tuple(nodes), edges)
    except networkx.NetworkXNoPath:
        return
