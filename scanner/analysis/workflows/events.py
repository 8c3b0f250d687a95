"""Whether an expression rules out that an event has started the run."""

from scanner.parse.expressions.contexts import occurring
from scanner.parse.expressions.syntax import Expression, Literal, Malformed, Operation, parse
from scanner.parse.fences import condition
from scanner.parse.nodes import Scalar


def skips(guard: Scalar | None, event: str) -> bool:
    """Whether an `if:` is false in every run of an event: `github.event_name == 'push'` for all but `push`."""
    if guard is None:
        return False
    return any(rules_out(fence.text, event) for fence in condition(guard))


def rules_out(expression: str, event: str) -> bool:
    """Whether an expression is false, empty or no text at all when an event has started the run."""
    tree = parse(expression)
    return not isinstance(tree, Malformed) and _false(tree, event)


def _false(tree: Expression, event: str) -> bool:
    match tree:
        case Literal(value):
            return not value
        case Operation("&&", operands):
            return any(_false(operand, event) for operand in operands)
        case Operation("||", operands):
            return all(_false(operand, event) for operand in operands)
        case Operation("==" | "!=" as operator, (one, other)):
            name = _compared(one, other)
            return name is not None and (name == event) is (operator == "!=")
    return False


def _compared(one: Expression, other: Expression) -> str | None:
    """The text that `github.event_name` is compared with."""
    if isinstance(one, Literal):
        one, other = other, one
    if (
        not isinstance(other, Literal)
        or not isinstance(other.value, str)
        or isinstance(one, Operation | Literal)
    ):
        return None
    paths = [context.path for context in occurring(one)]
    return other.value.lower() if paths == [("github", "event_name")] else None
