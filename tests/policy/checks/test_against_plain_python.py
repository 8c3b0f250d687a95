"""Checks over random graphs answer as plain Python does that looks at one node after the other and follows every path."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.analysis.attributes.attribute import Value
from scanner.graph.graph import EdgeKind
from scanner.model.finding import Hit
from scanner.model.globs import glob
from tests.policy.checks.small import LACKS, ask, check, compiled, small_world, world

KINDS = ("job", "step", "action")
EDGES: tuple[EdgeKind, ...] = ("uses", "needs")
COLOURS = ("red", "blue", "green")

Nodes = list[tuple[str, dict[str, Value]]]
Edges = list[tuple[int, int, EdgeKind]]
Truth = bool | None
"""None: it cannot be told."""


@pytest.fixture(autouse=True, scope="module")
def _small() -> Iterator[None]:
    with small_world():
        yield


# ---------------------------------------------------------------- plain Python


def all_of(truths: list[Truth]) -> Truth:
    return False if False in truths else None if None in truths else True


def any_of(truths: list[Truth]) -> Truth:
    return True if True in truths else None if None in truths else False


def negated(truth: Truth) -> Truth:
    return None if truth is None else not truth


class Plain:
    def __init__(self, nodes: Nodes, edges: Edges) -> None:
        self.nodes = nodes
        self.edges = edges

    def holds(self, condition: dict[str, Any], node: int) -> Truth:
        return all_of([self.entry(name, asked, node) for name, asked in condition.items()])

    def entry(self, name: str, asked: Any, node: int) -> Truth:
        match name:
            case "all":
                return all_of([self.holds(one, node) for one in asked])
            case "any":
                return any_of([self.holds(one, node) for one in asked])
            case "none":
                return negated(any_of([self.holds(one, node) for one in asked]))
            case "not":
                return negated(self.holds(asked, node))
            case "reaches" | "reached-by":
                return self.reach(asked, node, back=name == "reached-by")
            case _:
                kind, known = self.nodes[node]
                value = known.get(name) if LACKS.get(kind) != name else None
                return self.operators(asked, value)

    def operators(self, asked: Any, value: Any) -> Truth:
        if not isinstance(asked, dict):
            return None if value is None else bool(value == asked)
        return all_of([self.operator(name, operand, value) for name, operand in asked.items()])

    def operator(self, name: str, operand: Any, value: Any) -> Truth:
        if name == "exists":
            return bool((value is not None) == operand)
        if name == "not":
            return negated(self.operators(operand, value))
        if value is None:
            return None
        match name:
            case "is":
                return bool(value == operand)
            case "in":
                return bool(value in operand)
            case "not-in":
                return bool(value not in operand)
            case "matches":
                return bool(operand in value)
            case "glob":
                return glob(operand).matches(value)
            case "lt":
                return bool(value < operand)
            case "le":
                return bool(value <= operand)
            case "gt":
                return bool(value > operand)
            case "ge":
                return bool(value >= operand)
            case "any":
                return any_of([self.operators(operand, one) for one in value])
            case "all":
                return all_of([self.operators(operand, one) for one in value])
            case "none":
                return negated(any_of([self.operators(operand, one) for one in value]))
            case "count":
                return self.operators(operand, len(value))
        raise AssertionError(name)

    def meant(self, asked: dict[str, Any], node: int) -> Truth:
        """Whether a node is one of those that `node` and `where` name."""
        kinds = asked.get("node", KINDS)
        if self.nodes[node][0] not in ([kinds] if isinstance(kinds, str) else kinds):
            return False
        return self.holds(asked["where"], node) if "where" in asked else True

    def reach(self, asked: Any, node: int, back: bool) -> Truth:
        if not isinstance(asked, dict):
            asked = {"node": asked}
        goals = [self.meant(asked, one) for one in range(len(self.nodes))]
        passed = [
            self.meant(asked["through"], one) if "through" in asked else True
            for one in range(len(self.nodes))
        ]
        along = asked.get("along", EDGES)
        follows = {
            one: {
                b if not back else a
                for a, b, kind in self.edges
                if (a if not back else b) == one and kind in along
            }
            for one in range(len(self.nodes))
        }
        # Every walk, step after step: where it is, and whether what it has passed between its ends is what is asked for.
        answers: dict[int, list[Truth]] = {one: [False] for one in range(len(self.nodes))}
        start: Truth = "through" not in asked
        states: set[tuple[int, Truth]] = {(node, start)}
        seen: set[tuple[int, Truth]] = set()
        steps = 0
        while states and steps < asked.get("within", 1000):
            arrived = set()
            for at, done in states:
                inside = done if steps == 0 else any_of([done, passed[at]])
                for one in follows[at]:
                    answers[one].append(all_of([inside, goals[one]]))
                    arrived.add((one, inside))
            states = arrived - seen
            seen |= arrived
            steps += 1
        found = [any_of(some) for some in answers.values()]
        if "count" not in asked:
            return any_of(found)
        sure, maybe = found.count(True), found.count(None)
        possible = {self.operators(asked["count"], number) for number in range(sure, sure + maybe + 1)}
        return possible.pop() if len(possible) == 1 else None


# ---------------------------------------------------------------- random checks and graphs

texts = st.sampled_from(COLOURS)
text_operators = st.one_of(
    texts,
    st.fixed_dictionaries({"is": texts}),
    st.fixed_dictionaries({"in": st.lists(texts, min_size=1, max_size=2)}),
    st.fixed_dictionaries({"not-in": st.lists(texts, min_size=1, max_size=2)}),
    st.fixed_dictionaries({"matches": st.sampled_from(["e", "re", "lue"])}),
    st.fixed_dictionaries({"glob": st.sampled_from(["r*", "*e*", "???"])}),
    st.fixed_dictionaries({"exists": st.booleans()}),
    st.fixed_dictionaries({"not": st.fixed_dictionaries({"is": texts})}),
    st.fixed_dictionaries({"matches": st.just("e"), "not": st.fixed_dictionaries({"is": texts})}),
)
numbers = st.integers(-1, 4)
number_operators = st.one_of(
    numbers,
    *(st.fixed_dictionaries({name: numbers}) for name in ("is", "lt", "le", "gt", "ge")),
    st.fixed_dictionaries({"in": st.lists(numbers, min_size=1, max_size=2)}),
    st.fixed_dictionaries({"ge": numbers, "lt": numbers}),
    st.fixed_dictionaries({"exists": st.booleans()}),
)
counts = st.one_of(
    numbers,
    *(st.fixed_dictionaries({name: numbers}) for name in ("is", "lt", "le", "gt", "ge")),
    st.fixed_dictionaries({"not-in": st.lists(numbers, min_size=1, max_size=2)}),
    st.fixed_dictionaries({"not": st.fixed_dictionaries({"is": numbers})}),
)
list_operators = st.one_of(
    *(st.fixed_dictionaries({name: text_operators}) for name in ("any", "all", "none")),
    st.fixed_dictionaries({"count": counts}),
    st.fixed_dictionaries({"exists": st.booleans()}),
    st.fixed_dictionaries({"not": st.fixed_dictionaries({"any": texts})}),
)
attribute = st.one_of(
    st.fixed_dictionaries({"colour": text_operators}),
    st.fixed_dictionaries({"size": number_operators}),
    st.fixed_dictionaries({"words": list_operators}),
    st.fixed_dictionaries({"round": st.booleans()}),
    st.fixed_dictionaries({"colour": text_operators, "size": number_operators}),
)
kinds = st.one_of(
    st.sampled_from(KINDS), st.lists(st.sampled_from(KINDS), min_size=1, max_size=3, unique=True)
)


def reach(condition: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    # Sizes are no attribute of actions alone, so that conditions speak of several kinds.
    nodes = {"node": st.lists(st.sampled_from(KINDS), min_size=2, max_size=3, unique=True)}
    whole = st.fixed_dictionaries(
        nodes,
        optional={
            "where": condition,
            "along": st.lists(st.sampled_from(EDGES), min_size=1, max_size=2, unique=True),
            "within": st.integers(1, 4),
            "through": st.fixed_dictionaries(nodes, optional={"where": condition}),
            "count": counts,
        },
    )
    return st.one_of(kinds, whole)


def nested(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    several = st.lists(inner, min_size=1, max_size=3)
    return st.one_of(
        *(st.fixed_dictionaries({name: several}) for name in ("all", "any", "none")),
        st.fixed_dictionaries({"not": inner}),
        st.fixed_dictionaries({"reaches": reach(inner)}),
        st.fixed_dictionaries({"reached-by": reach(inner)}),
        st.fixed_dictionaries({"reaches": reach(inner), "colour": text_operators}),
    )


conditions = st.recursive(attribute, nested, max_leaves=6)
known: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {},
    optional={
        "colour": texts,
        "size": numbers,
        "round": st.booleans(),
        "words": st.lists(texts, max_size=2).map(tuple),
    },
)


@st.composite
def graphs(draw: st.DrawFn) -> tuple[Nodes, Edges]:
    nodes = draw(st.lists(st.tuples(st.sampled_from(KINDS), known), min_size=1, max_size=7))
    number = st.integers(0, len(nodes) - 1)
    return nodes, draw(st.lists(st.tuples(number, number, st.sampled_from(EDGES)), max_size=12))


@settings(max_examples=500, deadline=None)
@given(graphs(), conditions, st.none() | conditions, st.sampled_from(["require", "forbid"]))
def test_a_check_answers_as_plain_python(
    graph: tuple[Nodes, Edges], condition: dict[str, Any], where: dict[str, Any] | None, verdict: str
) -> None:
    nodes, edges = graph
    plain = Plain(nodes, edges)
    asked = {"select": list(KINDS), verdict: condition, **({"where": where} if where is not None else {})}
    found = ask(compiled(check(**asked)), world(nodes, edges))
    hits, unknown = [], []
    for number, (kind, _) in enumerate(nodes):
        selected = plain.holds(where, number) if where is not None else True
        holds = plain.holds(condition, number)
        if selected is None:
            unknown.append(f"{kind}:{number}")
        elif selected and holds is not (verdict == "require"):
            hits.append(f"{kind}:{number}")
    assert sorted(found.hits) == sorted(hits)
    assert sorted(found.unknown) == sorted(unknown)


@settings(max_examples=200, deadline=None)
@given(graphs(), conditions, counts)
def test_what_is_counted_is_what_plain_python_counts(
    graph: tuple[Nodes, Edges], where: dict[str, Any], count: Any
) -> None:
    nodes, edges = graph
    plain = Plain(nodes, edges)
    found = ask(compiled(check(select=list(KINDS), where=where, count=count)), world(nodes, edges))
    truths = [plain.holds(where, number) for number in range(len(nodes))]
    sure, maybe = truths.count(True), truths.count(None)
    possible = {plain.operators(count, number) for number in range(sure, sure + maybe + 1)}
    assert len(found.hits) == (possible == {False})
    assert len(found.unknown) == maybe + (len(possible) > 1)


@settings(max_examples=200, deadline=None)
@given(graphs(), reach(attribute))
def test_a_path_that_is_shown_is_a_shortest_one(graph: tuple[Nodes, Edges], asked: Any) -> None:
    nodes, edges = graph
    asked = asked if isinstance(asked, dict) else {"node": asked}
    asked.pop("count", None)
    found = ask(compiled(check(select=list(KINDS), forbid={"reaches": asked})), world(nodes, edges))
    ways = {(source, target) for source, target, _ in edges}
    plain = Plain(nodes, edges)
    for hit in found.answers:
        assert isinstance(hit, Hit)
        start = int(hit.subject.partition(":")[2])
        begin, *hops = [note.at.start // 2 for note in hit.flow]
        # An edge without a text of its own stands at its source.
        assert begin == start == hops[0]
        assert all(pair in ways for pair in pairwise(hops))
        if plain.reach(asked, start, back=False):
            assert plain.reach(asked | {"within": len(hops)}, start, back=False)
            assert len(hops) == 1 or not plain.reach(asked | {"within": len(hops) - 1}, start, back=False)
