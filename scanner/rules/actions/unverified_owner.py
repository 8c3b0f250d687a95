"""See unverified_owner.md."""

from collections.abc import Iterator
from typing import NamedTuple

from scanner.analysis.patterns import covered
from scanner.analysis.uses.uses import RepositoryUsed, repository_uses
from scanner.engine import Context, rule
from scanner.graph.ids import REPOSITORY
from scanner.knowledge.tables import Knowledge
from scanner.model.finding import Confidence, Hit, Note, Severity
from scanner.model.quoting import quoted

SHOWN = 4


class Options(NamedTuple):
    trusted: tuple[str, ...] = ()


@rule(
    "unverified-owner",
    severity=Severity.INFO,
    confidence=Confidence.MEDIUM,
    area="pinning",
    options=Options,
    same_as=("poutine:github_action_from_unverified_creator_used",),
    tags=("supply-chain", "CWE-1357", "CICD-SEC-3", "SLSA:dependencies"),
)
def unverified_owner(ctx: Context[Options]) -> Iterator[Hit]:
    owners: dict[str, list[RepositoryUsed]] = {}
    for used in repository_uses(ctx.graph):
        if not covered(used.use.slug, ctx.options.trusted):
            owners.setdefault(used.use.owner.lower(), []).append(used)
    for owner, group in owners.items():
        if _known(owner, ctx.knowledge):
            continue
        first = group[0]
        more = f" ({len(group)} uses)" if len(group) > 1 else ""
        yield Hit(
            first.at,
            first.subject,
            f"{quoted(first.use.owner)}{more} is not on our list of owners that GitHub has verified, and nobody vouches for it here; "
            "look who it is, then name it in `trusted` or do without the action",
            evidence=(owner,),
            related=tuple(Note(used.at, "also used here") for used in group[1 : SHOWN + 1]),
            about=REPOSITORY,
        )


def _known(owner: str, knowledge: Knowledge) -> bool:
    """Whether an owner is known for actions, or for flakes."""
    if knowledge.actions.known_owner(owner):
        return True
    flakes = knowledge.owners.get(("github.com", owner))
    return flakes is not None and flakes.known
