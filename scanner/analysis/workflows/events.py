"""Whether an expression rules out that an event has started the run."""

from scanner.analysis.workflows.conditions import expression_of
from scanner.parse.expressions.evaluate import truth
from scanner.parse.expressions.syntax import Malformed, parse
from scanner.parse.nodes import Scalar


def skips(guard: Scalar | None, event: str) -> bool:
    """Whether an `if:` is false in every run of an event: `github.event_name == 'push'` for all but `push`. With text around
    fences it is always true."""
    text = expression_of(guard) if guard is not None else None
    return text is not None and rules_out(text, event)


def rules_out(expression: str, event: str) -> bool:
    """Whether an expression counts as false whenever an event has started the run."""
    tree = parse(expression)
    return not isinstance(tree, Malformed) and truth(tree, {("github", "event_name"): event}) is False
