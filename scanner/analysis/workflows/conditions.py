"""Jobs and steps that can run at all: an `if:` may be false whatever happens."""

from scanner.analysis.workflows.steps import parent_of
from scanner.graph.graph import Graph, per_graph
from scanner.graph.nodes.workflows import JobNode, StepNode
from scanner.parse.action import Action
from scanner.parse.expressions.evaluate import truth
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


@per_graph
def _live(graph: Graph) -> frozenset[str]:
    return frozenset(node.id for node in (*live_jobs(graph), *live_steps(graph)))


def live(graph: Graph, id: str) -> bool:
    """Whether a job or step can run at all; all other nodes count as live."""
    return id in _live(graph) or not isinstance(graph.nodes.get(id), JobNode | StepNode)


def _composite(owner: Workflow | Action) -> bool:
    """Only composite actions run steps; an action that does not say how it runs is taken for one."""
    if not isinstance(owner, Action) or owner.using is None:
        return True
    return owner.using.value.lower() == "composite"


def never(guard: Scalar | None) -> bool:
    """Whether an `if:` is false whatever happens: it counts as false in every run. Text around
    a fence makes it a text, and so true."""
    if guard is None:
        return False
    text = expression_of(guard)
    if text is None:
        return False
    tree = parse(text)
    return not isinstance(tree, Malformed) and truth(tree) is False


def expression_of(guard: Scalar) -> str | None:
    """The one expression that an `if:` is; None where text stands around fences, so that GitHub evaluates a text.
    An unquoted boolean is that boolean, however it is written: `False`."""
    text = guard.value
    if guard.boolean is not None:
        return text.lower()
    if "${{" not in text:
        return text
    found = list(fences(guard))
    if len(found) != 1 or len(found[0].text) + len("${{}}") != len(text):
        return None
    return found[0].text


def joined(tree: Expression, wanted: bool) -> tuple[bool, list[tuple[Expression, bool]]] | None:
    """What the operands of a part of a condition must be, true or false, for that part to be `wanted`, and whether it takes
    every one of them, else any one; None for what is no `&&`, `||`, `!` or comparison with `true` or `false`."""
    match tree:
        case Operation("!", (operand,)):
            return False, [(operand, not wanted)]
        case Operation("&&" | "||" as operator, operands):
            return (operator == "&&") is wanted, [(operand, wanted) for operand in operands]
        case Operation(
            "==" | "!=" as operator, (side, Literal(bool() as value)) | (Literal(bool() as value), side)
        ):
            return False, [(side, value is ((operator == "==") is wanted))]
    return None
