"""See unpinned_uses.md."""

from collections.abc import Iterator
from typing import NamedTuple

from scanner.analysis.patterns import covered
from scanner.analysis.remotes.asking import asking_of
from scanner.analysis.remotes.immutable import is_immutable, prepare_immutable
from scanner.analysis.uses.unpinned import unpinned
from scanner.analysis.workflows.aliases import once
from scanner.engine import Context, rule
from scanner.model.finding import Confidence, Hit, Severity, Unknown


class Options(NamedTuple):
    trusted: tuple[str, ...] = ()


@rule(
    "unpinned-uses",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    area="pinning",
    options=Options,
    variants={"github": Severity.MEDIUM},
    same_as=("zizmor:unpinned-uses", "codeql:actions/unpinned-tag", "scorecard:Pinned-Dependencies"),
    tags=("supply-chain", "CWE-829", "CICD-SEC-3", "SLSA:dependencies", "scorecard:Pinned-Dependencies"),
)
def unpinned_uses(ctx: Context[Options]) -> Iterator[Hit | Unknown]:
    yield from once(_hits(ctx))


def _hits(ctx: Context[Options]) -> Iterator[Hit | Unknown]:
    asking = asking_of(ctx.online)
    uses = [one for one in unpinned(ctx.graph) if not covered(one.use.slug, ctx.options.trusted)]
    prepare_immutable(asking, (one.use for one in uses))
    for one in uses:
        if is_immutable(asking, one.use):
            continue
        if one.doubt is not None:
            yield Unknown(one.at, one.subject, one.doubt)
            continue
        yield Hit(
            one.at,
            one.subject,
            f"{one.text} follows {one.follows}, which can be moved to other code at any time; {one.advice}",
            "github" if one.githubs else None,
            evidence=one.evidence,
        )
