"""What a repository says about itself: its name, and the caches that it fills."""

import pytest

from scanner.analysis.settings.own_repository import own_repository
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
