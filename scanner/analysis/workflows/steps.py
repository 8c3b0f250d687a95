"""Which jobs and steps belong together."""

from collections.abc import Iterator

from scanner.graph.graph import Graph, per_graph
from scanner.graph.ids import action_id, job_id
from scanner.graph.nodes.workflows import JobNode, StepNode, WorkflowNode


def parent_of(node: StepNode) -> str:
    """The id of the job or composite action of a step."""
    source = node.owner.source
    return action_id(source) if node.job is None else job_id(source, node.job)


def job_of(graph: Graph, node: StepNode) -> JobNode | None:
    """The job of a step; None for one of a composite action."""
    job = graph.nodes.get(parent_of(node))
    return job if isinstance(job, JobNode) else None


@per_graph
def steps_of(graph: Graph, parent: str) -> tuple[StepNode, ...]:
    """The steps of a job or composite action, given by its id, in their order and without those of the actions that
    they use."""
    targets = (graph.nodes[edge.target] for edge in graph.out(parent, "contains"))
    return tuple(step for step in targets if isinstance(step, StepNode))


def jobs_of(graph: Graph, subject: str) -> Iterator[JobNode]:
    """The jobs that a workflow, a job or a step is part of; those of a local action's step are all that use it."""
    node = graph.nodes[subject]
    match node:
        case JobNode():
            yield node
        case WorkflowNode():
            for edge in graph.out(node.id, "contains"):
                job = graph.nodes[edge.target]
                if isinstance(job, JobNode):
                    yield job
        case StepNode():
            seen: set[str] = set()
            waiting = [node]
            while waiting:
                step = waiting.pop()
                parent = parent_of(step)
                if parent in seen:
                    continue
                seen.add(parent)
                job = graph.nodes[parent]
                if isinstance(job, JobNode):
                    yield job
                else:
                    users = (graph.nodes[edge.source] for edge in graph.into(parent, "uses"))
                    waiting += [user for user in users if isinstance(user, StepNode)]
