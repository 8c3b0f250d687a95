"""What outsiders bring in and how it gets to the steps that use it, as nodes and edges of the graph.

Only `snowfence graph --taint` and `snowfence why` ask for it: rules say the same as the flow of a finding.
"""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from scanner.analysis.outsiders.senders import events_with
from scanner.analysis.scripts.code import code_of
from scanner.analysis.taint.arguments import arguments
from scanner.analysis.taint.deciders import Decider
from scanner.analysis.taint.environment import injections
from scanner.analysis.taint.execution import executed, runs_in
from scanner.analysis.taint.foreign import ARTIFACT, CHECKOUT
from scanner.analysis.taint.origins import Origin, Scope
from scanner.analysis.taint.taint import Taint, taint_of
from scanner.analysis.taint.trees import Tree
from scanner.analysis.workflows.conditions import live_steps
from scanner.analysis.workflows.steps import parent_of
from scanner.graph.graph import Edge, Graph, per_graph
from scanner.graph.nodes.base import Node
from scanner.graph.nodes.outsiders import FilesNode, TextNode
from scanner.graph.nodes.workflows import LocalActionNode, StepNode, WorkflowNode
from scanner.graph.places import nodes_at
from scanner.knowledge.tables import Knowledge
from scanner.model.finding import Note
from scanner.model.quoting import quoted
from scanner.parse.expressions.contexts import flowing
from scanner.parse.expressions.syntax import Malformed, parse
from scanner.parse.fences import fences

_FILES: Final = {CHECKOUT: "pull request", ARTIFACT: "artifact"}
"""What is read from files of outsiders, with the kind of them."""


class Flow(NamedTuple):
    """A way from what outsiders write (`source`) to the step that uses it (`target`, an id): the places that it passes, of
    which the last is the use."""

    source: Node
    path: tuple[Note, ...]
    target: str


@per_graph
def flows_of(graph: Graph, knowledge: Knowledge) -> tuple[Flow, ...]:
    """Every way that is known, in the order of the steps."""
    taint = taint_of(graph, knowledge)
    events = frozenset(event for node in graph.of(WorkflowNode) for event in node.workflow.events)
    return tuple(
        flow
        for node in live_steps(graph)
        for flow in (
            *_texts(node, taint, knowledge, events),
            *_words(graph, node, taint, knowledge, events),
            *_files(graph, node, taint, knowledge),
        )
    )


def with_flows(graph: Graph, flows: Iterable[Flow]) -> Graph:
    """The graph with what outsiders bring in, and the edges of kind `flows` that lead from there."""
    nodes: dict[str, Node] = dict(graph.nodes)
    edges: dict[tuple[str, str, str | None], Edge] = {}
    for flow in flows:
        nodes.setdefault(flow.source.id, flow.source)
        for edge in edges_of(graph, flow):
            edges.setdefault((edge.source, edge.target, edge.name), edge)
    return Graph(nodes, (*graph.edges, *edges.values()))


def touching(graph: Graph, flows: Iterable[Flow], node: Node) -> Iterator[Flow]:
    """The ways that begin at a node, pass it or end in it or in what it holds."""
    for flow in flows:
        target = graph.nodes[flow.target]
        if node.id in (flow.source.id, flow.target, _parent(graph, flow.target)):
            yield flow
        elif isinstance(node, WorkflowNode | LocalActionNode):
            if target.path == node.path:
                yield flow
        elif any(edge.target == node.id for edge in edges_of(graph, flow)):
            yield flow


def only_flows(graph: Graph) -> Graph:
    """What lies on a way of `with_flows`, and the edges between that, for a drawing."""
    flows = [edge for edge in graph.edges if edge.kind == "flows"]
    kept = {end for edge in flows for end in (edge.source, edge.target)}
    return Graph({id: node for id, node in graph.nodes.items() if id in kept}, flows)


