"""Jobs that run only when another job has said so, after it looked at who started the run."""

from collections.abc import Iterator
from typing import Final

from scanner.analysis.outsiders.guards import asks_who, checks_permission
from scanner.graph.graph import Graph
from scanner.graph.nodes.workflows import JobNode, ReusableWorkflowNode, WorkflowNode
from scanner.parse.expressions.contexts import occurring
from scanner.parse.expressions.syntax import Malformed, parse
from scanner.parse.fences import condition
from scanner.parse.workflow import Job

MAX_JOBS: Final = 50
_WORDS: Final = (
    "author_association", "collaborators", "getMembershipForUser", "github.actor", "GITHUB_ACTOR", "/members/",
    "/memberships/", "triggering_actor", "permission }}",
)  # fmt: skip
"""What a script that looks somebody up mentions (GitHub's REST API)."""


def gate_of(graph: Graph, job: JobNode) -> JobNode | None:
    """The job whose output the `if:` of a job tests and that looks at who started the run, itself or in the workflow that
    it calls; what a workflow of another repository does is not to be seen, so it is believed to."""
    asked = set(_asked(job.job))
    if not asked:
        return None
    for edge in graph.out(job.id, "needs"):
        needed = graph.nodes[edge.target]
        if isinstance(needed, JobNode) and needed.job.id.value.lower() in asked and _looks(graph, needed):
            return needed
    return None


def _asked(job: Job) -> Iterator[str]:
    """The jobs whose outputs an `if:` tests, in lower case."""
    if job.condition is None:
        return
    for fence in condition(job.condition):
        tree = parse(fence.text)
        if isinstance(tree, Malformed):
            continue
        for context in occurring(tree):
            match context.path:
                case ("needs", name, "outputs", *_):
                    yield name


def _looks(graph: Graph, gate: JobNode) -> bool:
    waiting, seen = [gate], {gate.id}
    while waiting:
        node = waiting.pop()
        job = node.job
        if asks_who(job.condition) or job.environment is not None:
            return True
        for step in job.steps:
            script = step.run.script.value if step.run is not None else ""
            variables = "".join(entry.value.value for entry in step.env.entries)
            if checks_permission(step) or asks_who(step.condition):
                return True
            if any(word in script or word in variables for word in _WORDS):
                return True
        for edge in graph.out(node.id, "calls"):
            called = graph.nodes[edge.target]
            if isinstance(called, ReusableWorkflowNode):
                return True
            if isinstance(called, WorkflowNode):
                for inner in graph.out(called.id, "contains"):
                    found = graph.nodes[inner.target]
                    if isinstance(found, JobNode) and found.id not in seen and len(seen) < MAX_JOBS:
                        seen.add(found.id)
                        waiting.append(found)
    return False
