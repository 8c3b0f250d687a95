"""Conditions that a label opens for later commits."""

import pytest

from scanner.analysis.outsiders.labels import gates, refuses, renewed_by
from scanner.graph.nodes.workflows import JobNode, WorkflowNode
from tests.memory import repository

LABELS = "github.event.pull_request.labels.*.name"


def _job(condition: str) -> JobNode:
    text = f"on: push\njobs:\n  a:\n    runs-on: x\n    if: |-\n      {condition}\n    steps: []\n"
    graph, _ = repository({".github/workflows/ci.yml": text})
    return next(graph.of(JobNode))


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (f"contains({LABELS}, 'ok')", True),
        (f"${{{{ contains({LABELS}, 'ok') }}}}", True),
        (f"contains(join({LABELS}), 'ok') && github.repository == 'a/b'", True),
        (f"contains(toJSON(github.event.pull_request.labels), 'ok') || contains({LABELS}, 'fine')", True),
        ("github.event.pull_request.labels[0].name == 'ok'", True),
        (f"github.event_name == 'pull_request_target' && contains({LABELS}, 'ok')", True),
        (f"github.event_name != 'pull_request_target' || contains({LABELS}, 'ok')", True),
        (f"github.event.action == 'synchronize' && contains({LABELS}, 'ok')", True),
        (f"always() && contains({LABELS}, 'ok')", True),
        # The label only keeps something out.
        (f"!contains({LABELS}, 'skip')", False),
        # Others get through as well.
        (f"contains({LABELS}, 'ok') || github.actor == 'me'", False),
        # Only when the label is given.
        ("github.event.label.name == 'ok'", False),
        (f"github.event.action == 'labeled' && contains({LABELS}, 'ok')", False),
        (f"github.event.action != 'synchronize' && contains({LABELS}, 'ok')", False),
        (f"github.event_name == 'push' && contains({LABELS}, 'ok')", False),
        (f"github.event.pull_request.merged && contains({LABELS}, 'ok')", False),
        (f"github.event.pull_request.merged == true && contains({LABELS}, 'ok')", False),
        # A text is always true.
        (f"${{{{ contains({LABELS}, 'ok') }}}} ", False),
        ("contains(labels", False),
        ("success()", False),
    ],
)
def test_gates(condition: str, expected: bool) -> None:
    guard = _job(condition).job.condition
    assert gates(guard, "synchronize") is expected
    assert not (expected and refuses(guard, "synchronize"))


def test_no_condition() -> None:
    assert not gates(None, "synchronize")
    assert not refuses(None, "synchronize")


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        ("pull_request_target", ("synchronize", "reopened")),
        ("{pull_request_target: {types: [labeled]}}", ()),
        ("{pull_request_target: {types: labeled}}", ()),
        ("{pull_request_target: {types: [edited, labeled, synchronize]}}", ("synchronize", "edited")),
        ("{pull_request_target: {branches: [main]}}", ("synchronize", "reopened")),
    ],
)
def test_renewed_by(on: str, expected: tuple[str, ...]) -> None:
    graph, _ = repository({".github/workflows/ci.yml": f"on: {on}\njobs: {{}}\n"})
    (trigger,) = next(graph.of(WorkflowNode)).workflow.triggers
    assert renewed_by(trigger) == expected
