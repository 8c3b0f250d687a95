"""See invalid_needs.md."""

from collections.abc import Iterator

from scanner.analysis.validity.mistakes import hits
from scanner.analysis.validity.needs import need_mistakes
from scanner.engine import Context, NoOptions, rule
from scanner.model.finding import Confidence, Hit, Severity


@rule(
    "invalid-needs",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    area="hygiene",
    same_as=("actionlint:job-needs",),
    tags=("validity", "reliability"),
)
def invalid_needs(ctx: Context[NoOptions]) -> Iterator[Hit]:
    yield from hits(need_mistakes(ctx.graph), "invalid-needs", ctx.problems)
