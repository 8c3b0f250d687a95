"""See unreadable_input.md."""

from collections.abc import Iterator

from scanner.engine import Context, NoOptions, rule
from scanner.model.finding import Confidence, Hit, Severity


@rule(
    "unreadable-input",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    area="hygiene",
    tags=("reliability", "validity"),
)
def unreadable_input(ctx: Context[NoOptions]) -> Iterator[Hit]:
    for problem in ctx.problems:
        yield Hit(problem.at, f"file:{problem.at.path}", problem.message, evidence=(problem.message,))
