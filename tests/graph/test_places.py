"""Which node a place of a file belongs to."""

import pytest

from scanner.graph.graph import Graph
from scanner.graph.nodes.workflows import WorkflowNode
from scanner.graph.places import nodes_at
from scanner.model.source import Source, Span
from tests.memory import repository

CI = ".github/workflows/ci.yml"
TEXT = """\
on: push
env: { A: top }
jobs:
  one:
    env: { B: job }
    runs-on: x
    steps:
      - &step
        run: first
      - parallel:
          - run: second
          - run: third
  two: { runs-on: x, steps: [ *step ] }
"""


def ids(text: str) -> list[str]:
    graph: Graph = repository({CI: TEXT})[0]
    (node,) = graph.of(WorkflowNode)
    start = TEXT.index(text)
    return [one.id for one in nodes_at(graph).of(Span(node.source, start, start + len(text)))]


@pytest.mark.parametrize(
    ("text", "nodes"),
    [
        ("push", [f"workflow:{CI}"]),
        ("top", [f"workflow:{CI}"]),
        ("job }", [f"job:{CI}#one"]),
        ("first", [f"step:{CI}#one/0", f"step:{CI}#two/0"]),
        ("second", [f"step:{CI}#one/1"]),
        ("third", [f"step:{CI}#one/2"]),
        ("x, steps", [f"job:{CI}#two"]),
    ],
)
def test_the_innermost_node_holds_a_place(text: str, nodes: list[str]) -> None:
    assert ids(text) == nodes


def test_a_place_in_another_file_belongs_to_nothing() -> None:
    graph = repository({CI: TEXT})[0]
    assert nodes_at(graph).of(Span(Source("flake.lock", "flake-lock", "{}"), 0, 1)) == ()
