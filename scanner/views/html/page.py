"""The page of a scan: one file that needs nothing else, neither a server nor the network."""

from collections.abc import Sequence
from typing import NamedTuple

from scanner.graph.graph import Graph
from scanner.knowledge.tables import Knowledge
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


def write(whole: Report, repositories: Sequence[Part], knowledge: Knowledge) -> str:
    """The page of a scan; `whole` is the report on all repositories together, as the other formats have it."""
    raise NotImplementedError
