"""Which files of outsiders there are in a job when a step starts."""

import pytest

from scanner.analysis.taint.taint import taint_of
from scanner.graph.nodes.workflows import StepNode
from tests.memory import KNOWLEDGE, repository

CI = ".github/workflows/ci.yml"
ACTION = ".github/actions/fetch/action.yml"
HEAD = "{uses: actions/checkout@v4, with: {ref: '${{ github.event.pull_request.head.sha }}'%s}}"


def before(
    steps: list[str], on: str = "pull_request_target", **more: str
) -> list[list[tuple[str, str | None]]]:
    """Kind and folder of the trees before each step of the job."""
    body = "".join(f"      - {step}\n" for step in steps)
    files = {CI: f"on: {on}\njobs:\n  a:\n    runs-on: x\n    steps:\n{body}"}
    if more:
        files[ACTION] = more["action"]
    graph, problems = repository(files)
    assert not problems
    workspace = taint_of(graph, KNOWLEDGE).workspace
    nodes = [node for node in graph.of(StepNode) if node.job is not None]
    return [[(tree.kind, tree.folder) for tree in workspace.before(node)] for node in nodes]


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([HEAD % ""], [("pull request", "")]),
        ([HEAD % ", path: pr"], [("pull request", "pr")]),
        ([HEAD % "", "run: gh pr checkout 1"], [("pull request", ""), ("pull request", "")]),
        # A trusted checkout clears its folder, and leaves others alone; one that need not run, or does not clean, clears nothing.
        ([HEAD % "", "uses: actions/checkout@v4"], []),
        ([HEAD % ", path: pr", "uses: actions/checkout@v4"], []),
        ([HEAD % "", "{uses: actions/checkout@v4, with: {path: base}}"], [("pull request", "")]),
        ([HEAD % "", "{uses: actions/checkout@v4, if: github.actor == 'x'}"], [("pull request", "")]),
        ([HEAD % "", "{uses: actions/checkout@v4, with: {clean: false}}"], [("pull request", "")]),
        # What is only fetched is not among the files yet.
        (["run: git fetch origin pull/1/head"], []),
        (["run: git fetch origin pull/1/head", "run: git diff FETCH_HEAD"], []),
        (["run: git fetch origin pull/1/head", "run: git merge FETCH_HEAD"], [("pull request", "")]),
        (["run: cd pr && git fetch origin pull/1/head && git checkout FETCH_HEAD"], [("pull request", "pr")]),
        (["run: git -C pr pull origin pull/1/head"], [("pull request", "pr")]),
    ],
)
def test_code(steps: list[str], expected: list[tuple[str, str | None]]) -> None:
    assert before([*steps, "run: make"])[-1] == expected


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        (["{uses: actions/download-artifact@v4, with: {run-id: '${{ github.event.workflow_run.id }}', path: in}}"], [("artifact", "in")]),
        (["{uses: actions/download-artifact@v4, with: {run-id: 12}}"], []),
        (["uses: actions/download-artifact@v4"], []),
        (["{uses: dawidd6/action-download-artifact@v6, with: {run_id: 1, path: in}}"], [("artifact", "in")]),
        (["{uses: dawidd6/action-download-artifact@v6, with: {branch: main}}"], []),
        (["{uses: dawidd6/action-download-artifact@v6, with: {event: push}}"], []),
        (["run: gh run download 12 --dir in"], [("artifact", "in")]),
        (["run: gh run view 12"], []),
        (["run: gh api repos/o/r/actions/artifacts/1/zip > a.zip"], []),
        (["run: gh api repos/o/r/actions/artifacts/1/zip > a.zip", "run: unzip a.zip -d in"], [("artifact", "in")]),
        (["run: gh api repos/o/r/actions/artifacts/1/zip > a.zip", "run: unzip -l a.zip"], []),
    ],
)  # fmt: skip
def test_artifacts(steps: list[str], expected: list[tuple[str, str | None]]) -> None:
    assert before([*steps, "run: make"], "{workflow_run: {workflows: [CI]}}")[-1] == expected


def test_an_action_of_the_repository_brings_what_its_steps_bring() -> None:
    action = "name: f\nruns:\n  using: composite\n  steps:\n    - %s\n"
    steps = ["uses: ./.github/actions/fetch", "run: make"]
    assert before(steps, action=action % (HEAD % ""))[-1] == [("pull request", "")]
    assert before(steps, action=action % "uses: actions/checkout@v4")[-1] == []


def test_the_steps_of_an_action_find_what_its_users_have_brought() -> None:
    files = {
        CI: "on: pull_request_target\njobs:\n  a:\n    runs-on: x\n    steps:\n"
        f"      - {HEAD % ''}\n      - uses: ./.github/actions/fetch\n",
        ACTION: "name: f\nruns:\n  using: composite\n  steps:\n    - {run: make, shell: bash}\n",
    }
    graph, _ = repository(files)
    (node,) = (node for node in graph.of(StepNode) if node.job is None)
    assert [tree.folder for tree in taint_of(graph, KNOWLEDGE).workspace.before(node)] == [""]


@pytest.mark.parametrize(
    ("first", "second", "there"), [("site", "site", True), ("site", "", True), ("site", "logs", False)]
)
def test_an_artifact_of_a_job_that_had_the_code(first: str, second: str, there: bool) -> None:
    wanted = f", with: {{name: {second}}}" if second else ""
    files = {
        CI: "on: pull_request_target\njobs:\n  a:\n    runs-on: x\n    steps:\n"
        f"      - {HEAD % ''}\n      - {{uses: actions/upload-artifact@v4, with: {{name: {first}, path: x}}}}\n"
        "  b:\n    needs: a\n    runs-on: x\n    steps:\n"
        f"      - {{uses: actions/download-artifact@v4{wanted}}}\n      - run: make\n"
    }
    graph, _ = repository(files)
    last = list(graph.of(StepNode))[-1]
    assert bool(taint_of(graph, KNOWLEDGE).workspace.before(last)) is there


def test_actions_that_use_one_another_end() -> None:
    other = ".github/actions/other/action.yml"
    text = "name: f\nruns:\n  using: composite\n  steps:\n    - uses: ./.github/actions/%s\n    - {run: make, shell: bash}\n"
    files = {
        CI: "on: pull_request_target\njobs:\n  a:\n    runs-on: x\n    steps:\n      - uses: ./.github/actions/fetch\n",
        ACTION: text % "other",
        other: text % "fetch",
    }
    graph, _ = repository(files)
    workspace = taint_of(graph, KNOWLEDGE).workspace
    assert all(not workspace.before(node) for node in graph.of(StepNode))
