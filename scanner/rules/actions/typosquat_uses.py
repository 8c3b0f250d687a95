"""See typosquat_uses.md."""

from collections.abc import Iterator
from typing import NamedTuple

from scanner.analysis.remotes.asking import Asking, asking_of
from scanner.analysis.remotes.names import action_remote, home_of
from scanner.analysis.remotes.taken import Taken, taken_code
from scanner.analysis.uses.lookalikes import Lookalikes, Slip
from scanner.engine import Context, NoOptions, rule
from scanner.model.finding import Confidence, Hit, Severity
from scanner.model.online import NotThere, Online, Refs, Remote
from scanner.model.quoting import quoted
from scanner.parse.uses import RepositoryUse


class Slipped(NamedTuple):
    """A use whose name is almost that of a well-known repository."""

    taken: Taken
    use: RepositoryUse
    slip: Slip

    @property
    def known(self) -> Remote:
        """The well-known one, on the same server."""
        return action_remote(self.slip.name, self.taken.remote.host)


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
    slips = [
        Slipped(one, one.use, slip)
        for one in taken_code(ctx.graph, home_of(ctx.online))
        if one.use is not None
        and one.kind != "locked"
        and (slip := lookalikes.slip(one.use.slug)) is not None
    ]
    asking = asking_of(ctx.online)
    if asking is not None:
        asking.prepare_tags(one.taken.remote for one in slips)
        asking.prepare_tags(_compared(asking, slips))
    for one in slips:
        yield from _judged(one, ctx.online)


def _compared(asking: Asking, slips: list[Slipped]) -> Iterator[Remote]:
    """The well-known repositories beside which there is one of the other name."""
    for one in slips:
        found = asking.online.refs(one.taken.remote)
        if isinstance(found, Refs) and found.moved != one.known:
            yield one.known


def _judged(one: Slipped, online: Online | None) -> Iterator[Hit]:
    taken, use, slip = one
    what = f"{quoted(f'{use.owner}/{use.repository}')} {slip.what}, compared with the well-known {quoted(slip.name)}"
    end = "if that is a mistake, whoever has the other name runs their code here. Check the name"
    confidence = None
    if online is not None:
        found = online.refs(taken.remote)
        if isinstance(found, NotThere):
            end = "no such repository is there for everybody to see: whoever registers the name runs their code here. Correct it"
            confidence = Confidence.MEDIUM
        elif isinstance(found, Refs):
            if found.moved == one.known:
                return  # an old name of the well-known one
            if isinstance(online.refs(one.known), Refs):
                end = "both are there, and this one runs its code here. Check which one is meant"
                confidence = Confidence.HIGH
    yield Hit(taken.at, taken.subject, f"{what}: {end}", confidence=confidence, evidence=(use.slug,))
