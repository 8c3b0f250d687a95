"""Conditions over a graph, answered for all nodes or edges at once and kept, so that checks share what they ask.

An answer has three values: the members for which a condition is true, those for which it is missing, and the others, for which it is
false. Members are numbers of nodes, or of edges, in the order of the graph.
"""

from collections.abc import Callable, Hashable
from datetime import date
from typing import Final, NamedTuple, TypeVar

from scanner.analysis.attributes.attribute import Attribute, Missing, Value, World
from scanner.analysis.attributes.table import attributes, edge_attributes
from scanner.graph.graph import Edge, Graph, per_graph
from scanner.graph.nodes.base import Node
from scanner.knowledge.tables import Knowledge
from scanner.model.source import Span
from scanner.policy.checks.conditions import All, Any, Condition, End, Nodes, Not, Reach, Test
from scanner.policy.checks.masks import mask_of, numbers_of
from scanner.policy.checks.operators import Operator, Truth, bounds
from scanner.policy.checks.reaching import (
    Components,
    Neighbours,
    Twins,
    Walk,
    components,
    counts,
    counts_within,
    longest,
    nearby,
    twins,
    walk,
)
from scanner.policy.checks.vocabulary import Scope, a

T = TypeVar("T")

_FEW: Final = 64
"""Different values of a column for which the sets of their nodes are kept."""


class Answer(NamedTuple):
    """The members for which a condition is true, and those for which it is missing."""

    true: int
    missing: int


class _Column:
    """An attribute of all nodes, or edges, of a kind: its different values with the members that have each, and the members that lack
    one."""

    __slots__ = ("masks", "values")

    def __init__(self, answers: list[tuple[int, Value]], size: int) -> None:
        found: dict[Value, list[int]] = {}
        lacking: dict[Missing, list[int]] = {}
        for member, value in answers:
            # Kept apart: what is missing compares equal to a list with its reason.
            if isinstance(value, Missing):
                lacking.setdefault(value, []).append(member)
            else:
                found.setdefault(value, []).append(member)
        self.values: Final = [*found.items(), *lacking.items()]
        self.masks: Final = (
            [mask_of(members, size) for _, members in self.values] if len(self.values) <= _FEW else None
        )


