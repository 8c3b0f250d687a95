"""See typosquat_uses.md."""

from collections.abc import Iterator

from scanner.analysis.uses.lookalikes import Lookalikes
from scanner.analysis.uses.uses import named_repositories
from scanner.engine import Context, NoOptions, rule
from scanner.model.finding import Confidence, Hit, Severity
from scanner.model.quoting import quoted


@rule(
    "typosquat-uses",
    severity=Severity.HIGH,
    confidence=Confidence.LOW,
    area="pinning",
    same_as=("zizmor:typosquat-uses",),
    tags=("supply-chain", "CWE-1357", "CICD-SEC-3", "SLSA:dependencies"),
)
def typosquat_uses(ctx: Context[NoOptions]) -> Iterator[Hit]:
    lookalikes = Lookalikes(ctx.knowledge.actions.popular)
    for named in named_repositories(ctx.graph):
        slip = lookalikes.slip(named.use.slug)
        if slip is not None:
            written = f"{named.use.owner}/{named.use.repository}"
            yield Hit(
                named.at,
                named.subject,
                f"{quoted(written)} {slip.what}, compared with the well-known {quoted(slip.name)}: if that is a mistake, "
                "whoever has the other name runs their code here. Check the name",
                evidence=(named.use.slug,),
            )
