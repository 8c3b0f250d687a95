"""See typosquat_uses.md."""

from collections.abc import Iterator

from scanner.analysis.remotes.names import named_remote
from scanner.analysis.uses.lookalikes import Lookalikes, Slip
from scanner.analysis.uses.uses import Named, named_repositories
from scanner.engine import Context, NoOptions, rule
from scanner.model.finding import Confidence, Hit, Severity
from scanner.model.online import NotThere, Online, Refs
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
            yield from _judged(named, slip, ctx.online)


def _judged(named: Named, slip: Slip, online: Online | None) -> Iterator[Hit]:
    what = f"{quoted(f'{named.use.owner}/{named.use.repository}')} {slip.what}, compared with the well-known {quoted(slip.name)}"
    end = "if that is a mistake, whoever has the other name runs their code here. Check the name"
    confidence = None
    if online is not None:
        found = online.refs(named_remote(named, online.home))
        if isinstance(found, NotThere):
            end = "no such repository is there for everybody to see: whoever registers the name runs their code here. Correct it"
            confidence = Confidence.MEDIUM
        elif isinstance(found, Refs):
            known = named_remote(named, online.home, slip.name)
            if found.moved == known:
                return  # an old name of the well-known one
            if isinstance(online.refs(known), Refs):
                end = "both are there, and this one runs its code here. Check which one is meant"
                confidence = Confidence.HIGH
    yield Hit(named.at, named.subject, f"{what}: {end}", confidence=confidence, evidence=(named.use.slug,))
