"""See mixed_pins.md."""

from collections import Counter
from collections.abc import Iterator

from scanner.analysis.uses.uses import RepositoryUsed, repository_uses
from scanner.engine import Context, NoOptions, rule
from scanner.graph.ids import REPOSITORY
from scanner.model.finding import Confidence, Hit, Note, Severity
from scanner.model.quoting import quoted

SHOWN = 4


@rule(
    "mixed-pins",
    severity=Severity.LOW,
    confidence=Confidence.HIGH,
    area="pinning",
    tags=("supply-chain", "maintenance", "CWE-1104", "CICD-SEC-3"),
)
def mixed_pins(ctx: Context[NoOptions]) -> Iterator[Hit]:
    groups: dict[str, list[RepositoryUsed]] = {}
    for used in repository_uses(ctx.graph):
        groups.setdefault(used.use.slug, []).append(used)
    for slug, group in groups.items():
        ways = Counter(_way(used) for used in group)
        if len(ways) < 2:
            continue
        usual = ways.most_common(1)[0][0]
        odd = next(used for used in group if _way(used) != usual)
        places: dict[str, RepositoryUsed] = {}
        for used in group:
            places.setdefault(_way(used), used)
        shown = ", ".join(f"{quoted(_short(way))} ({count})" for way, count in ways.most_common(SHOWN))
        more = ", …" if len(ways) > SHOWN else ""
        yield Hit(
            odd.at,
            odd.subject,
            f"{quoted(slug)} is used in {len(ways)} versions in this repository: {shown}{more}. What was reviewed or repaired "
            "in one place still runs as it was in another; use one",
            evidence=(slug,),
            related=tuple(
                Note(used.at, f"{quoted(_short(way))} is first used here")
                for way, used in list(places.items())[:SHOWN]
                if used is not odd
            ),
            about=REPOSITORY,
        )


def _way(used: RepositoryUsed) -> str:
    return used.use.ref.lower() if used.use.pinned else used.use.ref


def _short(way: str) -> str:
    return way[:12] if len(way) >= 40 else way
