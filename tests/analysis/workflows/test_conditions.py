"""Which jobs and steps can run."""

import pytest

from scanner.analysis.workflows.conditions import live_jobs, live_steps, never
from scanner.graph.nodes.workflows import StepNode
from scanner.parse.nodes import Scalar
from tests.memory import repository

PATH = ".github/workflows/ci.yml"


def guard(text: str) -> Scalar | None:
    """The `if:` of a job, as it stands in a file."""
    graph, _ = repository({PATH: f"on: push\njobs:\n  a:\n    if: {text}\n    steps: [run: x]\n"})
    return next(graph.of(StepNode)).job.condition  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "text",
    [
        "false",
        "False",
        "FALSE",
        "${{ false }}",
        "'${{ false }}'",
        "false && github.ref == 'x'",
        "github.ref == 'x' && false",
        "'!true'",
        "0",
        "\"''\"",
        "false || (null)",
        "NaN",
        "1 == 2",
        "contains('a', 'b')",
        "github.ref && format('')",
        "${{ fromJSON('false') }}",
    ],
)
def test_never(text: str) -> None:
    assert never(guard(text))


@pytest.mark.parametrize(
    "text",
    [
        "true",
        "True",
        "always()",
        "github.ref == 'x'",
        "false || github.actor",
        "\"'false'\"",  # a text that is not empty
        "'${{ false }} '",  # GitHub makes a text of it
        "${{ false }}${{ false }}",
        "'!false'",
        "false &&",  # not an expression
        "|\n      ${{ false }}",  # the line break makes it a text
    ],
)
def test_perhaps(text: str) -> None:
    assert not never(guard(text))


def test_without_a_condition_everything_runs() -> None:
    assert not never(None)


def test_dead_jobs_and_steps_are_left_out() -> None:
    graph, _ = repository(
        {
            PATH: """on: push
jobs:
  dead:
    if: false
    steps:
      - run: a
  live:
    steps:
      - run: b
        if: ${{ false }}
      - run: c
""",
            "action.yml": "runs:\n  using: composite\n  steps:\n    - run: d\n",
            "docker/action.yml": "runs:\n  using: docker\n  image: Dockerfile\n  steps:\n    - run: e\n",
        }
    )
    assert [job.label for job in live_jobs(graph)] == ["live"]
    scripts = [step.step.run.script.value for step in live_steps(graph) if step.step.run is not None]
    assert scripts == ["c", "d"]
