"""See invalid_id.md."""

from collections.abc import Iterator

from scanner.analysis.validity.identifiers import id_mistakes
from scanner.analysis.validity.mistakes import hits
from scanner.analysis.validity.walk import mistakes
from scanner.engine import Context, NoOptions, rule
from scanner.model.finding import Confidence, Hit, Severity


@rule(
    "invalid-id",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    area="hygiene",
    same_as=("actionlint:id",),
    tags=("validity", "reliability"),
)
def invalid_id(ctx: Context[NoOptions]) -> Iterator[Hit]:
    found = [*mistakes(ctx.graph, ctx.knowledge), *id_mistakes(ctx.graph)]
    yield from hits(found, "invalid-id", ctx.problems)
