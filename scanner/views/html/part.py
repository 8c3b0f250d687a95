"""What a page is made of, repository by repository."""

from typing import NamedTuple

from scanner.graph.graph import Graph
from scanner.policy.policy import Policy
from scanner.results import Report


class Part(NamedTuple):
    """A repository of a scan: what stands before its paths (nothing, for the only one), its own report, its graph, the kinds of
    its inputs, and the policy that judged it."""

    prefix: str
    report: Report
    graph: Graph
    kinds: frozenset[str]
    policy: Policy
