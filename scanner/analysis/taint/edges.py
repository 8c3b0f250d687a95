"""What outsiders bring in and how it gets to the steps that use it, as nodes and edges of the graph.

Only `snowfence graph --taint` and `snowfence why` ask for it: rules say the same as the flow of a finding.
"""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from scanner.analysis.outsiders.checks import protects
from scanner.analysis.outsiders.senders import events_with
from scanner.analysis.scripts.code import code_of
from scanner.analysis.taint.agents import Agent, agents_of
from scanner.analysis.taint.arguments import arguments
from scanner.analysis.taint.deciders import Decider, Verdict
from scanner.analysis.taint.environment import injections
from scanner.analysis.taint.execution import executed, runs_in
from scanner.analysis.taint.foreign import ARTIFACT, CHECKOUT
from scanner.analysis.taint.origins import Origin, Scope
from scanner.analysis.taint.outputs import clobbered
from scanner.analysis.taint.prompts import ISSUES, reasons_of
from scanner.analysis.taint.requests import requests
from scanner.analysis.taint.taint import Taint, taint_of
from scanner.analysis.taint.trees import Tree
from scanner.analysis.taint.weight import Weighed
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
from scanner.model.source import Span
from scanner.parse.expressions.contexts import flowing
from scanner.parse.expressions.syntax import Malformed, parse
from scanner.parse.fences import fences

_FILES: Final = {CHECKOUT: "pull request", ARTIFACT: "artifact"}
"""What is read from files of outsiders, with the kind of them."""

CHECKED: Final = " (behind a check)"
REFUSED: Final = " (refused by actions/checkout)"
"""What is said of a use that outsiders do not get to today."""
_SHOWN: Final = 3
_PARTS: Final = {
    "server": "decides the server of a request",
    "path": "decides the path of a request",
    "call": "decides which call is made",
}


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
    agents: dict[str, list[Agent]] = {}
    for agent in agents_of(graph, knowledge):
        agents.setdefault(agent.node.id, []).append(agent)
    return tuple(
        flow
        for node in live_steps(graph)
        for flow in (
            *_texts(node, taint, knowledge, events),
            *_words(graph, node, taint, knowledge, events),
            *_files(graph, node, taint, knowledge),
            *(flow for one in agents.get(node.id, ()) for flow in _prompts(graph, one, taint, events)),
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
                    if verdict is not None and (verdict.decider >= Decider.LIMITED or _checked(verdict)):
                        use = Note(at, f"becomes part of the code{_mark(verdict)}")
                        yield Flow(_text(origin, events), (*_way(origin), use), node.id)


def _checked(verdict: Verdict) -> bool:
    """Whether only a check keeps others from deciding a text."""
    return verdict.decider in (Decider.INSIDER, Decider.CHECKED) and verdict.trigger is not None


def _mark(verdict: Verdict) -> str:
    if _checked(verdict):
        return CHECKED
    return REFUSED if verdict.decider is Decider.LIMITED and verdict.origin.guarded else ""


def _weighed(origin: Origin, weighed: Weighed) -> str | None:
    """What is said of a use by its weight; None where no outsider can have written the text."""
    if weighed.weight == "stopped":
        return REFUSED if origin.guarded else None
    return _mark(weighed.verdict)


def _way(origin: Origin) -> tuple[Note, ...]:
    """The way of a text. What stands in files comes from where they are fetched: what leads there says which, and is no text of
    theirs."""
    return origin.hops if origin.is_field else _since_fetch(origin.hops, origin.hops)


def _since_fetch(hops: tuple[Note, ...], otherwise: tuple[Note, ...]) -> tuple[Note, ...]:
    first = next((at for at, hop in enumerate(hops) if hop.kind == "fetched"), None)
    return hops[first:] if first is not None else otherwise


def _words(
    graph: Graph, node: StepNode, taint: Taint, knowledge: Knowledge, events: frozenset[str]
) -> Iterator[Flow]:
    """Texts of outsiders that a step's commands take for options, write where variables of the next steps or outputs are set, or
    that say where a request goes."""
    found: list[tuple[Origin, Weighed, Span, str]] = []
    for injected in injections(graph, knowledge, taint, node):
        what = "the PATH" if injected.file == "GITHUB_PATH" else "variables"
        said = f"sets {what} of all later steps"
        found.append((injected.said.origin, injected.weighed, injected.at, said))
    for output in clobbered(graph, taint, node):
        said = f"may set {', '.join(map(quoted, output.outputs[:_SHOWN]))}, too"
        found.append((output.said.origin, output.weighed, output.at, said))
    for argument in arguments(graph, knowledge, taint, node):
        said = f"becomes an argument of {quoted(argument.program)}"
        found.append((argument.said.origin, argument.weighed, argument.at, said))
    for request in requests(graph, knowledge, taint, node):
        found.append((request.origin, request.weighed, request.at, _PARTS[request.part]))
    for origin, weighed, at, said in found:
        mark = _weighed(origin, weighed)
        if mark is not None:
            yield Flow(_text(origin, events), (*_way(origin), Note(at, said + mark)), node.id)


def _prompts(graph: Graph, agent: Agent, taint: Taint, events: frozenset[str]) -> Iterator[Flow]:
    """What others decide of a model's prompt, or wrote into what it reads."""
    for reason in reasons_of(graph, agent, taint):
        mark = CHECKED if reason.guarded else ""
        if reason.origin is not None:
            source, way = _text(reason.origin, events), _way(reason.origin)
        else:
            source = FilesNode("pull request") if reason.files else TextNode(ISSUES)
            way = reason.flow
        yield Flow(source, (*way, Note(reason.at, f"told to {agent.name}{mark}")), agent.node.id)


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
        if tree.real:
            yield Flow(FilesNode(tree.kind), _fetch(tree, _of_tree(taint, node, tree)), node.id)
    waiting = [tree for tree in taint.workspace.before(node) if tree.real]
    for execution in executed(graph, knowledge, node) if waiting else ():
        for tree in [tree for tree in waiting if runs_in(execution, tree) is not False]:
            waiting.remove(tree)
            said = f"runs {quoted(execution.what)} on them{_of_tree(taint, node, tree)}"
            use = Note(execution.at.first_line(), said)
            yield Flow(FilesNode(tree.kind), (*_fetch(tree, _of_fetch(graph, taint, tree)), use), node.id)


def _of_tree(taint: Taint, node: StepNode, tree: Tree) -> str:
    """What is said of files at a step, by what stands before it in the runs that bring them."""
    events = [event for event in taint.reach.of(node) if tree.comes(event)]
    left = [event for event in events if event not in tree.guarded]
    if not left:
        return REFUSED if events else ""
    checks = (any(protects(one, event, "code") for one in taint.reach.checks(node, event)) for event in left)
    return CHECKED if all(checks) else ""


def _of_fetch(graph: Graph, taint: Taint, tree: Tree) -> str:
    by = graph.nodes.get(tree.by)
    return _of_tree(taint, by, tree) if isinstance(by, StepNode) else ""


def _fetch(tree: Tree, mark: str) -> tuple[Note, ...]:
    use = Note(tree.at.first_line(), f"puts them into the workspace{mark}")
    there = tuple(hop for hop in tree.how if hop.at.source is tree.at.source and _overlap(hop.at, tree.at))
    return (*_since_fetch(tree.how, there), use)


def _overlap(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end
