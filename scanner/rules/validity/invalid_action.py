"""See invalid_action.md."""

from collections.abc import Iterator

from scanner.analysis.validity.mistakes import hits
from scanner.analysis.validity.walk import mistakes
from scanner.engine import Context, NoOptions, rule
from scanner.model.finding import Confidence, Hit, Severity


@rule(
    "invalid-action",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    area="hygiene",
    variants={"ignored": Severity.LOW},
    same_as=("actionlint:action",),
    tags=("validity", "reliability"),
)
def invalid_action(ctx: Context[NoOptions]) -> Iterator[Hit]:
    yield from hits(mistakes(ctx.graph, ctx.knowledge), "invalid-action", ctx.problems)
