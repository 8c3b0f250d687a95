"""The bench of checks asks what it says: so many checks, of a graph so large."""

import json

from bench.checks import CHECKS, NODES, checks, repository
from tests.policy.checks.small import compiled


def test_the_bench_is_as_large_as_it_says() -> None:
    graph = repository()
    assert len(graph.nodes) >= NODES
    assert len(graph.edges) >= 3 * NODES
    asked = checks()
    assert len(asked) == len({json.dumps(one | {"title": ""}) for one in asked.values()}) == CHECKS
    for one in asked.values():
        compiled(one)
