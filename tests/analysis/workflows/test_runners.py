"""Whose machine a job runs on, through lists, matrices, expressions and inputs."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.analysis.workflows.runners import MAX_MACHINES, machines, owner_of
from scanner.graph.nodes.workflows import JobNode
from tests.memory import KNOWLEDGE, repository

JOB = """
on: push
jobs:
  build:
    runs-on: {runs_on}
    strategy: {strategy}
    steps:
      - run: make
"""


def owners(runs_on: str, strategy: str = "{}") -> set[str]:
    graph, problems = repository({".github/workflows/ci.yml": JOB.format(runs_on=runs_on, strategy=strategy)})
    assert not problems
    (node,) = graph.of(JobNode)
    return {owner_of(machine, KNOWLEDGE) for machine in machines(graph, node)}


@pytest.mark.parametrize(
    ("runs_on", "expected"),
    [
        ("ubuntu-latest", {"hosted"}),
        ("macOS-latest", {"hosted"}),
        ("macos-11", {"hosted"}),
        ("self-hosted", {"own"}),
        ("[linux, Self-Hosted]", {"own"}),
        ("[linux, x64]", {"implied"}),
        ("my-self-hosted-pool", {"named"}),
        ("gpu", {"custom"}),
        ("buildjet-4vcpu-ubuntu-2204", {"service"}),
        ("{group: large}", {"group"}),
        ("{group: large, labels: [self-hosted]}", {"own"}),
        ("{labels: [self-hosted]}", {"own"}),
        ("${{ vars.RUNNER }}", {"open"}),
        ("${{ vars.RUNNER || 'ubuntu-latest' }}", {"open", "hosted"}),
        ("${{ inputs.x && 'self-hosted' || 'ubuntu-latest' }}", {"own", "hosted"}),
        ('${{ fromJSON(\'["self-hosted", "linux"]\') }}', {"own"}),
        ('${{ fromJSON(\'{"group":"large"}\') }}', {"group"}),
        ("${{ fromJSON('[') }}", {"open"}),
        ("${{ fromJSON('" + "[" * 9000 + "') }}", {"open"}),
        ('${{ fromJSON(format(\'["self-hosted", "{0}"]\', vars.X)) }}', {"named"}),
        ("${{ github.event_name == 'push' && fromJSON('\"ubuntu-latest\"') }}", {"hosted"}),
        ("${{ ( }}", {"open"}),
        ("[]", set()),
    ],
)
def test_owner(runs_on: str, expected: set[str]) -> None:
    assert owners(runs_on) == expected


@pytest.mark.parametrize(
    ("runs_on", "strategy", "expected"),
    [
        ("${{ matrix.os }}", "{matrix: {os: [self-hosted, ubuntu-latest]}}", {"own", "hosted"}),
        ("${{ matrix.os }}", "{matrix: {OS: [[self-hosted, gpu]]}}", {"own", "custom"}),
        ("${{ matrix['os'] }}", "{matrix: {include: [{os: self-hosted}]}}", {"own"}),
        ("${{ matrix.on.os }}", "{matrix: {on: [{os: self-hosted, x: ubuntu-latest}]}}", {"own"}),
        ("${{ matrix.pair[0] }}", "{matrix: {pair: [[ubuntu-latest, self-hosted]]}}", {"hosted"}),
        ("${{ matrix.pair[1] }}", "{matrix: {pair: [[ubuntu-latest, self-hosted]]}}", {"own"}),
        ("${{ matrix.os }}-latest", "{matrix: {os: [ubuntu, macos]}}", {"hosted"}),
        ("self-${{ matrix.os }}", "{matrix: {os: [hosted]}}", {"own"}),
        ("['${{ matrix.os }}', linux]", "{matrix: {os: [self-hosted]}}", {"own"}),
        ("${{ matrix.os }}", "{matrix: {os: ['${{ vars.A && ''self-hosted'' }}']}}", {"own"}),
        ("${{ matrix.os }}", "{matrix: {os: \"${{ fromJSON('[\\\"self-hosted\\\"]') }}\"}}", {"own"}),
        ("${{ matrix.os }}", "{matrix: '${{ fromJSON(needs.a.outputs.b) }}'}", {"open"}),
        ("${{ matrix.os }}", "{matrix: {os: [self-hosted, ubuntu-latest], exclude: [{os: self-hosted}]}}", {"hosted"}),
        ("${{ matrix.os }}", "{matrix: {os: ['${{ matrix.os }}']}}", {"open"}),
        ("${{ fromJSON(matrix.os) }}", "{matrix: {os: ['[\"self-hosted\"]']}}", {"own"}),
    ],
)  # fmt: skip
def test_matrix(runs_on: str, strategy: str, expected: set[str]) -> None:
    assert owners(f'"{runs_on}"' if runs_on[0] not in "[" else runs_on, strategy) == expected


CALLED = """
on:
  workflow_call:
    inputs:
      runner: {type: string, DEFAULT}
jobs:
  build:
    runs-on: ${{ inputs.Runner }}
    steps:
      - run: make
"""
CALLER = """
on: push
jobs:
  call:
    strategy: {matrix: {os: [self-hosted]}}
    uses: ./.github/workflows/called.yml
    with: {runner: "${{ matrix.os }}"}
"""


def test_inputs() -> None:
    alone = {".github/workflows/called.yml": CALLED.replace(", DEFAULT", "")}
    called = {".github/workflows/called.yml": CALLED.replace("DEFAULT", "default: ubuntu-latest")}
    for files, expected in (
        (alone, {"open"}),
        (called, {"hosted"}),
        ({**called, ".github/workflows/ci.yml": CALLER}, {"hosted", "own"}),
    ):
        graph, _ = repository(files)
        node = next(job for job in graph.of(JobNode) if job.label == "build")
        assert {owner_of(machine, KNOWLEDGE) for machine in machines(graph, node)} == expected


def test_bounded() -> None:
    axis = ", ".join(f"m{number}" for number in range(1000))
    graph, _ = repository(
        {
            ".github/workflows/ci.yml": JOB.format(
                runs_on="${{ matrix.a }}-${{ matrix.b }}",
                strategy=f"{{matrix: {{a: [{axis}], b: [{axis}]}}}}",
            )
        }
    )
    (node,) = graph.of(JobNode)
    assert len(machines(graph, node)) == MAX_MACHINES


PARTS = st.sampled_from(
    ["matrix.", "os", "[0]", "['os']", "inputs.os", "fromJSON(", ")", "(", "'", "self-hosted", " && ", " || ", "!", "*", "x", '["']
)  # fmt: skip


@given(st.lists(PARTS, max_size=12).map("".join))
def test_never_raises(expression: str) -> None:
    fence = json.dumps(f"${{{{ {expression} }}}}")
    text = JOB.format(runs_on=fence, strategy=f"{{matrix: {{os: [{fence}, [{fence}], self-hosted]}}}}")
    graph, _ = repository({".github/workflows/ci.yml": text})
    for node in graph.of(JobNode):
        assert len(machines(graph, node)) <= MAX_MACHINES


def test_a_misspelt_label_of_githubs_is_nobodys_own() -> None:
    for label, owner in (("ubuntu-latst", "misspelt"), ("ubuntu_latest", "misspelt"), ("big-box", "custom")):
        graph, _ = repository({".github/workflows/ci.yml": JOB.format(runs_on=label, strategy="{}")})
        (node,) = graph.of(JobNode)
        assert {owner_of(machine, KNOWLEDGE) for machine in machines(graph, node)} == {owner}
