"""See invalid_event.md."""

from collections.abc import Iterator

from scanner.analysis.validity.events import event_mistakes
from scanner.analysis.validity.mistakes import hits
from scanner.analysis.validity.walk import mistakes
from scanner.engine import Context, NoOptions, rule
from scanner.model.finding import Confidence, Hit, Severity


@rule(
    "invalid-event",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    area="hygiene",
    same_as=("actionlint:events",),
    tags=("validity", "reliability"),
)
def invalid_event(ctx: Context[NoOptions]) -> Iterator[Hit]:
    found = [*mistakes(ctx.graph, ctx.knowledge), *event_mistakes(ctx.graph)]
    yield from hits(found, "invalid-event", ctx.problems)
