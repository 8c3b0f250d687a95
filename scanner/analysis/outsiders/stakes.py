"""What there is to lose at a place in a workflow, item by item: whoever accepts a finding accepts it for these."""

from collections.abc import Iterable
from itertools import islice
from typing import Final

from scanner.analysis.outsiders.privilege import Exposure
from scanner.analysis.outsiders.reach import reach_of
from scanner.analysis.workflows.steps import jobs_of, parent_of
from scanner.graph.graph import Graph, per_graph
from scanner.graph.nodes.workflows import JobNode, StepNode, WorkflowNode
from scanner.knowledge.tables import Knowledge

MAX_JOBS: Final = 100
"""Jobs that use an action of the repository which are looked at."""


@per_graph
def stakes_at(graph: Graph, knowledge: Knowledge, id: str) -> tuple[str, ...]:
    """What the runs that outsiders start hold at a step, in a job or, by its jobs, in a workflow; nothing for another node."""
    node = graph.nodes.get(id)
    match node:
        case WorkflowNode():
            return stakes_of_jobs(
                (job, way) for job in jobs_of(graph, id) for way in _ways(graph, knowledge, job)
            )
        case StepNode() if node.job is not None:
            return stakes_at(graph, knowledge, parent_of(node))
        case JobNode() | StepNode():
            jobs = islice(jobs_of(graph, id), MAX_JOBS)
            return _sorted(
                stake for job in jobs for way in _ways(graph, knowledge, job) for stake in way.stakes
            )
    return ()


def stakes_of_jobs(started: Iterable[tuple[JobNode, Exposure]]) -> tuple[str, ...]:
    """What several jobs hold, each by itself: a further one that holds the same is more to lose."""
    return _sorted(f"{job.label}: {stake}" for job, way in started for stake in way.stakes)


def _ways(graph: Graph, knowledge: Knowledge, job: JobNode) -> tuple[Exposure, ...]:
    reach = reach_of(graph, knowledge)
    return (*reach.ways(job), *reach.privileges.possible(job))


def _sorted(stakes: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(stakes)))
