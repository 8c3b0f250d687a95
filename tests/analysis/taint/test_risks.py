"""Steps that may turn a run of outsiders into harm."""

import pytest

from scanner.analysis.taint.risks import Risks
from scanner.graph.nodes.workflows import JobNode
from tests.memory import KNOWLEDGE, repository

LOCAL = "runs:\n  using: composite\n  steps:\n    - {}\n"


def risky(step: str, **more: str) -> bool:
    text = f"on: [issue_comment, pull_request_target]\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - {step}\n"
    graph, _ = repository({".github/workflows/a.yml": text, **more})
    return bool(Risks(graph, KNOWLEDGE).of(next(graph.of(JobNode)).id))


@pytest.mark.parametrize(
    "step",
    [
        "uses: actions/labeler@v5",
        "uses: actions/checkout@v4",
        "{uses: actions/checkout@v4, with: {ref: main}}",
        "{uses: actions/github-script@v7, with: {script: github.rest.issues.addLabels()}}",
        "run: gh pr edit 1 --add-label a",
        "run: git log -1 && echo $TITLE | jq .",
        "run: echo ${{ github.event.pull_request.number }}",
        "{run: ./build, if: false}",
        "{uses: ./act, with: {body: x}}",
        "uses: release-drafter/release-drafter/autolabeler@v7",
    ],
)
def test_harmless(step: str) -> None:
    assert not risky(step, **{"act/action.yml": LOCAL.format("{run: gh issue comment 1, shell: bash}")})


@pytest.mark.parametrize(
    "step",
    [
        "uses: owner/unknown@v1",
        "uses: docker://alpine",
        "uses: ./nowhere",
        "uses: ./act",
        "{uses: actions/checkout@v4, with: {ref: '${{ github.event.pull_request.head.sha }}'}}",
        "{uses: actions/checkout@v4, with: {ref: refs/pull/1/merge}}",
        "{uses: actions/checkout@v4, with: {ref: '${{ steps.a.outputs.b }}'}}",
        "uses: actions/download-artifact@v4",
        "{uses: actions/github-script@v7, with: {script: 'await exec.exec(context.payload.comment.body)'}}",
        "{uses: actions/github-script@v7, with: {script: 'f(`${{ github.event.comment.body }}`)'}}",
        "run: gh pr checkout 1",
        "run: gh pr merge --auto 1",
        "run: gh api /repos/a/b/actions/artifacts/1/zip",
        "run: git fetch origin pull/1/head",
        "run: make",
        "run: bash -c make",
        "{run: print(1), shell: python}",
        "run: echo ${{ github.event.comment.body }}",
        "run: echo A=$TITLE >> $GITHUB_ENV",
    ],
)
def test_risks(step: str) -> None:
    assert risky(step, **{"act/action.yml": LOCAL.format("{run: npm ci, shell: bash}")})
