"""What there is to lose in a run: one answer for all who ask."""

import pytest

from scanner.analysis.outsiders.openings import openings_of
from scanner.analysis.outsiders.reach import harmful, reach_of
from scanner.graph.nodes.workflows import JobNode
from tests.memory import KNOWLEDGE, repository


@pytest.mark.parametrize(
    ("event", "machine", "holds", "stays"),
    [
        ("pull_request_target", "self-hosted", True, True),
        ("pull_request_target", "ubuntu-latest", False, False),
        ("pull_request", "self-hosted", False, True),
        ("pull_request", "ubuntu-latest", False, False),
    ],
)
def test_a_machine_is_something_to_lose(event: str, machine: str, holds: bool, stays: bool) -> None:
    text = (
        f"on: {event}\npermissions: {{}}\njobs:\n  a:\n    runs-on: {machine}\n    steps: [{{ run: make }}]\n"
    )
    graph, _ = repository({".github/workflows/a.yml": text})
    (job,) = graph.of(JobNode)
    (way,) = reach_of(graph, KNOWLEDGE).ways(job)
    assert way.holds_something is harmful(way) is holds
    assert (way.persists, way.at_stake) == (stays, holds or stays)
    assert (openings_of(graph, KNOWLEDGE).of(job.id) is not None) is way.at_stake
