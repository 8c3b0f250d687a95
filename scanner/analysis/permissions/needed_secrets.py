"""Which secrets a workflow of the repository reads when it is called, those that it hands on among them."""

from typing import Final

from scanner.analysis.outsiders.privilege import EVERY_SECRET, workflow_jobs
from scanner.graph.graph import Graph, per_graph
from scanner.graph.nodes.workflows import WorkflowNode
from scanner.parse.uses import RepositoryUse

MAX_WORKFLOWS: Final = 50
"""Workflows in one another that are looked into."""


@per_graph
def needed_secrets(graph: Graph, workflow: str) -> frozenset[str] | None:
    """Names (upper case) of the secrets that a workflow, given by its id, and those to which it hands every secret read; None where
    that cannot be told: another repository gets them all, or the run decides which."""
    found: set[str] = set()
    waiting, seen = [workflow], {workflow}
    while waiting:
        node = graph.nodes.get(waiting.pop())
        if not isinstance(node, WorkflowNode):
            return None
        holders = [node.id]
        for job in workflow_jobs(graph, node):
            holders += [job.id, *(edge.target for edge in graph.out(job.id, "contains"))]
            if job.job.inherits is None:
                continue
            called = [edge.target for edge in graph.out(job.id, "calls")]
            if not called or job.job.call is None or isinstance(job.job.call.target, RepositoryUse):
                return None
            for id in called:
                if id not in seen:
                    if len(seen) == MAX_WORKFLOWS:
                        return None
                    seen.add(id)
                    waiting.append(id)
        found |= {graph.nodes[read.target].label for one in holders for read in graph.out(one, "reads")}
    return None if EVERY_SECRET in found else frozenset(found)
