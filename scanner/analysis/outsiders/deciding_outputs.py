"""Jobs that run only when another job has said so, after it looked at who started the run."""

from collections.abc import Iterator
from typing import Final

from scanner.analysis.outsiders.asking import asking
from scanner.analysis.outsiders.checks import WHO
from scanner.analysis.outsiders.events import OUTSIDER_EVENTS
from scanner.analysis.outsiders.worlds import Answer, Path, Question, World
from scanner.analysis.workflows.conditions import expression_of
from scanner.analysis.workflows.steps import steps_of
from scanner.graph.graph import Graph
from scanner.graph.nodes.workflows import JobNode, ReusableWorkflowNode, WorkflowNode
from scanner.parse.expressions.contexts import occurring
from scanner.parse.expressions.syntax import Malformed, parse
from scanner.parse.fences import condition
from scanner.parse.nodes import Scalar
from scanner.parse.workflow import Job

MAX_JOBS: Final = 50


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
        if _asks_who(job.condition) or job.environment is not None:
            return True
        if any(_asks_who(step.condition) for step in job.steps):
            return True
        if any(asking(step).kinds for step in steps_of(graph, node.id)):
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


def _asks_who(guard: Scalar | None) -> bool:
    """Whether an `if:` keeps the outsiders of some event out."""
    text = expression_of(guard) if guard is not None else None
    tree = parse(text) if text is not None else None
    if tree is None or isinstance(tree, Malformed):
        return False
    asked = Question(tree)
    return any(
        asked.answer(World(event, WHO), {}, _nothing) is False
        and asked.answer(World(event), {}, _nothing) is not False
        for event in OUTSIDER_EVENTS
    )


def _nothing(path: Path) -> Answer | None:
    return None
