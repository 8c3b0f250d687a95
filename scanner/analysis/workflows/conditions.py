"""Jobs and steps that can run at all: an `if:` may be false whatever happens."""

from scanner.analysis.workflows.steps import parent_of
from scanner.graph.graph import Graph, per_graph
from scanner.graph.nodes.workflows import JobNode, StepNode
from scanner.parse.action import Action
from scanner.parse.expressions.syntax import Expression, Literal, Malformed, Operation, parse
from scanner.parse.fences import fences
from scanner.parse.nodes import Scalar
from scanner.parse.workflow import Workflow


@per_graph
def live_jobs(graph: Graph) -> tuple[JobNode, ...]:
    """The jobs in the order of the documents, without those that never run."""
    return tuple(node for node in graph.of(JobNode) if not never(node.job.condition))


@per_graph
def live_steps(graph: Graph) -> tuple[StepNode, ...]:
    """The steps of workflows and composite actions, without those that never run."""
    jobs = {job.id for job in live_jobs(graph)}
    return tuple(
        node
        for node in graph.of(StepNode)
        if (parent_of(node) in jobs if node.job is not None else _composite(node.owner))
        and not never(node.step.condition)
    )


def _composite(owner: Workflow | Action) -> bool:
    """Only composite actions run steps; an action that does not say how it runs is taken for one."""
    if not isinstance(owner, Action) or owner.using is None:
        return True
    return owner.using.value.lower() == "composite"


def never(guard: Scalar | None) -> bool:
    """Whether an `if:` is false whatever happens. Text around a fence makes it a text, and so true."""
    if guard is None:
        return False
    text = guard.value
    if "${{" in text:
        found = list(fences(guard))
        if len(found) != 1 or len(found[0].text) + len("${{}}") != len(text):
            return False
        text = found[0].text
    tree = parse(text)
    return not isinstance(tree, Malformed) and _truth(tree) is False


def _truth(tree: Expression) -> bool | None:
    """Whether a value counts as true; None when it depends on the run."""
    match tree:
        case Literal(value):
            return bool(value) and value == value  # NaN is false
        case Operation("!", (operand,)):
            inner = _truth(operand)
            return None if inner is None else not inner
        case Operation("&&" | "||" as operator, operands):
            decides = operator == "||"
            sides = [_truth(operand) for operand in operands]
            if decides in sides:
                return decides
            return None if None in sides else not decides
    return None
