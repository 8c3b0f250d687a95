"""See invalid_code_owners.md."""

from collections.abc import Iterator

from scanner.analysis.updates.owners import code_owners
from scanner.engine import Context, NoOptions, rule
from scanner.model.finding import Confidence, Hit, Severity


@rule(
    "invalid-code-owners",
    severity=Severity.LOW,
    confidence=Confidence.HIGH,
    area="hygiene",
    tags=("validity", "review", "CWE-1220", "CICD-SEC-1", "SLSA:source-L4"),
)
def invalid_code_owners(ctx: Context[NoOptions]) -> Iterator[Hit]:
    node = code_owners(ctx.graph)
    for line in node.owners.lines if node is not None else ():
        if node is not None and line.defect is not None:
            yield Hit(
                line.at.first_line(),
                node.id,
                f"GitHub skips this line, so its owners are not asked: {line.defect}",
                evidence=(line.pattern, *line.owners),
            )
