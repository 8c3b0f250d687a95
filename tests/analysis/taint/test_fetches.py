"""Steps that fetch what the author of a pull request has written."""

import pytest

from scanner.analysis.taint.fetches import fetched
from scanner.graph.nodes.workflows import StepNode
from tests.memory import repository


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ("{uses: actions/checkout@v4, with: {ref: '${{ github.head_ref }}'}}", "${{ github.head_ref }}"),
        ("{uses: actions/checkout@v4, with: {ref: 'refs/pull/${{ github.event.number }}/merge'}}", "refs/pull/${{ github.event.number }}/merge"),
        ("{uses: actions/checkout@v4, with: {repository: '${{ github.event.pull_request.head.repo.full_name }}'}}", "${{ github.event.pull_request.head.repo.full_name }}"),
        ("{uses: actions/checkout@v4, with: {ref: '${{ github.event.pull_request.base.sha }}'}}", None),
        ("{uses: actions/checkout@v4, with: {ref: '${{ ( }}'}}", None),
        ("uses: actions/checkout@v4", None),
        ("{uses: a/b@v4, with: {ref: '${{ github.head_ref }}'}}", None),
        ("run: gh pr checkout $X", "gh pr checkout $X"),
        ("run: git fetch origin pull/12/head", "git fetch origin pull/12/head"),
        ("run: git checkout ${{ github.event.pull_request.head.sha }}", "git checkout ${{ github.event.pull_request.head.sha }}"),
        ("{run: git checkout $SHA, env: {SHA: '${{ github.event.pull_request.head.sha }}'}}", "git checkout $SHA"),
        ("{run: git checkout $SHA, env: {SHA: '${{ github.sha }}'}}", None),
        ("run: git checkout main", None),
        ("run: echo git checkout ${{ github.head_ref }}", None),
        ("run: git log ${{ github.head_ref }}", None),
    ],
)  # fmt: skip
def test_fetched(step: str, expected: str | None) -> None:
    graph, problems = repository(
        {
            ".github/workflows/ci.yml": "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n"
            f"      - {step}\n"
        }
    )
    assert not problems
    found = fetched(graph, next(graph.of(StepNode)))
    assert (found.text if found is not None else None) == expected
