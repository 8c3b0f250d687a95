"""Why is this here? Every shortest path from the repository to a node, by declaration and by the steps that run it."""

from collections.abc import Iterable, Iterator
from itertools import islice, pairwise
from typing import NamedTuple

import networkx

from scanner.analysis.taint.edges import Flow, touching
from scanner.graph.graph import Edge, Graph
from scanner.graph.networkx import to_networkx
from scanner.graph.nodes.base import Node
from scanner.graph.nodes.nix import FlakeNode, InputNode, LockfileNode
from scanner.graph.nodes.workflows import LocalActionNode, WorkflowNode
from scanner.graph.places import nodes_at
from scanner.model.source import Span

MAX_PATHS = 1000
"""Paths shown of one kind; the number of shortest paths can grow exponentially."""

ROOT = "repository:."


class Path(NamedTuple):
    """Ids from the repository to the node, and the edges between them."""

    nodes: tuple[str, ...]
    edges: tuple[Edge, ...]


class Why(NamedTuple):
    """`declared` are the shortest paths over all edges; `run_by` those that lead through a step which evaluates
    the lock (empty when no step does). `outsiders` are the ways by which what outsiders write gets there, or from
    there to the steps that use it. `cut` is true when there are more than `MAX_PATHS` of a kind."""

    node: Node
    declared: tuple[Path, ...]
    run_by: tuple[Path, ...]
    outsiders: tuple[Flow, ...]
    cut: bool


def find(graph: Graph, name: str, more: Iterable[Node] = ()) -> list[Node]:
    """The nodes that a name can mean: an id, a place (`path:line`), a label, an action without its ref, or a lock's file
    name. `more` are nodes besides those of the graph.

    The first of these ways that finds any decides.
    """
    nodes = {node.id: node for node in more} | dict(graph.nodes)
    if name in nodes:
        return [nodes[name]]
    path, _, line = name.rpartition(":")
    if line.isascii() and line.isdigit() and (found := _on_line(graph, path, line)):
        return found
    wanted = name.lower()
    for names in (_labels, _references):
        found = [node for node in nodes.values() if wanted in (one.lower() for one in names(node))]
        if found:
            return found
    return []


def _on_line(graph: Graph, path: str, line: str) -> list[Node]:
    """What stands on a line of a workflow or action: the step, else the job, else the file."""
    for kind in (WorkflowNode, LocalActionNode):
        for node in graph.of(kind):
            source, starts = node.source, node.source.line_starts
            if source.path == path and len(line) < 9 and 0 < int(line) <= len(starts):
                at = starts[int(line) - 1] + len(source.line(int(line)))
                return list(nodes_at(graph).of(Span(source, at, at)))
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


def why(graph: Graph, node: Node, whole: "networkx.DiGraph[str]", flows: tuple[Flow, ...] = ()) -> Why:
    """`whole` is `drawing(graph)`, and `flows` are all ways of what outsiders write, made once for several questions."""
    declared = list(islice(_paths(graph, whole, node.id), MAX_PATHS + 1)) if node.id in graph.nodes else []
    outsiders = list(islice(touching(graph, flows, node), MAX_PATHS + 1))
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
        tuple(outsiders[:MAX_PATHS]),
        any(len(found) > MAX_PATHS for found in (declared, run_by, outsiders)),
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
