"""Jobs and steps that can run at all: an `if:` may be false whatever happens."""

from collections.abc import Iterator

from scanner.graph.graph import Graph
from scanner.graph.nodes import JobNode, StepNode
from scanner.parse.action import Action
from scanner.parse.expressions import Expression, Literal, Malformed, Operation, parse
from scanner.parse.fences import fences
from scanner.parse.nodes import Scalar


def live_jobs(graph: Graph) -> Iterator[JobNode]:
    """The jobs in the order of the documents, without those that never run."""
    return (node for node in graph.of(JobNode) if not never(node.job.condition))


def live_steps(graph: Graph) -> Iterator[StepNode]:
    """The steps of workflows and composite actions, without those that never run."""
    dead: dict[str, bool] = {}
    for node in graph.of(StepNode):
        if node.job is not None:
            job = node.id.rpartition("/")[0]
            if job not in dead:
                dead[job] = never(node.job.condition)
            if dead[job]:
                continue
        elif isinstance(node.owner, Action) and not _composite(node.owner):
            continue
        if not never(node.step.condition):
            yield node


def _composite(action: Action) -> bool:
    """Only composite actions run steps; an action that does not say how it runs is taken for one."""
    return action.using is None or action.using.value.lower() == "composite"


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
