"""Write access that a workflow's own `permissions` give to several jobs at once: which of them use it."""

from typing import NamedTuple

from scanner.analysis.permissions.needed_permissions import needs_of
from scanner.analysis.workflows.conditions import never
from scanner.graph.graph import Graph
from scanner.graph.nodes.workflows import JobNode, WorkflowNode
from scanner.knowledge.tables import Knowledge


class Sharing(NamedTuple):
    """`writers` are the jobs that need to write to the scope; `reads` says that another one reads it."""

    writers: tuple[JobNode, ...]
    reads: bool


def shares(node: WorkflowNode, jobs: list[JobNode]) -> bool:
    """Whether what a workflow's block gives is given to more than the one job that may need it; `jobs` are its live ones. Such
    entries are for `excessive-permissions` to judge."""
    return (
        node.workflow.permissions is not None
        and len(jobs) > 1
        and any(job.job.permissions is None for job in jobs)
        and node.workflow.events != {"workflow_call"}
    )


def sharing(graph: Graph, heirs: list[JobNode], scope: str, knowledge: Knowledge) -> Sharing | None:
    """Which of the jobs without a block need a scope; None when that is not known of all."""
    writers, reads = [], False
    for job in heirs:
        if never(job.job.condition):
            continue
        needs = needs_of(graph, job.id, knowledge)
        if needs.needs.get(scope) == "write":
            writers.append(job)
        elif not needs.unneeded(scope):
            return None
        else:
            reads = reads or needs.needs.get(scope) == "read"
    return Sharing(tuple(writers), reads)