class Evaluation:
    """What checks have asked of one graph. `world` answers for attributes."""

    def __init__(self, graph: Graph, knowledge: Knowledge, now: date) -> None:
        self.world: Final = World(graph, knowledge, now)
        self.graph: Final = graph
        self.nodes: Final[list[Node]] = list(graph.nodes.values())
        self.number: Final = {node.id: number for number, node in enumerate(self.nodes)}
        self.edges: Final[list[Edge]] = [
            edge for edge in graph.edges if edge.source in self.number and edge.target in self.number
        ]
        self._of_kind: Final[tuple[dict[str, list[int]], dict[str, list[int]]]] = ({}, {})
        for number, node in enumerate(self.nodes):
            self._of_kind[0].setdefault(node.kind, []).append(number)
        for number, edge in enumerate(self.edges):
            self._of_kind[1].setdefault(edge.kind, []).append(number)
        self._known: Final[dict[Hashable, object]] = {}
        self._answers: Final[dict[Condition, Answer]] = {}
        self._walks: Final[dict[tuple[Reach, bool], Walk]] = {}

    def _once(self, key: Hashable, make: Callable[[], T]) -> T:
        """What has been worked out before, by a key that says all of it."""
        if key not in self._known:
            self._known[key] = make()
        found: T = self._known[key]  # type: ignore[assignment]
        return found

    def domain(self, scope: Scope) -> int:
        """All that conditions of a scope are asked of."""
        return self._once(
            ("domain", scope),
            lambda: mask_of(
                (one for kind in scope.kinds for one in self._of_kind[scope.edges].get(kind, ())),
                len(self.edges if scope.edges else self.nodes),
            ),
        )

    # ------------------------------------------------------------ conditions

    def answer(self, condition: Condition) -> Answer:
        """For which members the condition holds. Asked again by the same check, which is for every finding, it costs nothing."""
        found = self._answers.get(condition)
        if found is None:
            found = self._answers[condition] = self._once(condition.key, lambda: self._answer(condition))
        return found

    def _answer(self, condition: Condition) -> Answer:
        domain = self.domain(condition.scope)
        match condition:
            case All():
                true, possible = domain, domain
                for part in condition.parts:
                    found = self.answer(part)
                    true &= found.true
                    possible &= found.true | found.missing
                    if not possible:
                        break
                return Answer(true, possible & ~true)
            case Any():
                true, possible = 0, 0
                for part in condition.parts:
                    found = self.answer(part)
                    true |= found.true
                    possible |= found.true | found.missing
                    if true == domain:
                        break
                return Answer(true, possible & ~true)
            case Not():
                found = self.answer(condition.part)
                return Answer(domain & ~(found.true | found.missing), found.missing)
            case Test():
                return self._test(condition)
            case End():
                return self._end(condition, domain)
            case Reach():
                return self._reach(condition, domain)

    def _test(self, test: Test) -> Answer:
        size = len(self.edges if test.scope.edges else self.nodes)
        true, missing = 0, 0
        yes: list[int] = []
        lacking: list[int] = []
        for kind in test.scope.kinds:
            if kind not in self._of_kind[test.scope.edges]:
                continue
            column = self._column(test.scope.edges, kind, test.name)
            for at, (value, members) in enumerate(column.values):
                found = test.operator.ask(value)
                if found is False:
                    continue
                if column.masks is None:
                    (yes if found is True else lacking).extend(members)
                elif found is True:
                    true |= column.masks[at]
                else:
                    missing |= column.masks[at]
        return Answer(
            true | mask_of(yes, size) if yes else true,
            missing | mask_of(lacking, size) if lacking else missing,
        )

    def _column(self, edges: bool, kind: str, name: str) -> _Column:
        return self._once(("column", edges, kind, name), lambda: self._make_column(edges, kind, name))

    def _make_column(self, edges: bool, kind: str, name: str) -> _Column:
        members = self._of_kind[edges].get(kind, [])
        return _Column(
            [(member, self.value(edges, member, name)) for member in members],
            len(self.edges if edges else self.nodes),
        )

    def value(self, edges: bool, member: int, name: str) -> Value:
        """The attribute of a node or an edge."""
        if edges:
            edge = self.edges[member]
            of_edge = edge_attributes().get(edge.kind, {}).get(name)
            if of_edge is None:
                return Missing(f"an edge `{edge.kind}` has none")
            return of_edge.ask(edge, self.world)
        node = self.nodes[member]
        found = _attribute(node, name)
        if found is None:
            return Missing(f"{a(node.kind)} has none")
        return self.world.value(found, node)

    def place(self, member: int, name: str, item: str | None) -> Span | None:
        """Where the file of a node says an attribute, or an item of it."""
        node = self.nodes[member]
        found = _attribute(node, name)
        return found.place(node, self.world, item) if found is not None else None

    def _end(self, condition: End, domain: int) -> Answer:
        found = self.answer(condition.part)
        # A node of a kind that was not asked is none of which the condition is known to be false.
        unasked = ~self.domain(condition.part.scope)
        missing = found.missing | unasked
        true_edges: list[int] = []
        missing_edges: list[int] = []
        true_at, missing_at = bits_of(found.true, len(self.nodes)), bits_of(missing, len(self.nodes))
        for edge in numbers_of(domain):
            node = self.end(edge, condition.end)
            if true_at[node]:
                true_edges.append(edge)
            elif missing_at[node]:
                missing_edges.append(edge)
        size = len(self.edges)
        return Answer(mask_of(true_edges, size), mask_of(missing_edges, size))

    def end(self, edge: int, end: str) -> int:
        """The node at an end of an edge."""
        found = self.edges[edge]
        return self.number[found.source if end == "source" else found.target]

    # ------------------------------------------------------------ paths

    def nodes_of(self, nodes: Nodes) -> Answer:
        """The nodes that are meant, and those of which it cannot be told."""
        if nodes.where is None:
            return Answer(self.domain(nodes.scope), 0)
        return self.answer(nodes.where)

    def _reach(self, reach: Reach, domain: int) -> Answer:
        if reach.count is not None:
            return self._counted(reach, reach.count, domain)
        certain = self.walk(reach, possible=False).reached & domain
        possible = self.walk(reach, possible=True).reached & domain
        return Answer(certain, possible & ~certain)

    def _goals(self, reach: Reach, possible: bool) -> tuple[int, int | None]:
        """What a path leads to and passes: for certain, or also what it cannot be told of."""
        to = self.nodes_of(reach.to)
        through = self.nodes_of(reach.through) if reach.through is not None else None
        return (
            to.true | to.missing if possible else to.true,
            None if through is None else through.true | through.missing if possible else through.true,
        )

    def targets(self, reach: Reach, *, possible: bool) -> int:
        """What a question to the graph asks to be reached."""
        return self._goals(reach, possible)[0]

    def near(self, reach: Reach, node: int) -> int:
        """The nodes that come after one on the paths of a question; of very many the nearest."""
        return self._once(
            ("near", reach.along, reach.back, reach.within, node),
            lambda: nearby(self._neighbours(reach.along, reach.back), node, reach.within),
        )

    def walk(self, reach: Reach, *, possible: bool) -> Walk:
        """The nodes that reach what is asked for, with the shortest ways there."""
        found = self._walks.get((reach, possible))
        if found is None:
            targets, through = self._goals(reach, possible)
            key = ("walk", reach.back, reach.along, reach.within, targets, through)
            found = self._walks[reach, possible] = self._once(
                key,
                lambda: walk(self._neighbours(reach.along, not reach.back), targets, through, reach.within),
            )
        return found

    def counts(self, reach: Reach, *, possible: bool) -> list[int]:
        """How many different nodes each node reaches."""
        targets, through = self._goals(reach, possible)
        key = ("counts", reach.back, reach.along, reach.within, targets, through)
        return self._once(key, lambda: self._count(reach, targets, through))

    def _count(self, reach: Reach, targets: int, through: int | None) -> list[int]:
        after = self._neighbours(reach.along, reach.back)
        groups: Components = self._once(("components", reach.back, reach.along), lambda: components(after))
        within = reach.within
        if within is not None:
            end: int | None = self._once(("longest", reach.back, reach.along), lambda: longest(groups))
            if end is None or end > within:
                alike: Twins = self._once(("twins", reach.back, reach.along), lambda: twins(after))
                return counts_within(alike, targets, through, within)
        return counts(groups, targets, through)

    def _counted(self, reach: Reach, operator: Operator, domain: int) -> Answer:
        least = self.counts(reach, possible=False)
        most = self.counts(reach, possible=True)
        known: dict[tuple[int, int], Truth] = {}
        true: list[int] = []
        missing: list[int] = []
        for node in numbers_of(domain):
            pair = (least[node], most[node])
            found = known.get(pair)
            if found is None:
                found = known[pair] = between(operator, *pair)
            if found is True:
                true.append(node)
            elif found is not False:
                missing.append(node)
        return Answer(mask_of(true, len(self.nodes)), mask_of(missing, len(self.nodes)))

    def _neighbours(self, along: tuple[str, ...] | None, back: bool) -> Neighbours:
        """The nodes that follow each node, or with `back` come before it, each once."""
        return self._once(("neighbours", along, back), lambda: self._make_neighbours(along, back))

    def _make_neighbours(self, along: tuple[str, ...] | None, back: bool) -> Neighbours:
        found: list[dict[int, None]] = [{} for _ in self.nodes]
        number = self.number
        for edge in self.edges:
            if along is None or edge.kind in along:
                source, target = number[edge.source], number[edge.target]
                if back:
                    found[target][source] = None
                else:
                    found[source][target] = None
        return [list(one) for one in found]


def _attribute(node: Node, name: str) -> Attribute | None:
    return attributes().get(node.kind, {}).get(name, {}).get(type(node))


def between(operator: Operator, least: int, most: int) -> Truth:
    """What an operator answers of a number that lies between two: what it answers of all of them, or that it cannot be told."""
    if least == most:
        return operator.ask(least)
    edges = {
        near for bound in bounds(operator) for near in (bound - 1, bound, bound + 1) if least < near < most
    }
    answers = {operator.ask(number) for number in (least, most, *edges)}
    if len(answers) == 1:
        return answers.pop()
    return Missing(f"it is {least} at least and {most} at most, since some nodes cannot be told")


def bits_of(mask: int, size: int) -> bytes:
    """A byte for each number below `size`: whether it is in the set."""
    shown = bin((mask & ((1 << size) - 1)) | 1 << size)[3:]
    return shown[::-1].encode().translate(_FLAGS)


_FLAGS: Final = bytes(int(byte == ord("1")) for byte in range(256))


@per_graph
def evaluation(graph: Graph, knowledge: Knowledge, now: date) -> Evaluation:
    """What checks ask of a graph, on a day; made when it is first needed."""
    return Evaluation(graph, knowledge, now)