def edges_of(graph: Graph, flow: Flow) -> Iterator[Edge]:
    """A way as edges between nodes; what happens in one node after the other is one edge into it."""
    stops: list[tuple[str, Note]] = []
    following = flow.target
    for note in reversed(flow.path):
        following = _at(graph, note, following)
        stops.append((following, note))
    stops.reverse()
    source, at = flow.source.id, 0
    while at < len(stops):
        node, note = stops[at]
        messages = [note.message]
        while at + 1 < len(stops) and stops[at + 1][0] == node:
            at += 1
            messages.append(stops[at][1].message)
        yield Edge(source, node, "flows", note.at, ", ".join(dict.fromkeys(messages)))
        source, at = node, at + 1


def _at(graph: Graph, note: Note, following: str) -> str:
    """The node of a place: of those that an alias repeats the one beside the node that follows."""
    found = nodes_at(graph).of(note.at)
    if not found:
        return following
    beside = _parent(graph, following)
    same = (node for node in found if node.id == following or _parent(graph, node.id) == beside)
    return next(same, found[0]).id


def _parent(graph: Graph, id: str) -> str:
    node = graph.nodes[id]
    return parent_of(node) if isinstance(node, StepNode) else id


# ---------------------------------------------------------------- texts


def _texts(node: StepNode, taint: Taint, knowledge: Knowledge, events: frozenset[str]) -> Iterator[Flow]:
    """Texts of outsiders that become part of a step's code. `events` are those of all workflows."""
    scope = Scope(node.owner, node.job, node.step)
    for code in code_of(node, knowledge):
        for fence in fences(code):
            tree = parse(fence.text)
            for context in flowing(tree) if not isinstance(tree, Malformed) else ():
                at = fence.span(context.start, context.end).first_line()
                for origin in taint.origins.of(context, scope):
                    verdict = taint.deciders.of(node, origin)
                    if verdict is not None and verdict.decider >= Decider.LIMITED:
                        path = (*origin.hops, Note(at, "becomes part of the code"))
                        yield Flow(_text(origin, events), path, node.id)


def _words(
    graph: Graph, node: StepNode, taint: Taint, knowledge: Knowledge, events: frozenset[str]
) -> Iterator[Flow]:
    """Texts of outsiders that a step's commands take for options, or write where variables of the next steps are set."""
    for injected in injections(graph, knowledge, taint, node):
        what = "the PATH" if injected.file == "GITHUB_PATH" else "variables"
        use = Note(injected.at, f"sets {what} of all later steps")
        if injected.weighed.weight != "stopped":
            origin = injected.said.origin
            yield Flow(_text(origin, events), (*origin.hops, use), node.id)
    for argument in arguments(graph, knowledge, taint, node):
        use = Note(argument.at, f"becomes an argument of {quoted(argument.program)}")
        if argument.weighed.weight != "stopped":
            origin = argument.said.origin
            yield Flow(_text(origin, events), (*origin.hops, use), node.id)


def _text(origin: Origin, events: frozenset[str]) -> Node:
    if not origin.is_field:
        kind = _FILES.get(origin.path[0])
        return FilesNode(kind) if kind is not None else TextNode(origin.path[0])
    carriers = events_with(origin.path) or frozenset()
    return TextNode(".".join(origin.path), tuple(sorted(carriers & events)))


# ---------------------------------------------------------------- files


def _files(graph: Graph, node: StepNode, taint: Taint, knowledge: Knowledge) -> Iterator[Flow]:
    """Files of outsiders that a step puts into the workspace, and those there of which it runs something."""
    for tree in taint.workspace.brought(node):
        if _real(tree):
            yield Flow(FilesNode(tree.kind), _fetch(tree), node.id)
    waiting = [tree for tree in taint.workspace.before(node) if _real(tree)]
    for execution in executed(graph, knowledge, node) if waiting else ():
        use = Note(execution.at.first_line(), f"runs {quoted(execution.what)} on them")
        for tree in [tree for tree in waiting if runs_in(execution, tree) is not False]:
            waiting.remove(tree)
            yield Flow(FilesNode(tree.kind), (*_fetch(tree), use), node.id)


def _real(tree: Tree) -> bool:
    """Whether an outsider can have written the files in runs as the workflow is today."""
    return not (tree.own or tree.latent or tree.guess)


def _fetch(tree: Tree) -> tuple[Note, ...]:
    return (*tree.how, Note(tree.at.first_line(), "puts them into the workspace"))
