"""See superfluous_actions.md."""

from collections.abc import Iterator
from typing import NamedTuple

from scanner.analysis.uses.uses import repository_uses
from scanner.engine import Context, rule
from scanner.model.finding import Confidence, Hit, Severity
from scanner.model.quoting import quoted


class Options(NamedTuple):
    pedantic: bool = False


@rule(
    "superfluous-actions",
    severity=Severity.INFO,
    confidence=Confidence.HIGH,
    area="hygiene",
    options=Options,
    same_as=("zizmor:superfluous-actions",),
    tags=("supply-chain", "maintenance", "CWE-1357", "CICD-SEC-3"),
)
def superfluous_actions(ctx: Context[Options]) -> Iterator[Hit]:
    for used in repository_uses(ctx.graph):
        if used.used.step is None or used.use.path:
            continue
        replacement = ctx.knowledge.actions.superfluous(used.use.slug)
        if replacement is None or (replacement.cumbersome and not ctx.options.pedantic):
            continue
        yield Hit(
            used.at,
            used.subject,
            f"runners have what {quoted(used.use.name)} does: {replacement.instead} in a `run:` step, and there is "
            "one author less to trust",
            confidence=Confidence.LOW if replacement.cumbersome else None,
            evidence=(used.use.slug,),
        )
