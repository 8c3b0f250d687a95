"""See invalid_permissions.md."""

from collections.abc import Iterator

from scanner.analysis.validity.mistakes import hits
from scanner.analysis.validity.walk import mistakes
from scanner.engine import Context, NoOptions, rule
from scanner.model.finding import Confidence, Hit, Severity


@rule(
    "invalid-permissions",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    area="hygiene",
    same_as=("actionlint:permissions",),
    tags=("validity", "reliability"),
)
def invalid_permissions(ctx: Context[NoOptions]) -> Iterator[Hit]:
    yield from hits(mistakes(ctx.graph, ctx.knowledge), "invalid-permissions", ctx.problems)
