"""Where the findings of checks stand: the text of a node, of what uses it, or of an edge."""

from collections.abc import Iterable
from itertools import pairwise
from typing import Final, NamedTuple

from scanner.graph.graph import Edge, Graph, per_graph
from scanner.graph.nodes.base import FileNode, Node, RepositoryNode
from scanner.graph.nodes.nix import InputNode, LockfileNode
from scanner.graph.nodes.workflows import StepNode
from scanner.model.counting import counted
from scanner.model.finding import Note
from scanner.model.quoting import quoted
from scanner.model.source import Span

_MAX_PLACES: Final = 50
"""Further places that a finding shows."""

_VERBS: Final = {
    "contains": "contains", "locks": "is locked in", "input": "has the input", "uses": "uses", "calls": "calls",
    "needs": "needs", "runs-on": "runs on", "reads": "reads", "evaluates": "evaluates",
}  # fmt: skip

_Along = tuple[str, ...] | None


class Use(NamedTuple):
    """A place that names a node of the outside world, and the identity of the node that does."""

    at: Span
    user: str


class Standing:
    """The places of one graph. What was asked is kept: paths and uses come again with every finding."""

    def __init__(self, graph: Graph) -> None:
        self._graph: Final = graph
        self._places: Final[dict[str, Span | None]] = {}
        self._uses_of: Final[dict[str, tuple[Use, ...]]] = {}
        self._names: Final[dict[str, str]] = {}
        self._hops: Final[dict[tuple[str, str, _Along], Note | None]] = {}

    def name(self, node: Node) -> str:
        """A node in a message."""
        known = self._names.get(node.id)
        if known is None:
            known = self._names[node.id] = quoted(node.label)
        return known

    def place(self, node: Node) -> Span | None:
        """Where a node stands, one of the outside world where it is first used; the repository at the beginning of its first file."""
        if node.id not in self._places:
            self._places[node.id] = self._place(node)
        return self._places[node.id]

    def _place(self, node: Node) -> Span | None:
        if isinstance(node, RepositoryNode):
            return self.first()
        own = _declared(node)
        return own.first_line() if own is not None else next((use.at for use in self.uses(node)), None)

    def first(self) -> Span | None:
        """The place of the first node that has one."""
        found = (self.place(one) for one in self._graph.nodes.values() if not isinstance(one, RepositoryNode))
        return next((at for at in found if at is not None), None)

    def uses(self, node: Node) -> tuple[Use, ...]:
        """The places that name a node of the outside world, each once; empty for a node that a file declares."""
        known = self._uses_of.get(node.id)
        if known is None:
            own = isinstance(node, RepositoryNode) or node.place() is not None
            found: dict[Span, Use] = {}
            for edge in () if own else self._graph.into(node.id):
                if edge.at is not None:
                    at = edge.at.first_line()
                    found.setdefault(at, Use(at, self._graph.identity(edge.source)))
            known = self._uses_of[node.id] = tuple(found.values())
        return known

    def use(self, path: list[Node], along: _Along) -> Use | None:
        """The place at which a path enters its last node."""
        edge = self._edge(path[-2], path[-1], along) if len(path) > 1 else None
        return (
            Use(edge.at.first_line(), self._graph.identity(edge.source))
            if edge is not None and edge.at is not None
            else None
        )

    def edge(self, edge: Edge) -> Span | None:
        """The text that makes an edge; else that of one of its ends."""
        if edge.at is not None:
            return edge.at.first_line()
        source, target = self._graph.nodes[edge.source], self._graph.nodes[edge.target]
        if edge.kind == "input" and edge.name is not None and isinstance(source, InputNode | LockfileNode):
            if source.lock.is_pins:  # their files have a node for each, and nothing else that names it
                return self.place(target)
            label = source.input.label if isinstance(source, InputNode) else source.lock.root
            return source.lock.key(label, "inputs", edge.name).first_line()
        if edge.kind == "contains":
            return self.place(target) or self.place(source)
        return self.place(source) or self.place(target)

    def said(self, edge: Edge) -> str:
        """An edge in words: `build` uses `actions/checkout@v4`."""
        source, target = self._graph.nodes[edge.source], self._graph.nodes[edge.target]
        return f"{self.name(source)} {_VERBS.get(edge.kind, edge.kind)} {self.name(target)}"

    def flow(self, path: list[Node], along: _Along) -> tuple[Note, ...]:
        """A path as the places of its edges, in the direction of the edges."""
        hops = (self._hop(source, target, along) for source, target in pairwise(path))
        return tuple(hop for hop in hops if hop is not None)

    def leaving(self, path: list[Node], along: _Along) -> Span | None:
        """The text by which a path leaves its first node, and what that contains: what a step of the job uses, what the job needs."""
        found: Span | None = None
        for source, target in pairwise(path):
            edge = self._edge(source, target, along)
            if edge is None:
                break
            at = self.place(target) if edge.kind == "contains" else self.edge(edge)
            if at is None or at.path != path[0].path:
                break
            found = at
            if edge.kind != "contains":
                break
        return found

    def _hop(self, source: Node, target: Node, along: _Along) -> Note | None:
        key = (source.id, target.id, along)
        if key not in self._hops:
            edge = self._edge(source, target, along)
            at = self.edge(edge) if edge is not None else None
            self._hops[key] = Note(at, self.said(edge)) if edge is not None and at is not None else None
        return self._hops[key]

    def _edge(self, source: Node, target: Node, along: _Along) -> Edge | None:
        """The first edge from one node of a path to the next."""
        for edge in self._graph.out(source.id):
            if edge.target == target.id and (along is None or edge.kind in along):
                return edge
        return None


class Spots:
    """Where the findings of one check stand. Each has a spot of its own, since what is said twice at one is reported once: where the
    text that is wrong is that of several nodes, the first of them has it, and the others stand at their own places."""

    def __init__(self, own: Iterable[Span | None]) -> None:
        """`own` are the places of all nodes that have a finding."""
        self._own: Final = frozenset(own)
        self._taken: Final[dict[Span, Span]] = {}

    def spot(self, own: Span, wrong: Span | None) -> Span:
        """The place for a node of which `own` is the place, and `wrong` the text that is wrong."""
        if wrong is None or wrong == own or wrong in self._own:
            return own
        return wrong if self._taken.setdefault(wrong, own) == own else own


def _declared(node: Node) -> Span | None:
    """Where a file declares a node: a step without a name at what it uses or runs, a file without a better place at its first line."""
    own = node.place()
    match node:
        case StepNode(step=step) if step.name is None and step.call is not None:
            return step.call.text.content
        case StepNode(step=step) if step.name is None and step.run is not None:
            return step.run.script.content
        case FileNode(source=source) if own == Span(source, 0, 1):
            text = source.text
            return Span(source, len(text) - len(text.lstrip()), len(text))
    return own


@per_graph
def standing(graph: Graph) -> Standing:
    """The places of a graph, made when they are first asked for."""
    return Standing(graph)


def notes(found: Iterable[tuple[Span, str]]) -> tuple[Note, ...]:
    """All of the places but the first as notes; of very many only some."""
    rest = list(dict.fromkeys(found))[1:]
    shown = [Note(at, f"also here: {said}") for at, said in rest[:_MAX_PLACES]]
    if len(rest) > _MAX_PLACES:
        at, _ = rest[_MAX_PLACES]
        shown.append(Note(at, f"and in {counted(len(rest) - _MAX_PLACES, 'more place')}"))
    return tuple(shown)
