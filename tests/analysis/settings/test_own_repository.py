"""What a repository says about itself: its name, and the caches that it fills."""

import pytest

from scanner.analysis.settings.own_repository import own_repository
from scanner.analysis.taint.checkouts import takes_own_branch
from scanner.graph.nodes.workflows import StepNode
from tests.memory import repository

CI = ".github/workflows/ci.yml"
HEAD = """on: push
env:
  CACHE: filled
jobs:
  a:
    if: github.repository == 'Some-Owner/cosmos.nix'
    runs-on: ubuntu-latest
    steps:
"""


@pytest.mark.parametrize(
    ("host", "path", "own"),
    [
        ("cosmos-nix.cachix.org", "", True),
        ("some-owner-tools.cachix.org", "", True),
        ("cache.some-owner.dev", "", True),
        ("filled.cachix.org", "", True),
        ("pushed.cachix.org", "", True),
        ("cache.example.org", "watched", True),
        ("read.cachix.org", "", False),
        ("nix-community.cachix.org", "", False),
        ("cachix.org", "", False),
    ],
)
def test_caches(host: str, path: str, own: bool) -> None:
    steps = """      - uses: cachix/cachix-action@v16
        with: { name: "${{ env.CACHE }}", authToken: "${{ secrets.X }}" }
      - uses: cachix/cachix-action@v16
        with: { name: read }
      - run: |
          cachix push pushed ./result
          attic push server:watched ./result
"""
    graph, _ = repository({CI: HEAD + steps})
    assert own_repository(graph).is_cache(host, path) is own


@pytest.mark.parametrize(
    ("inputs", "own"),
    [
        ("ref: ${{ github.head_ref }}", True),
        ("ref: ${{ github.event.pull_request.head.ref }}", True),
        ("ref: ${{ steps.pr.outputs.head_ref }}", True),
        ("ref: ${{ github.event.workflow_run.head_branch }}", True),
        ("ref: ${{ github.event.pull_request.head.sha }}", False),
        ("ref: refs/pull/${{ github.event.number }}/head", False),
        ("ref: ${{ github.event.pull_request.head.sha || github.head_ref }}", False),
        (
            "{ref: '${{ github.head_ref }}', repository: '${{ github.event.pull_request.head.repo.full_name }}'}",
            False,
        ),
        ("{ref: '${{ github.head_ref }}', repository: '${{ github.repository }}'}", True),
        ("fetch-depth: 0", False),
    ],
)
def test_checkouts(inputs: str, own: bool) -> None:
    step = f"      - uses: actions/checkout@v5\n        with:\n          {inputs}\n"
    if inputs.startswith("{"):
        step = f"      - uses: actions/checkout@v5\n        with: {inputs}\n"
    graph, _ = repository({CI: HEAD + step})
    (node,) = graph.of(StepNode)
    assert takes_own_branch(node.step) is own
