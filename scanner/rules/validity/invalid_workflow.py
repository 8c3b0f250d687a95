"""See invalid_workflow.md."""

from collections.abc import Iterator

from scanner.analysis.validity.jobs import job_mistakes
from scanner.analysis.validity.mistakes import hits
from scanner.analysis.validity.walk import mistakes
from scanner.engine import Context, NoOptions, rule
from scanner.model.finding import Confidence, Hit, Severity


@rule(
    "invalid-workflow",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    area="hygiene",
    same_as=("actionlint:syntax-check",),
    tags=("validity", "reliability"),
)
def invalid_workflow(ctx: Context[NoOptions]) -> Iterator[Hit]:
    found = [*mistakes(ctx.graph, ctx.knowledge), *job_mistakes(ctx.graph)]
    yield from hits(found, "invalid-workflow", ctx.problems)
