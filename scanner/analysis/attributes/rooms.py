"""Doors to rooms of the analysis that take long to load: who only reads a policy, or asks for other things, does not pay for them."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from scanner.graph.graph import Graph, per_graph
from scanner.graph.nodes.workflows import JobNode
from scanner.knowledge.tables import Knowledge

if TYPE_CHECKING:
    from scanner.analysis.outsiders.openings import Openings
    from scanner.analysis.outsiders.privilege import Token
    from scanner.analysis.outsiders.reach import Reach
    from scanner.analysis.permissions.needed_permissions import Needs
    from scanner.analysis.taint.exposed import ExposedJob


def reach(graph: Graph, knowledge: Knowledge) -> "Reach":
    """Which outsiders reach a job or step."""
    from scanner.analysis.outsiders.reach import reach_of

    return reach_of(graph, knowledge)


def openings(graph: Graph, knowledge: Knowledge) -> "Openings":
    """Where an outsider gets to something with no check before it."""
    from scanner.analysis.outsiders.openings import openings_of

    return openings_of(graph, knowledge)


@per_graph
def exposed_jobs(graph: Graph, knowledge: Knowledge) -> Mapping[str, "ExposedJob"]:
    """What of outsiders gets to the jobs that they start, by the ids of these."""
    from scanner.analysis.taint import exposed

    return {one.job.id: one for one in exposed.exposed_jobs(graph, knowledge)}


def only_calls(graph: Graph, node: JobNode) -> bool:
    """Whether a job does nothing but call a workflow of the repository."""
    from scanner.analysis.taint import exposed

    return exposed.only_calls(graph, node)


def token(node: JobNode, knowledge: Knowledge) -> "Token":
    """The token of a job."""
    from scanner.analysis.outsiders.privilege import token_of

    return token_of(node.workflow, node.job, knowledge)


def needed(graph: Graph, knowledge: Knowledge, node: JobNode) -> "Needs":
    """What a job needs its token for."""
    from scanner.analysis.permissions.needed_permissions import needs_of

    return needs_of(graph, node.id, knowledge)


def deploys(graph: Graph, knowledge: Knowledge, node: JobNode) -> bool:
    """Whether a job is known to deploy or publish something."""
    from scanner.analysis.releases.deploys import deployments

    return bool(deployments(graph, knowledge, node.id))
