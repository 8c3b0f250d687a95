"""Which jobs run only after somebody has looked at who started the run."""

from collections.abc import Iterator
from typing import Final

from scanner.analysis.outsiders.guards import asks_who, checks_permission
from scanner.analysis.workflows.conditions import never
from scanner.analysis.workflows.steps import steps_of
from scanner.graph.graph import Graph, per_graph
from scanner.graph.nodes.workflows import JobNode, LocalActionNode, WorkflowNode

MAX_NEEDED: Final = 50
"""Jobs before a job that are looked at for who they let through."""

MAX_DEPTH: Final = 10
"""Workflows and actions in one another that are looked into."""


class Guards:
    """Answers for one graph."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._guarded: dict[str, bool] = {}
        self._checks: dict[str, bool] = {}
        self._stopping: dict[str, bool] = {}

    def of(self, id: str) -> bool:
        """Whether a job, given by its id, or one that it waits for looks at who started the run. A job that is waited for
        counts by all that it does, also in the workflow that it calls."""
        if id not in self._guarded:
            self._guarded[id] = self._asks(id) or any(map(self._stops, self._needed(id)))
        return self._guarded[id]

    def _needed(self, id: str) -> Iterator[str]:
        waiting, seen = [id], {id}
        while waiting:
            for edge in self._graph.out(waiting.pop(), "needs"):
                if edge.target not in seen and len(seen) < MAX_NEEDED:
                    seen.add(edge.target)
                    waiting.append(edge.target)
                    yield edge.target

    def _asks(self, id: str) -> bool:
        """Whether a job asks who it is, in its condition or in one of its steps."""
        job = self._graph.nodes[id]
        return isinstance(job, JobNode) and (asks_who(job.job.condition) or self._checks_permission(id, 0))

    def _checks_permission(self, id: str, depth: int) -> bool:
        """Whether a step of a job or composite action asks what the person may do, also in an action of the repository."""
        if id not in self._checks:
            self._checks[id] = False
            self._checks[id] = any(
                checks_permission(step.step)
                or (
                    depth < MAX_DEPTH
                    and any(
                        isinstance(self._graph.nodes[edge.target], LocalActionNode)
                        and self._checks_permission(edge.target, depth + 1)
                        for edge in self._graph.out(step.id, "uses")
                    )
                )
                for step in steps_of(self._graph, id)
            )
        return self._checks[id]

    def _stops(self, id: str) -> bool:
        """Whether a job that others wait for may fail or be left out for who it is. Of a called workflow one check of
        permissions is enough, which fails the whole; conditions must stand at all of its jobs."""
        if id not in self._stopping:
            self._stopping[id] = self._finds_stop(id)
        return self._stopping[id]

    def _finds_stop(self, id: str) -> bool:
        waiting, seen = [id], {id}
        while waiting:
            one = waiting.pop()
            if self._asks(one):
                return True
            for call in self._graph.out(one, "calls"):
                called = self._graph.nodes[call.target]
                if not isinstance(called, WorkflowNode):
                    continue
                jobs = [job.id for job in _jobs(self._graph, called) if not never(job.job.condition)]
                if any(self._checks_permission(job, 0) for job in jobs):
                    return True
                if len(jobs) == 1 and jobs[0] not in seen and len(seen) < MAX_DEPTH:
                    seen.add(jobs[0])
                    waiting.append(jobs[0])
                elif jobs and all(map(self._asks, jobs)):
                    return True
        return False


def _jobs(graph: Graph, workflow: WorkflowNode) -> Iterator[JobNode]:
    for edge in graph.out(workflow.id, "contains"):
        job = graph.nodes[edge.target]
        if isinstance(job, JobNode):
            yield job


@per_graph
def guards_of(graph: Graph) -> Guards:
    """The answers for a graph, which several rules ask."""
    return Guards(graph)
