"""A small world for tests of checks: nodes with a colour, a size, words and so on, of which any can be missing."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any, NamedTuple

import pytest

from scanner.analysis.attributes.attribute import Attribute, Missing, Type, Value, World
from scanner.engine import Context, NoOptions
from scanner.graph.graph import Edge, EdgeKind, Graph
from scanner.graph.nodes.base import Node
from scanner.knowledge.tables import Knowledge
from scanner.model.finding import Hit, Problem, Unknown
from scanner.model.source import Source, Span
from scanner.parse.nodes import Mapping as YamlMapping
from scanner.parse.nodes import Node as YamlNode
from scanner.parse.yaml import compose
from scanner.policy.checks import evaluate, vocabulary
from scanner.policy.checks.check import compile_check
from scanner.policy.checks.section import Declared
from scanner.policy.policy import OwnRule

NOW = date(2026, 11, 22)
FILE = Source("world.yaml", "workflow", "." * 10_000)

TYPES: dict[str, tuple[Type, bool]] = {
    "colour": (Type.TEXT, False),
    "size": (Type.NUMBER, False),
    "round": (Type.FLAG, False),
    "born": (Type.DATE, False),
    "age": (Type.DURATION, False),
    "version": (Type.VERSION, False),
    "words": (Type.TEXT, True),
    "label": (Type.TEXT, False),
}


class Small(Node):
    """A node whose attributes are given; what is not given is missing."""

    __slots__ = ("given", "number")

    def __init__(self, number: int, given: Mapping[str, Value]) -> None:
        super().__init__(f"{self.kind}:{number}")
        self.number = number
        self.given = given

    def place(self) -> Span:
        return Span(FILE, self.number * 2, self.number * 2 + 1)


class Job(Small):
    __slots__ = ()
    kind = "job"


class Step(Small):
    __slots__ = ()
    kind = "step"


class Action(Small):
    __slots__ = ()
    kind = "action"


CLASSES: dict[str, type[Small]] = {one.kind: one for one in (Job, Step, Action)}
LACKS = {"action": "size"}
"""Attributes that a kind has not."""


def _attribute(kind: str, name: str) -> Attribute:
    def ask(node: Small, world: World) -> Value:
        return node.label if name == "label" else node.given.get(name, Missing(f"nobody knows the {name}"))

    type, many = TYPES[name]
    return Attribute(name, CLASSES[kind], type, many, f"the {name}", ask)


TABLE = {
    kind: {name: {CLASSES[kind]: _attribute(kind, name)} for name in TYPES if LACKS.get(kind) != name}
    for kind in CLASSES
}


@contextmanager
def small_world() -> Iterator[None]:
    """Checks know the attributes above, and no others."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (vocabulary, evaluate):
            patch.setattr(module, "attributes", lambda: TABLE)
            patch.setattr(module, "edge_attributes", dict)
        yield


class Made(NamedTuple):
    """What a check answers: the subjects of its hits, those of its questions, and all of it."""

    hits: list[str]
    unknown: list[str]
    answers: list[Hit | Unknown]

    @property
    def messages(self) -> list[str]:
        return [one.message for one in self.answers if isinstance(one, Hit)]


def yaml(text: str) -> YamlMapping:
    """YAML of our own, which can be read."""
    problems: list[Problem] = []
    node = compose(Source("snowfence.yaml", "policy", text), problems)
    assert isinstance(node, YamlMapping), problems
    assert not problems
    return node


def compiled(check: Mapping[str, Any] | str, values: Mapping[str, Any] | None = None) -> OwnRule:
    """A check, as YAML or as data."""
    text = check if isinstance(check, str) else json.dumps({"my-check": check})
    key, body = yaml(text).pairs[0]
    known: dict[str, YamlNode] = (
        {one.value: node for one, node in yaml(json.dumps(values)).pairs} if values else {}
    )
    return compile_check(Declared(key, body, "snowfence.yaml"), known)


def ask(own: OwnRule, graph: Graph) -> Made:
    context = Context(graph, (), Knowledge(), NOW, NoOptions())
    answers = list(own.rule.check(context))
    hits = [one.subject for one in answers if isinstance(one, Hit)]
    return Made(hits, [one.subject for one in answers if isinstance(one, Unknown)], answers)


def world(
    nodes: Sequence[tuple[str, Mapping[str, Value]]], edges: Sequence[tuple[int, int, EdgeKind]] = ()
) -> Graph:
    """Nodes by their kind and attributes, edges by the numbers of nodes."""
    made = [CLASSES[kind](number, given) for number, (kind, given) in enumerate(nodes)]
    linked = [Edge(made[source].id, made[target].id, kind) for source, target, kind in edges]
    return Graph({one.id: one for one in made}, linked)


def check(**more: Any) -> dict[str, Any]:
    return {"title": "It is as it should be", "severity": "low", **more}


DAY = timedelta(days=1)
