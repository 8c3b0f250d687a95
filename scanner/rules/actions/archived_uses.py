"""See archived_uses.md."""

from collections.abc import Iterator

from scanner.analysis.workflows.uses import named_repositories
from scanner.engine import Context, NoOptions, rule
from scanner.model.finding import Confidence, Hit, Severity
from scanner.model.quoting import quoted


@rule(
    "archived-uses",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    same_as=("zizmor:archived-uses", "ghasec:archived-action"),
    tags=("supply-chain", "maintenance", "CWE-1104", "CICD-SEC-3"),
)
def archived_uses(ctx: Context[NoOptions]) -> Iterator[Hit]:
    for named in named_repositories(ctx.graph):
        if ctx.knowledge.actions.archived(named.use.slug):
            yield Hit(
                named.at,
                named.subject,
                f"the repository of {quoted(named.text)} is archived, so nobody repairs it when a hole is found; "
                "move to one that is maintained",
                evidence=(named.use.name.lower(),),
            )
