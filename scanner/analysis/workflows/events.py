"""Whether an expression rules out that an event has started the run."""

from typing import Final

from scanner.analysis.workflows.conditions import expression_of, never
from scanner.graph.graph import Graph, per_graph
from scanner.graph.nodes.workflows import JobNode
from scanner.parse.expressions.evaluate import truth
from scanner.parse.expressions.syntax import Malformed, parse
from scanner.parse.nodes import Scalar

MAX_NEEDED: Final = 50
"""Jobs before a job that are looked at for whether they run."""

_STATUS: Final = ("always", "cancelled", "failure")


def skips(guard: Scalar | None, event: str) -> bool:
    """Whether an `if:` is false in every run of an event: `github.event_name == 'push'` for all but `push`. With text around
    fences it is always true."""
    text = expression_of(guard) if guard is not None else None
    return text is not None and rules_out(text, event)


def rules_out(expression: str, event: str) -> bool:
    """Whether an expression counts as false whenever an event has started the run."""
    tree = parse(expression)
    return not isinstance(tree, Malformed) and truth(tree, {("github", "event_name"): event}) is False


def left_out(graph: Graph, node: JobNode, event: str) -> bool:
    """Whether a job runs in no run of an event: by its own `if:`, or because a job that it waits for does not run, unless its
    `if:` asks for the outcome of that (`always()`)."""
    known = _left_out(graph)
    key = (node.id, event)
    if key not in known:
        known[key] = _finds(graph, node, event, known)
    return known[key]


@per_graph
def _left_out(graph: Graph) -> dict[tuple[str, str], bool]:
    return {}


def _finds(graph: Graph, node: JobNode, event: str, known: dict[tuple[str, str], bool]) -> bool:
    waiting, seen = [node], {node.id}
    while waiting:
        job = waiting.pop()
        guard = job.job.condition
        if guard is not None:
            if never(guard) or ("event_name" in guard.value and skips(guard, event)):
                return True
            if any(word in guard.value.lower() for word in _STATUS):
                continue
        for edge in graph.out(job.id, "needs"):
            needed = graph.nodes[edge.target]
            answer = known.get((edge.target, event))
            if answer:
                return True
            if (
                answer is None
                and isinstance(needed, JobNode)
                and needed.id not in seen
                and len(seen) < MAX_NEEDED
            ):
                seen.add(needed.id)
                waiting.append(needed)
    return False
