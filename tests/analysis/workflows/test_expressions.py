"""The walk over every expression of workflows and actions."""

from scanner.analysis.workflows.expressions import unclosed, written
from tests.memory import repository

CI = """\
on: push
run-name: ${{ github.ref }}
jobs:
  a:
    if: github.ref == 'x'
    strategy: { matrix: { x: ["${{ 1 }}"] }}
    steps:
      - parallel:
          - run: echo ${{ github.sha }} ${{ b }}
            if: always()
      - uses: x/y@v1
        with:
          ${{ insert }}: ${{ c }}
      - run: echo ${{ open
"""
ACTION = """\
inputs: { a: { default: "${{ github.token }}" }}
runs:
  using: composite
  steps: [{ run: "${{ inputs.a }}", if: inputs.a }]
"""


def test_every_expression_has_its_owner_and_path() -> None:
    graph, _ = repository({".github/workflows/ci.yml": CI, "x/action.yml": ACTION})
    found = [(one.owner.kind, ".".join(one.path), one.fence.text.strip(), one.bare) for one in written(graph)]
    assert found == [
        ("workflow", "run-name", "github.ref", False),
        ("job", "jobs.a.if", "github.ref == 'x'", True),
        ("job", "jobs.a.strategy.matrix.x", "1", False),
        ("step", "jobs.a.steps.run", "github.sha", False),
        ("step", "jobs.a.steps.run", "b", False),
        ("step", "jobs.a.steps.if", "always()", True),
        ("step", "jobs.a.steps.with.${{ insert }}", "insert", False),
        ("step", "jobs.a.steps.with.${{ insert }}", "c", False),
        ("step", "runs.steps.run", "inputs.a", False),
        ("step", "runs.steps.if", "inputs.a", True),
        ("action", "inputs.a.default", "github.token", False),
    ]
    assert [(at.text, subject) for at, subject in unclosed(graph)] == [
        ("${{", "step:.github/workflows/ci.yml#a/2")
    ]


def test_conditions_without_fences_are_found_in_files_without_any() -> None:
    graph, _ = repository(
        {".github/workflows/ci.yml": "on: push\njobs:\n  a:\n    if: x\n    steps:\n      - if: y\n"}
    )
    assert [one.fence.text for one in written(graph)] == ["x", "y"]
