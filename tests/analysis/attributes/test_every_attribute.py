"""What must hold of all attributes and edges, over every fixture and every repository of the corpus."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import get_args

import pytest

from scanner.adapters.git import Git
from scanner.analysis.attributes.attribute import Attribute, EdgeAttribute, Missing, Type, Value, World
from scanner.analysis.attributes.table import attributes, edge_attributes
from scanner.graph.edge_kinds import EDGE_KINDS, node_classes
from scanner.graph.graph import EdgeKind, Graph
from scanner.knowledge.tables import Knowledge
from scanner.pipeline import read
from tests.support import CORPUS, ROOT

KNOWLEDGE = Knowledge()
TODAY = date(2026, 11, 22)

TAKEN = frozenset("all any none not count exists reaches reached-by source target value".split())
"""Words of conditions, which no attribute may be called."""

HELD = {
    Type.TEXT: str,
    Type.NUMBER: int,
    Type.FLAG: bool,
    Type.DATE: date,
    Type.DURATION: timedelta,
    Type.VERSION: str,
}

FIXTURES = sorted(path for path in (ROOT / "fixtures").iterdir() if path.is_dir())


def graph_of(folder: Path) -> Graph:
    return read(folder, Git(), KNOWLEDGE).graph


def answers(graph: Graph) -> Iterator[tuple[Attribute | EdgeAttribute, Value]]:
    """Every answer of every node and edge."""
    world = World(graph, KNOWLEDGE, TODAY)
    table, of_edges = attributes(), edge_attributes()
    for node in graph.nodes.values():
        for by_class in table[node.kind].values():
            if type(node) in by_class:
                yield by_class[type(node)], world.value(by_class[type(node)], node)
    for edge in graph.edges:
        for of_edge in of_edges[edge.kind].values():
            yield of_edge, of_edge.ask(edge, world)


def conforms(graph: Graph) -> None:
    """Edges stand between the documented classes, and attributes answer with what they declare."""
    for edge in graph.edges:
        source, target = type(graph.nodes[edge.source]), type(graph.nodes[edge.target])
        ends = EDGE_KINDS[edge.kind].between
        assert any(source in pair.sources and target in pair.targets for pair in ends), edge
    for attribute, answer in answers(graph):
        if isinstance(answer, Missing):
            reason = answer.reason
            assert reason and not reason.endswith(".") and reason.isprintable(), (attribute, reason)
        elif attribute.many:
            assert isinstance(answer, tuple), attribute
            assert all(isinstance(one, str) for one in answer), (attribute, answer)
        else:
            assert type(answer) is HELD[attribute.type], (attribute, answer)


@pytest.mark.parametrize("folder", FIXTURES, ids=lambda folder: folder.name)
def test_fixtures_conform(folder: Path) -> None:
    conforms(graph_of(folder))


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus is not beside the checkout")
def test_the_corpus_conforms() -> None:
    for folder in [CORPUS / "blazedots", *sorted((CORPUS / "open").iterdir())[::6]]:
        conforms(graph_of(folder))


def test_every_kind_of_edge_is_documented() -> None:
    # `flows` is made by the drawing of what outsiders bring in alone, after a scan.
    assert {*EDGE_KINDS} == {*get_args(EdgeKind)} - {"flows"}
    assert all(ends.about.endswith(".") for ends in EDGE_KINDS.values())


def test_every_attribute_is_described() -> None:
    declared = [one for by_name in attributes().values() for by in by_name.values() for one in by.values()]
    of_edges = [one for by_name in edge_attributes().values() for one in by_name.values()]
    every: list[Attribute | EdgeAttribute] = [*declared, *of_edges]
    for attribute in every:
        assert attribute.about[:1].isupper() or attribute.about.startswith("`"), attribute
        assert attribute.about.endswith((".", "…")), attribute
        assert attribute.name not in TAKEN, attribute
        assert all(char.isascii() and (char.islower() or char == "-") for char in attribute.name), attribute
    # One function for one class and name: the later would hide the earlier one.
    assert max(Counter((one.node, one.name) for one in declared).values()) == 1


def test_classes_of_a_kind_agree() -> None:
    for kind, by_name in attributes().items():
        classes = {node for node in node_classes() if node.kind == kind}
        for name, by_class in by_name.items():
            assert len({(one.type, one.many) for one in by_class.values()}) == 1, (kind, name)
            assert set(by_class) == classes, f"{kind}.{name} is not of all classes of the kind"


def test_all_kinds_have_what_every_node_has() -> None:
    table = attributes()
    assert {*table} == {node.kind for node in node_classes()}
    assert all({"kind", "id", "label", "path"} <= {*by_name} for by_name in table.values())
    assert all({"kind", "path", "text"} <= {*by_name} for by_name in edge_attributes().values())
