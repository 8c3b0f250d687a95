"""See unsound_ternary.md."""

from collections.abc import Iterator

from scanner.analysis.workflows.aliases import once
from scanner.analysis.workflows.expressions import Written, written
from scanner.engine import Context, NoOptions, rule
from scanner.graph.graph import Graph
from scanner.model.finding import Confidence, Hit, Severity, Unknown
from scanner.model.quoting import quoted
from scanner.parse.expressions.evaluate import Failed, Open, constant
from scanner.parse.expressions.syntax import Expression, Malformed, Operation, nodes
from scanner.parse.expressions.values import truthy


@rule(
    "unsound-ternary",
    severity=Severity.LOW,
    confidence=Confidence.HIGH,
    area="hygiene",
    same_as=("zizmor:unsound-ternary",),
    tags=("expressions", "CWE-670", "CICD-SEC-1"),
)
def unsound_ternary(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    yield from once(_hits(ctx.graph))


def _hits(graph: Graph) -> Iterator[Hit]:
    for one in written(graph):
        if "&&" not in one.fence.text or "||" not in one.fence.text:
            continue
        tree = one.tree
        for node in nodes(tree) if not isinstance(tree, Malformed) else ():
            match node:
                case Operation("||", (*choices, last)) if isinstance(constant(node), Open):
                    for choice in choices:
                        match choice:
                            case Operation("&&", (*_, value)) if _falsy(value):
                                yield _hit(one, value, last)


def _falsy(tree: Expression) -> bool:
    value = constant(tree)
    return not isinstance(value, Open | Failed) and not truthy(value)


def _hit(one: Written, value: Expression, other: Expression) -> Hit:
    text = one.fence.text
    shown, instead = quoted(text[value.start : value.end]), quoted(text[other.start : other.end])
    return Hit(
        one.span(value),
        one.owner.id,
        f"{shown} counts as false, so this choice never answers with it, even when the condition before it is true, and goes "
        f"on to {instead}; write `case(condition, value, other)`, or turn the condition around",
        evidence=(shown, instead),
    )
