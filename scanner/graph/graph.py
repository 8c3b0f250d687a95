"""The graph that rules walk: frozen once built, indexed by kind and by end point."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import wraps
from typing import Any, Concatenate, Literal, NamedTuple, ParamSpec, TypeVar

from scanner.graph.nodes.base import Node
from scanner.graph.nodes.workflows import StepNode
from scanner.model.source import Span

EdgeKind = Literal[
    "contains", "locks", "input", "uses", "calls", "needs", "runs-on", "reads", "evaluates", "flows"
]

N = TypeVar("N", bound=Node)
T = TypeVar("T")
P = ParamSpec("P")


class Edge(NamedTuple):
    """`source` and `target` are node ids; `at` is the text that makes the edge, where it has one place.

    An `input` edge carries the input's `name` and whether it `follows`; its ends are the resolved nodes. A `flows` edge, which
    only `snowfence graph --taint` and `why` ask for, has in `name` what happens at its target.
    """

    source: str
    target: str
    kind: EdgeKind
    at: Span | None = None
    name: str | None = None
    follows: bool | None = None


_Index = dict[tuple[str, EdgeKind | None], list[Edge]]


class Graph:
    """Nodes by id, edges in the order in which the documents declare them."""

    __slots__ = ("_by_type", "_identities", "_into", "_out", "answers", "edges", "nodes")

    def __init__(self, nodes: Mapping[str, Node], edges: Sequence[Edge]) -> None:
        self.nodes = nodes
        self.edges = edges
        self._by_type: dict[type[Node], list[Node]] = {}
        for node in nodes.values():
            self._by_type.setdefault(type(node), []).append(node)
        self._out: _Index | None = None
        self._identities: dict[str, str] | None = None
        self._into: _Index | None = None
        self.answers: dict[tuple[object, ...], Any] = {}
        """See `per_graph`."""

    def of(self, type: type[N]) -> Iterator[N]:
        """Every node of a class, in the order of the documents."""
        for node in self._by_type.get(type, ()):
            if isinstance(node, type):
                yield node

    def out(self, id: str, kind: EdgeKind | None = None) -> Iterator[Edge]:
        """The edges that leave a node."""
        if self._out is None:
            self._out = defaultdict(list)
            for edge in self.edges:
                self._out[edge.source, None].append(edge)
                self._out[edge.source, edge.kind].append(edge)
        return iter(self._out.get((id, kind), ()))

    def into(self, id: str, kind: EdgeKind | None = None) -> Iterator[Edge]:
        """The edges that arrive at a node."""
        if self._into is None:
            self._into = defaultdict(list)
            for edge in self.edges:
                self._into[edge.target, None].append(edge)
                self._into[edge.target, edge.kind].append(edge)
        return iter(self._into.get((id, kind), ()))

    def identity(self, id: str) -> str:
        """The id of a node without what an edit elsewhere in its file changes: a step is named by its `id`, its name or
        the action that it uses instead of its number, and counted only among equals, and all steps that have nothing but a script are one; an input by the names that lead to it, since
        Nix numbers labels anew whenever it writes a lock; an action or image without its version."""
        node = self.nodes.get(id)
        if node is not None and node.identity != id:
            return node.identity
        if self._identities is None:
            self._identities = {}
            counts: dict[str, int] = {}
            for step in self.of(StepNode):
                name = f"{step.id.rpartition('/')[0] or step.id.partition('#')[0]}/{step.signature}"
                counts[name] = counts.get(name, 0) + 1
                self._identities[step.id] = name if step.is_nameless else f"{name}/{counts[name]}"
        return self._identities.get(id, id)


def per_graph(make: Callable[Concatenate[Graph, P], T]) -> Callable[Concatenate[Graph, P], T]:
    """For a function of a graph that several rules ask: its answer is made once and lives as long as the graph."""

    @wraps(make)
    def ask(graph: Graph, /, *more: P.args, **named: P.kwargs) -> T:
        key = (make, *more, *sorted(named.items()))
        if key not in graph.answers:
            graph.answers[key] = make(graph, *more, **named)
        found: T = graph.answers[key]
        return found

    return ask
